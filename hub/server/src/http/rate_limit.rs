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

use super::{BrowserRequest, ErrorPage, PublicCode, client_address, json, refusal::endpoint_of};
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
    let endpoint = endpoint_of(request.request());
    let base = hub.shared.config.hub.base.as_str();
    let cost = cost(endpoint.strip_prefix(base).unwrap_or(&endpoint))?;
    let address = counted_address(request.request(), hub)?;
    hub.shared.rate_limits.browser(address, cost).err()
}

/// What a request to `endpoint` costs, a pattern of the router. `None` for content that was prepared at start,
/// and for the servers of clients, which are limited once they have authenticated. Every other endpoint costs a
/// step, a path without an endpoint included, so that an endpoint that is forgotten here is limited.
fn cost(endpoint: &str) -> Option<Cost> {
    match endpoint {
        "/authorize" | "/session/end" | "/initiate/{idp}" => Some(Cost::Begin),
        "/token"
        | "/token/revocation"
        | "/token/introspection"
        | "/checktoken"
        | "/userinfo"
        | "/jwks"
        | "/client/jwks"
        | "/assets/{fingerprint}/{name}"
        | "/about"
        | "/accessibility"
        | "/kit/"
        | "/kit/{name}" => None,
        discovery if discovery.starts_with("/.well-known/") => None,
        _ => Some(Cost::Step),
    }
}

/// A page for browsers, JSON for an IdP's server: the same whoever asks and whatever for.
async fn answer(request: &mut ServiceRequest, too_many: TooMany) -> HttpResponse {
    let is_server = endpoint_of(request.request()).ends_with("/backchannel/{idp}");
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
