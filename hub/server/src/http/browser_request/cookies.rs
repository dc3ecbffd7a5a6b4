//! What the browser keeps: the cookies that a response sets or clears.

use actix_web::{HttpResponse, cookie::Cookie};
use hub_core::{ids::IdpId, secret::BearerSecret};

use super::super::{
    LoginContext,
    cookie::{self, SecretCookie},
};
use crate::http::browser_request::{BrowserRequest, redirect};
use crate::person::device::Device;

impl BrowserRequest {
    /// `response`, and the browser keeps `secret`, which opens its logins.
    #[must_use]
    pub fn with_login(&self, mut response: HttpResponse, secret: &BearerSecret) -> HttpResponse {
        add(
            &mut response,
            &SecretCookie::Login.write(secret, &self.hub.shared.config.hub),
        );
        response
    }

    /// `response`, and the browser keeps `secret`, which its citizen's authentication is bound to.
    #[must_use]
    pub fn with_authentication(
        &self,
        mut response: HttpResponse,
        secret: &BearerSecret,
    ) -> HttpResponse {
        let settings = &self.hub.shared.config.hub;
        let cookie = SecretCookie::authenticate(secret, &self.authenticated, settings);
        add(&mut response, &cookie);
        response
    }

    /// `response`, and the browser keeps the secret of its session.
    #[must_use]
    pub fn with_session(&self, mut response: HttpResponse, secret: &BearerSecret) -> HttpResponse {
        let cookie = SecretCookie::Session.write(secret, &self.hub.shared.config.hub);
        add(&mut response, &cookie);
        response
    }

    /// From here on an error page gives the browser `secret` as that of its session: the one that it brought may
    /// have been replaced already.
    pub fn keep_session_on_error(&self, secret: &BearerSecret) {
        *self.session_on_error.borrow_mut() = Some(secret.clone());
    }

    /// `response`, and no login of this browser can be opened any more. What comes next is sealed under
    /// `secret`, if it is given.
    #[must_use]
    pub fn without_logins(
        &self,
        mut response: HttpResponse,
        secret: Option<&BearerSecret>,
    ) -> HttpResponse {
        let settings = &self.hub.shared.config.hub;
        let cookie = secret.map_or_else(
            || SecretCookie::Login.clear(settings),
            |secret| SecretCookie::Login.write(secret, settings),
        );
        add(&mut response, &cookie);
        add(&mut response, &SecretCookie::forget_waiting(settings));
        add(&mut response, &SecretCookie::forget_authenticated(settings));
        response
    }

    /// `response`, and the browser's session is over.
    #[must_use]
    pub fn without_session(&self, mut response: HttpResponse) -> HttpResponse {
        let cookie = SecretCookie::Session.clear(&self.hub.shared.config.hub);
        add(&mut response, &cookie);
        response
    }

    /// To the address of an IdP, while the sign-in `context` waits in this browser. Only for a chain that
    /// a page of the hub began.
    #[must_use]
    pub fn redirect_to_idp(&self, address: &str, context: &LoginContext) -> HttpResponse {
        let others = self.waiting_tickets();
        let others = others.filter(|(_, ticket)| ticket.login != context.login);
        let others = others.map(|(text, _)| text);
        let cookie = SecretCookie::wait(&context.path, others, &self.hub.shared.config.hub);
        redirect(address).cookie(cookie).finish()
    }

    /// `response`, and the device keeps what `device` says.
    #[must_use]
    pub fn keeping_device(&self, mut response: HttpResponse, device: &Device) -> HttpResponse {
        add(
            &mut response,
            &cookie::keep_device(device, &self.hub.shared.config.hub),
        );
        response
    }

    /// `response`, and the browser remembers `idp`, or none any more.
    #[must_use]
    pub fn remembering(&self, mut response: HttpResponse, idp: Option<&IdpId>) -> HttpResponse {
        let settings = &self.hub.shared.config.hub;
        add(
            &mut response,
            &cookie::remember(idp, self.hub.now(), settings),
        );
        response
    }
}

fn add(response: &mut HttpResponse, cookie: &Cookie<'_>) {
    // Ours has no character that a header may not have.
    if let Err(error) = response.add_cookie(cookie) {
        tracing::error!(%error, "a cookie could not be set");
    }
}
