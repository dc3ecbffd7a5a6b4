//! The table of contents: one line for each endpoint.

use actix_web::{
    Error, FromRequest, Handler, HttpRequest, HttpResponse, Resource, Responder, Route,
    dev::Payload,
    error::{InternalError, PathError},
    guard,
    http::{
        Method, StatusCode,
        header::{self, HeaderValue},
    },
    middleware::from_fn,
    web::{self, ServiceConfig},
};
use serde_json::json;

use crate::{
    flow::{
        api::{introspect, revoke, token, userinfo},
        login::{authorize, callback, cancel, choose_idp, redirect_to_idp, resume, review},
        logout::{continue_logout, end_session, idp_logged_out},
        public::{assets, discovery, health, information_pages},
    },
    http::{BrowserRequest, ErrorPage, LoginContext, PublicCode, cors::cross_origin, json},
};

/// The endpoints for citizens, services, identity and data providers, under the issuer's path `base`.
pub fn public(routes: &mut ServiceConfig, base: &str) {
    let at = |path: &str| web::resource(format!("{base}{path}"));
    routes
        // Services' servers. Plain paths first: they are told apart without a pattern.
        .service(
            server(&format!("{base}/token"), "POST")
                .route(web::post().to(token::token))
                .wrap(from_fn(cross_origin)),
        )
        .service(
            server(&format!("{base}/token/revocation"), "POST")
                .route(web::post().to(revoke::revoke))
                .wrap(from_fn(cross_origin)),
        )
        .service(
            server(&format!("{base}/userinfo"), "GET, HEAD, POST")
                .route(reading(userinfo::userinfo))
                .route(web::post().to(userinfo::userinfo))
                .wrap(from_fn(cross_origin)),
        )
        .service(server(&format!("{base}/jwks"), "GET, HEAD").route(reading(discovery::jwks)))
        .service(
            server(
                &format!("{base}/.well-known/openid-configuration"),
                "GET, HEAD",
            )
            .route(reading(discovery::discovery)),
        )
        // IdPs' servers.
        .service(
            server(&format!("{base}/client/jwks"), "GET, HEAD")
                .route(reading(discovery::client_jwks)),
        )
        .service(
            server(&format!("{base}/backchannel/{{idp}}"), "POST")
                .route(web::post().to(idp_logged_out::logged_out)),
        )
        // Browsers.
        .service(
            at("/authorize")
                .route(web::get().to(authorize::authorize))
                .route(web::post().to(authorize::posted_authorize)),
        )
        .service(
            at("/callback/{idp}")
                .route(web::get().to(callback::callback))
                .route(web::post().to(callback::posted_callback)),
        )
        .service(
            at("/session/end")
                .route(web::get().to(end_session::end))
                .route(web::post().to(end_session::end)),
        )
        .service(at("/initiate/{idp}").route(web::get().to(resume::initiate)))
        .service(at("/session/out").route(web::get().to(continue_logout::continue_logout)))
        .service(at("/assets/{fingerprint}/{name}").route(reading(assets::asset)));
    data_providers(routes, base);
    walk(routes, base);
    statements(routes, base);
    // RFC 8414 section 3.1: the well-known part goes before the issuer's path.
    for name in ["openid-configuration", "oauth-authorization-server"] {
        let path = format!("/.well-known/{name}{base}");
        routes.service(server(&path, "GET, HEAD").route(reading(discovery::discovery)));
    }
    routes.default_service(web::to(not_found));
}

/// The endpoints for data providers' servers.
fn data_providers(routes: &mut ServiceConfig, base: &str) {
    routes
        .service(
            server(&format!("{base}/token/introspection"), "POST")
                .route(web::post().to(introspect::introspect)),
        )
        .service(
            server(&format!("{base}/checktoken"), "POST")
                .route(web::post().to(introspect::checktoken)),
        );
}

