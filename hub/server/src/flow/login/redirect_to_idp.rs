//! Step 3: the citizen leaves for the identity provider (`/login/{ticket}/idp/{idp}`).

use actix_web::{HttpResponse, web};
use hub_core::{
    ids::IdpId,
    login::{Attempt, FailedAttempt, FailureCause, Login, Requested},
    pkce::Verifier,
};
use hub_templates::Wait;
use idp_adapters::{Challenge, Registered, State};
use sp_registry::ServiceProvider;

use crate::{
    audit::{Event, Side},
    http::{
        BrowserError, BrowserRequest, ErrorPage, LoginContext, LoginRecord, PublicCode,
        attempt_failure::AttemptFailure, request_of,
    },
    hub::may_use,
};

/// `GET /login/{ticket}/idp/{idp}`.
pub async fn depart(browser: BrowserRequest, path: web::Path<(String, String)>) -> HttpResponse {
    let (ticket, idp) = path.into_inner();
    browser.respond(leave(&browser, &ticket, &idp).await)
}

async fn leave(
    browser: &BrowserRequest,
    path: &str,
    idp: &str,
) -> Result<HttpResponse, BrowserError> {
    if browser.is_prefetch {
        // A browser that looks ahead must not begin an attempt, and so end the one before.
        return Ok(HttpResponse::ServiceUnavailable().finish());
    }
    let context = LoginContext::find(browser, path)?;
    let idp: IdpId = idp
        .parse()
        .map_err(|_form| ErrorPage::new(PublicCode::L1404))?;
    LoginRecord::until_answered(async || try_to_leave(browser, &context, &idp).await).await
}

/// Returns `None` if another request changed the login first: what it wrote is not overwritten, and its page is
/// shown if there is no way back from it.
async fn try_to_leave(
    browser: &BrowserRequest,
    context: &LoginContext,
    idp: &IdpId,
) -> Result<Option<HttpResponse>, BrowserError> {
    let (login, record) = context.read(browser).await?;
    let transaction = request_of(&login).map_or("", |request| &request.transaction);
    // Before anything is answered: an earlier round of this request may have logged the IdP's failure.
    browser.enter_login(transaction, Side::Idp);
    let requested = match login {
        Login::Requested(stage) => Requested::new(stage.request().clone(), stage.expires_at()),
        Login::Upstream(stage) => stage.back_to_choice(),
        Login::Identified(stage) => stage.back_to_choice(),
        Login::Verifying => {
            let href = browser.hub.path(&context.choice());
            return browser.page(&Wait { seconds: 2, href }).map(Some);
        }
        // The receipt says that the citizen agreed: there is no way back.
        Login::Agreed(_) => return Ok(Some(browser.redirect(&context.page("review")))),
        Login::Answered(_) => return Err(ErrorPage::new(PublicCode::L1005).into()),
    };
    match invite(browser, context, requested.clone(), idp).await {
        Ok((login, address)) => {
            let event = Event::IdpChosen { idp: idp.as_str() };
            browser.audit(&requested.request().transaction, event)?;
            if !record.replace(browser, &login).await? {
                return Ok(None);
            }
            metrics::counter!("lethe_idp_redirects_total", "idp" => idp.to_string()).increment(1);
            Ok(Some(browser.redirect_to_idp(&address, context)))
        }
        Err(AttemptError::BackToChoice(failed)) => {
            let login = fail(browser, &requested, idp, failed)?;
            let is_written = record.replace(browser, &login).await?;
            Ok(is_written.then(|| browser.redirect(&context.choice())))
        }
        Err(AttemptError::Abort(error)) => Err(error),
    }
}

/// The login after an attempt that failed before the citizen left.
fn fail(
    browser: &BrowserRequest,
    requested: &Requested,
    idp: &IdpId,
    failed: AttemptFailure,
) -> Result<Login, BrowserError> {
    failed.log(idp, browser.incident());
    let cause = failed.cause;
    let code = PublicCode::of(cause).as_str();
    let incident = browser.incident().to_owned();
    let event = Event::IdpAttemptFailed {
        code: &code,
        incident: &incident,
    };
    browser.audit(&requested.request().transaction, event)?;
    let failed_attempt = FailedAttempt {
        idp: idp.clone(),
        cause,
        incident,
    };
    let (request, ends) = (requested.request().clone(), requested.expires_at());
    Ok(Login::Requested(Requested::after(
        request,
        ends,
        failed_attempt,
    )))
}

/// Why nobody left.
enum AttemptError {
    BackToChoice(AttemptFailure),
    Abort(BrowserError),
}

/// Checks once more that this IdP may be used, and asks it where to go.
async fn invite(
    browser: &BrowserRequest,
    context: &LoginContext,
    requested: Requested,
    idp: &IdpId,
) -> Result<(Login, String), AttemptError> {
    let client = requested.request().client.clone();
    let unknown = || AttemptError::Abort(ErrorPage::new(PublicCode::L2001).into());
    let service = browser.hub.service(&client).ok_or_else(unknown)?;
    let registered = browser.hub.shared.config.catalogue.find(idp);
    let registered = registered
        .filter(|idp| is_open(service, idp, &requested))
        .ok_or(AttemptError::BackToChoice(FailureCause::Unavailable.into()))?;
    if requested.request().asks_auth_time() && !registered.proves_auth_time {
        return Err(AttemptError::BackToChoice(FailureCause::Stale.into()));
    }

    let now = browser.hub.now();
    let attempt = Attempt::draw(idp.clone(), now, browser.hub.entropy());
    let state = browser
        .hub
        .state_ticket(context.login, Some(idp), Some(attempt.id))
        .map_err(|error| AttemptError::Abort(error.into()))?;
    let verifier = Verifier::parse(&attempt.verifier)
        .ok_or_else(|| AttemptError::Abort(ErrorPage::new(PublicCode::L4002).into()))?;
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
        .map_err(|error| AttemptError::BackToChoice(error.into()))?;
    let upstream = requested
        .start_attempt(attempt, now)
        .map_err(|_expired| AttemptError::Abort(ErrorPage::new(PublicCode::L1001).into()))?;
    Ok((Login::Upstream(upstream), address))
}

/// An IdP may have been switched off, or never been open to this service: the page does not offer it,
/// and a hand-made address gets no further.
fn is_open(service: &ServiceProvider, idp: &Registered, requested: &Requested) -> bool {
    may_use(service, idp)
        && idp.state == State::Active
        && idp.highest.satisfies(requested.request().level)
}
