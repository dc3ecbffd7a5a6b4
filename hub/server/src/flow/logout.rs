//! The end: a service, or the citizen, ends the session (`/session/end`, OpenID Connect RP-Initiated
//! Logout 1.0).
//!
//! The hub's own session ends first, then the other services are told, then the browser visits the
//! IdP's end-session page, if it has one that answers, and comes back (`/session/out`) to go on to the
//! service, or to read what was closed and what was not.

use std::time::Duration;

use actix_web::{HttpRequest, HttpResponse, http::Method};
use hub_core::{
    ids::{ClientId, LoginId},
    secret::{BearerSecret, Handle},
    session::Session,
    ticket::Opened,
};
use hub_jose::{
    Algorithm, TokenType,
    claims::{LogoutHint, logout_hint},
    verify,
};
use hub_templates::{ConfirmLogout, GoOn, Language, LoggedOut};
use idp_adapters::Farewell;
use serde::{Deserialize, Serialize};
use sp_registry::ServiceProvider;

use crate::{
    audit::{Event, Side},
    farewell::{self, Closed},
    http::{BrowserError, Parameters, PublicCode, Sent, Stop, Visit},
    sessions::{self, Current},
};

/// How long the way through the IdP's page may take.
const LIFE: Duration = Duration::from_secs(600);
const LONGEST_STATE: usize = 2048;

/// What is left to do, and to say, after the session has ended.
#[derive(Serialize, Deserialize)]
struct Leaving {
    /// The service that asked, if one did: the last page leads back to it.
    #[serde(default)]
    service: Option<ClientId>,
    /// The address at the service to go to, with its `state`.
    back: Option<String>,
    closed: Closed,
    /// What joins the logout's traces.
    #[serde(default)]
    transaction: String,
    idp: Option<IdpVisit>,
    locale: String,
}

/// The IdP whose session stays open unless its own page is visited.
#[derive(Serialize, Deserialize)]
struct IdpVisit {
    #[serde(default)]
    id: String,
    title: String,
    /// Its page; none if it has none, or it does not answer.
    page: Option<String>,
    visited: bool,
}

/// What a service, or the citizen, asked.
struct Asked<'v> {
    service: Option<&'v ServiceProvider>,
    /// The hint, if it is a token of this hub for the service.
    hint: Option<LogoutHint>,
    back: Option<String>,
}

/// `GET` and `POST /session/end`.
pub async fn end(visit: Visit, request: HttpRequest, sent: Sent) -> HttpResponse {
    let posted = request.method() == Method::POST;
    visit.respond(ask_or_leave(&visit, posted, sent).await)
}

/// `GET /session/out`.
pub async fn out(visit: Visit, sent: Sent) -> HttpResponse {
    visit.respond(go_out(&visit, sent).await)
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
    let asked = read(visit, &sent);
    if let Some(service) = asked.service {
        visit.head_for(&service.client_id);
    }
    let current = sessions::current(&visit.hub, visit.session.as_ref()).await?;
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

/// Who asks, and where the browser goes in the end: registered addresses only.
fn read<'v>(visit: &'v Visit, sent: &Parameters) -> Asked<'v> {
    let keys = visit.hub.site.config.keys.signing.own();
    let hint = sent.only("id_token_hint");
    let hint = hint.and_then(|token| verify(token, keys, &Algorithm::ALL, TokenType::Jwt).ok());
    let hint = hint.and_then(|claims| logout_hint(&claims, visit.hub.issuer()).ok());
    let named = sent.only("client_id");
    let client = match (&hint, named) {
        // A hint of one client does not speak for another.
        (Some(hint), Some(named)) if hint.client != named => None,
        (Some(hint), _) => Some(hint.client.as_str()),
        (None, named) => named,
    };
    let id: Option<ClientId> = client.and_then(|client| client.parse().ok());
    let service = id.and_then(|id| visit.hub.service(&id));
    let address = sent.only("post_logout_redirect_uri");
    let address = address.and_then(|address| service?.post_logout_redirect(address));
    if let (Some(service), None, true) = (service, &address, sent.has("post_logout_redirect_uri")) {
        tracing::info!(service.id = %service.client_id, "an unregistered post_logout_redirect_uri");
    }
    let state = sent
        .only("state")
        .filter(|state| state.len() <= LONGEST_STATE);
    Asked {
        service,
        back: address.map(|address| match state {
            Some(state) => address.with(&[("state", state)]),
            None => address.as_str().to_owned(),
        }),
        hint: hint.filter(|hint| {
            service.is_some_and(|service| service.client_id.as_str() == hint.client)
        }),
    }
}

/// Whether the service shows an id token of this very session: then it asks for the citizen who is
/// here, and nobody else could.
fn is_hinted(visit: &Visit, asked: &Asked<'_>, current: &Current) -> bool {
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
                && sessions::subject(&visit.hub, session, service).as_str() == hint.sub
        }
    }
}

