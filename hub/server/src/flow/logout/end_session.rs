//! A service, or the citizen, ends the session (`/session/end`, OpenID Connect RP-Initiated Logout 1.0).
//!
//! The hub's own session ends first, then the other services are told, then the browser goes on to
//! `/session/out`.

use actix_web::{HttpRequest, HttpResponse, http::Method};
use hub_core::{
    entropy::draw,
    ids::{ClientId, LoginId},
    secret::BearerSecret,
    session::Session,
};
use hub_templates::{ConfirmLogout, Language};
use idp_adapters::EndSession;

use crate::{
    audit::{Event, Side},
    http::{
        BrowserError, IdpSession, LogoutRequest, Parameters, PendingLogout, PublicCode, Sent, Stop,
        Visit, logged_out_page, service_names,
    },
    session::{self, Current, end},
};

/// `GET` and `POST /session/end`.
pub async fn end(visit: Visit, request: HttpRequest, sent: Sent) -> HttpResponse {
    let posted = request.method() == Method::POST;
    visit.respond(ask_or_leave(&visit, posted, sent).await)
}

async fn ask_or_leave(
    visit: &Visit,
    posted: bool,
    sent: Sent,
) -> Result<HttpResponse, BrowserError> {
    let sent = sent.0.map_err(|_unreadable| Stop::new(PublicCode::L2004))?;
    if let Some(language) = sent.only("ui_locales").and_then(Language::from_ui_locales) {
        visit.speak(language.tag());
    }
    let has_cookie = visit.session.is_some() || visit.browser.is_some();
    if posted && !(has_cookie && sent.has("token")) {
        return go_round(visit, &sent);
    }
    let asked = LogoutRequest::read(visit, &sent);
    if let Some(service) = asked.service {
        visit.head_for(&service.client_id);
    }
    let current = session::current(&visit.hub, visit.session.as_ref()).await?;
    let Some(current) = current else {
        return leave_without_session(visit, posted, &sent, asked).await;
    };
    let confirmed = posted
        && sent
            .only("token")
            .is_some_and(|token| current.handle.is_page_token(token));
    if confirmed || is_hinted(visit, &asked, &current) {
        return leave(visit, posted, asked, current).await;
    }
    let token = current.handle.page_token();
    confirm(visit, &sent, &asked, Some(&current.session), token)
}

/// A form of another site brings no `SameSite=Lax` cookie, so that the session would not be seen: the
/// browser is sent round once more, from our own page.
fn go_round(visit: &Visit, sent: &Parameters) -> Result<HttpResponse, BrowserError> {
    let carried = [
        "id_token_hint",
        "client_id",
        "post_logout_redirect_uri",
        "state",
        "ui_locales",
    ];
    let carried = carried.map(|name| Some((name, sent.only(name)?)));
    visit.go_round("/session/end", carried.into_iter().flatten())
}

/// Whether the service shows an id token of this very session: then it asks for the citizen who is
/// here, and nobody else could.
fn is_hinted(visit: &Visit, asked: &LogoutRequest<'_>, current: &Current) -> bool {
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
                && session::subject(&visit.hub, session, service).as_str() == hint.sub
        }
    }
}

/// Asks the citizen, since anybody could have sent the browser here: whether to end `session` or, without
/// one, the sign-in that is not finished.
fn confirm(
    visit: &Visit,
    sent: &Parameters,
    asked: &LogoutRequest<'_>,
    session: Option<&Session>,
    token: String,
) -> Result<HttpResponse, BrowserError> {
    let carried = [
        "client_id",
        "post_logout_redirect_uri",
        "state",
        "ui_locales",
    ];
    let carried = carried
        .iter()
        .filter_map(|name| Some(((*name).to_owned(), sent.only(name)?.to_owned())));
    visit.page(&ConfirmLogout {
        unfinished: session.is_none(),
        services: session.map_or_else(Vec::new, |session| {
            service_names(visit, session.reached().iter().map(|one| &one.client))
        }),
        action: visit.hub.path("/session/end"),
        token,
        fields: carried.collect(),
        stay: asked
            .service
            .filter(|_| session.is_some())
            .map(|service| service.service_url.clone()),
    })
}

