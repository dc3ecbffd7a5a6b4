//! Step 4: the browser returns from the identity provider (`/callback/{idp}`).
//!
//! Nothing here is trusted until the browser's cookie and the ticket in `state` name the same attempt,
//! and the attempt is taken: of many returns, one is used.

use actix_web::{HttpResponse, web};
use hub_core::{
    acr::Vocabulary,
    ids::IdpId,
    login::{Identified, Login, SetbackCause, StageError, Upstream},
    pkce::Verifier,
};
use hub_templates::Wait;
use idp_adapters::{IdpFault, Registered, Returned, RoundTrip, State};

use crate::{
    audit::{AuditFault, Event, Side},
    http::{
        BrowserError, LoginRecord, Onward, Parameters, Pending, PublicCode, Returning, Sent, Stop,
        TakenLogin, Visit, attempt_failure::FailedAttempt, request_of,
    },
    hub::may_use,
    pages::review,
    person::register_check,
    session::{self, upstream_sessions},
};

/// `GET /callback/{idp}`.
pub async fn callback(visit: Visit, path: web::Path<String>, sent: Sent) -> HttpResponse {
    let mut outcome = come_back(&visit, &path, sent).await;
    if let Err(BrowserError::Page(stop)) = &mut outcome
        && stop.code == PublicCode::L3008
        && let Ok(Some(waiting)) = Pending::waiting(&visit, |_login| true).await
    {
        stop.onward = Onward::Page(waiting.choice());
    }
    visit.respond(outcome)
}

/// `POST /callback/{idp}`: a cross-site form brings no `SameSite=Lax` cookie, so the browser is sent
/// round once more, from our own page.
pub async fn posted_callback(visit: Visit, path: web::Path<String>, sent: Sent) -> HttpResponse {
    visit.respond(go_round(&visit, &path, sent))
}

fn go_round(visit: &Visit, idp: &str, sent: Sent) -> Result<HttpResponse, BrowserError> {
    let idp: IdpId = idp.parse().map_err(|_form| Stop::new(PublicCode::L1404))?;
    let sent = sent.0.map_err(|_unreadable| Stop::new(PublicCode::L3008))?;
    let carried = ["state", "code", "error", "iss"].map(|name| Some((name, sent.only(name)?)));
    visit.go_round(&format!("/callback/{idp}"), carried.into_iter().flatten())
}

async fn come_back(visit: &Visit, idp: &str, sent: Sent) -> Result<HttpResponse, BrowserError> {
    let unexpected = || Stop::new(PublicCode::L3008);
    let sent = sent.0.map_err(|_unreadable| unexpected())?;
    let state = sent.only("state").ok_or_else(unexpected)?;
    let returning = Returning::find(visit, state)?;
    // RFC 9700 section 4.4: each IdP has its own address here; an answer at another's is a mix-up.
    let idp = idp
        .parse()
        .ok()
        .filter(|idp: &IdpId| idp.reference() == returning.ticket.idp);
    let idp = idp.ok_or_else(unexpected)?;

    LoginRecord::until_answered(async || try_to_come_back(visit, &returning, &idp, &sent).await)
        .await
}

/// Returns `None` if another request changed the login first.
async fn try_to_come_back(
    visit: &Visit,
    returning: &Returning,
    idp: &IdpId,
    sent: &Parameters,
) -> Result<Option<HttpResponse>, BrowserError> {
    match take(visit, returning, idp).await? {
        Some(Taken::Ours(attempt)) => use_answer(visit, idp, *attempt, sent).await.map(Some),
        Some(Taken::Elsewhere(response)) => Ok(Some(response)),
        None => Ok(None),
    }
}

/// Moves the login of an attempt on by what the IdP answered.
async fn use_answer(
    visit: &Visit,
    idp: &IdpId,
    TakenAttempt {
        upstream,
        pending,
        taken,
    }: TakenAttempt,
    sent: &Parameters,
) -> Result<HttpResponse, BrowserError> {
    visit.speak(&upstream.request().locale);
    let transaction = &upstream.request().transaction;
    match identify(visit, &upstream, sent).await {
        Ok(identified) => {
            let login = Login::Identified(Box::new(identified));
            taken.finish(visit, &login).await?;
            review::from(visit, &pending, &login)
        }
        Err(Held::Stopped(fault)) => {
            let login = Login::Requested(upstream.reconsider());
            taken.finish(visit, &login).await?;
            Err(fault.into())
        }
        Err(Held::Back(failed)) => {
            failed.log(idp, visit.incident());
            let cause = failed.cause;
            let login = Login::Requested(upstream.clone().set_back(cause, visit.incident()));
            taken.finish(visit, &login).await?;
            let code = PublicCode::of(cause).as_str();
            let event = Event::SetBack {
                code: &code,
                incident: visit.incident(),
            };
            visit.trace(transaction, event)?;
            Ok(visit.see(&pending.choice()))
        }
    }
}

/// Whose turn a return is.
enum Taken {
    /// Not one that may be used; the browser goes on there.
    Elsewhere(HttpResponse),
    /// The attempt, taken by this return alone.
    Ours(Box<TakenAttempt>),
}

/// An attempt whose answer this request alone uses.
struct TakenAttempt {
    upstream: Upstream,
    pending: Pending,
    taken: TakenLogin,
}

