//! The end of step 5: the service is answered, by way of the browser (OpenID Connect Core 3.1.2.5).

use actix_web::HttpResponse;
use hub_core::{
    ids::IdpId,
    login::{Agreement, Answered, Identified},
    oauth_error::OAuthError,
};
use sp_registry::ServiceProvider;

use super::{BrowserError, BrowserRequest, ErrorPage, PublicCode, TakenLogin};
use crate::pages::new_device;
use crate::{
    authorization::Refusal,
    consent::authorization_code::{self, ResponseExtras},
    session::{self, Kept, silent},
};

/// A citizen who agreed, and what goes along.
#[derive(Debug)]
pub struct Leaving {
    /// The login, without the data that the citizen refused.
    pub identified: Identified,
    /// The citizen's agreement.
    pub agreement: Agreement,
    /// The signed receipt, where data providers hand something over.
    pub receipt: Option<String>,
    /// The IdP that the browser shall offer first next time, if the citizen asked for that.
    pub remembered: Option<IdpId>,
    /// The token of the form that was submitted.
    pub form: String,
}

/// What a submitted form leads to.
#[derive(Debug)]
pub enum Submitted {
    /// The login has moved on; its new record is in the store.
    Done(HttpResponse),
    /// Nothing happened: the login stays as it was.
    Unchanged(HttpResponse),
}

/// Answers the service, and sends the browser there.
///
/// Returns `None` if the session that the citizen is known from has ended: the service gets no code then.
///
/// # Errors
/// [`BrowserError`]: the store or the audit stream failed, or the login has ended.
pub async fn leave(
    browser: &BrowserRequest,
    taken: &TakenLogin,
    service: &ServiceProvider,
    leaving: Leaving,
) -> Result<Option<HttpResponse>, BrowserError> {
    let hub = &browser.hub;
    let identified = leaving.identified;
    let reviewed = silent::reviewed_terms(browser, service, identified.request());
    let kept = session::go_on(browser, &identified, service, Some(reviewed)).await?;
    let session = match kept {
        Kept::Continued(session) => {
            // What fails from here on fails after the browser's earlier session was replaced.
            browser.keep_session_on_error(&session.secret);
            Some(session)
        }
        Kept::Nothing => None,
        Kept::Ended => return Ok(None),
    };
    let device = new_device::notify(browser, &identified, service).await;
    let binding = identified.binding().cloned();
    let agreed = identified
        .agree(leaving.agreement, hub.now())
        .map_err(|_expired| ErrorPage::new(PublicCode::L1001))?;
    let (secret, extras) = session
        .map(|kept| (kept.secret, (kept.sid, kept.end_mark)))
        .unzip();
    let (sid, end_mark) = extras.unzip();
    let extras = ResponseExtras {
        sid,
        end_mark,
        receipt: leaving.receipt,
    };
    let answer = authorization_code::answer(hub, service, agreed, extras).await?;
    let life = service.policy.lifetimes.code;
    let answered = Answered::new(
        answer.clone(),
        &leaving.form,
        secret.as_ref(),
        binding.as_ref(),
    );
    taken.answer(browser, answered, life).await?;
    let mut response = browser.send(&answer)?;
    if let Some(idp) = &leaving.remembered {
        response = browser.remembering(response, Some(idp));
    }
    if let Some(device) = &device {
        response = browser.keeping_device(response, device);
    }
    if let Some(secret) = secret {
        response = browser.with_session(response, &secret);
    }
    Ok(Some(response))
}

/// Refuses the service if it expects another person than `identified` ([`authorization_code::is_unexpected_person`]).
///
/// No session begins or changes, and no agreement is written down. Returns `None` if the person is the expected
/// one.
///
/// # Errors
/// [`BrowserError`]: the store or the audit stream failed, or the login has ended.
pub async fn refuse_unexpected_person(
    browser: &BrowserRequest,
    taken: &TakenLogin,
    (service, identified): (&ServiceProvider, &Identified),
    form: &str,
) -> Result<Option<HttpResponse>, BrowserError> {
    if !authorization_code::is_unexpected_person(&browser.hub, service, identified) {
        return Ok(None);
    }
    let refusal = (
        OAuthError::LoginRequired,
        "another person signed in than the one expected",
    );
    let response = refuse(browser, taken, (service, identified), refusal, form).await?;
    Ok(Some(response))
}

/// Answers the service with an error and ends the login. A second submission of `form` gets the same answer.
///
/// # Errors
/// [`BrowserError`]: the store or the audit stream failed, or the login has ended.
pub async fn refuse(
    browser: &BrowserRequest,
    taken: &TakenLogin,
    (service, identified): (&ServiceProvider, &Identified),
    refusal: Refusal,
    form: &str,
) -> Result<HttpResponse, BrowserError> {
    let answer = authorization_code::refuse(&browser.hub, service, identified.request(), refusal)?;
    let life = service.policy.lifetimes.code;
    let answered = Answered::new(answer.clone(), form, None, identified.binding());
    taken.answer(browser, answered, life).await?;
    browser.send(&answer)
}

/// The answer that the first submission of a form got.
///
/// # Errors
/// [`BrowserError`] if the page cannot be rendered.
pub fn answer_again(
    browser: &BrowserRequest,
    answered: &Answered,
) -> Result<HttpResponse, BrowserError> {
    let response = browser.send(answered.answer())?;
    Ok(match answered.session() {
        Some(secret) => browser.with_session(response, &secret),
        None => response,
    })
}
