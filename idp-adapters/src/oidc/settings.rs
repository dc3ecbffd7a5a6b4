//! What an operator registers of an OpenID Connect provider.

use std::{collections::BTreeSet, fmt, sync::Arc, time::Duration};

use hub_core::{ids::IdpId, subject::PivotTrust};
use hub_jose::{Algorithm, Decrypter, Keyring};
use openidconnect::ClientSecret;

use crate::{Levels, Mapping, Path};
use hub_outbound::NetworkPolicy;

/// One IdP's registration, as far as the protocol needs it.
#[derive(Debug)]
pub struct Settings {
    /// Its id.
    pub id: IdpId,
    /// Its issuer, compared byte for byte with everything it says of itself.
    pub issuer: String,
    /// The hub's client id there.
    pub client_id: String,
    /// How the hub authenticates there.
    pub authentication: ClientAuthentication,
    /// The one callback address for this IdP (against mix-up, RFC 9700 section 4.4).
    pub redirect_uri: String,
    /// What it is asked.
    pub request_settings: RequestSettings,
    /// The algorithms that its tokens may be signed with.
    pub algorithms: Vec<Algorithm>,
    /// The form of its id tokens.
    pub id_token: IdTokenForm,
    /// The form of its userinfo.
    pub userinfo: UserinfoForm,
    /// The hub's keys for what is encrypted for it.
    pub decrypter: Arc<Decrypter>,
    /// From its claims to the hub's.
    pub mapping: Mapping,
    /// Its levels.
    pub levels: Levels,
    /// Where it says its level, if not in `acr`.
    pub level_claim: Option<Path>,
    /// What its word is worth.
    pub trust_policy: TrustPolicy,
    /// Whether it tells the hub when its own sessions end.
    pub backchannel_logout: bool,
    /// How its end-session page is visited when a session here ends.
    pub end_session: EndSessionMethod,
    /// How long any one call to it may take.
    pub timeout: Duration,
    /// Where it may be.
    pub network_policy: NetworkPolicy,
}

/// What an IdP is asked: the same for every login and every service.
#[derive(Debug)]
pub struct RequestSettings {
    /// The scopes asked.
    pub scopes: Vec<String>,
    /// The `acr_values` sent, if any.
    pub acr_values: Option<String>,
    /// The `prompt` sent: `login`, so that nobody is signed in by the last person's session, and
    /// `consent`, which some providers demand.
    pub prompts: Vec<Prompt>,
    /// Whether `max_age=0` is sent along with `prompt=login`: always, but to providers that refuse the
    /// parameter.
    pub max_age: bool,
    /// Whether it proves when the person authenticated.
    pub auth_time: AuthTime,
    /// Whether a PKCE challenge is sent: always, but to providers that refuse the parameter.
    pub pkce: bool,
    /// Whether the answer is asked for as a posted form.
    pub form_post: bool,
}

/// How the browser visits an IdP's end-session page (RP-Initiated Logout 1.0 section 2).
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum EndSessionMethod {
    /// By GET, without `id_token_hint`: for IdPs that refuse a POST. The IdP may ask the citizen first.
    Get,
    /// Not at all.
    Off,
    /// By POST, with `id_token_hint`.
    Post,
}

/// Whether an IdP proves when a person authenticated.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum AuthTime {
    /// It does not, and the operator accepts that in writing. Its `auth_time` is not used.
    NotProven,
    /// Its id token has to say so where `prompt=login` is sent.
    Required,
}

/// What an IdP's word about a person is worth.
#[derive(Debug)]
pub struct TrustPolicy {
    /// How far its civil status may be trusted.
    pub trust: PivotTrust,
    /// Whose civil status that is: everybody's, or theirs for whom a claim has one of these values.
    pub trusted_if: Option<(Path, BTreeSet<String>)>,
    /// The number in a register that it is trusted for.
    pub register_number: Option<RegisterNumberSource>,
    /// Where the eIDAS `PersonIdentifier` is; the first that is there counts.
    pub eidas_identifier: Vec<Path>,
    /// Whether a level below substantial may feed a pivot `sub`: only by a written waiver.
    pub waiver: bool,
}

/// A register whose numbers an IdP is trusted for.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct RegisterNumberSource {
    /// Where the number is.
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
    /// `private_key_jwt`, with the hub's own client keys.
    PrivateKeyJwt(Arc<Keyring>),
}

impl ClientAuthentication {
    /// `client_secret_basic` with `secret`.
    #[must_use]
    pub fn basic(secret: String) -> Self {
        Self::SecretBasic(ClientSecret::new(secret))
    }

    /// `client_secret_post` with `secret`.
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

/// The form of an IdP's id tokens, decided here and never by its answer.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum IdTokenForm {
    /// Signed, and encrypted for the hub.
    Encrypted,
    /// Signed.
    Signed,
}

/// The form of an IdP's userinfo, decided here and never by its answer.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum UserinfoForm {
    /// Plain JSON.
    Json,
    /// Not asked: everything is in the id token.
    None,
    /// A signed JWT.
    Signed,
    /// A signed JWT, encrypted for the hub.
    Encrypted,
}
