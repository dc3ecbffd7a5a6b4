//! Client authentication (RFC 6749 section 2.3, OpenID Connect Core 9): one method, the registered one.

use actix_web::{
    HttpRequest,
    http::header::{AUTHORIZATION, HeaderMap},
};
use hub_core::ids::ClientId;
use hub_jose::{
    claims::{ClaimError, client_assertion},
    unverified_subject,
};
use hub_outbound::RemoteKeysError;
use percent_encoding::percent_decode_str;
use sp_registry::{ClientAuthentication, DataProvider, ServiceProvider, Status};
use thiserror::Error;

use super::{Duplicate, Parameters, rate_limit::counted_address};
use crate::{
    hub::Hub,
    rate_limit::{Cost, TooMany},
    store::StoreError,
};

const ASSERTION_TYPE: &str = "urn:ietf:params:oauth:client-assertion-type:jwt-bearer";

/// Why a client is not who it says.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Error)]
pub enum ClientError {
    /// Unknown, switched off, or the proof is wrong: which of them is not said.
    #[error("client authentication failed")]
    BadCredentials {
        /// Whether the client used the `Authorization` header.
        in_header: bool,
        /// What is wrong: for the log, and for developers.
        failure: CredentialFailure,
    },
    /// More than one method in one request.
    #[error("more than one way of client authentication")]
    ManyMethods,
    /// A parameter came more than once.
    #[error("the client authentication cannot be read")]
    Unreadable,
    /// The keys of the client's assertions cannot be had.
    #[error("the keys at the registered jwks_uri cannot be had")]
    Keys,
    /// The store did not do its part.
    #[error("the hub cannot work just now")]
    Store(#[from] StoreError),
    /// Too many requests of this client, or too many wrong credentials for it from this address.
    #[error(transparent)]
    TooMany(#[from] TooMany),
}

/// What is wrong with the credentials of a client. No value of them is in it.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Error)]
pub enum CredentialFailure {
    /// A claim of the assertion.
    #[error("the claim {0} of the assertion is not acceptable")]
    AssertionClaim(&'static str),
    /// The signature of the assertion.
    #[error("no registered key signed the assertion")]
    AssertionSignature,
    /// The assertion was used before.
    #[error("the assertion was used before: its jti has to be new")]
    AssertionUsed,
    /// The `Authorization` header cannot be read.
    #[error(
        "the Authorization header is not Basic with client_id:secret, percent-encoded, in base64"
    )]
    Header,
    /// There is no client id.
    #[error("there is no client_id")]
    NoClient,
    /// The client is not registered, or suspended.
    #[error("the client is not registered, or suspended")]
    UnknownClient,
    /// The client has to prove who it is in another way.
    #[error("the client is registered for another method")]
    WrongMethod,
    /// The secret is not the registered one.
    #[error("another secret than the registered one")]
    WrongSecret,
}

impl From<Duplicate> for ClientError {
    fn from(_: Duplicate) -> Self {
        Self::Unreadable
    }
}

/// What a request shows as proof.
enum Proof {
    Assertion(String),
    None,
    Secret { secret: String, in_header: bool },
}

/// The service that makes this request of `endpoint`, a path of the hub, proven.
///
/// # Errors
/// [`ClientError`].
pub async fn authenticate<'h>(
    hub: &'h Hub,
    request: &HttpRequest,
    sent: &Parameters,
    endpoint: &str,
) -> Result<&'h ServiceProvider, ClientError> {
    let known = |id: &ClientId| {
        let service = hub.service(id);
        let service = service.filter(|service| service.status != Status::Suspended);
        service.map(|service| (service, &service.authentication))
    };
    let shown = proof(request.headers(), sent)?;
    limited(hub, request, shown, known, endpoint).await
}

/// The data provider that makes this request of `endpoint`, proven.
///
/// # Errors
/// [`ClientError`].
pub async fn authenticate_data_provider<'h>(
    hub: &'h Hub,
    request: &HttpRequest,
    sent: &Parameters,
    endpoint: &str,
) -> Result<&'h DataProvider, ClientError> {
    let known = |id: &ClientId| {
        let provider = hub.shared.config.registry.data_provider(id);
        provider.map(|provider| (provider, &provider.authentication))
    };
    let shown = proof(request.headers(), sent)?;
    limited(hub, request, shown, known, endpoint).await
}

/// The same as [`prove`], within the limits for wrong credentials and for the client's requests.
async fn limited<'h, C: 'h>(
    hub: &'h Hub,
    request: &HttpRequest,
    shown: (Option<String>, Proof),
    known: impl Fn(&ClientId) -> Option<(&'h C, &'h ClientAuthentication)>,
    endpoint: &str,
) -> Result<&'h C, ClientError> {
    let limits = &hub.shared.rate_limits;
    let address = counted_address(request, hub);
    let client: Option<ClientId> = shown.0.as_ref().and_then(|id| id.parse().ok());
    let client = client.filter(|id| known(id).is_some());
    // A public client proves nothing: anybody can send its id, so that only the address is limited.
    let is_public = matches!(shown.1, Proof::None);
    if let Some(address) = address.filter(|_| is_public) {
        limits.browser(address, Cost::Step)?;
    }
    limits.may_authenticate(address, client.as_ref())?;
    match prove(hub, shown, known, endpoint).await {
        Ok(proven) => {
            if let Some(client) = client.filter(|_| !is_public) {
                limits.client(&client)?;
            }
            Ok(proven)
        }
        Err(error @ ClientError::BadCredentials { .. }) => {
            limits.failed(address, client.as_ref())?;
            Err(error)
        }
        Err(error) => Err(error),
    }
}