/// Takes the attempt in one atomic act. A login that is not at this attempt is only read: no return of a browser
/// makes it last longer. Returns `None` if another request changed the login first.
async fn take(
    visit: &Visit,
    returning: &Returning,
    idp: &IdpId,
) -> Result<Option<Taken>, BrowserError> {
    let (login, record) = returning.read(visit).await?;
    let transaction = request_of(&login).map_or("", |request| &request.transaction);
    visit.enter_login(transaction, Side::Idp);
    let pending = Pending::of_record(visit, returning, &login)?;
    let attempt = &returning.ticket.attempt;
    if let (Login::Upstream(upstream), Some(pending)) = (&login, &pending) {
        match upstream.expects(idp, attempt, visit.hub.now()) {
            Ok(()) => {
                let taken = record.take(visit, &login).await?;
                let ours = taken.map(|taken| TakenAttempt {
                    upstream: upstream.clone(),
                    pending: pending.clone(),
                    taken,
                });
                return Ok(ours.map(|ours| Taken::Ours(Box::new(ours))));
            }
            Err(StageError::Expired) => return Err(Stop::new(PublicCode::L1001).into()),
            Err(StageError::OtherAttempt) => {}
        }
    }
    let Some(pending) = pending else {
        return Err(Stop::new(match login {
            Login::Answered(_) => PublicCode::L1005,
            Login::Agreed(_)
            | Login::Identified(_)
            | Login::Requested(_)
            | Login::Upstream(_)
            | Login::Verifying => PublicCode::L1001,
        })
        .into());
    };
    let elsewhere = match login {
        // The answer of an attempt that a second choice ended.
        Login::Upstream(_) => {
            return Err(Stop::with_page(PublicCode::L1003, pending.choice()).into());
        }
        // A page that was reloaded.
        Login::Requested(_) => visit.see(&pending.choice()),
        Login::Agreed(_) | Login::Identified(_) => visit.see(&pending.page("review")),
        Login::Answered(_) => return Err(Stop::new(PublicCode::L1005).into()),
        Login::Verifying => visit.page(&Wait {
            seconds: 2,
            href: visit.hub.path(&pending.choice()),
        })?,
    };
    Ok(Some(Taken::Elsewhere(elsewhere)))
}

/// Why nobody is identified.
enum Held {
    Back(FailedAttempt),
    Stopped(AuditFault),
}

impl<F: Into<FailedAttempt>> From<F> for Held {
    fn from(failed: F) -> Self {
        Self::Back(failed.into())
    }
}

impl From<AuditFault> for Held {
    fn from(fault: AuditFault) -> Self {
        Self::Stopped(fault)
    }
}

/// Asks the IdP who came back.
async fn identify(
    visit: &Visit,
    upstream: &Upstream,
    sent: &Parameters,
) -> Result<Identified, Held> {
    let hub = &visit.hub;
    let attempt = upstream.attempt();
    let transaction = &upstream.request().transaction;
    let idp = attempt.idp.as_str();
    visit.trace(transaction, Event::IdpReturned { idp })?;
    let service = hub.service(&upstream.request().client);
    let registered = hub.site.config.catalogue.find(&attempt.idp);
    let registered = registered
        .zip(service)
        // It may have been switched off while the citizen was there.
        .filter(|(idp, service)| may_use(service, idp) && !matches!(idp.state, State::Disabled(_)))
        .map(|(idp, _)| idp)
        .ok_or(SetbackCause::Unavailable)?;

    let verifier = Verifier::parse(&attempt.verifier).ok_or(SetbackCause::Misbehaved)?;
    let answer = match (sent.one("error"), sent.one("code")) {
        (Ok(Some(error)), Ok(_)) => Returned::Error(error),
        (Ok(None), Ok(Some(code))) => Returned::Code(code),
        _ => return Err(SetbackCause::Misbehaved.into()),
    };
    let trip = RoundTrip {
        answer,
        issuer: sent.one("iss").map_err(|_twice| SetbackCause::Misbehaved)?,
        nonce: &attempt.nonce,
        verifier: &verifier,
        departed_at: attempt.departed_at,
        now: hub.now(),
        entropy: hub.entropy(),
    };
    let received = registered.provider.receive(trip).await;
    let outcome = note(registered, received.as_ref().err());
    let event = Event::IdpAnswered {
        idp: registered.id.as_str(),
        outcome,
    };
    visit.trace(transaction, event)?;
    let arrival = received?;
    let identified = upstream.clone().identify(arrival, hub.now())?;
    let identified = register_check::settle(hub, registered, identified).await??;
    upstream_sessions::report_unusable_sid(hub, registered, identified.arrival());
    let event = Event::IdentityVerified {
        person: session::alias(hub, identified.arrival()),
        acr: identified.arrival().level.acr(Vocabulary::Eidas),
    };
    visit.trace(transaction, event)?;
    Ok(identified)
}

/// Counts an answer.
fn note(idp: &Registered, fault: Option<&IdpFault>) -> &'static str {
    let outcome = match fault {
        None => "identified",
        Some(IdpFault::Declined(_)) => "declined",
        Some(IdpFault::Incomplete(_)) => "incomplete",
        Some(IdpFault::Misbehaved(_)) => "misbehaved",
        Some(IdpFault::Stale) => "stale",
        Some(IdpFault::Unreachable(_)) => "unreachable",
    };
    metrics::counter!("lethe_idp_answers_total", "idp" => idp.id.to_string(), "outcome" => outcome)
        .increment(1);
    outcome
}
