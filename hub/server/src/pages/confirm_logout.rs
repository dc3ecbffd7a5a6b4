//! The page that asks the citizen whether to sign out.

use actix_web::HttpResponse;
use hub_core::session::Session;
use hub_templates::ConfirmLogout;

use crate::{
    http::{BrowserError, BrowserRequest, LogoutRequest, Parameters, service_names},
    session::Current,
};

/// Asks the citizen, since anybody could have sent the browser here: whether to end `session` or, without
/// one, the sign-in that is not finished.
///
/// # Errors
/// [`BrowserError`] if the page cannot be rendered.
pub fn ask(
    browser: &BrowserRequest,
    sent: &Parameters,
    asked: &LogoutRequest<'_>,
    session: Option<&Session>,
    token: String,
) -> Result<HttpResponse, BrowserError> {
    let carried = [
        "client_id",
        "post_logout_redirect_uri",
        "state",
        "ui_locales",
    ];
    let carried = carried
        .iter()
        .filter_map(|name| Some(((*name).to_owned(), sent.only(name)?.to_owned())));
    browser.page(&ConfirmLogout {
        unfinished: session.is_none(),
        services: session.map_or_else(Vec::new, |session| {
            service_names(browser, session.services().iter().map(|one| &one.client))
        }),
        action: browser.hub.path("/session/end"),
        token,
        fields: carried.collect(),
        stay: asked
            .service
            .filter(|_| session.is_some())
            .map(|service| service.service_url.clone()),
    })
}

/// The page that asks whether to end `current`, without a service to return to.
///
/// # Errors
/// [`BrowserError`] if the page cannot be rendered.
pub fn ask_for_session(
    browser: &BrowserRequest,
    current: &Current,
) -> Result<HttpResponse, BrowserError> {
    let sent = Parameters::default();
    let asked = LogoutRequest::read(browser, &sent);
    let token = current.handle.page_token();
    ask(browser, &sent, &asked, Some(&current.session), token)
}
