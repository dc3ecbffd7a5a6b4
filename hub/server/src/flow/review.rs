//! Step 5: the citizen reads what will be shared, agrees, and goes on to the service with a code
//! (`/login/{ticket}/review`).

use std::time::Duration;

use actix_web::{HttpResponse, web};
use hub_core::{
    ids::IdpId,
    login::{AgreedLogin, Agreement, Answered, Identified, Login},
};
use hub_templates::Wait;
use sp_registry::ServiceProvider;

use crate::{
    granting::{self, Beside},
    http::{
        BrowserError, Parameters, Pending, PublicCode, Sent, Stop, Visit, new_device, receipt_page,
        review_page::{self, Notice},
    },
    sessions::{self, Kept},
    sharing, silent,
    tokens::Receipt,
};

/// How long answering the service may take at the most; after that the login is over.
const ANSWERING: Duration = Duration::from_secs(60);

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
    let form = sent.only("sent").unwrap_or_default();
    match pending.open(visit).await? {
        Login::Identified(identified) => {
            if !sessions::holds(&visit.hub, visit.session.as_ref(), &identified).await? {
                return forget_identity(visit, &pending, &identified).await;
            }
            review_page::show(visit, &pending, &identified, Notice::named(sent))
        }
        Login::Requested(_) | Login::Upstream(_) => Ok(visit.see(&pending.choice())),
        Login::Verifying => wait(visit, &pending, form),
        Login::Agreed(agreed) => show_receipt(visit, &pending, &agreed),
        Login::Answered(answered) if answered.is_for(form) => answer_again(visit, &answered),
        // Back from the service: its code must not be sent a second time.
        Login::Answered(_) => Err(Stop::new(PublicCode::L1005).into()),
    }
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
    // The login is taken in one atomic act before anything is made: of many submissions, one gets it.
    let records = &visit.hub.records;
    let taken = records
        .exchange(&pending.handle, &Login::Verifying, ANSWERING)
        .await?;
    let login = taken.ok_or(Stop::new(PublicCode::L1001))?;
    pending.set_language(visit, &login);
    let outcome = handle(visit, &pending, &login, &sent).await;
    match outcome {
        Ok(Submitted::Done(response)) => Ok(response),
        Ok(Submitted::Unchanged(response)) => {
            put_back(visit, &pending, &login).await?;
            Ok(response)
        }
        Err(error) => {
            put_back(visit, &pending, &login).await?;
            Err(error)
        }
    }
}

/// Restores a login that was taken and not moved on.
async fn put_back(visit: &Visit, pending: &Pending, login: &Login) -> Result<(), BrowserError> {
    if matches!(login, Login::Verifying) {
        // Another request has it, and puts down what becomes of it.
        return Ok(());
    }
    pending.keep(visit, login).await
}

async fn handle(
    visit: &Visit,
    pending: &Pending,
    login: &Login,
    sent: &Parameters,
) -> Result<Submitted, BrowserError> {
    let form = sent.only("read").unwrap_or_default();
    match login {
        Login::Identified(identified) => {
            if sessions::holds(&visit.hub, visit.session.as_ref(), identified).await? {
                go_on(visit, pending, identified, sent).await
            } else {
                let choice = forget_identity(visit, pending, identified).await?;
                Ok(Submitted::Done(choice))
            }
        }
        Login::Agreed(agreed) => from_receipt(visit, pending, agreed, sent).await,
        // A second click has the effect of the first.
        Login::Answered(answered) if answered.is_for(form) => {
            Ok(Submitted::Unchanged(answer_again(visit, answered)?))
        }
        Login::Answered(_) => Err(Stop::new(PublicCode::L1005).into()),
        Login::Requested(_) | Login::Upstream(_) => {
            Ok(Submitted::Unchanged(visit.see(&pending.choice())))
        }
        Login::Verifying => Ok(Submitted::Unchanged(wait(visit, pending, form)?)),
    }
}

/// The citizen submitted the form of the page for `shown`.
async fn go_on(
    visit: &Visit,
    pending: &Pending,
    shown: &Identified,
    sent: &Parameters,
) -> Result<Submitted, BrowserError> {
    let hub = &visit.hub;
    let service = hub.service(&shown.request().client);
    let service = service.ok_or(Stop::new(PublicCode::L2001))?;
    let read = review_page::contents(visit, pending, shown, service).read;
    if sent.only("read") != Some(&read) {
        // Another tab chose again, or the words have changed: what was agreed to is not what would happen.
        let page = visit.see(&pending.page(Notice::Changed.query()));
        return Ok(Submitted::Unchanged(page));
    }
    let asking = sharing::asking(hub, service, shown.request());
    let Some(agreement) = asking.answered(sent.only("consent")) else {
        let page = visit.see(&pending.page(Notice::Unticked.query()));
        return Ok(Submitted::Unchanged(page));
    };
    let ticked = |field: &str| sent.only(field) == Some("yes");
    let identified = sharing::chosen(service, shown.clone(), ticked);
    let logins = (shown, &identified);
    let wants_receipt = ticked("receipt");
    let receipt = prove(visit, pending, logins, wants_receipt)?;
    let remembers = ticked("remember");
    if let Some(receipt) = receipt.clone().filter(|_| wants_receipt) {
        let logins = (shown.clone(), identified);
        let agreed = AgreedLogin::new(logins, (agreement, hub.now()), receipt, read, remembers);
        let login = Login::Agreed(Box::new(agreed));
        pending.keep(visit, &login).await?;
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
    leave(visit, pending, service, leaving)
        .await
        .map(Submitted::Done)
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
    let receipt = receipt_page::receipt(visit, pending, (shown, identified), service);
    visit.trace(&identified.request().transaction, receipt.event())?;
    let signed = is_signed.then(|| receipt.signed(hub)).transpose();
    signed.map_err(|fault| receipt_page::unsigned(&fault))
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
        ..receipt_page::receipt(visit, pending, logins, service)
    };
    receipt_page::show(visit, pending, &receipt, agreed)
}

