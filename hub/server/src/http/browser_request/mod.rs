//! One browser's request: who asks, in which language, and how pages and redirects leave.

mod cookies;
mod error_page;
mod leaving;

use std::{
    cell::{Cell, RefCell},
    future::{Ready, ready},
};

use actix_web::{
    FromRequest, HttpRequest, HttpResponse, HttpResponseBuilder,
    dev::Payload,
    error::ErrorInternalServerError,
    http::{Method, StatusCode, header},
    web::Data,
};
use hub_core::{
    ids::{ClientId, IdpId},
    secret::BearerSecret,
};
use hub_templates::{Language, Page};
use percent_encoding::{CONTROLS, utf8_percent_encode};
use sp_registry::ServiceProvider;

use crate::http::{
    BrowserError, ErrorPage, PublicCode,
    cookie::{self, SecretCookie},
    origin,
    refusal::{endpoint_of, incident_of},
};
use crate::{
    audit::{AuditError, Event, Origin, Side},
    hub::Hub,
    person::device::Device,
};

/// The policy of every page: nothing but our own style sheet and images.
const POLICY: &str = "default-src 'none'; style-src 'self'; img-src 'self'; form-action 'self'; \
                      frame-ancestors 'none'; base-uri 'none'";
/// A request from a browser.
#[derive(Debug)]
pub struct BrowserRequest {
    /// The hub.
    pub hub: Data<Hub>,
    /// The browser's secret, if it brought one.
    pub login_secret: Option<BearerSecret>,
    /// The secrets of the authentications that it brought, the last first.
    pub authenticated: Vec<BearerSecret>,
    /// The secret of its session, if it brought one.
    pub session_secret: Option<BearerSecret>,
    /// The IdP that the citizen wants to be offered first.
    pub remembered: Option<IdpId>,
    /// What this device keeps of whom it has seen.
    pub device: Option<Device>,
    /// The tickets of the sign-ins that wait in this browser, the last first.
    pub waiting: Vec<String>,
    /// Whether the browser is only fetching ahead of the citizen.
    pub is_prefetch: bool,
    origin: Option<Origin>,
    language: Cell<Language>,
    service: RefCell<Option<ClientId>>,
    login: RefCell<Option<(String, Side)>>,
    session_on_error: RefCell<Option<BearerSecret>>,
    incident: String,
    endpoint: String,
    posted: bool,
}

impl FromRequest for BrowserRequest {
    type Error = actix_web::Error;
    type Future = Ready<Result<Self, Self::Error>>;

    fn from_request(request: &HttpRequest, _: &mut Payload) -> Self::Future {
        let Some(hub) = request.app_data::<Data<Hub>>().cloned() else {
            return ready(Err(ErrorInternalServerError("no hub")));
        };
        let text = |name| {
            request
                .headers()
                .get(name)
                .and_then(|value| value.to_str().ok())
        };
        let settings = &hub.shared.config.hub;
        let language = text(header::ACCEPT_LANGUAGE)
            .and_then(Language::from_accept_language)
            .unwrap_or(settings.language);
        let purpose = |name: &'static str| {
            let value = request
                .headers()
                .get(name)
                .and_then(|value| value.to_str().ok());
            value.is_some_and(|value| value.contains("prefetch"))
        };
        ready(Ok(Self {
            login_secret: SecretCookie::Login.read(request, settings),
            authenticated: SecretCookie::authenticated(request, settings),
            session_secret: SecretCookie::Session.read(request, settings),
            remembered: cookie::remembered(request, settings),
            device: cookie::device(request, settings),
            waiting: SecretCookie::waiting(request, settings),
            origin: origin::recorded(request, &hub),
            is_prefetch: purpose("sec-purpose") || purpose("purpose"),
            language: Cell::new(language),
            service: RefCell::default(),
            login: RefCell::default(),
            session_on_error: RefCell::default(),
            incident: incident_of(request),
            endpoint: endpoint_of(request),
            posted: request.method() == Method::POST,
            hub,
        }))
    }
}

impl BrowserRequest {
    /// The language of the pages.
    #[must_use]
    pub const fn language(&self) -> Language {
        self.language.get()
    }

    /// Goes on in the language of the login, if it is one of ours.
    pub fn set_language(&self, tag: &str) {
        if let Some(language) = Language::from_tag(tag) {
            self.language.set(language);
        }
    }

    /// Remembers which service the citizen is on the way to: error pages lead back there.
    pub fn set_service(&self, service: &ClientId) {
        *self.service.borrow_mut() = Some(service.clone());
    }

