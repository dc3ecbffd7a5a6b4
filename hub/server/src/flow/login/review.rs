//! Step 5: the citizen reads what will be shared, and agrees (`/login/{ticket}/review`).

use actix_web::{HttpResponse, web};
use hub_core::login::{AgreedLogin, Identified, Login};
use hub_templates::Wait;
use sp_registry::ServiceProvider;

use crate::{
    consent::data_release,
    http::{
        BrowserError, LoginRecord, Parameters, Pending, PublicCode, Sent, Stop, TakenLogin, Visit,
        authorization_response::{Leaving, answer_again, leave, refuse_unexpected_person},
    },
    jwt::Receipt,
    pages::{
        receipt,
        review::{self, Notice},
    },
    session,
};

/// `GET /login/{ticket}/review`. With `sent`, the token of a form that was submitted: the effect of that
/// form, once it has one.
pub async fn show(visit: Visit, path: web::Path<String>, sent: Sent) -> HttpResponse {
    let sent = sent.0.unwrap_or_default();
    visit.respond(reload(&visit, &path, &sent).await)
}

/// `POST /login/{ticket}/review`.
pub async fn agree(visit: Visit, path: web::Path<String>, sent: Sent) -> HttpResponse {
    visit.respond(submit(&visit, &path, sent).await)
}

async fn reload(
    visit: &Visit,
    path: &str,
    sent: &Parameters,
) -> Result<HttpResponse, BrowserError> {
    let pending = Pending::find(visit, path)?;
    LoginRecord::until_answered(async || try_to_reload(visit, &pending, sent).await).await
}

/// Returns `None` if another request changed the login first.
async fn try_to_reload(
    visit: &Visit,
    pending: &Pending,
    sent: &Parameters,
) -> Result<Option<HttpResponse>, BrowserError> {
    let form = sent.only("sent").unwrap_or_default();
    let (login, record) = pending.read(visit).await?;
    let response = match login {
        Login::Identified(identified) => {
            if !session::holds(&visit.hub, visit.session.as_ref(), &identified).await? {
                let choice = Login::Requested(identified.reconsider());
                let is_written = record.replace(visit, &choice).await?;
                return Ok(is_written.then(|| visit.see(&pending.choice())));
            }
            review::show(visit, pending, &identified, Notice::named(sent))
        }
        Login::Requested(_) | Login::Upstream(_) => Ok(visit.see(&pending.choice())),
        Login::Verifying => wait(visit, pending, form),
        Login::Agreed(agreed) => show_receipt(visit, pending, &agreed),
        Login::Answered(answered) if answered.is_for(form) => answer_again(visit, &answered),
        // Back from the service: its code must not be sent a second time.
        Login::Answered(_) => Err(Stop::new(PublicCode::L1005).into()),
    };
    response.map(Some)
}

/// What a submitted form leads to.
enum Submitted {
    /// The login has moved on; its new record is in the store.
    Done(HttpResponse),
    /// Nothing happened: the login stays as it was.
    Unchanged(HttpResponse),
}

async fn submit(visit: &Visit, path: &str, sent: Sent) -> Result<HttpResponse, BrowserError> {
    let pending = Pending::find(visit, path)?;
    let stale = || Stop::with_page(PublicCode::L1004, pending.page("review"));
    let sent: Parameters = sent.0.map_err(|_unreadable| stale())?;
    if !sent
        .only("token")
        .is_some_and(|token| pending.handle.is_page_token(token))
    {
        return Err(stale().into());
    }
    LoginRecord::until_answered(async || try_to_submit(visit, &pending, &sent).await).await
}

