//! The way back: the citizen gives up and returns to the service (`/login/{ticket}/cancel`).

use actix_web::{HttpResponse, web};
use hub_core::{
    login::{Login, Request},
    oauth_error::OAuthError,
};
use hub_templates::Wait;

use crate::{
    audit::Event,
    http::{BrowserError, Pending, PublicCode, Stop, Visit},
};

/// `GET /login/{ticket}/cancel`.
pub async fn cancel(visit: Visit, path: web::Path<String>) -> HttpResponse {
    visit.respond(give_up(&visit, &path).await)
}

async fn give_up(visit: &Visit, path: &str) -> Result<HttpResponse, BrowserError> {
    let pending = Pending::find(visit, path)?;
    let request: Request = match pending.open(visit).await? {
        Login::Requested(stage) => stage.request().clone(),
        Login::Upstream(stage) => stage.request().clone(),
        Login::Identified(stage) => stage.request().clone(),
        Login::Verifying => {
            let href = visit.hub.path(&pending.page("cancel"));
            return visit.page(&Wait { seconds: 2, href });
        }
        // The receipt says that the citizen agreed: there is no way back.
        Login::Agreed(_) => return Ok(visit.see(&pending.page("review"))),
        Login::Answered(_) => return Err(Stop::new(PublicCode::L1005).into()),
    };
    let service = visit
        .hub
        .service(&request.client)
        .ok_or(Stop::new(PublicCode::L2001))?;
    let event = Event::LoginCancelled {
        service: service.client_id.as_str(),
    };
    visit.hub.records.forget(&pending.handle.locator()).await?;
    visit.note(&request.transaction, event);
    let issuer = visit.hub.issuer_for(service);
    let said = "the citizen did not sign in";
    metrics::counter!("lethe_logins_cancelled_total", "service" => service.client_id.to_string())
        .increment(1);
    Err(request
        .refuse(OAuthError::AccessDenied, said, issuer)
        .into())
}
