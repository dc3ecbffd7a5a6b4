//! A sign-in that waits goes on: an identity provider sends back a citizen who had to leave its sign-in
//! (a forgotten password, a new account) by `/initiate/{idp}` (OpenID Connect Core 4).
//!
//! Which sign-in waits is in the browser, and nowhere else.

use actix_web::{HttpResponse, web};
use hub_core::{ids::IdpId, login::Login};
use hub_templates::Wait;

use crate::http::{BrowserError, BrowserRequest, ErrorPage, LoginContext, PublicCode};

/// `GET /initiate/{idp}`.
pub async fn initiate(browser: BrowserRequest, path: web::Path<String>) -> HttpResponse {
    browser.respond(go_on(&browser, &path).await)
}

async fn go_on(browser: &BrowserRequest, idp: &str) -> Result<HttpResponse, BrowserError> {
    let idp: IdpId = idp
        .parse()
        .map_err(|_form| ErrorPage::new(PublicCode::L1404))?;
    let known = browser.hub.shared.config.catalogue.find(&idp);
    known.ok_or(ErrorPage::new(PublicCode::L1404))?;
    // Any site can send a browser here: it must not move a sign-in to an IdP that the citizen did not
    // choose.
    let is_there =
        |login: &Login| matches!(login, Login::Upstream(stage) if stage.attempt().idp == idp);
    if let Some(context) = LoginContext::waiting(browser, is_there).await? {
        // By a page: Chromium holds each redirect after a form to the `form-action` of the page with the
        // form, so that a redirect from here to the IdP would tell that page which IdP was chosen.
        let href = browser.hub.path(&context.page(&format!("idp/{idp}")));
        return browser.page(&Wait { seconds: 0, href });
    }
    if let Some(context) = LoginContext::waiting(browser, |_login| true).await? {
        return Err(ErrorPage::with_page(PublicCode::L3008, context.choice()).into());
    }
    Err(ErrorPage::new(PublicCode::L1006).into())
}
