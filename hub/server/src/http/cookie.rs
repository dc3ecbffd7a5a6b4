//! The browser's cookies. One secret seals all logins of that browser (two tabs are two logins; the
//! login's id is in the path), another its single sign-on session; the third cookie says which logins
//! wait, in tickets that open nothing alone. The fourth has a secret for each authentication: the first may be
//! older than it, and known to whoever used the browser before (`docs/adr/0034-a-secret-for-each-authentication.md`).

use actix_web::{
    HttpRequest,
    cookie::{Cookie, SameSite, time::Duration},
};
use hub_core::{clock::Timestamp, ids::IdpId, secret::BearerSecret, session::SessionRules};

use crate::{config::HubSettings, person::device::Device};

/// Which secret a cookie holds.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum SecretCookie {
    /// The logins under way.
    Login,
    /// The single sign-on session.
    Session,
}

impl SecretCookie {
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

    /// The cookie that holds `secret`. It outlives the browser only where the operator says so: on a shared
    /// computer closing the browser is how people sign out, and a login that waits on the review page shows
    /// an identity.
    pub(super) fn write(self, secret: &BearerSecret, settings: &HubSettings) -> Cookie<'static> {
        let life = match self {
            Self::Login => login_life(settings),
            Self::Session => persistent(settings).map(|rules| rules.max_lifetime),
        };
        written(self.name(settings), secret.reveal(), life, settings)
    }

    /// The tickets of the sign-ins that wait in this browser, the last first. They open nothing alone.
    pub(super) fn waiting(request: &HttpRequest, settings: &HubSettings) -> Vec<String> {
        let tickets = request.cookie(waiting_name(settings));
        let tickets = tickets.as_ref().map_or("", Cookie::value).split('.');
        tickets.take(MOST_WAITING).map(str::to_owned).collect()
    }

    /// The cookie that holds `ticket` before the `others` that wait already.
    pub(super) fn wait<'t>(
        ticket: &'t str,
        others: impl Iterator<Item = &'t str>,
        settings: &HubSettings,
    ) -> Cookie<'static> {
        let tickets: Vec<&str> = [ticket]
            .into_iter()
            .chain(others)
            .take(MOST_WAITING)
            .collect();
        let life = login_life(settings);
        written(waiting_name(settings), tickets.join("."), life, settings)
    }

    /// The cookie after which no sign-in waits in this browser.
    pub(super) fn forget_waiting(settings: &HubSettings) -> Cookie<'static> {
        let name = waiting_name(settings);
        cookie(name, String::new(), std::time::Duration::ZERO, settings)
    }

    /// The secrets of the authentications in this browser, the last first.
    pub(super) fn authenticated(
        request: &HttpRequest,
        settings: &HubSettings,
    ) -> Vec<BearerSecret> {
        let secrets = request.cookie(authenticated_name(settings));
        let secrets = secrets.as_ref().map_or("", Cookie::value).split('.');
        let secrets = secrets.take(MOST_AUTHENTICATED);
        secrets.filter_map(BearerSecret::parse).collect()
    }

    /// The cookie that holds `secret` before the `others`, which logins in other tabs need. It always ends
    /// with the browser.
    pub(super) fn authenticate(
        secret: &BearerSecret,
        others: &[BearerSecret],
        settings: &HubSettings,
    ) -> Cookie<'static> {
        let secrets = [secret].into_iter().chain(others).take(MOST_AUTHENTICATED);
        let secrets: Vec<String> = secrets.map(BearerSecret::reveal).collect();
        written(
            authenticated_name(settings),
            secrets.join("."),
            None,
            settings,
        )
    }

    /// The cookie after which no login that the citizen authenticated for opens in this browser.
    pub(super) fn forget_authenticated(settings: &HubSettings) -> Cookie<'static> {
        let name = authenticated_name(settings);
        cookie(name, String::new(), std::time::Duration::ZERO, settings)
    }

    /// The cookie that takes the secret away.
    pub(super) fn clear(self, settings: &HubSettings) -> Cookie<'static> {
        cookie(
            self.name(settings),
            String::new(),
            std::time::Duration::ZERO,
            settings,
        )
    }
}