/// Takes the login in one atomic act before anything is made: of many submissions, one gets it. Returns `None`
/// if another request changed the login first.
async fn try_to_submit(
    visit: &Visit,
    pending: &Pending,
    sent: &Parameters,
) -> Result<Option<HttpResponse>, BrowserError> {
    let form = sent.only("read").unwrap_or_default();
    let (login, record) = pending.read(visit).await?;
    let response = match &login {
        Login::Identified(shown) => {
            let Some(taken) = record.take(visit, &login).await? else {
                return Ok(None);
            };
            let outcome = from_review(visit, (pending, &taken), shown, sent).await;
            settle(visit, &taken, &login, outcome).await
        }
        Login::Agreed(agreed) => {
            let Some(taken) = record.take(visit, &login).await? else {
                return Ok(None);
            };
            let outcome = from_receipt(visit, (pending, &taken), agreed, sent).await;
            settle(visit, &taken, &login, outcome).await
        }
        // A second click has the effect of the first.
        Login::Answered(answered) if answered.is_for(form) => answer_again(visit, answered),
        Login::Answered(_) => Err(Stop::new(PublicCode::L1005).into()),
        Login::Requested(_) | Login::Upstream(_) => Ok(visit.see(&pending.choice())),
        Login::Verifying => wait(visit, pending, form),
    };
    response.map(Some)
}

/// Restores `login`, which was taken, unless it was moved on.
async fn settle(
    visit: &Visit,
    taken: &TakenLogin,
    login: &Login,
    outcome: Result<Submitted, BrowserError>,
) -> Result<HttpResponse, BrowserError> {
    match outcome {
        Ok(Submitted::Done(response)) => Ok(response),
        Ok(Submitted::Unchanged(response)) => {
            taken.put_back(visit, login).await?;
            Ok(response)
        }
        Err(error) => {
            taken.put_back(visit, login).await?;
            Err(error)
        }
    }
}

/// The citizen submitted the form of the page for `shown`.
async fn from_review(
    visit: &Visit,
    (pending, taken): (&Pending, &TakenLogin),
    shown: &Identified,
    sent: &Parameters,
) -> Result<Submitted, BrowserError> {
    let hub = &visit.hub;
    if !session::holds(hub, visit.session.as_ref(), shown).await? {
        return forget_identity(visit, (pending, taken), shown).await;
    }
    let service = hub.service(&shown.request().client);
    let service = service.ok_or(Stop::new(PublicCode::L2001))?;
    let read = review::contents(visit, pending, shown, service).read;
    if sent.only("read") != Some(&read) {
        // Another tab chose again, or the words have changed: what was agreed to is not what would happen.
        let page = visit.see(&pending.page(Notice::Changed.query()));
        return Ok(Submitted::Unchanged(page));
    }
    let asking = data_release::asking(hub, service, shown.request());
    let Some(agreement) = asking.answered(sent.only("consent")) else {
        let page = visit.see(&pending.page(Notice::Unticked.query()));
        return Ok(Submitted::Unchanged(page));
    };
    // Before the agreement is written down: nothing is passed on of another person than the one expected.
    if let Some(response) = refuse_unexpected_person(visit, taken, (service, shown), &read).await? {
        return Ok(Submitted::Done(response));
    }
    let ticked = |field: &str| sent.only(field) == Some("yes");
    let identified = data_release::chosen(service, shown.clone(), ticked);
    let logins = (shown, &identified);
    let wants_receipt = ticked("receipt");
    let receipt = prove(visit, pending, logins, wants_receipt)?;
    let remembers = ticked("remember");
    if let Some(receipt) = receipt.clone().filter(|_| wants_receipt) {
        let logins = (shown.clone(), identified);
        let agreed = AgreedLogin::new(logins, (agreement, hub.now()), receipt, read, remembers);
        let login = Login::Agreed(Box::new(agreed));
        taken.finish(visit, &login).await?;
        return Ok(Submitted::Done(visit.see(&pending.page("review"))));
    }
    let remembered = remembers.then(|| identified.idp().clone());
    let leaving = Leaving {
        identified,
        agreement,
        receipt,
        remembered,
        form: read,
    };
    go_on(visit, (pending, taken), service, leaving).await
}

