//! A service, or the citizen, ends the session (`/session/end`, OpenID Connect RP-Initiated Logout 1.0).
//!
//! The hub's own session ends first, then the other services are told, then the browser goes on to
//! `/session/out`.

use actix_web::{HttpRequest, HttpResponse, http::Method};
use hub_core::{
    entropy::draw,
    ids::{ClientId, LoginId},
    secret::BearerSecret,
};
use hub_templates::Language;
use idp_adapters::EndSession;

use crate::{
    audit::{Event, Side},
    http::{
        BrowserError, BrowserRequest, ErrorPage, IdpSession, LogoutRequest, Parameters,
        PendingLogout, PublicCode, RequestParameters, logged_out_page,
    },
    pages::confirm_logout,
    session::{self, Current, end},
};

/// `GET` and `POST /session/end`.
pub async fn end(
    browser: BrowserRequest,
    request: HttpRequest,
    sent: RequestParameters,
) -> HttpResponse {
    let posted = request.method() == Method::POST;
    browser.respond(ask_or_leave(&browser, posted, sent).await)
}

async fn ask_or_leave(
    browser: &BrowserRequest,
    posted: bool,
    sent: RequestParameters,
) -> Result<HttpResponse, BrowserError> {
    let sent = sent
        .0
        .map_err(|_unreadable| ErrorPage::new(PublicCode::L2004))?;
    if let Some(language) = sent.only("ui_locales").and_then(Language::from_ui_locales) {
        browser.set_language(language.tag());
    }
    let has_cookie = browser.session_secret.is_some() || browser.login_secret.is_some();
    if posted && !(has_cookie && sent.has("token")) {
        return repeat_from_own_page(browser, &sent);
    }
    let asked = LogoutRequest::read(browser, &sent);
    if let Some(service) = asked.service {
        browser.set_service(&service.client_id);
    }
    let current = session::current(&browser.hub, browser.session_secret.as_ref()).await?;
    let Some(current) = current else {
        return leave_without_session(browser, posted, &sent, asked).await;
    };
    let confirmed = posted
        && sent
            .only("token")
            .is_some_and(|token| current.handle.is_page_token(token));
    if confirmed || is_hinted(browser, &asked, &current) {
        return leave(browser, posted, asked, current).await;
    }
    let token = current.handle.page_token();
    confirm_logout::ask(browser, &sent, &asked, Some(&current.session), token)
}

/// A form of another site brings no `SameSite=Lax` cookie, so that the session would not be seen: the
/// browser is sent round once more, from our own page.
fn repeat_from_own_page(
    browser: &BrowserRequest,
    sent: &Parameters,
) -> Result<HttpResponse, BrowserError> {
    let carried = [
        "id_token_hint",
        "client_id",
        "post_logout_redirect_uri",
        "state",
        "ui_locales",
    ];
    let carried = carried.map(|name| Some((name, sent.only(name)?)));
    browser.repeat_from_own_page("/session/end", carried.into_iter().flatten())
}

/// Whether the service shows an id token of this very session: then it asks for the citizen who is
/// here, and nobody else could.
fn is_hinted(browser: &BrowserRequest, asked: &LogoutRequest<'_>, current: &Current) -> bool {
    let (Some(service), Some(hint)) = (asked.service, &asked.hint) else {
        return false;
    };
    let Some(own) = current.session.sid_at(&service.client_id) else {
        return false;
    };
    let session = &current.session;
    match &hint.sid {
        Some(sid) => sid == own,
        // A token without `sid` may be of an earlier session of the same citizen.
        None => {
            hint.issued_at >= session.begun_at()
                && session::subject(&browser.hub, session, service).as_str() == hint.sub
        }
    }
}

