//! The end of a session at a demonstration identity provider (OpenID Connect RP-Initiated Logout 1.0).

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

/// `GET`: an id token in an address is refused, so that tests notice one.
pub(super) async fn logout(state: Data<State>, request: HttpRequest) -> HttpResponse {
    note(&state, &request);
    let asked = form(request.query_string().as_bytes());
    if asked.contains_key("id_token_hint") {
        return HttpResponse::BadRequest().body("an id token in an address");
    }
    end_session(&state, &asked)
}

/// `POST`, with the id token.
pub(super) async fn posted_logout(
    state: Data<State>,
    request: HttpRequest,
    body: Bytes,
) -> HttpResponse {
    note_with(&state, &request, &body);
    let asked = form(&body);
    let hint = asked.get("id_token_hint").map_or("", String::as_str);
    if hint.split('.').count() != 3 {
        return HttpResponse::BadRequest().body("no id token");
    }
    end_session(&state, &asked)
}

/// Keeps no session, so that nothing is left to end: sends the browser of the hub back.
fn end_session(state: &State, asked: &Form) -> HttpResponse {
    if let Some(answer) = broken(state) {
        return answer;
    }
    let text = |name: &str| asked.get(name).map_or("", String::as_str);
    match Url::parse(text("post_logout_redirect_uri")) {
        Ok(mut back) if text("client_id") == "lethe" => {
            back.query_pairs_mut().append_pair("state", text("state"));
            HttpResponse::SeeOther()
                .insert_header((header::LOCATION, back.to_string()))
                .finish()
        }
        _ => HttpResponse::BadRequest().body("nothing to end"),
    }
}