/// The citizen submitted a form while their receipt is shown: they go on to the service, unless it is once
/// more the form that asked for the receipt.
async fn from_receipt(
    visit: &Visit,
    pending: &Pending,
    agreed: &AgreedLogin,
    sent: &Parameters,
) -> Result<Submitted, BrowserError> {
    let hub = &visit.hub;
    if sent.only("read") != Some(&agreed.form) || sent.has("receipt") {
        return Ok(Submitted::Unchanged(visit.see(&pending.page("review"))));
    }
    if !sessions::holds(hub, visit.session.as_ref(), &agreed.chosen).await? {
        let choice = forget_identity(visit, pending, &agreed.chosen).await?;
        return Ok(Submitted::Done(choice));
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
    leave(visit, pending, service, leaving)
        .await
        .map(Submitted::Done)
}

/// A citizen who agreed, and what goes along.
struct Leaving {
    identified: Identified,
    agreement: Agreement,
    receipt: Option<String>,
    remembered: Option<IdpId>,
    form: String,
}

/// Answers the service, and sends the browser there.
async fn leave(
    visit: &Visit,
    pending: &Pending,
    service: &ServiceProvider,
    leaving: Leaving,
) -> Result<HttpResponse, BrowserError> {
    let hub = &visit.hub;
    let identified = leaving.identified;
    let reviewed = silent::reviewed_terms(visit, service, identified.request());
    let carried = visit.session.as_ref();
    let kept = sessions::go_on(hub, carried, &identified, service, Some(reviewed)).await?;
    let session = match kept {
        Kept::Continued(session) => Some(session),
        Kept::Nothing => None,
        Kept::Ended => return forget_identity(visit, pending, &identified).await,
    };
    let device = new_device::notify(visit, &identified, service).await;
    let agreed = identified
        .agree(leaving.agreement, hub.now())
        .map_err(|_expired| Stop::new(PublicCode::L1001))?;
    let (secret, beside) = session
        .map(|kept| (kept.secret, (kept.sid, kept.end_mark)))
        .unzip();
    let (sid, end_mark) = beside.unzip();
    let beside = Beside {
        sid,
        end_mark,
        receipt: leaving.receipt,
    };
    let answer = granting::answer(hub, service, agreed, beside).await?;
    let life = service.policy.lifetimes.code;
    let answered = Answered::new(answer.clone(), &leaving.form, secret.as_ref());
    hub.records
        .put(&pending.handle, &Login::Answered(answered), life)
        .await?;
    let mut response = visit.answer(&answer)?;
    if let Some(idp) = &leaving.remembered {
        response = visit.remembering(response, Some(idp));
    }
    if let Some(device) = &device {
        response = visit.keeping_device(response, device);
    }
    if let Some(secret) = secret {
        response = visit.with_session(response, &secret);
    }
    Ok(response)
}

/// The session that the citizen was known from has ended: they choose again, and the identity is forgotten.
async fn forget_identity(
    visit: &Visit,
    pending: &Pending,
    identified: &Identified,
) -> Result<HttpResponse, BrowserError> {
    let login = Login::Requested(identified.clone().reconsider());
    pending.keep(visit, &login).await?;
    Ok(visit.see(&pending.choice()))
}

/// Another request is answering the service; the page asks again what became of the form.
fn wait(visit: &Visit, pending: &Pending, form: &str) -> Result<HttpResponse, BrowserError> {
    let query = url::form_urlencoded::Serializer::new(String::new())
        .append_pair("sent", form)
        .finish();
    let href = visit.hub.path(&pending.page(&format!("review?{query}")));
    visit.page(&Wait { seconds: 1, href })
}

/// The answer that the first submission of a form got.
fn answer_again(visit: &Visit, answered: &Answered) -> Result<HttpResponse, BrowserError> {
    let response = visit.answer(answered.answer())?;
    Ok(match answered.session() {
        Some(secret) => visit.with_session(response, &secret),
        None => response,
    })
}