/// Answers where there is no session to end. Nothing is kept: strangers' requests must not fill the store.
///
/// Without a hint the browser never leaves by itself, with a session or without: the service would learn
/// whether somebody is signed in here.
async fn leave_without_session(
    visit: &Visit,
    posted: bool,
    sent: &Parameters,
    asked: LogoutRequest<'_>,
) -> Result<HttpResponse, BrowserError> {
    let unfinished = visit.unfinished_login().await?;
    let confirmed = posted
        && unfinished
            .as_ref()
            .zip(sent.only("token"))
            .is_some_and(|(handle, token)| handle.is_page_token(token));
    let may_leave = confirmed || asked.hint.is_some();
    if let (Some(handle), false) = (&unfinished, may_leave) {
        return confirm(visit, sent, &asked, None, handle.page_token());
    }
    note_request(visit, asked.service.map(|service| &service.client_id));
    let response = match asked.return_to {
        // By a page: a redirect would tell the page that began the chain whose address it is.
        Some(address) if may_leave => visit.go_on(address)?,
        back => {
            let mut page = logged_out_page(visit, None);
            let link = back.map(|back| (back, visit.text("error.onward").to_owned()));
            page.onward = link.or(page.onward);
            visit.page(&page)?
        }
    };
    if may_leave && visit.browser.is_some() {
        return Ok(visit.without_logins(response, None));
    }
    Ok(response)
}

/// Writes the logout into the audit stream; returns its transaction.
fn note_request(visit: &Visit, client: Option<&ClientId>) -> String {
    let transaction = visit.hub.new_transaction();
    visit.enter_login(&transaction, Side::Service);
    let service = client.map(ClientId::as_str);
    visit.note(&transaction, Event::LogoutRequested { service });
    transaction
}

/// Ends the session, and goes on to `/session/out`.
async fn leave(
    visit: &Visit,
    posted: bool,
    asked: LogoutRequest<'_>,
    current: Current,
) -> Result<HttpResponse, BrowserError> {
    let hub = &visit.hub;
    let client = asked.service.map(|service| service.client_id.clone());
    // A fresh secret: sign-ins that wait in other tabs end with the session. On a shared computer they
    // would be the next person's.
    let browser = BearerSecret::draw(hub.entropy());
    let id = LoginId::draw(hub.entropy());
    let transaction = note_request(visit, client.as_ref());
    let logout = PendingLogout {
        closed: end::end(hub, &current, &transaction).await?,
        idp: idp_session(visit, &current, id).await?,
        service: client,
        return_to: asked.return_to,
        transaction,
        locale: visit.language().tag().to_owned(),
    };
    logout.begin(visit, &browser, &id).await?;
    let ticket = hub.state_ticket(id, Some(current.session.idp()), None)?;
    let out = format!("/session/out?state={ticket}");
    // Chromium holds what follows a form to `form-action`: a page goes on instead.
    let response = if posted {
        visit.go_on(hub.path(&out))?
    } else {
        visit.see(&out)
    };
    let response = visit.without_logins(response, Some(&browser));
    Ok(visit.without_session(response))
}

/// The IdP of the session, with the way to its end-session endpoint if that answers.
async fn idp_session(
    visit: &Visit,
    current: &Current,
    logout: LoginId,
) -> Result<Option<IdpSession>, BrowserError> {
    let hub = &visit.hub;
    let Some(idp) = hub.site.config.catalogue.find(current.session.idp()) else {
        return Ok(None);
    };
    let attempt = draw(hub.entropy());
    let state = hub.state_ticket(logout, Some(&idp.id), Some(attempt))?;
    let upstream = current.session.arrival().upstream.as_ref();
    let request = EndSession {
        id_token: upstream.and_then(|own| own.id_token.as_deref()),
        return_to: &format!("{}/session/out", hub.issuer()),
        state: &state,
        now: hub.now(),
    };
    Ok(Some(IdpSession {
        id: idp.id.to_string(),
        title: idp.title.get(visit.language().tag()).to_owned(),
        departure: idp.provider.end_session(&request).await,
    }))
}
