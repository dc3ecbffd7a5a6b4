//! The browser's cookie: one secret, under which all logins of that browser are sealed. Two tabs are
//! two logins; the login's id is in the path.

use actix_web::{
    HttpRequest,
    cookie::{Cookie, SameSite, time::Duration},
};
use hub_core::secret::BearerSecret;

use crate::config::HubSettings;

const NAME: &str = "__Host-lethe";
/// Without TLS, which only the demonstration on the loopback goes without, the prefix is not allowed.
const PLAIN_NAME: &str = "lethe";

fn name(settings: &HubSettings) -> &'static str {
    if settings.secure_cookies {
        NAME
    } else {
        PLAIN_NAME
    }
}

/// The browser's secret, if it brought one.
pub(super) fn read(request: &HttpRequest, settings: &HubSettings) -> Option<BearerSecret> {
    BearerSecret::parse(request.cookie(name(settings))?.value())
}

/// The cookie that holds `secret` for as long as a login may last.
pub(super) fn write(secret: &BearerSecret, settings: &HubSettings) -> Cookie<'static> {
    let life = i64::try_from(settings.login_lifetime.as_secs()).unwrap_or(1800);
    Cookie::build(name(settings), secret.reveal())
        .path("/")
        .secure(settings.secure_cookies)
        .http_only(true)
        .same_site(SameSite::Lax)
        .max_age(Duration::seconds(life))
        .finish()
}