/// How long a browser offers the last IdP first, if its citizen wants that.
const REMEMBERED: std::time::Duration = std::time::Duration::from_secs(180 * 86_400);

const fn remembered_name(settings: &HubSettings) -> &'static str {
    if settings.secure_cookies {
        "__Host-lethe-idp"
    } else {
        "lethe-idp"
    }
}

/// The IdP that the citizen wants to be offered first.
pub(super) fn remembered(request: &HttpRequest, settings: &HubSettings) -> Option<IdpId> {
    let kept = request.cookie(remembered_name(settings))?;
    let (idp, _date) = kept.value().rsplit_once('.')?;
    idp.parse().ok()
}

/// The cookie that remembers `idp`: its id and the day, nothing else. None to forget.
pub(super) fn remember(
    idp: Option<&IdpId>,
    now: Timestamp,
    settings: &HubSettings,
) -> Cookie<'static> {
    let name = remembered_name(settings);
    match idp {
        Some(idp) => {
            let (year, month, day) = now.date();
            let kept = format!("{idp}.{year:04}-{month:02}-{day:02}");
            cookie(name, kept, REMEMBERED, settings)
        }
        None => cookie(name, String::new(), std::time::Duration::ZERO, settings),
    }
}

const fn device_name(settings: &HubSettings) -> &'static str {
    if settings.secure_cookies {
        "__Host-lethe-device"
    } else {
        "lethe-device"
    }
}

/// How long a device remembers whom it has seen.
const DEVICE: std::time::Duration = std::time::Duration::from_secs(90 * 86_400);

/// What this device keeps of whom it has seen.
pub(super) fn device(request: &HttpRequest, settings: &HubSettings) -> Option<Device> {
    let kept = request.cookie(device_name(settings));
    kept.and_then(|kept| Device::parse(kept.value()))
}

/// The cookie that holds `device`.
pub(super) fn keep_device(device: &Device, settings: &HubSettings) -> Cookie<'static> {
    cookie(device_name(settings), device.cookie(), DEVICE, settings)
}

/// How many sign-ins may wait in one browser.
const MOST_WAITING: usize = 3;

const fn waiting_name(settings: &HubSettings) -> &'static str {
    if settings.secure_cookies {
        "__Host-lethe-waiting"
    } else {
        "lethe-waiting"
    }
}

/// How many logins whose citizen has authenticated may be open in one browser.
const MOST_AUTHENTICATED: usize = 8;

const fn authenticated_name(settings: &HubSettings) -> &'static str {
    if settings.secure_cookies {
        "__Host-lethe-authenticated"
    } else {
        "lethe-authenticated"
    }
}

/// The session rules of a hub whose cookies outlive the browser.
fn persistent(settings: &HubSettings) -> Option<SessionRules> {
    settings.session.filter(|rules| rules.persistent_cookie)
}

/// The `Max-Age` of the cookies of logins. `None` until the browser is closed.
fn login_life(settings: &HubSettings) -> Option<std::time::Duration> {
    persistent(settings).map(|_rules| settings.login_lifetime)
}

/// A cookie for `life`, or until the browser is closed.
fn written(
    name: &'static str,
    value: String,
    life: Option<std::time::Duration>,
    settings: &HubSettings,
) -> Cookie<'static> {
    let mut written = cookie(name, value, life.unwrap_or_default(), settings);
    if life.is_none() {
        written.set_max_age(None);
    }
    written
}

fn cookie(
    name: &'static str,
    value: String,
    life: std::time::Duration,
    settings: &HubSettings,
) -> Cookie<'static> {
    let life = i64::try_from(life.as_secs()).unwrap_or(0);
    Cookie::build(name, value)
        .path("/")
        .secure(settings.secure_cookies)
        .http_only(true)
        .same_site(SameSite::Lax)
        .max_age(Duration::seconds(life))
        .finish()
}
