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
    http::{BrowserError, FoundLogout, PendingLogout, Sent, Visit, logged_out_page},
    session,
};

/// `GET /session/out`.
pub async fn continue_logout(visit: Visit, sent: Sent) -> HttpResponse {
    visit.respond(go_on(&visit, sent).await)
}

async fn go_on(visit: &Visit, sent: Sent) -> Result<HttpResponse, BrowserError> {
    let sent = sent.0.unwrap_or_default();
    let state = sent.only("state").unwrap_or_default();
    let Some(mut found) = PendingLogout::find(visit, Some(state)).await? else {
        if is_signed_in(visit).await? {
            // The page below would say that nobody is signed in: ask the citizen instead.
            return Ok(visit.see("/session/end"));
        }
        return visit.page(&logged_out_page(visit, None));
    };
    visit.speak(&found.logout.locale);
    if let Some(service) = &found.logout.service {
        visit.head_for(service);
    }
    visit.enter_login(&found.logout.transaction, Side::Service);
    if let Some(page) = leave_for_idp(visit, &mut found, state).await? {
        return Ok(page);
    }
    match &found.logout.return_to {
        Some(address) => visit.go_on(address.clone()),
        // The citizen signed in again since: the page would say that nobody is.
        None if is_signed_in(visit).await? => Ok(visit.see("/session/end")),
        None => visit.page(&logged_out_page(visit, Some(&found))),
    }
}

/// The page that leads to the IdP's end-session endpoint. Returns `None` if the browser is back from there,
/// was shown the page before, or there is none.
async fn leave_for_idp(
    visit: &Visit,
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
    visit.note(&found.logout.transaction, event);
    found.keep(visit).await?;
    let page = match departure {
        Departure::Form { url, fields } => visit.end_idp_session(&EndIdpSession {
            idp: title,
            action: url,
            fields,
            skip: visit.hub.path(&format!("/session/out?state={state}")),
        })?,
        Departure::Redirect(url) => visit.go_on(url)?,
    };
    Ok(Some(page))
}

async fn is_signed_in(visit: &Visit) -> Result<bool, BrowserError> {
    let current = session::current(&visit.hub, visit.session.as_ref()).await?;
    Ok(current.is_some())
}
