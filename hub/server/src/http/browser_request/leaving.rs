//! How the browser leaves the hub.
//!
//! The page that began a chain of redirects may learn the origin of each address in it (CSP violation
//! reports). So the hub redirects to another origin in two cases only: an authorization response goes to the
//! service that asked, and a click on a page of the hub begins a chain of its own. Every other exit is a page
//! (`docs/adr/0015-exits-by-page.md`).

use actix_web::{HttpResponse, http::StatusCode};
use hub_core::login::{AuthorizationResponse, ResponseMode};
use hub_templates::{EndIdpSession, GoOn, Leave};
use url::Url;

use crate::http::BrowserError;
use crate::http::browser_request::{BrowserRequest, redirect};

/// The policy of the page that leaves for a service: its one form goes there, whatever follows.
const LEAVE_POLICY: &str = "default-src 'none'; style-src 'self'; img-src 'self'; script-src 'self'; \
                            frame-ancestors 'none'; base-uri 'none'";

impl BrowserRequest {
    /// A page that goes on to `href` by itself, and has a link to it.
    ///
    /// # Errors
    /// [`BrowserError`] if the template is broken.
    pub fn go_on(&self, href: String) -> Result<HttpResponse, BrowserError> {
        self.page(&GoOn { href })
    }

    /// The page that posts the request to end its session to the identity provider.
    ///
    /// # Errors
    /// [`BrowserError`] if the template is broken.
    pub fn end_idp_session(&self, page: &EndIdpSession) -> Result<HttpResponse, BrowserError> {
        self.html(page, StatusCode::OK, &end_session_policy(&page.action))
    }

    /// Back to the service. After a form of ours, by a page: Chromium holds the redirects after a form
    /// to `form-action`, and the service's own onward redirects with them.
    ///
    /// # Errors
    /// [`BrowserError`] if the template is broken.
    pub fn send(&self, answer: &AuthorizationResponse) -> Result<HttpResponse, BrowserError> {
        let location = answer.location();
        if answer.mode() == ResponseMode::Query && !self.posted {
            return Ok(redirect(&location).finish());
        }
        let (refresh, method) = match answer.mode() {
            ResponseMode::FormPost => (None, "post"),
            ResponseMode::Query => (Some(location.clone()), "get"),
        };
        let page = Leave {
            service: self.service_name(),
            refresh,
            action: answer.address().to_owned(),
            method,
            fields: fields(answer, &location),
        };
        self.html(&page, StatusCode::OK, LEAVE_POLICY)
    }
}

/// The policy of the page with a form to `action`, an end-session endpoint. Chromium holds the redirects after
/// a form to `form-action`, and an IdP may end sessions on other hosts (Keycloak in front of another IdP)
/// before the browser returns: so `https:` is allowed, the hub, and the endpoint itself where it has no TLS.
fn end_session_policy(action: &str) -> String {
    let origin = Url::parse(action).map(|action| action.origin().ascii_serialization());
    let origin = origin.unwrap_or_default();
    format!("{LEAVE_POLICY}; form-action 'self' https: {origin}")
}

/// The form's fields. A GET form replaces the address's own query, so that goes into them.
fn fields(answer: &AuthorizationResponse, location: &str) -> Vec<(String, String)> {
    match answer.mode() {
        ResponseMode::FormPost => answer.parameters().to_vec(),
        ResponseMode::Query => {
            let query = location.split_once('?').map_or("", |(_, query)| query);
            url::form_urlencoded::parse(query.as_bytes())
                .into_owned()
                .collect()
        }
    }
}
