//! Step 3: the citizen leaves for the identity provider (`/login/{ticket}/idp/{idp}`).

use actix_web::{HttpResponse, web};
use hub_core::{
    ids::IdpId,
    login::{Attempt, Login, Requested, Setback, SetbackCause},
    pkce::Verifier,
};
use hub_templates::Wait;
use idp_adapters::{Challenge, Registered, State};
use sp_registry::ServiceProvider;

use crate::{
    audit::{Event, Side},
    http::{
        BrowserError, LoginRecord, Pending, PublicCode, Stop, Visit, attempt_failure::FailedAttempt,
    },
    hub::may_use,
};

/// `GET /login/{ticket}/idp/{idp}`.
pub async fn depart(visit: Visit, path: web::Path<(String, String)>) -> HttpResponse {
    let (ticket, idp) = path.into_inner();
    visit.respond(leave(&visit, &ticket, &idp).await)
}

async fn leave(visit: &Visit, path: &str, idp: &str) -> Result<HttpResponse, BrowserError> {
    if visit.is_prefetch {
        // A browser that looks ahead must not begin an attempt, and so end the one before.
        return Ok(HttpResponse::ServiceUnavailable().finish());
    }
    let pending = Pending::find(visit, path)?;
    let idp: IdpId = idp.parse().map_err(|_form| Stop::new(PublicCode::L1404))?;
    LoginRecord::until_answered(async || try_to_leave(visit, &pending, &idp).await).await
}

/// Returns `None` if another request changed the login first: what it wrote is not overwritten, and its page is
/// shown if there is no way back from it.
async fn try_to_leave(
    visit: &Visit,
    pending: &Pending,
    idp: &IdpId,
) -> Result<Option<HttpResponse>, BrowserError> {
    let (login, record) = pending.read(visit).await?;
    let requested = match login {
        Login::Requested(stage) => Requested::new(stage.request().clone(), stage.expires_at()),
        Login::Upstream(stage) => stage.reconsider(),
        Login::Identified(stage) => stage.reconsider(),
        Login::Verifying => {
            let href = visit.hub.path(&pending.choice());
            return visit.page(&Wait { seconds: 2, href }).map(Some);
        }
        // The receipt says that the citizen agreed: there is no way back.
        Login::Agreed(_) => return Ok(Some(visit.see(&pending.page("review")))),
        Login::Answered(_) => return Err(Stop::new(PublicCode::L1005).into()),
    };
    visit.enter_login(&requested.request().transaction, Side::Idp);
    match invite(visit, pending, requested.clone(), idp).await {
        Ok((login, address)) => {
            let event = Event::IdpChosen { idp: idp.as_str() };
            visit.trace(&requested.request().transaction, event)?;
            if !record.replace(visit, &login).await? {
                return Ok(None);
            }
            metrics::counter!("lethe_departures_total", "idp" => idp.to_string()).increment(1);
            Ok(Some(visit.depart_and_wait(&address, pending)))
        }
        Err(Held::Back(failed)) => {
            let login = set_back(visit, &requested, idp, failed)?;
            let is_written = record.replace(visit, &login).await?;
            Ok(is_written.then(|| visit.see(&pending.choice())))
        }
        Err(Held::Stopped(error)) => Err(error),
    }
}

/// The login after an attempt that failed before the citizen left.
fn set_back(
    visit: &Visit,
    requested: &Requested,
    idp: &IdpId,
    failed: FailedAttempt,
) -> Result<Login, BrowserError> {
    failed.log(idp, visit.incident());
    let cause = failed.cause;
    let code = PublicCode::of(cause).as_str();
    let incident = visit.incident().to_owned();
    let event = Event::SetBack {
        code: &code,
        incident: &incident,
    };
    visit.trace(&requested.request().transaction, event)?;
    let setback = Setback {
        idp: idp.clone(),
        cause,
        incident,
    };
    let (request, ends) = (requested.request().clone(), requested.expires_at());
    Ok(Login::Requested(Requested::after(request, ends, setback)))
}

/// Why nobody left.
enum Held {
    Back(FailedAttempt),
    Stopped(BrowserError),
}

/// Checks once more that this IdP may be used, and asks it where to go.
async fn invite(
    visit: &Visit,
    pending: &Pending,
    requested: Requested,
    idp: &IdpId,
) -> Result<(Login, String), Held> {
    let client = requested.request().client.clone();
    let unknown = || Held::Stopped(Stop::new(PublicCode::L2001).into());
    let service = visit.hub.service(&client).ok_or_else(unknown)?;
    let registered = visit.hub.site.config.catalogue.find(idp);
    let registered = registered
        .filter(|idp| is_open(service, idp, &requested))
        .ok_or(Held::Back(SetbackCause::Unavailable.into()))?;
    if requested.request().asks_auth_time() && !registered.proves_auth_time {
        return Err(Held::Back(SetbackCause::Stale.into()));
    }

    let now = visit.hub.now();
    let attempt = Attempt::draw(idp.clone(), now, visit.hub.entropy());
    let state = visit
        .hub
        .state_ticket(pending.login, Some(idp), Some(attempt.id))
        .map_err(|fault| Held::Stopped(fault.into()))?;
    let verifier = Verifier::parse(&attempt.verifier)
        .ok_or_else(|| Held::Stopped(Stop::new(PublicCode::L4002).into()))?;
    let challenge = Challenge {
        state: &state,
        nonce: &attempt.nonce,
        verifier: &verifier,
        now,
    };
    let address = registered
        .provider
        .invite(&challenge)
        .await
        .map_err(|fault| Held::Back(fault.into()))?;
    let upstream = requested
        .depart(attempt, now)
        .map_err(|_expired| Held::Stopped(Stop::new(PublicCode::L1001).into()))?;
    Ok((Login::Upstream(upstream), address))
}

/// An IdP may have been switched off, or never been open to this service: the page does not offer it,
/// and a hand-made address gets no further.
fn is_open(service: &ServiceProvider, idp: &Registered, requested: &Requested) -> bool {
    may_use(service, idp)
        && idp.state == State::Active
        && idp.highest.satisfies(requested.request().level)
}