/// Writes the agreement down, then signs the receipt where the citizen wants to see it or data providers
/// hand something over. In this order: a receipt without its trace would speak of what did not happen.
fn prove(
    visit: &Visit,
    pending: &Pending,
    (shown, identified): (&Identified, &Identified),
    wants_receipt: bool,
) -> Result<Option<String>, BrowserError> {
    let hub = &visit.hub;
    let is_signed = wants_receipt || !identified.request().data.is_empty();
    if hub.site.audit.is_none() && !is_signed {
        return Ok(None);
    }
    let service = hub.service(&identified.request().client);
    let service = service.ok_or(Stop::new(PublicCode::L2001))?;
    let receipt = receipt::receipt(visit, pending, (shown, identified), service);
    visit.trace(&identified.request().transaction, receipt.event())?;
    let signed = is_signed.then(|| receipt.signed(hub)).transpose();
    signed.map_err(|fault| receipt::unsigned(&fault))
}

/// The receipt of a citizen who agreed.
fn show_receipt(
    visit: &Visit,
    pending: &Pending,
    agreed: &AgreedLogin,
) -> Result<HttpResponse, BrowserError> {
    let service = visit.hub.service(&agreed.chosen.request().client);
    let service = service.ok_or(Stop::new(PublicCode::L2001))?;
    let logins = (&agreed.shown, &agreed.chosen);
    let receipt = Receipt {
        at: agreed.agreed_at,
        ..receipt::receipt(visit, pending, logins, service)
    };
    receipt::show(visit, pending, &receipt, agreed)
}

/// The citizen submitted a form while their receipt is shown: they go on to the service, unless it is once
/// more the form that asked for the receipt.
async fn from_receipt(
    visit: &Visit,
    (pending, taken): (&Pending, &TakenLogin),
    agreed: &AgreedLogin,
    sent: &Parameters,
) -> Result<Submitted, BrowserError> {
    let hub = &visit.hub;
    if sent.only("read") != Some(&agreed.form) || sent.has("receipt") {
        return Ok(Submitted::Unchanged(visit.see(&pending.page("review"))));
    }
    if !session::holds(hub, visit.session.as_ref(), &agreed.chosen).await? {
        return forget_identity(visit, (pending, taken), &agreed.chosen).await;
    }
    let service = hub.service(&agreed.chosen.request().client);
    let service = service.ok_or(Stop::new(PublicCode::L2001))?;
    let has_data = !agreed.chosen.request().data.is_empty();
    let leaving = Leaving {
        identified: agreed.chosen.clone(),
        agreement: agreed.agreement(),
        receipt: has_data.then(|| agreed.receipt.clone()),
        remembered: agreed.remembers.then(|| agreed.chosen.idp().clone()),
        form: agreed.form.clone(),
    };
    go_on(visit, (pending, taken), service, leaving).await
}

/// Answers the service, unless the session that the citizen is known from has ended meanwhile.
async fn go_on(
    visit: &Visit,
    (pending, taken): (&Pending, &TakenLogin),
    service: &ServiceProvider,
    leaving: Leaving,
) -> Result<Submitted, BrowserError> {
    let identified = leaving.identified.clone();
    match leave(visit, taken, service, leaving).await? {
        Some(response) => Ok(Submitted::Done(response)),
        None => forget_identity(visit, (pending, taken), &identified).await,
    }
}

/// The session that the citizen was known from has ended: they choose again, and the identity is forgotten.
async fn forget_identity(
    visit: &Visit,
    (pending, taken): (&Pending, &TakenLogin),
    identified: &Identified,
) -> Result<Submitted, BrowserError> {
    let login = Login::Requested(identified.clone().reconsider());
    taken.finish(visit, &login).await?;
    Ok(Submitted::Done(visit.see(&pending.choice())))
}

/// Another request is answering the service; the page asks again what became of the form.
fn wait(visit: &Visit, pending: &Pending, form: &str) -> Result<HttpResponse, BrowserError> {
    let query = url::form_urlencoded::Serializer::new(String::new())
        .append_pair("sent", form)
        .finish();
    let href = visit.hub.path(&pending.page(&format!("review?{query}")));
    visit.page(&Wait { seconds: 1, href })
}