    /// From here on the browser is known to hold the login `transaction` (empty if its id is not known any
    /// more), in the part of it that is about `side`: what goes wrong is an event of the audit stream.
    ///
    /// A request that was about the IdP stays so: the log may name the IdP under its incident id already.
    pub fn enter_login(&self, transaction: &str, side: Side) {
        let mut login = self.login.borrow_mut();
        let side = match login.as_ref() {
            Some((_, Side::Idp)) => Side::Idp,
            _ => side,
        };
        *login = Some((transaction.to_owned(), side));
    }

    /// The incident id: of this request, never of the whole login, which it would join across the log.
    #[must_use]
    pub fn incident(&self) -> &str {
        &self.incident
    }

    /// Writes down that `event` happened to the citizen of `transaction`.
    ///
    /// # Errors
    /// [`AuditError`]: what it tells of must not happen.
    pub fn audit(&self, transaction: &str, event: Event<'_>) -> Result<(), AuditError> {
        self.hub
            .audit_from(self.origin.as_ref(), transaction, event)
    }

    /// Writes down that something ended for the citizen of `transaction`, as far as that can be written.
    pub fn audit_best_effort(&self, transaction: &str, event: Event<'_>) {
        self.hub
            .audit_best_effort_from(self.origin.as_ref(), transaction, event);
    }

    /// A message in the language of the pages.
    #[must_use]
    pub fn text(&self, key: &str) -> &str {
        self.hub.shared.pages.text(key, self.language())
    }

    /// A page.
    ///
    /// # Errors
    /// [`BrowserError`] if the template is broken.
    pub fn page<P: Page>(&self, page: &P) -> Result<HttpResponse, BrowserError> {
        self.html(page, StatusCode::OK, POLICY)
    }

    /// A page of ours that goes on to `path` with `parameters`. A form of another site brings no
    /// `SameSite=Lax` cookie: to act on it would be to act for a browser that seems to have none, and to
    /// replace its secret. The request from our own page brings the cookies.
    ///
    /// # Errors
    /// [`BrowserError`] if the template is broken.
    pub fn repeat_from_own_page<'p>(
        &self,
        path: &str,
        parameters: impl IntoIterator<Item = (&'p str, &'p str)>,
    ) -> Result<HttpResponse, BrowserError> {
        let query = url::form_urlencoded::Serializer::new(String::new())
            .extend_pairs(parameters)
            .finish();
        self.go_on(self.hub.path(&format!("{path}?{query}")))
    }

    /// To another page of the hub.
    #[must_use]
    pub fn redirect(&self, path: &str) -> HttpResponse {
        redirect(&self.hub.path(path)).finish()
    }

    /// Turns how a step ended into what the browser gets.
    #[must_use]
    pub fn respond(&self, outcome: Result<HttpResponse, BrowserError>) -> HttpResponse {
        let error_page = match outcome {
            Ok(response) => return response,
            Err(BrowserError::Service(answer)) => match self.send(&answer) {
                Ok(response) => return response,
                Err(_template) => ErrorPage::new(PublicCode::L4002),
            },
            Err(BrowserError::Page(error_page)) => *error_page,
        };
        let response = self.error_page(&error_page);
        match self.session_on_error.borrow().as_ref() {
            Some(secret) => self.with_session(response, secret),
            None => response,
        }
    }

    fn html<P: Page>(
        &self,
        page: &P,
        status: StatusCode,
        policy: &str,
    ) -> Result<HttpResponse, BrowserError> {
        let html = self
            .hub
            .shared
            .pages
            .render(page, self.language())
            .map_err(|error| {
                tracing::error!(%error, "a page could not be rendered");
                ErrorPage::new(PublicCode::L4002)
            })?;
        Ok(HttpResponse::build(status)
            .insert_header((header::CONTENT_TYPE, "text/html; charset=utf-8"))
            .insert_header((header::CACHE_CONTROL, "no-store"))
            .insert_header((header::CONTENT_SECURITY_POLICY, policy))
            .body(html))
    }

    /// The front page of the service that the visit heads for, with the words of a button.
    #[must_use]
    pub fn service_link(&self) -> Option<(String, String)> {
        let service = self.service()?;
        Some((
            service.service_url.clone(),
            self.text("error.onward").to_owned(),
        ))
    }

    fn service(&self) -> Option<&ServiceProvider> {
        self.hub.service(self.service.borrow().as_ref()?)
    }

    fn service_name(&self) -> String {
        let language = self.language().tag();
        self.service()
            .map_or_else(String::new, |service| service.name.get(language).to_owned())
    }
}

/// `location` comes from a sealed ticket, a registration or a parsed address. Should one ever hold a line
/// break, it is percent-encoded: a header with it could not be sent.
fn redirect(location: &str) -> HttpResponseBuilder {
    let location = utf8_percent_encode(location, CONTROLS).to_string();
    let mut response = HttpResponse::SeeOther();
    response
        .insert_header((header::LOCATION, location))
        .insert_header((header::CACHE_CONTROL, "no-store"));
    response
}
