//! The endpoints of a demonstration identity provider.

use std::collections::BTreeMap;

use actix_web::{
    HttpRequest, HttpResponse,
    http::{StatusCode, header},
    web::{Bytes, Data},
};
use hub_core::pkce::{Challenge, Verifier};
use serde_json::{Value, json};
use url::{Url, form_urlencoded};

use super::{Mischief, State, Waiting, lock, tokens};
use crate::{PEOPLE, Person, pages::page};

type Form = BTreeMap<String, String>;

fn form(encoded: &[u8]) -> Form {
    form_urlencoded::parse(encoded).into_owned().collect()
}

/// Notes a request as it came, for tests of blindness.
fn note(state: &State, request: &HttpRequest) {
    let mut headers: Vec<String> = request
        .headers()
        .iter()
        .map(|(name, value)| format!("{name}: {}", value.to_str().unwrap_or("?")))
        .collect();
    headers.sort();
    let line = format!(
        "{} {}\n{}",
        request.method(),
        request.uri(),
        headers.join("\n")
    );
    lock(&state.seen).push(line);
}

fn broken(state: &State) -> Option<HttpResponse> {
    (state.mischief() == Some(Mischief::ServerError))
        .then(|| HttpResponse::InternalServerError().body("out of order"))
}

fn json_answer(status: StatusCode, value: &Value) -> HttpResponse {
    HttpResponse::build(status)
        .insert_header((header::CONTENT_TYPE, "application/json"))
        .body(value.to_string())
}

pub(super) async fn discovery(state: Data<State>, request: HttpRequest) -> HttpResponse {
    note(&state, &request);
    if let Some(answer) = broken(&state) {
        return answer;
    }
    let issuer = &state.issuer;
    let algorithm = state.plan.algorithm.name();
    json_answer(
        StatusCode::OK,
        &json!({
            "issuer": issuer,
            "authorization_endpoint": format!("{issuer}/authorize"),
            "token_endpoint": format!("{issuer}/token"),
            "userinfo_endpoint": format!("{issuer}/userinfo"),
            "jwks_uri": format!("{issuer}/jwks"),
            "response_types_supported": ["code"],
            "subject_types_supported": ["public"],
            "id_token_signing_alg_values_supported": [algorithm],
            "token_endpoint_auth_methods_supported": ["client_secret_basic"],
            "code_challenge_methods_supported": ["S256"],
            "authorization_response_iss_parameter_supported": true,
        }),
    )
}

pub(super) async fn jwks(state: Data<State>, request: HttpRequest) -> HttpResponse {
    note(&state, &request);
    if let Some(answer) = broken(&state) {
        return answer;
    }
    let mut set: Value = serde_json::from_slice(state.keys.jwks()).unwrap_or_default();
    if state.mischief() == Some(Mischief::DuplicateKid)
        && let Some(keys) = set.get_mut("keys").and_then(Value::as_array_mut)
    {
        keys.extend(keys.first().cloned());
    }
    json_answer(StatusCode::OK, &set)
}

/// The sign-in page. It keeps nothing: the form carries the request.
pub(super) async fn authorize(state: Data<State>, request: HttpRequest) -> HttpResponse {
    note(&state, &request);
    sign_in_page(&state, request.query_string(), false)
}

fn sign_in_page(state: &State, request: &str, wrong: bool) -> HttpResponse {
    let people: Vec<Value> = PEOPLE
        .iter()
        .map(|person| {
            json!({
                "username": person.username, "password": person.password,
                "given_name": person.given_name, "family_name": person.family_name,
                "birthdate": person.birthdate,
            })
        })
        .collect();
    let values = json!({
        "title": state.plan.title, "colour": state.plan.colour, "request": request,
        "wrong": wrong, "people": people,
    });
    page(StatusCode::OK, "sign-in", &values)
}

pub(super) async fn sign_in(state: Data<State>, body: Bytes) -> HttpResponse {
    let sent = form(&body);
    let text = |name: &str| sent.get(name).map_or("", String::as_str);
    let asked = form(text("request").as_bytes());
    let declined = !text("decline").is_empty();
    let person = Person::with(text("username"), text("password"));
    match person {
        Some(person) => return_to_hub(&state, &asked, Some(person)),
        None if declined => return_to_hub(&state, &asked, None),
        None => sign_in_page(&state, text("request"), true),
    }
}

