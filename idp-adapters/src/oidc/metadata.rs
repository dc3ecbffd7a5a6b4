//! The discovery document (OpenID Connect Discovery 1.0 section 4).
//!
//! It is fetched at the first use. Its issuer must be the registered one. The last valid copy is kept.
//! Called by [`super::OidcProvider`].

use hub_core::clock::Timestamp;
use openidconnect::{
    AdditionalProviderMetadata, AuthType, AuthUrl, Client, ClientId, IssuerUrl, JsonWebKeySet,
    ProviderMetadata, RedirectUrl, TokenUrl,
    core::{
        CoreAuthDisplay, CoreClaimName, CoreClaimType, CoreClientAuthMethod, CoreGrantType,
        CoreJsonWebKey, CoreJweContentEncryptionAlgorithm, CoreJweKeyManagementAlgorithm,
        CoreResponseMode, CoreResponseType, CoreSubjectIdentifierType,
    },
};
use reqwest::Method;
use serde::{Deserialize, Serialize};
use url::Url;

use super::{ClientAuthentication, Settings, client::IdpClient};
use crate::IdpError;
use hub_outbound::{Breaker, Cause, Endpoint, Failure, Outbound, RemoteKeys, fetch};

/// The metadata of RFC 9207 and RP-Initiated Logout 1.0 section 2.1.
#[derive(Debug, Clone, Serialize, Deserialize)]
struct Extensions {
    #[serde(default)]
    authorization_response_iss_parameter_supported: bool,
    #[serde(default)]
    end_session_endpoint: Option<Url>,
}

impl AdditionalProviderMetadata for Extensions {}

type Document = ProviderMetadata<
    Extensions,
    CoreAuthDisplay,
    CoreClientAuthMethod,
    CoreClaimName,
    CoreClaimType,
    CoreGrantType,
    CoreJweContentEncryptionAlgorithm,
    CoreJweKeyManagementAlgorithm,
    CoreJsonWebKey,
    CoreResponseMode,
    CoreResponseType,
    CoreSubjectIdentifierType,
>;

/// A provider with known endpoints.
#[derive(Debug)]
pub(super) struct Provider {
    pub(super) client: IdpClient,
    pub(super) userinfo_endpoint: Option<Url>,
    pub(super) keys: RemoteKeys,
    /// Whether the provider promises an `iss` parameter in each authorization response.
    pub(super) sends_issuer: bool,
    /// The end-session endpoint.
    pub(super) end_session_endpoint: Option<Url>,
}

impl Provider {
    /// Fetches and checks the discovery document, unless the breaker is open.
    pub(super) async fn discover(
        settings: &Settings,
        (outbound, breaker, now): (&Outbound, &Breaker, Timestamp),
    ) -> Result<Self, IdpError> {
        let issuer = settings.issuer.trim_end_matches('/');
        let url = Url::parse(&format!("{issuer}/.well-known/openid-configuration"))
            .map_err(|_syntax| misbehaved(Cause::Check("issuer is not a URL")))?;
        let request = outbound
            .request(
                settings.network_policy,
                (Method::GET, &url),
                settings.timeout,
            )
            .map_err(|error| IdpError::outbound(Endpoint::Discovery, error))?;
        let answer = breaker.call(now, fetch(request)).await;
        let answer = answer.map_err(|error| IdpError::outbound(Endpoint::Discovery, error))?;
        if answer.status != 200 {
            let failure = Failure::new(Endpoint::Discovery, Cause::Status);
            return Err(IdpError::Unreachable(failure.with_status(answer.status)));
        }
        let document: Document =
            serde_json::from_slice(&answer.body).map_err(|_json| misbehaved(Cause::Unreadable))?;
        Self::from_document(&document, settings, outbound)
    }

    fn from_document(
        document: &Document,
        settings: &Settings,
        outbound: &Outbound,
    ) -> Result<Self, IdpError> {
        // OpenID Connect Discovery 4.3: a document with another issuer is a mix-up.
        if document.issuer().as_str() != settings.issuer {
            return Err(misbehaved(Cause::Check("document of another issuer")));
        }
        let token_endpoint = document
            .token_endpoint()
            .ok_or(misbehaved(Cause::Check("token_endpoint is missing")))?
            .clone();
        let client = client(
            document.issuer().clone(),
            (
                document.authorization_endpoint().clone(),
                token_endpoint.clone(),
            ),
            settings,
        )?;
        Ok(Self {
            client,
            userinfo_endpoint: document.userinfo_endpoint().map(|url| url.url().clone()),
            keys: RemoteKeys::new(
                outbound.clone(),
                settings.network_policy,
                document.jwks_uri().url().clone(),
                settings.timeout,
            ),
            sends_issuer: document
                .additional_metadata()
                .authorization_response_iss_parameter_supported,
            end_session_endpoint: document.additional_metadata().end_session_endpoint.clone(),
        })
    }
}

fn misbehaved(cause: Cause) -> IdpError {
    IdpError::misbehaved(Endpoint::Discovery, cause)
}

fn client(
    issuer: IssuerUrl,
    (authorization, token): (AuthUrl, TokenUrl),
    settings: &Settings,
) -> Result<IdpClient, IdpError> {
    let redirect = RedirectUrl::new(settings.redirect_uri.clone())
        .map_err(|_syntax| misbehaved(Cause::Check("redirect_uri is not a URL")))?;
    let id = ClientId::new(settings.client_id.clone());
    let client = Client::new(id, issuer, JsonWebKeySet::default());
    Ok(match &settings.authentication {
        ClientAuthentication::SecretBasic(secret) => client
            .set_client_secret(secret.clone())
            .set_auth_type(AuthType::BasicAuth),
        ClientAuthentication::SecretPost(secret) => client
            .set_client_secret(secret.clone())
            .set_auth_type(AuthType::RequestBody),
        ClientAuthentication::PrivateKeyJwt(_) => client,
    }
    .set_auth_uri(authorization)
    .set_token_uri(token)
    .set_redirect_uri(redirect))
}
