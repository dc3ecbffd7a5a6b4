//! Step 5: the citizen reads what will be shared, agrees, and goes on to the service with a code
//! (`/login/{ticket}/review`).

use actix_web::{HttpResponse, web};
use hub_core::{
    login::{Answer, CodeRecord, Granted, Identified, Login, Request},
    oauth_error::OAuthError,
    secret::{BearerSecret, Handle, Kind},
};
use hub_templates::Wait;
use sp_registry::ServiceProvider;

use crate::http::{
    BrowserError, Parameters, Pending, PublicCode, Sent, Stop, Visit,
    review_page::{self, Tick},
};

/// `GET /login/{ticket}/review`.
pub async fn show(visit: Visit, path: web::Path<String>, sent: Sent) -> HttpResponse {
    let unticked = sent.0.is_ok_and(|sent| sent.has("tick"));
    let tick = if unticked {
        Tick::Missing
    } else {
        Tick::NotAsked
    };
    visit.respond(reload(&visit, &path, tick).await)
}

/// `POST /login/{ticket}/review`.
pub async fn agree(visit: Visit, path: web::Path<String>, sent: Sent) -> HttpResponse {
    visit.respond(go_on(&visit, &path, sent).await)
}

async fn reload(visit: &Visit, path: &str, tick: Tick) -> Result<HttpResponse, BrowserError> {
    let pending = Pending::find(visit, path)?;
    match identified(visit, &pending).await? {
        Found::Identified(identified) => review_page::show(visit, &pending, &identified, tick),
        // Back from the service: its code must not be sent a second time.
        Found::Answered(_) => Err(Stop::new(PublicCode::L1005).into()),
        Found::Elsewhere(response) => Ok(response),
    }
}

async fn go_on(visit: &Visit, path: &str, sent: Sent) -> Result<HttpResponse, BrowserError> {
    let pending = Pending::find(visit, path)?;
    let stale = || Stop::with_page(PublicCode::L1004, pending.page("review"));
    let sent: Parameters = sent.0.map_err(|_unreadable| stale())?;
    if !sent
        .only("token")
        .is_some_and(|token| pending.handle.is_page_token(token))
    {
        return Err(stale().into());
    }
    let identified = match identified(visit, &pending).await? {
        Found::Identified(identified) => identified,
        // A second click has the effect of the first.
        Found::Answered(answer) => return visit.answer(&answer),
        Found::Elsewhere(response) => return Ok(response),
    };
    let service = visit.hub.service(&identified.request().client);
    let service = service.ok_or(Stop::new(PublicCode::L2001))?;
    let Some(agreement) = service.asking().answered(sent.only("consent")) else {
        return Ok(visit.see(&pending.page("review?tick=missing")));
    };
    let agreed = identified
        .agree(agreement, visit.hub.now())
        .map_err(|_expired| Stop::new(PublicCode::L1001))?;
    let request = agreed.request().clone();
    let keys = &visit.hub.site.config.keys.subject;
    let granted = agreed.grant(keys, &service.sector, service.policy.dates);
    let answer = match unexpected_person(visit, service, &request, &granted) {
        Some(refusal) => refusal,
        None => code(visit, service, &request, granted).await?,
    };
    let life = service.policy.lifetimes.code;
    visit
        .hub
        .records
        .put(&pending.handle, &Login::Answered(answer.clone()), life)
        .await?;
    metrics::counter!("lethe_logins_finished_total", "service" => service.client_id.to_string())
        .increment(1);
    visit.answer(&answer)
}

/// The identified login, or where the browser goes instead.
enum Found {
    Answered(Answer),
    Elsewhere(HttpResponse),
    Identified(Box<Identified>),
}

async fn identified(visit: &Visit, pending: &Pending) -> Result<Found, BrowserError> {
    Ok(match pending.open(visit).await? {
        Login::Identified(identified) => Found::Identified(identified),
        Login::Requested(_) | Login::Upstream(_) => Found::Elsewhere(visit.see(&pending.choice())),
        Login::Verifying => {
            let href = visit.hub.path(&pending.page("review"));
            Found::Elsewhere(visit.page(&Wait { seconds: 2, href })?)
        }
        Login::Answered(answer) => Found::Answered(answer),
    })
}

/// A service that named whom it expects gets nobody else (OpenID Connect Core 3.1.2.2 (4)).
fn unexpected_person(
    visit: &Visit,
    service: &ServiceProvider,
    request: &Request,
    granted: &Granted,
) -> Option<Answer> {
    let expected = request.expected_sub.as_deref()?;
    (expected != granted.subject.as_str()).then(|| {
        let said = "another person signed in than the one expected";
        request.refuse(
            OAuthError::LoginRequired,
            said,
            visit.hub.issuer_for(service),
        )
    })
}

/// Lays the grant down under a fresh code.
async fn code(
    visit: &Visit,
    service: &ServiceProvider,
    request: &Request,
    granted: Granted,
) -> Result<Answer, BrowserError> {
    let hub = &visit.hub;
    let code = BearerSecret::draw(hub.entropy());
    let handle = Handle::new(Kind::Code, &code);
    let record = CodeRecord::Live(Box::new(granted));
    hub.records
        .put(&handle, &record, service.policy.lifetimes.code)
        .await?;
    let way = (request.redirect.clone(), request.mode);
    Ok(Answer::code(
        way,
        request.state.as_deref(),
        &code.reveal(),
        hub.issuer_for(service),
    ))
}
