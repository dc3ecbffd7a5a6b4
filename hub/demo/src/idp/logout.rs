//! The end-session endpoint of a demonstration identity provider (OpenID Connect RP-Initiated Logout
//! 1.0).
//!
//! Called by `idp/mod.rs`.

use actix_web::{
    HttpRequest, HttpResponse,
    http::header,
    web::{Bytes, Data},
};
use url::Url;

use super::{
    State,
    endpoints::{Form, form, note, note_with},
    failing::broken,
};

/// Handles `GET`. An ID token in the URL is refused, so that a test fails if the hub sends one there.
pub(super) async fn logout(state: Data<State>, request: HttpRequest) -> HttpResponse {
    note(&state, &request);
    let parameters = form(request.query_string().as_bytes());
    if parameters.contains_key("id_token_hint") {
        return HttpResponse::BadRequest().body("the URL contains an ID token");
    }
    end_session(&state, &parameters)
}

/// Handles `POST`, with the ID token.
pub(super) async fn posted_logout(
    state: Data<State>,
    request: HttpRequest,
    body: Bytes,
) -> HttpResponse {
    note_with(&state, &request, &body);
    let parameters = form(&body);
    let hint = parameters.get("id_token_hint").map_or("", String::as_str);
    if hint.split('.').count() != 3 {
        return HttpResponse::BadRequest().body("the ID token is missing");
    }
    end_session(&state, &parameters)
}

/// Redirects the browser back to the hub. The provider keeps no session that could be ended.
fn end_session(state: &State, parameters: &Form) -> HttpResponse {
    if let Some(answer) = broken(state) {
        return answer;
    }
    let text = |name: &str| parameters.get(name).map_or("", String::as_str);
    match Url::parse(text("post_logout_redirect_uri")) {
        Ok(mut back) if text("client_id") == "lethe" => {
            back.query_pairs_mut().append_pair("state", text("state"));
            HttpResponse::SeeOther()
                .insert_header((header::LOCATION, back.to_string()))
                .finish()
        }
        _ => HttpResponse::BadRequest().body("unknown redirect URI"),
    }
}
