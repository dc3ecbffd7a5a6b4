//! The API of the demonstration data provider.
//!
//! Called by `dp/mod.rs`; calls the hub's introspection endpoint.

use actix_web::{
    HttpRequest, HttpResponse,
    http::{StatusCode, header},
    web::Data,
};
use serde_json::{Map, Value, json};
use sha2::{Digest, Sha256};
use url::form_urlencoded;

use super::{ID, State};

/// The page for a browser that opens the API's address.
pub(super) async fn front() -> HttpResponse {
    answer(
        StatusCode::OK,
        &json!({"name": "A tax administration that does not exist", "try": "GET /v1/taxes"}),
    )
}

/// Returns the data that the token grants, by scope.
pub(super) async fn taxes(state: Data<State>, request: HttpRequest) -> HttpResponse {
    let presented = request.headers().get(header::AUTHORIZATION);
    let presented = presented.and_then(|value| value.to_str().ok()?.strip_prefix("Bearer "));
    let Some(token) = presented else {
        return refused(StatusCode::UNAUTHORIZED, "Bearer");
    };
    match introspected(&state, token).await {
        Ok(Some(claims)) => answer(StatusCode::OK, &file_of(&claims)),
        Ok(None) => refused(StatusCode::UNAUTHORIZED, "Bearer error=\"invalid_token\""),
        Err(error) => answer(
            StatusCode::BAD_GATEWAY,
            &json!({"error": "the hub does not answer", "cause": error.to_string()}),
        ),
    }
}

/// Introspects a token at the hub.
///
/// Returns `None` if the token is not active for this data provider.
async fn introspected(
    state: &State,
    token: &str,
) -> Result<Option<Map<String, Value>>, anyhow::Error> {
    let form = form_urlencoded::Serializer::new(String::new())
        .append_pair("token", token)
        .finish();
    let answer = state
        .http
        .post(format!("{}/token/introspection", state.issuer))
        .basic_auth(ID, Some(&*state.secret))
        .header("content-type", "application/x-www-form-urlencoded")
        .body(form)
        .send()
        .await?;
    anyhow::ensure!(
        answer.status() == 200,
        "the hub answers {}",
        answer.status()
    );
    let claims: Map<String, Value> = serde_json::from_slice(&answer.bytes().await?)?;
    let active = claims.get("active") == Some(&Value::Bool(true));
    Ok(active.then_some(claims))
}

/// Returns the tax data of the token's person, limited to its scopes.
///
/// The persons are fictitious: the figures are computed from the name.
fn file_of(claims: &Map<String, Value>) -> Value {
    let text = |name: &str| claims.get(name).and_then(Value::as_str).unwrap_or_default();
    let who = format!("{} {}", text("given_name"), text("family_name"));
    let file = format!("{who} {}", text("birthdate"));
    let digest: [u8; 32] = Sha256::digest(file.as_bytes()).into();
    let [first, second, third, ..] = digest.map(u64::from);
    let income = 9_000 + (first * 256 + second) % 48_000;
    let scopes: Vec<&str> = text("scope").split(' ').collect();
    let mut file = json!({"taxpayer": who});
    let mut add = |name: &str, value: Value| {
        if let Some(members) = file.as_object_mut() {
            members.insert(name.to_owned(), value);
        }
    };
    if scopes.contains(&"tax_income") {
        add("reference_income", income.into());
    }
    if scopes.contains(&"tax_household") {
        add("household_shares", (1 + third % 4).into());
    }
    let details = claims
        .get("authorization_details")
        .and_then(Value::as_array);
    for detail in details.into_iter().flatten() {
        let year = detail.get("year").and_then(Value::as_u64);
        add(
            "tax_notice",
            json!({"year": year, "taxable_income": income, "tax": income / 11}),
        );
    }
    file
}

fn refused(status: StatusCode, challenge: &'static str) -> HttpResponse {
    let mut response = answer(status, &json!({"error": "invalid_token"}));
    let challenge = header::HeaderValue::from_static(challenge);
    response
        .headers_mut()
        .insert(header::WWW_AUTHENTICATE, challenge);
    response
}

fn answer(status: StatusCode, body: &Value) -> HttpResponse {
    HttpResponse::build(status)
        .insert_header((header::CONTENT_TYPE, "application/json"))
        .insert_header((header::CACHE_CONTROL, "no-store"))
        .body(body.to_string())
}