/// Whoever `known` finds under the id that was shown, if the proof is theirs.
async fn prove<'h, C: 'h>(
    hub: &'h Hub,
    (client_id, proof): (Option<String>, Proof),
    known: impl Fn(&ClientId) -> Option<(&'h C, &'h ClientAuthentication)>,
    endpoint: &str,
) -> Result<&'h C, ClientError> {
    let in_header = matches!(
        proof,
        Proof::Secret {
            in_header: true,
            ..
        }
    );
    let failed = |failure| ClientError::BadCredentials { in_header, failure };
    let client_id: ClientId = client_id
        .and_then(|id| id.parse().ok())
        .ok_or(failed(CredentialFailure::NoClient))?;
    let (client, authentication) =
        known(&client_id).ok_or(failed(CredentialFailure::UnknownClient))?;
    let failure = match (authentication, &proof) {
        (ClientAuthentication::Secret(_), Proof::Secret { secret, .. }) => {
            let accepted = authentication.accepts_secret(secret);
            (!accepted).then_some(CredentialFailure::WrongSecret)
        }
        (ClientAuthentication::PrivateKeyJwt(_), Proof::Assertion(assertion)) => {
            check_assertion(hub, &client_id, assertion, endpoint).await?
        }
        (ClientAuthentication::None, Proof::None) => None,
        _ => Some(CredentialFailure::WrongMethod),
    };
    match failure {
        None => Ok(client),
        Some(failure) => {
            // For the operator: a production client is told no more than that it failed.
            let cause = failure.to_string();
            hub.shared.refusals.log_client(client_id.as_str(), &cause);
            Err(failed(failure))
        }
    }
}

fn proof(headers: &HeaderMap, sent: &Parameters) -> Result<(Option<String>, Proof), ClientError> {
    let body_id = sent.one("client_id")?.map(str::to_owned);
    let secret = sent.one("client_secret")?.map(str::to_owned);
    let assertion = sent.one("client_assertion")?.map(str::to_owned);
    let assertion_type = sent.one("client_assertion_type")?;
    let basic = headers
        .get(AUTHORIZATION)
        .map(|value| value.to_str().unwrap_or_default());
    match (basic, secret, assertion) {
        (Some(header), None, None) => {
            let failed = ClientError::BadCredentials {
                in_header: true,
                failure: CredentialFailure::Header,
            };
            let (id, secret) = basic_credentials(header).ok_or(failed)?;
            // The body may repeat the id, but not contradict it.
            if body_id.is_some_and(|body_id| body_id != id) {
                return Err(ClientError::ManyMethods);
            }
            Ok((
                Some(id),
                Proof::Secret {
                    secret,
                    in_header: true,
                },
            ))
        }
        (None, Some(secret), None) => Ok((
            body_id,
            Proof::Secret {
                secret,
                in_header: false,
            },
        )),
        (None, None, Some(assertion)) => {
            if assertion_type != Some(ASSERTION_TYPE) {
                return Err(ClientError::Unreadable);
            }
            let id = body_id.or_else(|| unverified_subject(&assertion));
            Ok((id, Proof::Assertion(assertion)))
        }
        (None, None, None) => Ok((body_id, Proof::None)),
        _ => Err(ClientError::ManyMethods),
    }
}

/// `Basic` credentials, each part percent-decoded as RFC 6749 section 2.3.1 says: certified clients
/// encode even a hyphen.
fn basic_credentials(header: &str) -> Option<(String, String)> {
    let (scheme, encoded) = header.split_once(' ')?;
    if !scheme.eq_ignore_ascii_case("basic") {
        return None;
    }
    let text = String::from_utf8(hub_core::encoding::from_base64(encoded.trim())?).ok()?;
    let (id, secret) = text.split_once(':')?;
    let decode = |part: &str| {
        let part = part.replace('+', " ");
        percent_decode_str(&part)
            .decode_utf8()
            .ok()
            .map(std::borrow::Cow::into_owned)
    };
    Some((decode(id)?, decode(secret)?))
}

/// RFC 7523: signed by the client's key, for us alone, and its `jti` used once. What is wrong with it,
/// otherwise.
async fn check_assertion(
    hub: &Hub,
    client_id: &ClientId,
    assertion: &str,
    endpoint: &str,
) -> Result<Option<CredentialFailure>, ClientError> {
    let claims = match hub.shared.assertion_claims(client_id, assertion).await {
        Ok(claims) => claims,
        Err(RemoteKeysError::Token(_)) => return Ok(Some(CredentialFailure::AssertionSignature)),
        Err(RemoteKeysError::Unreachable(failure)) => {
            let (cause, status) = (failure.cause.to_string(), failure.status);
            tracing::warn!(client.id = %client_id, cause, status, "the keys of a client cannot be had");
            return Err(ClientError::Keys);
        }
    };
    let [token_endpoint, endpoint] =
        ["/token", endpoint].map(|path| format!("{}{path}", hub.issuer()));
    let audiences = [hub.issuer(), &token_endpoint, &endpoint];
    let now = hub.now();
    let checked = client_assertion(&claims, client_id.as_str(), &audiences, now);
    let (jti, until) = match checked {
        Ok(checked) => checked,
        Err(ClaimError(claim)) => return Ok(Some(CredentialFailure::AssertionClaim(claim))),
    };
    let parts = [client_id.as_str(), jti.as_str()];
    let first = hub
        .records
        .mark_used("assertion", &parts, until.since(now))
        .await?;
    Ok((!first).then_some(CredentialFailure::AssertionUsed))
}

/// The id that a request names, whether or not it proves it.
#[must_use]
pub fn claimed_id(headers: &HeaderMap, sent: &Parameters) -> Option<ClientId> {
    let (id, _) = proof(headers, sent).ok()?;
    id.and_then(|id| id.parse().ok())
}