/// Asks the citizen, since anybody could have sent the browser here: whether to end `session` or, without
/// one, the sign-in that is not finished.
fn confirm(
    visit: &Visit,
    sent: &Parameters,
    asked: &Asked<'_>,
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
            names(visit, session.reached().iter().map(|one| &one.client))
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
    asked: Asked<'_>,
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
    let response = match asked.back {
        // Chromium holds what follows a form to `form-action`: a page goes on instead.
        Some(href) if may_leave && posted => visit.page(&GoOn { href })?,
        Some(back) if may_leave => visit.depart(&back),
        back => {
            let mut page = farewell_page(visit, None);
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

/// Ends the session, and sets out.
async fn leave(
    visit: &Visit,
    posted: bool,
    asked: Asked<'_>,
    current: Current,
) -> Result<HttpResponse, BrowserError> {
    let hub = &visit.hub;
    let client = asked.service.map(|service| service.client_id.clone());
    // A fresh secret: sign-ins that wait in other tabs end with the session. On a shared computer they
    // would be the next person's.
    let browser = BearerSecret::draw(hub.entropy());
    let id = LoginId::draw(hub.entropy());
    let ticket = hub.state_ticket(id, Some(current.session.idp()), None)?;
    let transaction = note_request(visit, client.as_ref());
    let leaving = Leaving {
        closed: farewell::end(hub, &current, &transaction).await?,
        idp: idp_visit(visit, &current, &ticket).await,
        service: client,
        back: asked.back,
        transaction,
        locale: visit.language().tag().to_owned(),
    };
    let handle = Handle::logout(&browser, &id);
    hub.records.put(&handle, &leaving, LIFE).await?;
    let out = format!("/session/out?state={ticket}");
    // Chromium holds what follows a form to `form-action`: a page goes on instead.
    let response = if posted {
        let href = hub.path(&out);
        visit.page(&GoOn { href })?
    } else {
        visit.see(&out)
    };
    let response = visit.without_logins(response, Some(&browser));
    Ok(visit.without_session(response))
}

/// The IdP's own session stays open unless its page is visited; whether it answers is tried before the
/// browser is sent there, so that a fault of the IdP's strands nobody.
async fn idp_visit(visit: &Visit, current: &Current, ticket: &str) -> Option<IdpVisit> {
    let hub = &visit.hub;
    let idp = hub.site.config.catalogue.find(current.session.idp())?;
    let upstream = current.session.arrival().upstream.as_ref();
    let page = match upstream.and_then(|own| own.id_token.as_deref()) {
        None => None,
        Some(id_token) => {
            let farewell = Farewell {
                id_token,
                back: &format!("{}/session/out", hub.issuer()),
                state: ticket,
                now: hub.now(),
            };
            idp.provider.farewell(&farewell).await
        }
    };
    Some(IdpVisit {
        id: idp.id.to_string(),
        title: idp.title.get(visit.language().tag()).to_owned(),
        page,
        visited: false,
    })
}

async fn is_signed_in(visit: &Visit) -> Result<bool, BrowserError> {
    let current = sessions::current(&visit.hub, visit.session.as_ref()).await?;
    Ok(current.is_some())
}

async fn go_out(visit: &Visit, sent: Sent) -> Result<HttpResponse, BrowserError> {
    let hub = &visit.hub;
    let sent = sent.0.unwrap_or_default();
    let Some((handle, mut leaving)) = opened(visit, sent.only("state")).await? else {
        if is_signed_in(visit).await? {
            // The page below would say that nobody is signed in: ask the citizen instead.
            return Ok(visit.see("/session/end"));
        }
        return visit.page(&farewell_page(visit, None));
    };
    visit.speak(&leaving.locale);
    if let Some(service) = &leaving.service {
        visit.head_for(service);
    }
    visit.enter_login(&leaving.transaction, Side::Service);
    if let Some(idp) = &mut leaving.idp
        && !idp.visited
        && let Some(page) = idp.page.clone()
    {
        idp.visited = true;
        let event = Event::IdpLogoutVisited { idp: &idp.id };
        visit.note(&leaving.transaction, event);
        hub.records.put(&handle, &leaving, LIFE).await?;
        return Ok(visit.depart(&page));
    }
    match &leaving.back {
        Some(back) => Ok(visit.depart(back)),
        // The citizen signed in again since: the page would say that nobody is.
        None if is_signed_in(visit).await? => Ok(visit.see("/session/end")),
        None => visit.page(&farewell_page(visit, Some(&leaving))),
    }
}

/// The logout that `state` names, in this browser. Without the cookie, or for another browser's `state`,
/// the answer must be the same for all services: `None`.
async fn opened(
    visit: &Visit,
    state: Option<&str>,
) -> Result<Option<(Handle, Leaving)>, BrowserError> {
    let tickets = &visit.hub.site.tickets;
    let ticket = state.and_then(|state| tickets.open_state(state, visit.hub.now()));
    let (Some(Opened::Live(ticket)), Some(browser)) = (ticket, &visit.browser) else {
        return Ok(None);
    };
    let handle = Handle::logout(browser, &ticket.login);
    let leaving: Option<Leaving> = visit.hub.records.open(&handle).await?;
    Ok(leaving.map(|leaving| (handle, leaving)))
}

fn farewell_page(visit: &Visit, leaving: Option<&Leaving>) -> LoggedOut {
    let closed = leaving.map(|leaving| &leaving.closed);
    let listed = |clients: fn(&Closed) -> &Vec<ClientId>| {
        closed.map_or_else(Vec::new, |closed| names(visit, clients(closed).iter()))
    };
    let idp = leaving.and_then(|leaving| leaving.idp.as_ref());
    let untold = listed(|closed| &closed.untold);
    let idp_open = idp.filter(|idp| !idp.visited).map(|idp| idp.title.clone());
    LoggedOut {
        open: !untold.is_empty() || idp_open.is_some(),
        told: listed(|closed| &closed.told),
        untold,
        idp_closed: idp.filter(|idp| idp.visited).map(|idp| idp.title.clone()),
        idp_open,
        onward: visit.way_back(),
    }
}

fn names<'c>(visit: &Visit, clients: impl Iterator<Item = &'c ClientId>) -> Vec<String> {
    let language = visit.language().tag();
    clients
        .filter_map(|client| visit.hub.service(client))
        .map(|service| service.name.get(language).to_owned())
        .collect()
}
