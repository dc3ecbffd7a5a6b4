//! A sign-in that waits goes on: an identity provider sends back a citizen who had to leave its sign-in
//! (a forgotten password, a new account) by `/initiate/{idp}` (OpenID Connect Core 4).
//!
//! Which sign-in waits is in the browser, and nowhere else.

use actix_web::{HttpResponse, web};
use hub_core::{ids::IdpId, login::Login};

use crate::{
    http::{BrowserError, Pending, PublicCode, Stop, Visit, request_of},
    hub::may_use,
};

/// `GET /initiate/{idp}`.
pub async fn initiate(visit: Visit, path: web::Path<String>) -> HttpResponse {
    visit.respond(go_on(&visit, &path).await)
}

async fn go_on(visit: &Visit, idp: &str) -> Result<HttpResponse, BrowserError> {
    let idp: IdpId = idp.parse().map_err(|_form| Stop::new(PublicCode::L1404))?;
    let registered = visit.hub.site.config.catalogue.find(&idp);
    let registered = registered.ok_or(Stop::new(PublicCode::L1404))?;
    for ticket in &visit.waiting {
        let Ok(pending) = Pending::find(visit, ticket) else {
            continue;
        };
        let login: Option<Login> = visit.hub.records.open(&pending.handle).await?;
        let Some(login @ (Login::Requested(_) | Login::Upstream(_))) = login else {
            continue;
        };
        let service = request_of(&login).and_then(|request| visit.hub.service(&request.client));
        if service.is_some_and(|service| may_use(service, registered)) {
            return Ok(visit.see(&pending.page(&format!("idp/{idp}"))));
        }
    }
    Err(Stop::new(PublicCode::L1006).into())
}