/// Answers where there is no session to end. Nothing is kept: strangers' requests must not fill the store.
///
/// Without a hint the browser never leaves by itself, with a session or without: the service would learn
/// whether somebody is signed in here.
async fn leave_without_session(
    browser: &BrowserRequest,
    posted: bool,
    sent: &Parameters,
    asked: LogoutRequest<'_>,
) -> Result<HttpResponse, BrowserError> {
    let unfinished = browser.unfinished_login().await?;
    let confirmed = posted
        && unfinished
            .as_ref()
            .zip(sent.only("token"))
            .is_some_and(|(handle, token)| handle.is_page_token(token));
    let may_leave = confirmed || asked.hint.is_some();
    if let (Some(handle), false) = (&unfinished, may_leave) {
        return confirm_logout::ask(browser, sent, &asked, None, handle.page_token());
    }
    note_request(browser, asked.service.map(|service| &service.client_id));
    let response = match asked.return_to {
        // By a page: a redirect would tell the page that began the chain whose address it is.
        Some(address) if may_leave => browser.go_on(address)?,
        back => {
            let mut page = logged_out_page(browser, None);
            let link = back.map(|back| (back, browser.text("error.onward").to_owned()));
            page.next_link = link.or(page.next_link);
            browser.page(&page)?
        }
    };
    if may_leave && browser.login_secret.is_some() {
        return Ok(browser.without_logins(response, None));
    }
    Ok(response)
}

/// Writes the logout into the audit stream; returns its transaction.
fn note_request(browser: &BrowserRequest, client: Option<&ClientId>) -> String {
    let transaction = browser.hub.new_transaction();
    browser.enter_login(&transaction, Side::Service);
    let service = client.map(ClientId::as_str);
    browser.audit_best_effort(&transaction, Event::LogoutRequested { service });
    transaction
}

/// Ends the session, and goes on to `/session/out`.
async fn leave(
    browser: &BrowserRequest,
    posted: bool,
    asked: LogoutRequest<'_>,
    current: Current,
) -> Result<HttpResponse, BrowserError> {
    let hub = &browser.hub;
    let client = asked.service.map(|service| service.client_id.clone());
    // A fresh secret: sign-ins that wait in other tabs end with the session. On a shared computer they
    // would be the next person's.
    let login_secret = BearerSecret::draw(hub.entropy());
    let id = LoginId::draw(hub.entropy());
    let transaction = note_request(browser, client.as_ref());
    let requester = client.as_ref().filter(|_| asked.return_to.is_some());
    let closed = end::end(hub, &current, &transaction, requester).await?;
    let logout = PendingLogout {
        closed: closed.unwrap_or_default(),
        idp: idp_session(browser, &current, id).await?,
        service: client,
        return_to: asked.return_to,
        transaction,
        locale: browser.language().tag().to_owned(),
    };
    logout.begin(browser, &login_secret, &id).await?;
    let ticket = hub.state_ticket(id, Some(current.session.idp()), None)?;
    let out = format!("/session/out?state={ticket}");
    // Chromium holds what follows a form to `form-action`: a page goes on instead.
    let response = if posted {
        browser.go_on(hub.path(&out))?
    } else {
        browser.redirect(&out)
    };
    let response = browser.without_logins(response, Some(&login_secret));
    Ok(browser.without_session(response))
}

/// The IdP of the session, with the way to its end-session endpoint if that answers.
async fn idp_session(
    browser: &BrowserRequest,
    current: &Current,
    logout: LoginId,
) -> Result<Option<IdpSession>, BrowserError> {
    let hub = &browser.hub;
    let Some(idp) = hub.shared.config.catalogue.find(current.session.idp()) else {
        return Ok(None);
    };
    let attempt = draw(hub.entropy());
    let state = hub.state_ticket(logout, Some(&idp.id), Some(attempt))?;
    let upstream = current.session.authentication().upstream.as_ref();
    let request = EndSession {
        id_token: upstream.and_then(|own| own.id_token.as_deref()),
        return_to: &format!("{}/session/out", hub.issuer()),
        state: &state,
        now: hub.now(),
    };
    Ok(Some(IdpSession {
        id: idp.id.to_string(),
        title: idp.title.get(browser.language().tag()).to_owned(),
        departure: idp.provider.end_session(&request).await,
    }))
}
