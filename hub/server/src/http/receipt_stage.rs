//! The citizen agreed and reads their receipt, at the address of the review page. From here the login goes on to the
//! service only: with a code, or with an error if the agreement is not valid any more.

use actix_web::HttpResponse;
use hub_core::{login::AgreedLogin, oauth_error::OAuthError};
use sp_registry::ServiceProvider;

use crate::{
    authorization::Refusal,
    http::{
        BrowserError, BrowserRequest, ErrorPage, LoginContext, Parameters, PublicCode, TakenLogin,
        authorization_response::{Leaving, Submitted, leave, refuse},
    },
    jwt::Receipt,
    pages::{receipt, review},
    session,
};

const SESSION_ENDED: Refusal = (
    OAuthError::LoginRequired,
    "the citizen's session ended after they agreed",
);
const CHANGED: Refusal = (
    OAuthError::ConsentRequired,
    "what the citizen agreed to has changed",
);

/// The receipt page.
pub(crate) fn show(
    browser: &BrowserRequest,
    context: &LoginContext,
    agreed: &AgreedLogin,
) -> Result<HttpResponse, BrowserError> {
    let logins = (&agreed.shown, &agreed.chosen);
    let receipt = Receipt {
        at: agreed.agreed_at,
        ..receipt::receipt(browser, context, logins, service_of(browser, agreed)?)
    };
    receipt::show(browser, context, &receipt, agreed)
}

/// Returns whether the review page would still say, and the service would still receive, what the citizen agreed
/// to. A new configuration may have changed it since.
pub(crate) fn is_unchanged(
    browser: &BrowserRequest,
    context: &LoginContext,
    agreed: &AgreedLogin,
) -> Result<bool, BrowserError> {
    let service = service_of(browser, agreed)?;
    let now = review::contents(browser, context, &agreed.shown, service);
    Ok(now.read == agreed.form)
}

/// The citizen submitted a form while their receipt is shown: the service is answered, unless it is once more the
/// form that asked for the receipt.
pub(crate) async fn submit(
    browser: &BrowserRequest,
    (context, taken): (&LoginContext, &TakenLogin),
    agreed: &AgreedLogin,
    sent: &Parameters,
) -> Result<Submitted, BrowserError> {
    if sent.only("read") != Some(&agreed.form) || sent.has("receipt") {
        let page = browser.redirect(&context.page("review"));
        return Ok(Submitted::Unchanged(page));
    }
    let carried = browser.session_secret.as_ref();
    if !session::holds(&browser.hub, carried, &agreed.chosen).await? {
        return end(browser, taken, agreed, SESSION_ENDED).await;
    }
    if !is_unchanged(browser, context, agreed)? {
        return end_changed(browser, taken, agreed).await;
    }
    let has_data = !agreed.chosen.request().data.is_empty();
    let leaving = Leaving {
        identified: agreed.chosen.clone(),
        agreement: agreed.agreement(),
        receipt: has_data.then(|| agreed.receipt.clone()),
        remembered: agreed.remembers.then(|| agreed.chosen.idp().clone()),
        form: agreed.form.clone(),
    };
    match leave(browser, taken, service_of(browser, agreed)?, leaving).await? {
        Some(response) => Ok(Submitted::Done(response)),
        None => end(browser, taken, agreed, SESSION_ENDED).await,
    }
}

/// Ends a login for which [`is_unchanged`] returned `false`.
pub(crate) async fn end_changed(
    browser: &BrowserRequest,
    taken: &TakenLogin,
    agreed: &AgreedLogin,
) -> Result<Submitted, BrowserError> {
    end(browser, taken, agreed, CHANGED).await
}

/// Answers the service with `refusal`. A second agreement in the same login would give a second receipt with the
/// number of the first.
async fn end(
    browser: &BrowserRequest,
    taken: &TakenLogin,
    agreed: &AgreedLogin,
    refusal: Refusal,
) -> Result<Submitted, BrowserError> {
    let service = service_of(browser, agreed)?;
    let about = (service, &agreed.chosen);
    let response = refuse(browser, taken, about, refusal, &agreed.form).await?;
    Ok(Submitted::Done(response))
}

fn service_of<'b>(
    browser: &'b BrowserRequest,
    agreed: &AgreedLogin,
) -> Result<&'b ServiceProvider, BrowserError> {
    let service = browser.hub.service(&agreed.chosen.request().client);
    service.ok_or_else(|| ErrorPage::new(PublicCode::L2001).into())
}
