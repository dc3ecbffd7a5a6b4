//! The endpoints of a demonstration identity provider. Called by `idp/mod.rs`; calls `idp/tokens.rs`.

use std::{collections::BTreeMap, sync::Arc};

use actix_web::{
    HttpRequest, HttpResponse,
    http::{StatusCode, header},
    web::{Bytes, Data},
};
use hub_core::pkce::{Challenge, Verifier};
use serde_json::{Value, json};
use url::{Url, form_urlencoded};

use super::{FaultInjection, State, Waiting, failing::broken, lock, password, tokens};
use crate::{PEOPLE, Person, pages::page};

pub(super) type Form = BTreeMap<String, String>;

pub(super) fn form(encoded: &[u8]) -> Form {
    form_urlencoded::parse(encoded).into_owned().collect()
}

/// Records a request unchanged. Tests read it to check what an IdP can see.
pub(super) fn note(state: &State, request: &HttpRequest) {
    note_with(state, request, &[]);
}

/// Records a request unchanged, with its `body` after an empty line.
pub(super) fn note_with(state: &State, request: &HttpRequest, body: &[u8]) {
    let mut headers: Vec<String> = request
        .headers()
        .iter()
        .map(|(name, value)| format!("{name}: {}", value.to_str().unwrap_or("?")))
        .collect();
    headers.sort();
    let mut line = format!(
        "{} {}\n{}",
        request.method(),
        request.uri(),
        headers.join("\n")
    );
    if !body.is_empty() {
        line.push_str("\n\n");
        line.push_str(&String::from_utf8_lossy(body));
    }
    lock(&state.seen).push(line);
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
            "end_session_endpoint": format!("{issuer}/logout"),
            "userinfo_endpoint": format!("{issuer}/userinfo"),
            "jwks_uri": format!("{issuer}/jwks"),
            "response_types_supported": ["code"],
            "subject_types_supported": ["public"],
            "id_token_signing_alg_values_supported": [algorithm],
            "token_endpoint_auth_methods_supported": ["client_secret_basic", "client_secret_post"],
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
    if state.fault_injection() == Some(FaultInjection::DuplicateKid)
        && let Some(keys) = set.get_mut("keys").and_then(Value::as_array_mut)
    {
        keys.extend(keys.first().cloned());
    }
    json_answer(StatusCode::OK, &set)
}

/// Shows the sign-in page. The server keeps no state: the form carries the request.
pub(super) async fn authorize(state: Data<State>, request: HttpRequest) -> HttpResponse {
    note(&state, &request);
    if state.plan.dialect.is_strict()
        && let Some(name) = refused_parameter(&form(request.query_string().as_bytes()))
    {
        return HttpResponse::BadRequest().body(format!("{name} is missing or not supported"));
    }
    if let Some(person) = password::proven(&state, &request) {
        let parameters = form(request.query_string().as_bytes());
        return return_to_hub(&state, &parameters, Some(person));
    }
    sign_in_page(&state, request.query_string(), false)
}

/// Returns the first parameter that a strict provider refuses or misses.
fn refused_parameter(sent: &Form) -> Option<&str> {
    const KNOWN: [&str; 8] = [
        "acr_values",
        "client_id",
        "nonce",
        "prompt",
        "redirect_uri",
        "response_type",
        "scope",
        "state",
    ];
    let missing = KNOWN.into_iter().filter(|name| *name != "prompt");
    let nonce = sent.get("nonce").map_or(0, String::len);
    sent.keys()
        .map(String::as_str)
        .find(|name| !KNOWN.contains(name))
        .or_else(|| missing.into_iter().find(|name| !sent.contains_key(*name)))
        .or((nonce < 22).then_some("nonce"))
}

