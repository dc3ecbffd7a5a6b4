//! The registration of an OpenID Connect provider.
//!
//! Created by the server's configuration; read by the other files of this adapter.

use std::{collections::BTreeSet, fmt, sync::Arc, time::Duration};

use hub_core::{ids::IdpId, subject::PivotTrust};
use hub_jose::{Algorithm, Decrypter, Keyring};
use openidconnect::ClientSecret;

use crate::{Levels, Mapping, Path};
use hub_outbound::NetworkPolicy;

/// The registration of one IdP, as far as the protocol needs it.
#[derive(Debug)]
pub struct Settings {
    /// The id.
    pub id: IdpId,
    /// The issuer identifier, compared byte for byte with tokens and metadata.
    pub issuer: String,
    /// The hub's client id at this IdP.
    pub client_id: String,
    /// How the hub authenticates at the token endpoint.
    pub authentication: ClientAuthentication,
    /// The redirect URI that only this IdP uses (against mix-up, RFC 9700 section 4.4).
    pub redirect_uri: String,
    /// The content of authorization requests.
    pub request_settings: RequestSettings,
    /// The allowed signature algorithms of the IdP's tokens.
    pub algorithms: Vec<Algorithm>,
    /// The form of the ID tokens.
    pub id_token: IdTokenForm,
    /// The form of the UserInfo responses.
    pub userinfo: UserinfoForm,
    /// The hub's keys that decrypt tokens.
    pub decrypter: Arc<Decrypter>,
    /// The conversion of the IdP's claims to the hub's.
    pub mapping: Mapping,
    /// The table of assurance levels.
    pub levels: Levels,
    /// The claim with the level, if it is not `acr`.
    pub level_claim: Option<Path>,
    /// How far the IdP's statements are trusted.
    pub trust_policy: TrustPolicy,
    /// Whether the IdP notifies the hub when its own sessions end (back-channel logout).
    pub backchannel_logout: bool,
    /// How the browser is sent to the end-session endpoint when a session of the hub ends.
    pub end_session: EndSessionMethod,
    /// The maximum time of each call.
    pub timeout: Duration,
    /// The allowed networks of the IdP's addresses.
    pub network_policy: NetworkPolicy,
}

/// The content of authorization requests, the same for every login and every service.
#[derive(Debug)]
pub struct RequestSettings {
    /// The requested scopes.
    pub scopes: Vec<String>,
    /// The `acr_values` parameter, if any.
    pub acr_values: Option<String>,
    /// The `prompt` parameter: `login`, so that the session of an earlier person is not used, and
    /// `consent`, which some providers require.
    pub prompts: Vec<Prompt>,
    /// Whether `max_age=0` is sent with `prompt=login`. Always `true`, except for providers that refuse
    /// the parameter.
    pub max_age: bool,
    /// Whether the IdP proves when the person authenticated.
    pub auth_time: AuthTime,
    /// Whether a PKCE challenge is sent. Always `true`, except for providers that refuse the parameter.
    pub pkce: bool,
    /// Whether the response is requested as a posted form (`response_mode=form_post`).
    pub form_post: bool,
}

/// How the browser is sent to an IdP's end-session endpoint (RP-Initiated Logout 1.0 section 2).
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum EndSessionMethod {
    /// By GET, without `id_token_hint`, for IdPs that refuse a POST. The IdP may then ask the citizen to
    /// confirm.
    Get,
    /// The endpoint is not used.
    Off,
    /// By POST, with `id_token_hint`.
    Post,
}

/// Whether an IdP proves when a person authenticated.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum AuthTime {
    /// It does not, and the operator accepted that in writing. Its `auth_time` is ignored.
    NotProven,
    /// Its ID token must have `auth_time` if `prompt=login` is sent.
    Required,
}

/// How far an IdP's statements about a person are trusted.
#[derive(Debug)]
pub struct TrustPolicy {
    /// How far the civil status is trusted.
    pub trust: PivotTrust,
    /// The condition for that trust: a claim has one of these values. `None` means every person.
    pub trusted_if: Option<(Path, BTreeSet<String>)>,
    /// The register number that the IdP is trusted for.
    pub register_number: Option<RegisterNumberSource>,
    /// The paths of the eIDAS `PersonIdentifier`; the first present one counts.
    pub eidas_identifier: Vec<Path>,
    /// Whether a level below substantial may give a `sub` derived from the pivot identity. Requires a
    /// written exemption.
    pub waiver: bool,
}

/// A register whose numbers an IdP is trusted for.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct RegisterNumberSource {
    /// The path of the number.
    pub claim: Path,
    /// The country of the register, ISO 3166-1 alpha-2.
    pub country: String,
    /// The register's name.
    pub scheme: String,
}

/// How the hub authenticates at an IdP's token endpoint.
pub enum ClientAuthentication {
    /// `client_secret_basic`.
    SecretBasic(ClientSecret),
    /// `client_secret_post`.
    SecretPost(ClientSecret),
    /// `private_key_jwt`, signed with the hub's own client keys.
    PrivateKeyJwt(Arc<Keyring>),
}

impl ClientAuthentication {
    /// Creates `client_secret_basic` with `secret`.
    #[must_use]
    pub fn basic(secret: String) -> Self {
        Self::SecretBasic(ClientSecret::new(secret))
    }

    /// Creates `client_secret_post` with `secret`.
    #[must_use]
    pub fn post(secret: String) -> Self {
        Self::SecretPost(ClientSecret::new(secret))
    }
}

impl fmt::Debug for ClientAuthentication {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::SecretBasic(_) => "client_secret_basic",
            Self::SecretPost(_) => "client_secret_post",
            Self::PrivateKeyJwt(_) => "private_key_jwt",
        })
    }
}

/// A value of the `prompt` parameter (OpenID Connect Core 3.1.2.1).
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Prompt {
    /// `consent`.
    Consent,
    /// `login`.
    Login,
}

/// The form of an IdP's ID tokens. The entry decides it and never the response.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum IdTokenForm {
    /// Signed, and encrypted for the hub.
    Encrypted,
    /// Signed.
    Signed,
}

/// The form of an IdP's UserInfo responses. The entry decides it and never the response.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum UserinfoForm {
    /// Plain JSON.
    Json,
    /// UserInfo is not requested: the ID token has every claim.
    None,
    /// A signed JWT.
    Signed,
    /// A signed JWT, encrypted for the hub.
    Encrypted,
}
