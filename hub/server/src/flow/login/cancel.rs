//! The way back: the citizen gives up and returns to the service (`/login/{ticket}/cancel`).

use actix_web::{HttpResponse, web};
use hub_core::{
    login::{Login, Request},
    oauth_error::OAuthError,
};
use hub_templates::Wait;

use crate::{
    audit::Event,
    http::{BrowserError, LoginRecord, Pending, PublicCode, Stop, Visit},
};

/// `GET /login/{ticket}/cancel`.
pub async fn cancel(visit: Visit, path: web::Path<String>) -> HttpResponse {
    visit.respond(give_up(&visit, &path).await)
}

async fn give_up(visit: &Visit, path: &str) -> Result<HttpResponse, BrowserError> {
    let pending = Pending::find(visit, path)?;
    LoginRecord::until_answered(async || try_to_give_up(visit, &pending).await).await
}

/// Returns `None` if another request changed the login first: the service is told nothing then, because it may
/// have been answered.
async fn try_to_give_up(
    visit: &Visit,
    pending: &Pending,
) -> Result<Option<HttpResponse>, BrowserError> {
    let (login, record) = pending.read(visit).await?;
    let request: Request = match login {
        Login::Requested(stage) => stage.request().clone(),
        Login::Upstream(stage) => stage.request().clone(),
        Login::Identified(stage) => stage.request().clone(),
        Login::Verifying => {
            let href = visit.hub.path(&pending.page("cancel"));
            return visit.page(&Wait { seconds: 2, href }).map(Some);
        }
        // The receipt says that the citizen agreed: there is no way back.
        Login::Agreed(_) => return Ok(Some(visit.see(&pending.page("review")))),
        Login::Answered(_) => return Err(Stop::new(PublicCode::L1005).into()),
    };
    let service = visit
        .hub
        .service(&request.client)
        .ok_or(Stop::new(PublicCode::L2001))?;
    if !record.remove(visit).await? {
        return Ok(None);
    }
    let event = Event::LoginCancelled {
        service: service.client_id.as_str(),
    };
    visit.note(&request.transaction, event);
    let issuer = visit.hub.issuer_for(service);
    let said = "the citizen did not sign in";
    metrics::counter!("lethe_logins_cancelled_total", "service" => service.client_id.to_string())
        .increment(1);
    Err(request
        .refuse(OAuthError::AccessDenied, said, issuer)
        .into())
}
