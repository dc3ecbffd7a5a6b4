//! Step 5: the citizen reads what will be shared, and agrees (`/login/{ticket}/review`).

use actix_web::{HttpResponse, web};
use hub_core::login::{AgreedLogin, Identified, Login};
use hub_templates::Wait;
use sp_registry::ServiceProvider;

use crate::{
    consent::data_release,
    http::{
        BrowserError, BrowserRequest, ErrorPage, LoginContext, LoginRecord, Parameters, PublicCode,
        RequestParameters, TakenLogin,
        authorization_response::{
            Leaving, Submitted, answer_again, leave, refuse_unexpected_person,
        },
        receipt_stage,
    },
    pages::{
        receipt,
        review::{self, Notice},
    },
    session,
};

/// `GET /login/{ticket}/review`. With `sent`, the token of a form that was submitted: the effect of that
/// form, once it has one.
pub async fn show(
    browser: BrowserRequest,
    path: web::Path<String>,
    sent: RequestParameters,
) -> HttpResponse {
    let sent = sent.0.unwrap_or_default();
    browser.respond(reload(&browser, &path, &sent).await)
}

/// `POST /login/{ticket}/review`.
pub async fn agree(
    browser: BrowserRequest,
    path: web::Path<String>,
    sent: RequestParameters,
) -> HttpResponse {
    browser.respond(submit(&browser, &path, sent).await)
}

async fn reload(
    browser: &BrowserRequest,
    path: &str,
    sent: &Parameters,
) -> Result<HttpResponse, BrowserError> {
    let context = LoginContext::find(browser, path)?;
    LoginRecord::until_answered(async || try_to_reload(browser, &context, sent).await).await
}

/// Returns `None` if another request changed the login first.
async fn try_to_reload(
    browser: &BrowserRequest,
    context: &LoginContext,
    sent: &Parameters,
) -> Result<Option<HttpResponse>, BrowserError> {
    let form = sent.only("sent").unwrap_or_default();
    let (login, record) = context.read(browser).await?;
    let response = match &login {
        Login::Identified(identified) => {
            if !session::holds(&browser.hub, browser.session_secret.as_ref(), identified).await? {
                let choice = Login::Requested(identified.clone().back_to_choice());
                let is_written = record.replace(browser, &choice).await?;
                return Ok(is_written.then(|| browser.redirect(&context.choice())));
            }
            review::show(browser, context, identified, Notice::named(sent))
        }
        Login::Requested(_) | Login::Upstream(_) => Ok(browser.redirect(&context.choice())),
        Login::Verifying => wait(browser, context, form),
        Login::Agreed(agreed) => {
            if receipt_stage::is_unchanged(browser, context, agreed)? {
                return receipt_stage::show(browser, context, agreed).map(Some);
            }
            let Some(taken) = record.take(browser, &login).await? else {
                return Ok(None);
            };
            let outcome = receipt_stage::end_changed(browser, &taken, agreed).await;
            settle(browser, &taken, &login, outcome).await
        }
        Login::Answered(answered) if answered.is_for(form) => answer_again(browser, answered),
        // Back from the service: its code must not be sent a second time.
        Login::Answered(_) => Err(ErrorPage::new(PublicCode::L1005).into()),
    };
    response.map(Some)
}

async fn submit(
    browser: &BrowserRequest,
    path: &str,
    sent: RequestParameters,
) -> Result<HttpResponse, BrowserError> {
    let context = LoginContext::find(browser, path)?;
    let stale = || ErrorPage::with_page(PublicCode::L1004, context.page("review"));
    let sent: Parameters = sent.0.map_err(|_unreadable| stale())?;
    if !sent
        .only("token")
        .is_some_and(|token| context.handle.is_page_token(token))
    {
        return Err(stale().into());
    }
    LoginRecord::until_answered(async || try_to_submit(browser, &context, &sent).await).await
}

/// Takes the login in one atomic act before anything is made: of many submissions, one gets it. Returns `None`
/// if another request changed the login first.
async fn try_to_submit(
    browser: &BrowserRequest,
    context: &LoginContext,
    sent: &Parameters,
) -> Result<Option<HttpResponse>, BrowserError> {
    let form = sent.only("read").unwrap_or_default();
    let (login, record) = context.read(browser).await?;
    let response = match &login {
        Login::Identified(shown) => {
            let Some(taken) = record.take(browser, &login).await? else {
                return Ok(None);
            };
            let outcome = from_review(browser, (context, &taken), shown, sent).await;
            settle(browser, &taken, &login, outcome).await
        }
        Login::Agreed(agreed) => {
            let Some(taken) = record.take(browser, &login).await? else {
                return Ok(None);
            };
            let outcome = receipt_stage::submit(browser, (context, &taken), agreed, sent).await;
            settle(browser, &taken, &login, outcome).await
        }
        // A second click has the effect of the first.
        Login::Answered(answered) if answered.is_for(form) => answer_again(browser, answered),
        Login::Answered(_) => Err(ErrorPage::new(PublicCode::L1005).into()),
        Login::Requested(_) | Login::Upstream(_) => Ok(browser.redirect(&context.choice())),
        Login::Verifying => wait(browser, context, form),
    };
    response.map(Some)
}

