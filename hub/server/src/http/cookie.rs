//! The browser's cookies, each a secret. One seals all logins of that browser (two tabs are two logins;
//! the login's id is in the path), the other its single sign-on session.

use actix_web::{
    HttpRequest,
    cookie::{Cookie, SameSite, time::Duration},
};
use hub_core::secret::BearerSecret;

use crate::config::HubSettings;

/// Which secret a cookie holds.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Jar {
    /// The logins under way.
    Login,
    /// The single sign-on session.
    Session,
}

impl Jar {
    /// Without TLS, which only the demonstration on the loopback goes without, the prefix is not allowed.
    const fn name(self, settings: &HubSettings) -> &'static str {
        match (self, settings.secure_cookies) {
            (Self::Login, true) => "__Host-lethe",
            (Self::Login, false) => "lethe",
            (Self::Session, true) => "__Host-lethe-session",
            (Self::Session, false) => "lethe-session",
        }
    }

    /// The secret, if the browser brought one.
    pub(super) fn read(
        self,
        request: &HttpRequest,
        settings: &HubSettings,
    ) -> Option<BearerSecret> {
        BearerSecret::parse(request.cookie(self.name(settings))?.value())
    }

    /// The cookie that holds `secret` for as long as a login, or a session, may last.
    pub(super) fn write(self, secret: &BearerSecret, settings: &HubSettings) -> Cookie<'static> {
        let life = match self {
            Self::Login => settings.login_lifetime,
            Self::Session => settings
                .session
                .map_or(std::time::Duration::ZERO, |rules| rules.longest),
        };
        self.cookie(secret.reveal(), life, settings)
    }

    /// The cookie that takes the secret away.
    pub(super) fn clear(self, settings: &HubSettings) -> Cookie<'static> {
        self.cookie(String::new(), std::time::Duration::ZERO, settings)
    }

    fn cookie(
        self,
        value: String,
        life: std::time::Duration,
        settings: &HubSettings,
    ) -> Cookie<'static> {
        let life = i64::try_from(life.as_secs()).unwrap_or(0);
        Cookie::build(self.name(settings), value)
            .path("/")
            .secure(settings.secure_cookies)
            .http_only(true)
            .same_site(SameSite::Lax)
            .max_age(Duration::seconds(life))
            .finish()
    }
}
