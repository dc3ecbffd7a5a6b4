//! Step 4: the browser returns from the identity provider (`/callback/{idp}`).
//!
//! Nothing here is trusted until the browser's cookie and the ticket in `state` name the same attempt,
//! and the attempt is taken: of many returns, one is used.

use actix_web::{HttpResponse, web};
use hub_core::{
    acr::Vocabulary,
    ids::IdpId,
    login::{FailureCause, Identified, Login, StageError, Upstream},
    pkce::Verifier,
    secret::BearerSecret,
};
use hub_templates::Wait;
use idp_adapters::{Returned, RoundTrip, State};

use crate::{
    audit::{AuditError, Event, Side},
    http::{
        BrowserError, BrowserRequest, CallbackContext, ErrorPage, LoginContext, LoginRecord,
        NextLink, Parameters, PublicCode, RequestParameters, TakenLogin,
        attempt_failure::{AttemptFailure, count_answer},
        request_of,
    },
    hub::may_use,
    pages::review,
    person::register_check,
    session::{self, upstream_sessions},
};

/// `GET /callback/{idp}`.
pub async fn callback(
    browser: BrowserRequest,
    path: web::Path<String>,
    sent: RequestParameters,
) -> HttpResponse {
    let mut outcome = come_back(&browser, &path, sent).await;
    if let Err(BrowserError::Page(error_page)) = &mut outcome
        && error_page.code == PublicCode::L3008
        && let Ok(Some(waiting)) = LoginContext::waiting(&browser, |_login| true).await
    {
        error_page.next_link = NextLink::Page(waiting.choice());
    }
    browser.respond(outcome)
}

/// `POST /callback/{idp}`: a cross-site form brings no `SameSite=Lax` cookie, so the browser is sent
/// round once more, from our own page.
pub async fn posted_callback(
    browser: BrowserRequest,
    path: web::Path<String>,
    sent: RequestParameters,
) -> HttpResponse {
    browser.respond(repeat_from_own_page(&browser, &path, sent))
}

fn repeat_from_own_page(
    browser: &BrowserRequest,
    idp: &str,
    sent: RequestParameters,
) -> Result<HttpResponse, BrowserError> {
    let idp: IdpId = idp
        .parse()
        .map_err(|_form| ErrorPage::new(PublicCode::L1404))?;
    let sent = sent
        .0
        .map_err(|_unreadable| ErrorPage::new(PublicCode::L3008))?;
    let carried = ["state", "code", "error", "iss"].map(|name| Some((name, sent.only(name)?)));
    browser.repeat_from_own_page(&format!("/callback/{idp}"), carried.into_iter().flatten())
}

async fn come_back(
    browser: &BrowserRequest,
    idp: &str,
    sent: RequestParameters,
) -> Result<HttpResponse, BrowserError> {
    let unexpected = || ErrorPage::new(PublicCode::L3008);
    let sent = sent.0.map_err(|_unreadable| unexpected())?;
    let state = sent.only("state").ok_or_else(unexpected)?;
    let callback_context = CallbackContext::find(browser, state)?;
    // RFC 9700 section 4.4: each IdP has its own address here; an answer at another's is a mix-up.
    let idp = idp
        .parse()
        .ok()
        .filter(|idp: &IdpId| idp.fingerprint() == callback_context.ticket.idp);
    let idp = idp.ok_or_else(unexpected)?;

    LoginRecord::until_answered(async || {
        try_to_come_back(browser, &callback_context, &idp, &sent).await
    })
    .await
}

/// Returns `None` if another request changed the login first.
async fn try_to_come_back(
    browser: &BrowserRequest,
    callback_context: &CallbackContext,
    idp: &IdpId,
    sent: &Parameters,
) -> Result<Option<HttpResponse>, BrowserError> {
    match take(browser, callback_context, idp).await? {
        Some(Claimed::Attempt(attempt)) => use_answer(browser, idp, *attempt, sent).await.map(Some),
        Some(Claimed::Respond(response)) => Ok(Some(response)),
        None => Ok(None),
    }
}

/// Moves the login of an attempt on by what the IdP answered.
async fn use_answer(
    browser: &BrowserRequest,
    idp: &IdpId,
    TakenAttempt {
        upstream,
        context,
        taken,
    }: TakenAttempt,
    sent: &Parameters,
) -> Result<HttpResponse, BrowserError> {
    browser.set_language(&upstream.request().locale);
    let transaction = &upstream.request().transaction;
    match identify(browser, &upstream, sent).await {
        Ok(identified) => {
            // The login's first secret is older than the authentication: somebody else may know it.
            let secret = BearerSecret::draw(browser.hub.entropy());
            let identified = identified.bound(context.handle.bind(&secret));
            let login = Login::Identified(Box::new(identified));
            taken.finish(browser, &login).await?;
            let response = review::from(browser, &context, &login)?;
            Ok(browser.with_authentication(response, &secret))
        }
        Err(AttemptError::Abort(error)) => {
            let login = Login::Requested(upstream.back_to_choice());
            taken.finish(browser, &login).await?;
            Err(error.into())
        }
        Err(AttemptError::BackToChoice(failed)) => {
            failed.log(idp, browser.incident());
            let cause = failed.cause;
            let login = Login::Requested(upstream.clone().fail(cause, browser.incident()));
            taken.finish(browser, &login).await?;
            let code = PublicCode::of(cause).as_str();
            let event = Event::IdpAttemptFailed {
                code: &code,
                incident: browser.incident(),
            };
            browser.audit(transaction, event)?;
            Ok(browser.redirect(&context.choice()))
        }
    }
}

