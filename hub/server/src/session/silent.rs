//! `prompt=none` (OpenID Connect Core 3.1.2.1): a service asks for an answer without any page.
//!
//! Any service could ask so of any citizen who passes by. Until it is known that this citizen has been at
//! this service in this session, every answer is the same: what the session holds decides nothing.

use hub_core::{
    acr::Vocabulary,
    login::{AuthorizationResponse, Identified, Request},
    oauth_error::OAuthError,
    release::held,
    secret::BearerSecret,
    session::ReviewedTerms,
};
use sp_registry::ServiceProvider;

use crate::{
    audit::{AuditError, Event},
    authorization::{Asked, Refusal},
    consent::authorization_code::{self, ResponseExtras},
    http::{BrowserError, BrowserRequest, ErrorPage, PublicCode},
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
    browser: &BrowserRequest,
    service: &ServiceProvider,
    asked: Asked,
) -> Result<AuthorizationResponse, BrowserError> {
    let hub = &browser.hub;
    let Some(current) = session_at(browser, service).await? else {
        return Ok(refuse(browser, service, &asked, SIGN_IN)?);
    };
    // Nothing of the IdP is looked at before: a request for a higher level, a claim or a time that was not
    // read would else be answered by what this IdP can do, and so tell the service which it is.
    let agreement = service.legal_basis().agreement(None);
    let read = was_read(browser, service, &current, &asked);
    let Some(agreement) = agreement.filter(|_| read) else {
        return Ok(refuse(browser, service, &asked, READ)?);
    };
    // The level, the age, the IdP and the `sub` are looked at from here on only.
    let answers = session::answers(hub, &current.session, service, &asked.request);
    if asked.hint.is_some() || !answers {
        return Ok(refuse(browser, service, &asked, SIGN_IN)?);
    }
    recognised(browser, &asked, &current)?;
    let ends = hub.now().plus(hub.shared.config.hub.login_lifetime);
    let request = asked.request.clone();
    let locator = current.handle.locator();
    let identified = Identified::known(request, ends, &current.session, &locator);
    let Ok(identified) = register_check::settle_again(hub, identified).await? else {
        return Ok(refuse(browser, service, &asked, SIGN_IN)?);
    };
    // What the review page showed is no longer what would be released.
    if !session::is_unchanged(&current.session, &identified) {
        return Ok(refuse(browser, service, &asked, READ)?);
    }
    let kept = session::go_on(browser, &identified, service, None).await?;
    let Kept::Continued(kept) = kept else {
        return Ok(refuse(browser, service, &asked, SIGN_IN)?);
    };
    agreed(browser, service, &identified)?;
    let agreed = identified
        .agree(agreement, hub.now())
        .map_err(|_expired| ErrorPage::new(PublicCode::L1001))?;
    let extras = ResponseExtras {
        sid: Some(kept.sid),
        end_mark: Some(kept.end_mark),
        receipt: None,
    };
    Ok(authorization_code::answer(hub, service, agreed, extras).await?)
}

/// The browser's session, if `service` is registered to be answered without a page and the citizen has
/// been there in it.
async fn session_at(
    browser: &BrowserRequest,
    service: &ServiceProvider,
) -> Result<Option<Current>, StoreError> {
    if !service.silent {
        return Ok(None);
    }
    // Without a session too, so that the time of the answer does not tell whether there is one.
    let nobodys = BearerSecret::draw(browser.hub.entropy());
    let secret = browser.session_secret.as_ref().unwrap_or(&nobodys);
    let current = session::current(&browser.hub, Some(secret)).await?;
    Ok(current.filter(|current| current.session.sid_at(&service.client_id).is_some()))
}

/// Whether the citizen read, on this service's review page, all that the service now asks. Data of data
/// providers is asked for on a page, each time.
fn was_read(
    browser: &BrowserRequest,
    service: &ServiceProvider,
    current: &Current,
    asked: &Asked,
) -> bool {
    let reviewed = current.session.reviewed_at(&service.client_id);
    let terms = reviewed_terms(browser, service, &asked.request);
    asked.request.data.is_empty() && reviewed.is_some_and(|read| read.cover(&terms))
}

/// The terms that the review page of `request` shows.
#[must_use]
pub fn reviewed_terms(
    browser: &BrowserRequest,
    service: &ServiceProvider,
    request: &Request,
) -> ReviewedTerms {
    let words = wording::digest_in_every_language(&browser.hub, service);
    ReviewedTerms::new(request, words)
}

fn recognised(
    browser: &BrowserRequest,
    asked: &Asked,
    current: &Current,
) -> Result<(), AuditError> {
    let authentication = current.session.authentication();
    let event = Event::SessionRecognised {
        person: session::alias(&browser.hub, authentication),
        acr: authentication.level.acr(Vocabulary::Eidas),
    };
    browser.audit(&asked.request.transaction, event)
}

fn agreed(
    browser: &BrowserRequest,
    service: &ServiceProvider,
    identified: &Identified,
) -> Result<(), AuditError> {
    let request = identified.request();
    let claims = held(&identified.authentication().identity, &request.claims());
    let event = Event::ConsentRecorded {
        service: service.client_id.as_str(),
        basis: "session",
        claims: claims.iter().map(|claim| claim.name()).collect(),
        data: Vec::new(),
        text_digest: None,
    };
    browser.audit(&request.transaction, event)
}

fn refuse(
    browser: &BrowserRequest,
    service: &ServiceProvider,
    asked: &Asked,
    (error, said): Refusal,
) -> Result<AuthorizationResponse, AuditError> {
    let event = Event::LoginRefused {
        service: service.client_id.as_str(),
        error: error.code(),
    };
    browser.audit(&asked.request.transaction, event)?;
    let issuer = browser.hub.issuer_for(service);
    Ok(asked.request.refuse(error, said, issuer))
}
