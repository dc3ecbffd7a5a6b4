//! Step 5: the citizen reads what will be shared, agrees, and goes on to the service with a code
//! (`/login/{ticket}/review`).

use actix_web::{HttpResponse, web};
use hub_core::{
    ids::IdpId,
    login::{Agreement, Answer, Identified, Login},
};
use hub_templates::Wait;
use sp_registry::ServiceProvider;

use crate::{
    granting::{self, Beside},
    http::{
        BrowserError, Parameters, Pending, PublicCode, Sent, Stop, Visit, receipt_page,
        review_page::{self, Tick},
    },
    mail, sessions, sharing,
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
    let hub = &visit.hub;
    let service = hub.service(&identified.request().client);
    let service = service.ok_or(Stop::new(PublicCode::L2001))?;
    if !was_read(visit, &pending, &identified, service, sent.only("read")) {
        return Ok(visit.see(&pending.page("review")));
    }
    let asking = sharing::asking(hub, service, identified.request());
    let Some(agreement) = asking.answered(sent.only("consent")) else {
        return Ok(visit.see(&pending.page("review?tick=missing")));
    };
    let ticked = |field: &str| sent.only(field) == Some("yes");
    let shown = identified;
    let identified = sharing::chosen(service, (*shown).clone(), ticked);
    let logins = (&*shown, &identified);
    if ticked("receipt") {
        let receipt = receipt_page::receipt(visit, &pending, logins, service);
        let ticked = sent
            .names()
            .filter(|name| *name != "receipt" && ticked(name));
        let ticked = ticked.map(str::to_owned).collect();
        return receipt_page::show(visit, &pending, &receipt, ticked);
    }
    let receipt = prove(visit, &pending, logins, service)?;
    let remembered = ticked("remember").then(|| identified.idp().clone());
    let leaving = Leaving {
        identified,
        agreement,
        receipt,
        remembered,
    };
    leave(visit, &pending, service, leaving).await
}

/// Whether the page says now what it said when the citizen read it: the registration of a data provider may
/// have changed meanwhile, and nobody agrees to what they have not read.
fn was_read(
    visit: &Visit,
    pending: &Pending,
    identified: &Identified,
    service: &ServiceProvider,
    read: Option<&str>,
) -> bool {
    identified.request().data.is_empty() || {
        let now = review_page::contents(visit, pending, identified, service).read;
        now.as_deref() == read
    }
}

/// Writes the agreement down, and signs a receipt for a service to which data providers hand something
/// over. `shown` is what the citizen read, `identified` what they agreed to.
fn prove(
    visit: &Visit,
    pending: &Pending,
    (shown, identified): (&Identified, &Identified),
    service: &ServiceProvider,
) -> Result<Option<String>, BrowserError> {
    let hub = &visit.hub;
    let has_data = !identified.request().data.is_empty();
    if hub.site.audit.is_none() && !has_data {
        return Ok(None);
    }
    let receipt = receipt_page::receipt(visit, pending, (shown, identified), service);
    visit.trace(&identified.request().transaction, receipt.event())?;
    let signed = has_data.then(|| receipt.signed(hub)).transpose();
    signed.map_err(|fault| receipt_page::unsigned(&fault))
}

/// A citizen who agreed, and what goes along.
struct Leaving {
    identified: Identified,
    agreement: Agreement,
    receipt: Option<String>,
    remembered: Option<IdpId>,
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
    let seen = notify(visit, &identified, service);
    let session = sessions::go_on(hub, visit.session.as_ref(), &identified, service).await?;
    let agreed = identified
        .agree(leaving.agreement, hub.now())
        .map_err(|_expired| Stop::new(PublicCode::L1001))?;
    let (secret, sid) = session.unzip();
    let beside = Beside {
        sid,
        receipt: leaving.receipt,
    };
    let answer = granting::answer(hub, service, agreed, beside).await?;
    let life = service.policy.lifetimes.code;
    hub.records
        .put(&pending.handle, &Login::Answered(answer.clone()), life)
        .await?;
    let mut response = visit.answer(&answer)?;
    if let Some(idp) = &leaving.remembered {
        response = visit.remembering(response, Some(idp));
    }
    if let Some(seen) = &seen {
        response = visit.having_seen(response, seen);
    }
    if let Some(secret) = secret {
        response = visit.with_session(response, &secret);
    }
    Ok(response)
}

/// Tells the citizen by mail if this device has not seen them before. What the device remembers from now
/// on, where mail is on.
fn notify(
    visit: &Visit,
    identified: &Identified,
    service: &ServiceProvider,
) -> Option<Vec<String>> {
    let hub = &visit.hub;
    let mailer = hub.site.config.hub.mail.as_ref()?;
    let arrival = identified.arrival();
    let person = sessions::person_behind(hub, arrival);
    let digest = mail::digest(&hub.records, &person);
    let seen = mail::seen_with(&digest, &visit.seen);
    let address = arrival.identity.contact.email.as_deref();
    if let Some(address) = address.filter(|_| !visit.seen.contains(&digest)) {
        let language = visit.language().tag();
        let fill = |key: &str| {
            visit
                .text(key)
                .replace("{brand}", &hub.site.config.hub.name)
                .replace("{service}", service.name.get(language))
                .replace("{time}", &hub.now().to_string())
                .replace("{incident}", visit.incident())
        };
        mailer.send(address, &fill("mail.subject"), fill("mail.text"));
    }
    Some(seen)
}

/// The identified login, or where the browser goes instead.
enum Found {
    Answered(Answer),
    Elsewhere(HttpResponse),
    Identified(Box<Identified>),
}

async fn identified(visit: &Visit, pending: &Pending) -> Result<Found, BrowserError> {
    Ok(match pending.open(visit).await? {
        Login::Identified(identified) => {
            if sessions::holds(&visit.hub, visit.session.as_ref(), &identified).await? {
                Found::Identified(identified)
            } else {
                pending
                    .keep(visit, &Login::Requested(identified.reconsider()))
                    .await?;
                Found::Elsewhere(visit.see(&pending.choice()))
            }
        }
        Login::Requested(_) | Login::Upstream(_) => Found::Elsewhere(visit.see(&pending.choice())),
        Login::Verifying => {
            let href = visit.hub.path(&pending.page("review"));
            Found::Elsewhere(visit.page(&Wait { seconds: 2, href })?)
        }
        Login::Answered(answer) => Found::Answered(answer),
    })
}