fn sign_in_page(state: &State, request: &str, wrong: bool) -> HttpResponse {
    let people: Vec<Value> = PEOPLE
        .iter()
        .map(|person| {
            let civil = &person.civil_status;
            json!({
                "username": person.username, "password": person.password, "case": person.case,
                "given_name": civil.given_names.join(" "), "family_name": civil.family_name,
                "birthdate": civil.birthdate,
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
    let parameters = form(text("request").as_bytes());
    let declined = !text("decline").is_empty();
    let described = !text("describe").is_empty();
    let changed = lock(&state.passwords).get(text("username")).cloned();
    let person = match changed {
        None => Person::with(text("username"), text("password")),
        Some(new) if new == text("password") => Person::named(text("username")),
        Some(_) => None,
    };
    match person {
        Some(person) => return_to_hub(&state, &parameters, Some(person)),
        None if described => return_to_hub(&state, &parameters, Some(Person::described(text))),
        None if declined => return_to_hub(&state, &parameters, None),
        None => sign_in_page(&state, text("request"), true),
    }
}

fn return_to_hub(state: &State, parameters: &Form, person: Option<Arc<Person>>) -> HttpResponse {
    let text = |name: &str| parameters.get(name).cloned().unwrap_or_default();
    let Ok(mut back) = Url::parse(&text("redirect_uri")) else {
        return HttpResponse::BadRequest().body("redirect_uri is not a URL");
    };
    let trouble = person.as_ref().and_then(|person| person.trouble);
    let fault_injection = state.fault_injection().or(trouble);
    let mut answer: Vec<(&str, String)> = match (person, fault_injection) {
        (None, _) | (_, Some(FaultInjection::Declines)) => vec![
            ("error", "access_denied".to_owned()),
            ("error_description", "the person refused".to_owned()),
        ],
        (_, Some(FaultInjection::NoCode)) => vec![],
        (Some(person), _) => vec![("code", new_code(state, parameters, person))],
    };
    answer.push(("state", text("state")));
    match fault_injection {
        Some(FaultInjection::NoIssuerParameter) => {}
        Some(FaultInjection::WrongIssuerParameter) => {
            answer.push(("iss", "https://other.example".to_owned()));
        }
        _ => answer.push(("iss", state.issuer.clone())),
    }
    back.query_pairs_mut().extend_pairs(answer);
    HttpResponse::SeeOther()
        .insert_header((header::LOCATION, back.to_string()))
        .finish()
}

fn new_code(state: &State, parameters: &Form, person: Arc<Person>) -> String {
    let text = |name: &str| parameters.get(name).cloned().unwrap_or_default();
    let code = state.secret();
    let waiting = Waiting {
        person,
        redirect_uri: text("redirect_uri"),
        nonce: text("nonce"),
        challenge: text("code_challenge"),
        fresh_requested: text("prompt").contains("login") || text("max_age") == "0",
    };
    lock(&state.codes).insert(code.clone(), waiting);
    code
}

pub(super) async fn token(state: Data<State>, request: HttpRequest, body: Bytes) -> HttpResponse {
    note_with(&state, &request, &body);
    if let Some(answer) = broken(&state) {
        return answer;
    }
    match state.fault_injection() {
        Some(FaultInjection::Garbage) => return HttpResponse::Ok().body("<html>login ok</html>"),
        Some(FaultInjection::Giant) => return HttpResponse::Ok().body("x".repeat(8 * 1024 * 1024)),
        Some(FaultInjection::Hangs) => std::future::pending::<()>().await,
        Some(FaultInjection::RefusesCode) => {
            return json_answer(StatusCode::BAD_REQUEST, &json!({"error": "invalid_grant"}));
        }
        Some(FaultInjection::TokenServerError) => {
            return HttpResponse::InternalServerError().body("server error");
        }
        Some(FaultInjection::UnregisteredError) => {
            let error = json!({"error": "Angela DUBOIS is unknown", "error_description": "DUBOIS"});
            return json_answer(StatusCode::BAD_REQUEST, &error);
        }
        Some(FaultInjection::TokenRedirect) => {
            let elsewhere = (header::LOCATION, format!("{}/elsewhere", state.issuer));
            return HttpResponse::TemporaryRedirect()
                .insert_header(elsewhere)
                .finish();
        }
        _ => {}
    }
    match redeem(&state, &request, &form(&body)) {
        Err("temporarily_unavailable") => HttpResponse::ServiceUnavailable().finish(),
        Ok(answer) => json_answer(StatusCode::OK, &answer),
        Err(error) => json_answer(StatusCode::BAD_REQUEST, &json!({"error": error})),
    }
}

fn redeem(state: &State, request: &HttpRequest, sent: &Form) -> Result<Value, &'static str> {
    let text = |name: &str| sent.get(name).map_or("", String::as_str);
    if !is_the_hub(state, request, sent) {
        return Err("invalid_client");
    }
    let waiting = lock(&state.codes)
        .remove(text("code"))
        .ok_or("invalid_grant")?;
    let met = || {
        let verifier = Verifier::parse(text("code_verifier"))?;
        Some(Challenge::parse(&waiting.challenge)?.is_met_by(&verifier))
    };
    let pkce = state.plan.dialect.is_strict() || met() == Some(true);
    if waiting.redirect_uri != text("redirect_uri") || !pkce {
        return Err("invalid_grant");
    }
    if state.fault_injection_for(&waiting.person) == Some(FaultInjection::TokenFails) {
        return Err("temporarily_unavailable");
    }
    let access_token = state.secret();
    lock(&state.tokens).insert(access_token.clone(), Arc::clone(&waiting.person));
    let token_type = match state.fault_injection() {
        Some(FaultInjection::TokenTypeMac) => "mac",
        Some(FaultInjection::TokenTypeUpperCase) => "BEARER",
        _ => "Bearer",
    };
    let mut answer = json!({
        "access_token": access_token, "token_type": token_type, "expires_in": 60,
    });
    if state.fault_injection() != Some(FaultInjection::NoIdToken)
        && let Some(members) = answer.as_object_mut()
    {
        let id_token = tokens::id_token(state, &waiting);
        members.insert(
            "id_token".to_owned(),
            id_token.ok_or("server_error")?.into(),
        );
    }
    Ok(answer)
}

/// Whether the client is the hub, authenticated with `client_secret_basic` or `client_secret_post`.
fn is_the_hub(state: &State, request: &HttpRequest, sent: &Form) -> bool {
    let header = request.headers().get(header::AUTHORIZATION);
    let basic = header
        .and_then(|value| value.to_str().ok()?.strip_prefix("Basic "))
        .and_then(hub_core::encoding::from_base64);
    let expected = format!("lethe:{}", state.client_secret);
    let posted =
        ["client_id", "client_secret"].map(|name| sent.get(name).map_or("", String::as_str));
    basic.as_deref() == Some(expected.as_bytes())
        || (state.plan.dialect.is_strict() && posted.join(":") == expected)
}

pub(super) async fn userinfo(state: Data<State>, request: HttpRequest) -> HttpResponse {
    note(&state, &request);
    if let Some(answer) = broken(&state) {
        return answer;
    }
    let header = request.headers().get(header::AUTHORIZATION);
    let token = header.and_then(|value| value.to_str().ok()?.strip_prefix("Bearer "));
    let person = token.and_then(|token| lock(&state.tokens).get(token).cloned());
    let Some(person) = person else {
        return HttpResponse::Unauthorized().finish();
    };
    match tokens::userinfo(&state, &person) {
        Some((media_type, body)) => HttpResponse::Ok()
            .insert_header((header::CONTENT_TYPE, media_type))
            .body(body),
        None => HttpResponse::InternalServerError().finish(),
    }
}
