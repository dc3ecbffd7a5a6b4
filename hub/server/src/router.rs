//! The table of contents: one line for each endpoint.

use actix_web::{
    HttpRequest, HttpResponse,
    http::{Method, StatusCode},
    web::{self, ServiceConfig},
};
use serde_json::json;

use crate::{
    flow::{
        authorize, callback, cancel, choose_idp, depart, discovery, health, review, token, userinfo,
    },
    http::{PublicCode, Stop, Visit, assets, json},
};

/// The endpoints for citizens and services, under the issuer's path `base`.
pub fn public(routes: &mut ServiceConfig, base: &str) {
    let at = |path: &str| web::resource(format!("{base}{path}"));
    let document =
        |path: &str| web::resource(path.to_owned()).default_service(web::to(wrong_method));
    routes
        // Browsers.
        .service(
            at("/authorize")
                .route(web::get().to(authorize::authorize))
                .route(web::post().to(authorize::authorize)),
        )
        .service(at("/login/{ticket}/").route(web::get().to(choose_idp::choose)))
        .service(at("/login/{ticket}").route(web::get().to(slash)))
        .service(at("/login/{ticket}/idp/{idp}").route(web::get().to(depart::depart)))
        .service(
            at("/login/{ticket}/review")
                .route(web::get().to(review::show))
                .route(web::post().to(review::agree)),
        )
        .service(at("/login/{ticket}/cancel").route(web::get().to(cancel::cancel)))
        .service(
            at("/callback/{idp}")
                .route(web::get().to(callback::callback))
                .route(web::post().to(callback::posted_callback)),
        )
        .service(at("/assets/{fingerprint}/{name}").route(web::get().to(assets::asset)))
        // Services' servers.
        .service(document(&format!("{base}/token")).route(web::post().to(token::token)))
        .service(
            document(&format!("{base}/userinfo"))
                .route(web::get().to(userinfo::userinfo))
                .route(web::post().to(userinfo::userinfo)),
        )
        .service(document(&format!("{base}/jwks")).route(web::get().to(discovery::jwks)))
        .service(
            document(&format!("{base}/.well-known/openid-configuration"))
                .route(web::get().to(discovery::discovery)),
        )
        // IdPs' servers.
        .service(
            document(&format!("{base}/client/jwks")).route(web::get().to(discovery::client_jwks)),
        );
    // RFC 8414 section 3.1: the well-known part goes before the issuer's path.
    for name in ["openid-configuration", "oauth-authorization-server"] {
        let path = format!("/.well-known/{name}{base}");
        routes.service(document(&path).route(web::get().to(discovery::discovery)));
    }
    routes.default_service(web::to(not_found));
}

/// The endpoints for those who run the hub.
pub fn operations(routes: &mut ServiceConfig) {
    routes
        .service(web::resource("/health/live").route(web::get().to(health::live)))
        .service(web::resource("/health/ready").route(web::get().to(health::ready)))
        .service(web::resource("/metrics").route(web::get().to(health::metrics)));
}

/// The choice page's address ends in a slash.
async fn slash(visit: Visit, path: web::Path<String>) -> HttpResponse {
    visit.see(&format!("/login/{path}/"))
}

/// A browser gets a page, anything else JSON.
async fn not_found(visit: Visit, request: HttpRequest) -> HttpResponse {
    let accept = request
        .headers()
        .get("accept")
        .and_then(|value| value.to_str().ok());
    if accept.is_some_and(|accept| accept.contains("text/html")) {
        return visit.respond(Err(Stop::new(PublicCode::L1404).into()));
    }
    json(StatusCode::NOT_FOUND, &json!({"error": "not_found"}))
}

async fn wrong_method(request: HttpRequest) -> HttpResponse {
    let status = if request.method() == Method::OPTIONS {
        // Closed to scripts of other origins (CORS): there is nothing to negotiate.
        StatusCode::FORBIDDEN
    } else {
        StatusCode::METHOD_NOT_ALLOWED
    };
    json(
        status,
        &json!({"error": "invalid_request", "error_description": "wrong method"}),
    )
}