/// Restores `login`, which was taken, unless it was moved on.
async fn settle(
    browser: &BrowserRequest,
    taken: &TakenLogin,
    login: &Login,
    outcome: Result<Submitted, BrowserError>,
) -> Result<HttpResponse, BrowserError> {
    match outcome {
        Ok(Submitted::Done(response)) => Ok(response),
        Ok(Submitted::Unchanged(response)) => {
            taken.put_back(browser, login).await?;
            Ok(response)
        }
        Err(error) => {
            taken.put_back(browser, login).await?;
            Err(error)
        }
    }
}

/// The citizen submitted the form of the page for `shown`.
async fn from_review(
    browser: &BrowserRequest,
    (context, taken): (&LoginContext, &TakenLogin),
    shown: &Identified,
    sent: &Parameters,
) -> Result<Submitted, BrowserError> {
    let hub = &browser.hub;
    if !session::holds(hub, browser.session_secret.as_ref(), shown).await? {
        return forget_identity(browser, (context, taken), shown).await;
    }
    let service = hub.service(&shown.request().client);
    let service = service.ok_or(ErrorPage::new(PublicCode::L2001))?;
    let read = review::contents(browser, context, shown, service).read;
    if sent.only("read") != Some(&read) {
        // Another tab chose again, or the words have changed: what was agreed to is not what would happen.
        let page = browser.redirect(&context.page(Notice::Changed.query()));
        return Ok(Submitted::Unchanged(page));
    }
    let legal_basis = data_release::legal_basis(hub, service, shown.request());
    let Some(agreement) = legal_basis.agreement(sent.only("consent")) else {
        let page = browser.redirect(&context.page(Notice::Unticked.query()));
        return Ok(Submitted::Unchanged(page));
    };
    // Before the agreement is written down: nothing is passed on of another person than the one expected.
    if let Some(response) =
        refuse_unexpected_person(browser, taken, (service, shown), &read).await?
    {
        return Ok(Submitted::Done(response));
    }
    let ticked = |field: &str| sent.only(field) == Some("yes");
    let identified = data_release::chosen(service, shown.clone(), ticked);
    let logins = (shown, &identified);
    let wants_receipt = ticked("receipt");
    let receipt = prove(browser, context, logins, wants_receipt)?;
    let remembers = ticked("remember");
    if let Some(receipt) = receipt.clone().filter(|_| wants_receipt) {
        let logins = (shown.clone(), identified);
        let agreed = AgreedLogin::new(logins, (agreement, hub.now()), receipt, read, remembers);
        let login = Login::Agreed(Box::new(agreed));
        taken.finish(browser, &login).await?;
        return Ok(Submitted::Done(browser.redirect(&context.page("review"))));
    }
    let remembered = remembers.then(|| identified.idp().clone());
    let leaving = Leaving {
        identified,
        agreement,
        receipt,
        remembered,
        form: read,
    };
    go_on(browser, (context, taken), service, leaving).await
}

/// Writes the agreement down, then signs the receipt where the citizen wants to see it or data providers
/// hand something over. In this order: a receipt without its trace would speak of what did not happen.
fn prove(
    browser: &BrowserRequest,
    context: &LoginContext,
    (shown, identified): (&Identified, &Identified),
    wants_receipt: bool,
) -> Result<Option<String>, BrowserError> {
    let hub = &browser.hub;
    let is_signed = wants_receipt || !identified.request().data.is_empty();
    if hub.shared.audit.is_none() && !is_signed {
        return Ok(None);
    }
    let service = hub.service(&identified.request().client);
    let service = service.ok_or(ErrorPage::new(PublicCode::L2001))?;
    let receipt = receipt::receipt(browser, context, (shown, identified), service);
    browser.audit(&identified.request().transaction, receipt.event())?;
    let signed = is_signed.then(|| receipt.signed(hub)).transpose();
    signed.map_err(|error| receipt::unsigned(&error))
}

/// Answers the service, unless the session that the citizen is known from has ended meanwhile.
async fn go_on(
    browser: &BrowserRequest,
    (context, taken): (&LoginContext, &TakenLogin),
    service: &ServiceProvider,
    leaving: Leaving,
) -> Result<Submitted, BrowserError> {
    let identified = leaving.identified.clone();
    match leave(browser, taken, service, leaving).await? {
        Some(response) => Ok(Submitted::Done(response)),
        None => forget_identity(browser, (context, taken), &identified).await,
    }
}

/// The session that the citizen was known from has ended: they choose again, and the identity is forgotten.
async fn forget_identity(
    browser: &BrowserRequest,
    (context, taken): (&LoginContext, &TakenLogin),
    identified: &Identified,
) -> Result<Submitted, BrowserError> {
    let login = Login::Requested(identified.clone().back_to_choice());
    taken.finish(browser, &login).await?;
    Ok(Submitted::Done(browser.redirect(&context.choice())))
}

/// Another request is answering the service; the page asks again what became of the form.
fn wait(
    browser: &BrowserRequest,
    context: &LoginContext,
    form: &str,
) -> Result<HttpResponse, BrowserError> {
    let query = url::form_urlencoded::Serializer::new(String::new())
        .append_pair("sent", form)
        .finish();
    let href = browser.hub.path(&context.page(&format!("review?{query}")));
    browser.page(&Wait { seconds: 1, href })
}