/// Whose turn a return is.
enum Claimed {
    /// Not one that may be used; the browser goes on there.
    Respond(HttpResponse),
    /// The attempt, taken by this return alone.
    Attempt(Box<TakenAttempt>),
}

/// An attempt whose answer this request alone uses.
struct TakenAttempt {
    upstream: Upstream,
    context: LoginContext,
    taken: TakenLogin,
}

/// Takes the attempt in one atomic act. A login that is not at this attempt is only read: no return of a browser
/// makes it last longer. Returns `None` if another request changed the login first.
async fn take(
    browser: &BrowserRequest,
    callback_context: &CallbackContext,
    idp: &IdpId,
) -> Result<Option<Claimed>, BrowserError> {
    let (login, record) = callback_context.read(browser).await?;
    let transaction = request_of(&login).map_or("", |request| &request.transaction);
    browser.enter_login(transaction, Side::Idp);
    let context = LoginContext::of_record(browser, callback_context, &login)?;
    let attempt = &callback_context.ticket.attempt;
    if let (Login::Upstream(upstream), Some(context)) = (&login, &context) {
        match upstream.expects(idp, attempt, browser.hub.now()) {
            Ok(()) => {
                let taken = record.take(browser, &login).await?;
                let ours = taken.map(|taken| TakenAttempt {
                    upstream: upstream.clone(),
                    context: context.clone(),
                    taken,
                });
                return Ok(ours.map(|ours| Claimed::Attempt(Box::new(ours))));
            }
            Err(StageError::Expired) => return Err(ErrorPage::new(PublicCode::L1001).into()),
            Err(StageError::OtherAttempt) => {}
        }
    }
    let Some(context) = context else {
        return Err(ErrorPage::new(match login {
            Login::Answered(_) => PublicCode::L1005,
            Login::Agreed(_)
            | Login::Identified(_)
            | Login::Requested(_)
            | Login::Upstream(_)
            | Login::Verifying => PublicCode::L1001,
        })
        .into());
    };
    let response = match login {
        // The answer of an attempt that a second choice ended.
        Login::Upstream(_) => {
            return Err(ErrorPage::with_page(PublicCode::L1003, context.choice()).into());
        }
        // A page that was reloaded.
        Login::Requested(_) => browser.redirect(&context.choice()),
        Login::Agreed(_) | Login::Identified(_) => browser.redirect(&context.page("review")),
        Login::Answered(_) => return Err(ErrorPage::new(PublicCode::L1005).into()),
        Login::Verifying => browser.page(&Wait {
            seconds: 2,
            href: browser.hub.path(&context.choice()),
        })?,
    };
    Ok(Some(Claimed::Respond(response)))
}

/// Why nobody is identified.
enum AttemptError {
    BackToChoice(AttemptFailure),
    Abort(AuditError),
}

impl<F: Into<AttemptFailure>> From<F> for AttemptError {
    fn from(failed: F) -> Self {
        Self::BackToChoice(failed.into())
    }
}

impl From<AuditError> for AttemptError {
    fn from(error: AuditError) -> Self {
        Self::Abort(error)
    }
}

/// Asks the IdP who came back.
async fn identify(
    browser: &BrowserRequest,
    upstream: &Upstream,
    sent: &Parameters,
) -> Result<Identified, AttemptError> {
    let hub = &browser.hub;
    let attempt = upstream.attempt();
    let transaction = &upstream.request().transaction;
    let idp = attempt.idp.as_str();
    browser.audit(transaction, Event::IdpReturned { idp })?;
    let service = hub.service(&upstream.request().client);
    let registered = hub.shared.config.catalogue.find(&attempt.idp);
    let registered = registered
        .zip(service)
        // It may have been switched off while the citizen was there.
        .filter(|(idp, service)| may_use(service, idp) && !matches!(idp.state, State::Disabled(_)))
        .map(|(idp, _)| idp)
        .ok_or(FailureCause::Unavailable)?;

    let verifier = Verifier::parse(&attempt.verifier).ok_or(FailureCause::Misbehaved)?;
    let answer = match (sent.one("error"), sent.one("code")) {
        (Ok(Some(error)), Ok(_)) => Returned::Error(error),
        (Ok(None), Ok(Some(code))) => Returned::Code(code),
        _ => return Err(FailureCause::Misbehaved.into()),
    };
    let trip = RoundTrip {
        answer,
        issuer: sent.one("iss").map_err(|_twice| FailureCause::Misbehaved)?,
        nonce: &attempt.nonce,
        verifier: &verifier,
        started_at: attempt.started_at,
        now: hub.now(),
        entropy: hub.entropy(),
    };
    let received = registered.provider.receive(trip).await;
    let outcome = count_answer(registered, received.as_ref().err());
    let event = Event::IdpAnswered {
        idp: registered.id.as_str(),
        outcome,
    };
    browser.audit(transaction, event)?;
    let authentication = received?;
    let identified = upstream.clone().identify(authentication, hub.now())?;
    let identified = register_check::settle(hub, registered, identified).await??;
    upstream_sessions::report_unusable_sid(hub, registered, identified.authentication());
    let event = Event::IdentityVerified {
        person: session::alias(hub, identified.authentication()),
        acr: identified.authentication().level.acr(Vocabulary::Eidas),
    };
    browser.audit(transaction, event)?;
    Ok(identified)
}
