//! The way back: the citizen gives up and returns to the service (`/login/{ticket}/cancel`).

use actix_web::{HttpResponse, web};
use hub_core::{
    login::{Login, Request},
    oauth_error::OAuthError,
};
use hub_templates::Wait;

use crate::{
    audit::Event,
    http::{BrowserError, BrowserRequest, ErrorPage, LoginContext, LoginRecord, PublicCode},
};

/// `GET /login/{ticket}/cancel`.
pub async fn cancel(browser: BrowserRequest, path: web::Path<String>) -> HttpResponse {
    browser.respond(give_up(&browser, &path).await)
}

async fn give_up(browser: &BrowserRequest, path: &str) -> Result<HttpResponse, BrowserError> {
    let context = LoginContext::find(browser, path)?;
    LoginRecord::until_answered(async || try_to_give_up(browser, &context).await).await
}

/// Returns `None` if another request changed the login first: the service is told nothing then, because it may
/// have been answered.
async fn try_to_give_up(
    browser: &BrowserRequest,
    context: &LoginContext,
) -> Result<Option<HttpResponse>, BrowserError> {
    let (login, record) = context.read(browser).await?;
    let request: Request = match login {
        Login::Requested(stage) => stage.request().clone(),
        Login::Upstream(stage) => stage.request().clone(),
        Login::Identified(stage) => stage.request().clone(),
        Login::Verifying => {
            let href = browser.hub.path(&context.page("cancel"));
            return browser.page(&Wait { seconds: 2, href }).map(Some);
        }
        // The receipt says that the citizen agreed: there is no way back.
        Login::Agreed(_) => return Ok(Some(browser.redirect(&context.page("review")))),
        Login::Answered(_) => return Err(ErrorPage::new(PublicCode::L1005).into()),
    };
    let service = browser
        .hub
        .service(&request.client)
        .ok_or(ErrorPage::new(PublicCode::L2001))?;
    if !record.remove(browser).await? {
        return Ok(None);
    }
    let event = Event::LoginCancelled {
        service: service.client_id.as_str(),
    };
    browser.audit_best_effort(&request.transaction, event);
    let issuer = browser.hub.issuer_for(service);
    let said = "the citizen did not sign in";
    metrics::counter!("lethe_logins_cancelled_total", "service" => service.client_id.to_string())
        .increment(1);
    Err(request
        .refuse(OAuthError::AccessDenied, said, issuer)
        .into())
}
