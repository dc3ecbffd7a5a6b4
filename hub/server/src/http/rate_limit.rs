//! Rate limits at the door: browsers are limited by address before anything is done for them.

use std::net::IpAddr;

use actix_web::{
    Error, HttpRequest, HttpResponse,
    body::{EitherBody, MessageBody},
    dev::{ServiceRequest, ServiceResponse},
    http::{
        StatusCode,
        header::{HeaderValue, RETRY_AFTER},
    },
    middleware::Next,
    web::Data,
};
use serde_json::json;

use super::{BrowserRequest, ErrorPage, PublicCode, client_address, json};
use crate::{
    hub::Hub,
    rate_limit::{Cost, TooMany},
};

/// The address that a request counts for. `None` if it is not known: without `[proxy]`, or where the proxy names
/// nobody, all clients would share the proxy's address, and one of them could stop all others.
pub(super) fn counted_address(request: &HttpRequest, hub: &Hub) -> Option<IpAddr> {
    let proxies = hub.shared.config.hub.proxies.as_ref()?;
    let address = client_address(request, Some(proxies))?;
    (!proxies.contains(address)).then_some(address)
}

/// Answers requests over the limit of their address; hands on all others.
///
/// # Errors
/// Those of what comes after it.
pub async fn limit_by_address<B: MessageBody>(
    mut request: ServiceRequest,
    next: Next<B>,
) -> Result<ServiceResponse<EitherBody<B>>, Error> {
    match over_the_limit(&request) {
        None => Ok(next.call(request).await?.map_into_left_body()),
        Some(too_many) => {
            let response = answer(&mut request, too_many).await;
            Ok(request.into_response(response).map_into_right_body())
        }
    }
}

/// Counts a wrong access token. A right one is never refused for wrong ones that others sent from the same
/// address: a token cannot be guessed, so that nothing is gained by that.
///
/// # Errors
/// [`TooMany`].
pub fn wrong_token(request: &HttpRequest, hub: &Hub) -> Result<(), TooMany> {
    let address = counted_address(request, hub);
    hub.shared.rate_limits.failed(address, None)
}

fn over_the_limit(request: &ServiceRequest) -> Option<TooMany> {
    let hub = request.app_data::<Data<Hub>>()?;
    let path = request.path();
    let path = path.strip_prefix(hub.shared.config.hub.base.as_str())?;
    let cost = cost(path)?;
    let address = counted_address(request.request(), hub)?;
    hub.shared.rate_limits.browser(address, cost).err()
}

/// What a request to `path` costs; `None` for what was prepared at start, and for the servers of clients, which
/// are limited once they have proven who they are.
fn cost(path: &str) -> Option<Cost> {
    const BEGIN: [&str; 3] = ["/authorize", "/session/end", "/initiate/"];
    const STEP: [&str; 4] = ["/backchannel/", "/callback/", "/login/", "/session/out"];
    let is_one_of = |paths: &[&str]| paths.iter().any(|known| path.starts_with(known));
    if is_one_of(&BEGIN) {
        return Some(Cost::Begin);
    }
    is_one_of(&STEP).then_some(Cost::Step)
}

/// A page for browsers, JSON for an IdP's server: the same whoever asks and whatever for.
async fn answer(request: &mut ServiceRequest, too_many: TooMany) -> HttpResponse {
    let is_server = request.path().contains("/backchannel/");
    let mut response = match request.extract::<BrowserRequest>().await {
        Ok(browser) if !is_server => browser.respond(Err(ErrorPage::new(PublicCode::L4004).into())),
        _ => json(
            StatusCode::TOO_MANY_REQUESTS,
            &json!({"error": "temporarily_unavailable", "error_description": too_many.to_string()}),
        ),
    };
    add_retry_after(&mut response, too_many);
    response
}

/// Says when to try again (RFC 9110 section 10.2.3).
pub(super) fn add_retry_after(response: &mut HttpResponse, too_many: TooMany) {
    let seconds = HeaderValue::from(too_many.retry_after);
    response.headers_mut().insert(RETRY_AFTER, seconds);
}