/// The pages of one login.
fn walk(routes: &mut ServiceConfig, base: &str) {
    let at = |path: &str| web::resource(format!("{base}{path}"));
    routes
        .service(
            at("/login/{ticket}/")
                .route(reading(choose_idp::choose))
                .route(web::post().to(choose_idp::by_email)),
        )
        .service(at("/login/{ticket}/idp/{idp}").route(web::get().to(redirect_to_idp::depart)))
        .service(
            at("/login/{ticket}/review")
                .route(reading(review::show))
                .route(web::post().to(review::agree)),
        )
        .service(at("/login/{ticket}/forget").route(web::get().to(choose_idp::forget)))
        .service(at("/login/{ticket}/cancel").route(web::get().to(cancel::cancel)))
        .service(at("/login/{ticket}").route(web::get().to(slash)));
}

/// The pages for whoever comes by.
fn statements(routes: &mut ServiceConfig, base: &str) {
    let at = |path: &str| web::resource(format!("{base}{path}"));
    routes
        .service(at("/about").route(reading(information_pages::about)))
        .service(at("/kit/").route(reading(information_pages::kit)))
        .service(at("/kit/{name}").route(reading(information_pages::kit_file)))
        .service(at("/accessibility").route(reading(information_pages::accessibility)));
}

/// The endpoints for those who run the hub.
pub fn operations(routes: &mut ServiceConfig) {
    routes
        .service(web::resource("/health/live").route(reading(health::live)))
        .service(web::resource("/health/ready").route(reading(health::ready)))
        .service(web::resource("/metrics").route(reading(health::metrics)));
}

/// The choice page's address ends in a slash.
async fn slash(browser: BrowserRequest, path: web::Path<String>) -> HttpResponse {
    let choice =
        LoginContext::find(&browser, &path).map(|context| browser.redirect(&context.choice()));
    browser.respond(choice)
}

/// The answer to a path that is not UTF-8 once decoded: no endpoint has such a path.
pub fn unreadable_path(_error: PathError, request: &HttpRequest) -> Error {
    let browser = BrowserRequest::from_request(request, &mut Payload::None).into_inner();
    match browser {
        Ok(browser) => {
            InternalError::from_response("path", not_found_for(&browser, request)).into()
        }
        Err(error) => error,
    }
}

async fn not_found(browser: BrowserRequest, request: HttpRequest) -> HttpResponse {
    not_found_for(&browser, &request)
}

/// A browser gets a page, anything else JSON.
fn not_found_for(browser: &BrowserRequest, request: &HttpRequest) -> HttpResponse {
    let accept = request
        .headers()
        .get("accept")
        .and_then(|value| value.to_str().ok());
    if accept.is_some_and(|accept| accept.contains("text/html")) {
        return browser.respond(Err(ErrorPage::new(PublicCode::L1404).into()));
    }
    json(StatusCode::NOT_FOUND, &json!({"error": "not_found"}))
}

/// Where there is something to read, its head may be read alone (RFC 9110 section 9.3.2).
fn reading<F, Args>(handler: F) -> Route
where
    F: Handler<Args>,
    Args: FromRequest + 'static,
    F::Output: Responder + 'static,
{
    web::route()
        .guard(guard::Any(guard::Get()).or(guard::Head()))
        .to(handler)
}

/// A resource for programs: a wrong method is answered in JSON.
fn server(path: &str, allow: &'static str) -> Resource {
    let wrong_method = move |request: HttpRequest| async move {
        let status = if request.method() == Method::OPTIONS {
            // Closed to scripts of other origins (CORS): there is nothing to negotiate.
            StatusCode::FORBIDDEN
        } else {
            StatusCode::METHOD_NOT_ALLOWED
        };
        let said = json!({"error": "invalid_request", "error_description": "wrong method"});
        let mut response = json(status, &said);
        response
            .headers_mut()
            .insert(header::ALLOW, HeaderValue::from_static(allow));
        response
    };
    web::resource(path.to_owned()).default_service(web::to(wrong_method))
}
