//! A logout goes on (`/session/out`): to the identity provider's end-session endpoint, back from there, and
//! to the service, or to the page that says what was closed.
//!
//! The service may have begun the chain that leads here, and so may the identity provider: neither may learn
//! the other, so that both exits are pages.

use actix_web::HttpResponse;
use hub_templates::EndIdpSession;
use idp_adapters::Departure;

use crate::{
    audit::{Event, Side},
    http::{
        BrowserError, BrowserRequest, FoundLogout, PendingLogout, RequestParameters,
        logged_out_page,
    },
    pages::confirm_logout,
    session,
};

/// `GET /session/out`.
pub async fn continue_logout(browser: BrowserRequest, sent: RequestParameters) -> HttpResponse {
    browser.respond(go_on(&browser, sent).await)
}

async fn go_on(
    browser: &BrowserRequest,
    sent: RequestParameters,
) -> Result<HttpResponse, BrowserError> {
    let sent = sent.0.unwrap_or_default();
    let state = sent.only("state").unwrap_or_default();
    let Some(mut found) = PendingLogout::find(browser, Some(state)).await? else {
        return last_page(browser, None).await;
    };
    browser.set_language(&found.logout.locale);
    if let Some(service) = &found.logout.service {
        browser.set_service(service);
    }
    browser.enter_login(&found.logout.transaction, Side::Service);
    if let Some(page) = leave_for_idp(browser, &mut found, state).await? {
        return Ok(page);
    }
    if let Some(address) = &found.logout.return_to {
        return browser.go_on(address.clone());
    }
    found.remove(browser).await?;
    last_page(browser, Some(&found)).await
}

/// The page that says that nobody is signed in. If somebody is, it would be wrong: the citizen is asked
/// instead, at this same address, because a redirect tells a page of another site that somebody is.
async fn last_page(
    browser: &BrowserRequest,
    found: Option<&FoundLogout>,
) -> Result<HttpResponse, BrowserError> {
    let current = session::current(&browser.hub, browser.session_secret.as_ref()).await?;
    match current {
        Some(current) => confirm_logout::ask_for_session(browser, &current),
        None => browser.page(&logged_out_page(browser, found)),
    }
}

/// The page that leads to the IdP's end-session endpoint. Returns `None` if the browser is back from there,
/// was shown the page before, or there is none.
async fn leave_for_idp(
    browser: &BrowserRequest,
    found: &mut FoundLogout,
    state: &str,
) -> Result<Option<HttpResponse>, BrowserError> {
    let is_back = found.is_back;
    let idp = found.logout.idp.as_mut().filter(|_| !is_back);
    let Some((idp, departure)) = idp.and_then(|idp| {
        let departure = idp.departure.take()?;
        Some((idp, departure))
    }) else {
        return Ok(None);
    };
    let (id, title) = (idp.id.clone(), idp.title.clone());
    let event = Event::IdpLogoutVisited { idp: &id };
    browser.audit_best_effort(&found.logout.transaction, event);
    found.keep(browser).await?;
    let page = match departure {
        Departure::Form { url, fields } => browser.end_idp_session(&EndIdpSession {
            idp: title,
            action: url,
            fields,
            skip: browser.hub.path(&format!("/session/out?state={state}")),
        })?,
        Departure::Redirect(url) => browser.go_on(url)?,
    };
    Ok(Some(page))
}
