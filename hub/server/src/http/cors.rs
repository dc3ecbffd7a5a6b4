//! Cross-origin requests (CORS, Fetch section 3.2): scripts in the pages of a browser client may read the
//! answers of `/token`, `/token/revocation` and `/userinfo`, those of its own origins alone.
//!
//! Which client asks is known only when the request was read, so a handler says it with [`asked_by`]. A
//! middleware that looks at the header alone could not tell a browser client from a confidential one.

use actix_web::{
    HttpMessage, HttpRequest, HttpResponse,
    body::BoxBody,
    dev::{ServiceRequest, ServiceResponse},
    http::{
        Method, StatusCode,
        header::{self, HeaderMap, HeaderValue},
    },
    middleware::Next,
    web::Data,
};
use hub_core::ids::ClientId;
use serde_json::json;

use super::json;
use crate::hub::Hub;

/// How long a browser may keep the answer to a preflight, in seconds.
const PREFLIGHT_AGE: HeaderValue = HeaderValue::from_static("600");

/// The client that a request is about.
struct Asker(ClientId);

/// Notes that `client` makes this request, proven or not: the answer is for its origins alone.
pub fn asked_by(request: &HttpRequest, client: Option<&ClientId>) {
    if let Some(client) = client {
        request.extensions_mut().insert(Asker(client.clone()));
    }
}

/// Answers preflights, and marks answers as readable for the origin of the client that asked.
///
/// # Errors
/// Those of the handler.
pub async fn cross_origin(
    request: ServiceRequest,
    next: Next<BoxBody>,
) -> Result<ServiceResponse<BoxBody>, actix_web::Error> {
    let hub = request.app_data::<Data<Hub>>().cloned();
    let origin = request.headers().get(header::ORIGIN).cloned();
    let preflight = request.method() == Method::OPTIONS
        && request
            .headers()
            .contains_key(header::ACCESS_CONTROL_REQUEST_METHOD);
    let allowed = |client: Option<&ClientId>| {
        let (hub, origin) = (hub.as_deref()?, origin.as_ref()?);
        allows(hub, origin, client).then(|| origin.clone())
    };
    if preflight {
        let answer = preflight_answer(allowed(None));
        return Ok(request.into_response(answer));
    }
    let mut response = next.call(request).await?;
    let asker = {
        let extensions = response.request().extensions();
        extensions
            .get::<Asker>()
            .map(|Asker(client)| client.clone())
    };
    let headers = response.headers_mut();
    headers.append(header::VARY, HeaderValue::from_static("Origin"));
    if let Some(origin) = allowed(asker.as_ref()) {
        headers.insert(header::ACCESS_CONTROL_ALLOW_ORIGIN, origin);
        headers.insert(
            header::ACCESS_CONTROL_EXPOSE_HEADERS,
            HeaderValue::from_static("WWW-Authenticate, Retry-After"),
        );
    }
    Ok(response)
}

/// Whether `origin` is registered for `client`. Where the client is not known yet (a preflight, a request
/// that cannot be read), whether it is registered for any: such an answer holds nothing of anybody.
fn allows(hub: &Hub, origin: &HeaderValue, client: Option<&ClientId>) -> bool {
    let Ok(origin) = origin.to_str() else {
        return false;
    };
    match client {
        Some(client) => hub
            .service(client)
            .is_some_and(|service| service.allows_origin(origin)),
        None => hub
            .shared
            .config
            .registry
            .iter()
            .any(|service| service.allows_origin(origin)),
    }
}

/// The answer to a preflight: 204 for `origin`, 403 if there is none that may ask.
fn preflight_answer(origin: Option<HeaderValue>) -> HttpResponse {
    let mut response = if origin.is_some() {
        HttpResponse::new(StatusCode::NO_CONTENT)
    } else {
        let said = "no browser client is registered with this origin";
        json(
            StatusCode::FORBIDDEN,
            &json!({"error": "invalid_request", "error_description": said}),
        )
    };
    let headers = response.headers_mut();
    headers.insert(header::VARY, HeaderValue::from_static("Origin"));
    if let Some(origin) = origin {
        headers.insert(header::ACCESS_CONTROL_ALLOW_ORIGIN, origin);
        allow(headers);
    }
    response
}

/// What a script may send. Never credentials: no endpoint here reads a cookie.
fn allow(headers: &mut HeaderMap) {
    for (name, value) in [
        (header::ACCESS_CONTROL_ALLOW_METHODS, "GET, POST"),
        (
            header::ACCESS_CONTROL_ALLOW_HEADERS,
            "Authorization, Content-Type",
        ),
    ] {
        headers.insert(name, HeaderValue::from_static(value));
    }
    headers.insert(header::ACCESS_CONTROL_MAX_AGE, PREFLIGHT_AGE);
}
