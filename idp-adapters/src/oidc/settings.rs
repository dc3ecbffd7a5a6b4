//! What an operator registers of an OpenID Connect provider.

use std::{fmt, sync::Arc, time::Duration};

use hub_core::{ids::IdpId, subject::PivotTrust};
use hub_jose::{Algorithm, Keyring};
use openidconnect::ClientSecret;

use crate::{Levels, Reach};

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
    /// The scopes asked: the same for every service.
    pub scopes: Vec<String>,
    /// The `acr_values` sent, if any: the same for every service.
    pub acr_values: Option<String>,
    /// Whether `prompt=login` is sent, so that nobody is signed in by the last person's session.
    pub prompt_login: bool,
    /// Whether the answer is asked for as a posted form.
    pub form_post: bool,
    /// The algorithms that its tokens may be signed with.
    pub algorithms: Vec<Algorithm>,
    /// The form of its userinfo.
    pub userinfo: UserinfoForm,
    /// Its levels.
    pub levels: Levels,
    /// How far its civil status may be trusted.
    pub trust: PivotTrust,
    /// Whether a level below substantial may feed a pivot `sub`: only by a written waiver.
    pub pivot_waiver: bool,
    /// How long any one call to it may take.
    pub timeout: Duration,
    /// Where it may be.
    pub reach: Reach,
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

/// The form of an IdP's userinfo, decided here and never by its answer.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum UserinfoForm {
    /// Plain JSON.
    Json,
    /// Not asked: everything is in the id token.
    None,
    /// A signed JWT.
    Signed,
}