fn return_to_hub(state: &State, asked: &Form, person: Option<&'static Person>) -> HttpResponse {
    let text = |name: &str| asked.get(name).cloned().unwrap_or_default();
    let Ok(mut back) = Url::parse(&text("redirect_uri")) else {
        return HttpResponse::BadRequest().body("redirect_uri is no address");
    };
    let mischief = state.mischief();
    let mut answer: Vec<(&str, String)> = match (person, mischief) {
        (None, _) | (_, Some(Mischief::Declines)) => vec![
            ("error", "access_denied".to_owned()),
            ("error_description", "the person said no".to_owned()),
        ],
        (_, Some(Mischief::NoCode)) => vec![],
        (Some(person), _) => vec![("code", new_code(state, asked, person))],
    };
    answer.push(("state", text("state")));
    match mischief {
        Some(Mischief::NoIssuerParameter) => {}
        Some(Mischief::WrongIssuerParameter) => {
            answer.push(("iss", "https://other.example".to_owned()));
        }
        _ => answer.push(("iss", state.issuer.clone())),
    }
    back.query_pairs_mut().extend_pairs(answer);
    HttpResponse::SeeOther()
        .insert_header((header::LOCATION, back.to_string()))
        .finish()
}

fn new_code(state: &State, asked: &Form, person: &'static Person) -> String {
    let text = |name: &str| asked.get(name).cloned().unwrap_or_default();
    let code = state.secret();
    let waiting = Waiting {
        person,
        redirect_uri: text("redirect_uri"),
        nonce: text("nonce"),
        challenge: text("code_challenge"),
    };
    lock(&state.codes).insert(code.clone(), waiting);
    code
}

pub(super) async fn token(state: Data<State>, request: HttpRequest, body: Bytes) -> HttpResponse {
    note(&state, &request);
    if let Some(answer) = broken(&state) {
        return answer;
    }
    match state.mischief() {
        Some(Mischief::Garbage) => return HttpResponse::Ok().body("<html>login ok</html>"),
        Some(Mischief::Giant) => return HttpResponse::Ok().body("x".repeat(8 * 1024 * 1024)),
        Some(Mischief::Hangs) => std::future::pending::<()>().await,
        Some(Mischief::TokenRedirect) => {
            let elsewhere = (header::LOCATION, format!("{}/elsewhere", state.issuer));
            return HttpResponse::TemporaryRedirect()
                .insert_header(elsewhere)
                .finish();
        }
        _ => {}
    }
    match redeem(&state, &request, &form(&body)) {
        Ok(answer) => json_answer(StatusCode::OK, &answer),
        Err(error) => json_answer(StatusCode::BAD_REQUEST, &json!({"error": error})),
    }
}

fn redeem(state: &State, request: &HttpRequest, sent: &Form) -> Result<Value, &'static str> {
    let text = |name: &str| sent.get(name).map_or("", String::as_str);
    let header = request.headers().get(header::AUTHORIZATION);
    let header = header
        .and_then(|value| value.to_str().ok())
        .unwrap_or_default();
    let credentials = header
        .strip_prefix("Basic ")
        .and_then(hub_core::encoding::from_base64);
    if credentials != Some(format!("lethe:{}", state.client_secret).into_bytes()) {
        return Err("invalid_client");
    }
    let waiting = lock(&state.codes)
        .remove(text("code"))
        .ok_or("invalid_grant")?;
    let verifier = Verifier::parse(text("code_verifier")).ok_or("invalid_grant")?;
    let challenge = Challenge::parse(&waiting.challenge).ok_or("invalid_grant")?;
    if waiting.redirect_uri != text("redirect_uri") || !challenge.is_met_by(&verifier) {
        return Err("invalid_grant");
    }
    let access_token = state.secret();
    lock(&state.tokens).insert(access_token.clone(), waiting.person);
    let mut answer = json!({
        "access_token": access_token, "token_type": "Bearer", "expires_in": 60,
    });
    if state.mischief() != Some(Mischief::NoIdToken)
        && let Some(members) = answer.as_object_mut()
    {
        let id_token = tokens::id_token(state, waiting.person, &waiting.nonce);
        members.insert(
            "id_token".to_owned(),
            id_token.ok_or("server_error")?.into(),
        );
    }
    Ok(answer)
}

pub(super) async fn userinfo(state: Data<State>, request: HttpRequest) -> HttpResponse {
    note(&state, &request);
    if let Some(answer) = broken(&state) {
        return answer;
    }
    let header = request.headers().get(header::AUTHORIZATION);
    let token = header.and_then(|value| value.to_str().ok()?.strip_prefix("Bearer "));
    let person = token.and_then(|token| lock(&state.tokens).get(token).copied());
    let Some(person) = person else {
        return HttpResponse::Unauthorized().finish();
    };
    let claims = tokens::userinfo(&state, person);
    if !state.plan.signed_userinfo {
        return json_answer(StatusCode::OK, &claims);
    }
    match state.keys.sign(state.plan.algorithm, "JWT", &claims) {
        Ok(jwt) => HttpResponse::Ok()
            .insert_header((header::CONTENT_TYPE, "application/jwt"))
            .body(jwt),
        Err(_) => HttpResponse::InternalServerError().finish(),
    }
}
