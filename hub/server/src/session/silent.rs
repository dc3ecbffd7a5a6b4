//! `prompt=none` (OpenID Connect Core 3.1.2.1): a service asks for an answer without any page.
//!
//! Any service could ask so of any citizen who passes by. Until it is known that this citizen has been at
//! this service in this session, every answer is the same: what the session holds decides nothing.

use hub_core::{
    acr::Vocabulary,
    login::{Answer, Identified, Request},
    oauth_error::OAuthError,
    release::held,
    secret::BearerSecret,
    session::ReviewedTerms,
};
use sp_registry::ServiceProvider;

use crate::{
    audit::{AuditFault, Event},
    authorization::{Asked, Refusal},
    consent::authorization_code::{self, Beside},
    http::{BrowserError, PublicCode, Stop, Visit},
    pages::wording,
    person::register_check,
    session::{self, Current, Kept},
    store::StoreError,
};

const SIGN_IN: Refusal = (OAuthError::LoginRequired, "the citizen has to sign in");
const READ: Refusal = (
    OAuthError::ConsentRequired,
    "the citizen has to read what is shared",
);

/// The answer to `asked` without any page: a code, where the citizen has been at this service in this
/// session and read there what it would get; else a refusal.
///
/// # Errors
/// [`BrowserError`]: the store or the audit stream failed.
pub async fn answer(
    visit: &Visit,
    service: &ServiceProvider,
    asked: Asked,
) -> Result<Answer, BrowserError> {
    let hub = &visit.hub;
    let Some(current) = session_at(visit, service).await? else {
        return Ok(refuse(visit, service, &asked, SIGN_IN)?);
    };
    // Nothing of the IdP is looked at before: a request for a higher level, a claim or a time that was not
    // read would else be answered by what this IdP can do, and so tell the service which it is.
    let agreement = service.asking().answered(None);
    let read = was_read(visit, service, &current, &asked);
    let Some(agreement) = agreement.filter(|_| read) else {
        return Ok(refuse(visit, service, &asked, READ)?);
    };
    // The level, the age, the IdP and the `sub` are looked at from here on only.
    let answers = session::answers(hub, &current.session, service, &asked.request);
    if asked.hint.is_some() || !answers {
        return Ok(refuse(visit, service, &asked, SIGN_IN)?);
    }
    recognised(visit, &asked, &current)?;
    let ends = hub.now().plus(hub.site.config.hub.login_lifetime);
    let request = asked.request.clone();
    let locator = current.handle.locator();
    let identified = Identified::known(request, ends, &current.session, &locator);
    let Ok(identified) = register_check::settle_again(hub, identified).await? else {
        return Ok(refuse(visit, service, &asked, SIGN_IN)?);
    };
    if !is_as_shown(&current, &identified) {
        return Ok(refuse(visit, service, &asked, READ)?);
    }
    let kept = session::go_on(hub, Some(&current.secret), &identified, service, None).await?;
    let Kept::Continued(kept) = kept else {
        return Ok(refuse(visit, service, &asked, SIGN_IN)?);
    };
    agreed(visit, service, &identified)?;
    let agreed = identified
        .agree(agreement, hub.now())
        .map_err(|_expired| Stop::new(PublicCode::L1001))?;
    let beside = Beside {
        sid: Some(kept.sid),
        end_mark: Some(kept.end_mark),
        receipt: None,
    };
    Ok(authorization_code::answer(hub, service, agreed, beside).await?)
}

/// The browser's session, if `service` is registered to be answered without a page and the citizen has
/// been there in it.
async fn session_at(
    visit: &Visit,
    service: &ServiceProvider,
) -> Result<Option<Current>, StoreError> {
    if !service.silent {
        return Ok(None);
    }
    // Without a session too, so that the time of the answer does not tell whether there is one.
    let nobodys = BearerSecret::draw(visit.hub.entropy());
    let secret = visit.session.as_ref().unwrap_or(&nobodys);
    let current = session::current(&visit.hub, Some(secret)).await?;
    Ok(current.filter(|current| current.session.sid_at(&service.client_id).is_some()))
}

/// Whether the citizen read, on this service's review page, all that the service now asks. Data of data
/// providers is asked for on a page, each time.
fn was_read(visit: &Visit, service: &ServiceProvider, current: &Current, asked: &Asked) -> bool {
    let reviewed = current.session.reviewed_at(&service.client_id);
    let terms = reviewed_terms(visit, service, &asked.request);
    asked.request.data.is_empty() && reviewed.is_some_and(|read| read.cover(&terms))
}

/// Whether the identity is still the one that the review page showed: the register may have corrected it.
fn is_as_shown(current: &Current, identified: &Identified) -> bool {
    let shown = serde_json::to_value(current.session.arrival()).ok();
    shown == serde_json::to_value(identified.arrival()).ok()
}

/// The terms that the review page of `request` shows.
#[must_use]
pub fn reviewed_terms(
    visit: &Visit,
    service: &ServiceProvider,
    request: &Request,
) -> ReviewedTerms {
    let words = wording::digest_in_every_language(&visit.hub, service);
    ReviewedTerms::new(request, words)
}

fn recognised(visit: &Visit, asked: &Asked, current: &Current) -> Result<(), AuditFault> {
    let arrival = current.session.arrival();
    let event = Event::SessionRecognised {
        person: session::alias(&visit.hub, arrival),
        acr: arrival.level.acr(Vocabulary::Eidas),
    };
    visit.trace(&asked.request.transaction, event)
}

fn agreed(
    visit: &Visit,
    service: &ServiceProvider,
    identified: &Identified,
) -> Result<(), AuditFault> {
    let request = identified.request();
    let claims = held(&identified.arrival().identity, &request.claims());
    let event = Event::Agreed {
        service: service.client_id.as_str(),
        basis: "session",
        claims: claims.iter().map(|claim| claim.name()).collect(),
        data: Vec::new(),
        text_digest: None,
    };
    visit.trace(&request.transaction, event)
}

fn refuse(
    visit: &Visit,
    service: &ServiceProvider,
    asked: &Asked,
    (error, said): Refusal,
) -> Result<Answer, AuditFault> {
    let event = Event::LoginRefused {
        service: service.client_id.as_str(),
        error: error.code(),
    };
    visit.trace(&asked.request.transaction, event)?;
    let issuer = visit.hub.issuer_for(service);
    Ok(asked.request.refuse(error, said, issuer))
}
