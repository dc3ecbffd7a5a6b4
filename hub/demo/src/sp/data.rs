//! What a demonstration service does with data of a data provider: it makes a token for that alone, shows
//! it there, and ends it when the citizen is done.

use actix_web::{HttpRequest, HttpResponse, http::StatusCode, http::header, web::Data};
use hub_core::encoding::from_base64url;
use serde_json::{Value, json};
use url::form_urlencoded;

use super::{
    State,
    endpoints::{lock, pretty, signed_in, to_hub},
};
use crate::pages::page;

/// What the service asks of the data provider beside its usual scopes.
pub(super) const SCOPE: &str = "tax_income tax_household";
const DETAILS: &str = r#"[{"type":"tax_notice","year":2025}]"#;

/// Access to a data provider that a citizen agreed to.
#[derive(Debug, Clone)]
pub(super) struct Held {
    /// The token for the data provider alone.
    token: String,
    /// The scopes granted.
    granted: String,
    /// The hub's receipt, as the service keeps it.
    receipt: Value,
}

/// Sends the citizen to the hub, to sign in and to agree that the service reads their tax data.
pub(super) async fn apply(state: Data<State>, request: HttpRequest) -> HttpResponse {
    let more = [("scope", SCOPE), ("authorization_details", DETAILS)];
    to_hub(&state, &request, &more)
}

/// The token for the data provider, made of a token answer of the hub's, where data was granted.
pub(super) async fn held(state: &State, tokens: &Value) -> Result<Option<Held>, anyhow::Error> {
    let (Some(receipt), Some(resource)) = (tokens.get("consent_receipt"), &state.resource) else {
        return Ok(None);
    };
    let text = |value: &Value| value.as_str().unwrap_or_default().to_owned();
    let whole = tokens.get("access_token").map(text).unwrap_or_default();
    let exchanged = post(
        state,
        "/token",
        &[
            (
                "grant_type",
                "urn:ietf:params:oauth:grant-type:token-exchange",
            ),
            ("subject_token", &whole),
            (
                "subject_token_type",
                "urn:ietf:params:oauth:token-type:access_token",
            ),
            ("resource", resource),
        ],
    )
    .await?;
    anyhow::ensure!(exchanged.status() == 200, "the hub refused the exchange");
    let exchanged: Value = serde_json::from_slice(&exchanged.bytes().await?)?;
    Ok(Some(Held {
        token: exchanged.get("access_token").map(text).unwrap_or_default(),
        granted: exchanged.get("scope").map(text).unwrap_or_default(),
        receipt: claims_of(&text(receipt)),
    }))
}

/// A receipt is kept as it came; for the page, what it says.
fn claims_of(receipt: &str) -> Value {
    let payload = receipt.split('.').nth(1).and_then(from_base64url);
    serde_json::from_slice(&payload.unwrap_or_default()).unwrap_or_default()
}

/// What the data provider answers to the token that is held, now.
pub(super) async fn show(state: Data<State>, request: HttpRequest) -> HttpResponse {
    let held = signed_in(&state, &request).and_then(|(_, session)| session.data);
    let [name, _] = state.plan.name;
    let (Some(held), Some(resource)) = (held, &state.resource) else {
        let values = json!({"name": name, "error": "data", "description": "nothing was agreed to"});
        return page(StatusCode::BAD_REQUEST, "trouble", &values);
    };
    let asked = state
        .http
        .get(format!("{resource}/v1/taxes"))
        .bearer_auth(&held.token)
        .send()
        .await;
    let (status, answer) = match asked {
        Ok(answer) => {
            let status = answer.status().as_u16();
            let body = answer.bytes().await.unwrap_or_default();
            (status, serde_json::from_slice(&body).unwrap_or(Value::Null))
        }
        Err(fault) => (502, json!({"error": fault.to_string()})),
    };
    let values = json!({
        "name": name,
        "status": status,
        "good": status == 200,
        "answer": pretty(&answer),
        "granted": held.granted,
        "token": held.token,
        "receipt": pretty(&held.receipt),
    });
    page(StatusCode::OK, "data", &values)
}

/// Ends the access.
pub(super) async fn revoke(state: Data<State>, request: HttpRequest) -> HttpResponse {
    let held = signed_in(&state, &request).and_then(|(_, session)| session.data);
    let revoked = match &held {
        Some(held) => {
            let form = [("token", held.token.as_str())];
            let revoked = post(&state, "/token/revocation", &form).await;
            revoked.is_ok_and(|answer| answer.status() == 200)
        }
        None => false,
    };
    if !revoked {
        return HttpResponse::BadGateway().finish();
    }
    HttpResponse::SeeOther()
        .insert_header((header::LOCATION, "/data"))
        .finish()
}

/// The citizen's access, kept with their session.
pub(super) fn keep(state: &State, session: &str, held: Held) {
    if let Some(session) = lock(&state.sessions).get_mut(session) {
        session.data = Some(held);
    }
}

async fn post(
    state: &State,
    path: &str,
    form: &[(&str, &str)],
) -> Result<reqwest::Response, reqwest::Error> {
    let form = form_urlencoded::Serializer::new(String::new())
        .extend_pairs(form)
        .finish();
    let request = state.http.post(format!("{}{path}", state.issuer));
    request
        .basic_auth(state.plan.client_id, Some(&state.secret))
        .header("content-type", "application/x-www-form-urlencoded")
        .body(form)
        .send()
        .await
}
