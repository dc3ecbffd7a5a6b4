//! A demonstration service's use of a data provider.
//!
//! It exchanges its access token for a token for the data provider, presents that token there, and
//! revokes it when the citizen ends the access. Called by `sp/endpoints.rs`.

use actix_web::{HttpRequest, HttpResponse, http::StatusCode, http::header, web::Data};
use hub_core::encoding::from_base64url;
use serde_json::{Value, json};
use url::form_urlencoded;

use super::{
    State,
    endpoints::{lock, pretty, signed_in, to_hub},
};
use crate::pages::page;

/// What a service requests of a data provider, in addition to its usual scopes, when a citizen makes an
/// application.
#[derive(Debug, Clone)]
pub struct DataNeeds {
    /// The `resource` of the data provider.
    pub resource: String,
    /// The requested scopes.
    pub scopes: Vec<String>,
    /// The `authorization_details` parameter, and the types in it.
    pub details: Option<(&'static str, &'static str)>,
    /// The scopes that the service marks as optional.
    pub optional: Vec<String>,
    /// The path that the service requests there; `None` if it only shows the token.
    pub call: Option<&'static str>,
}

impl DataNeeds {
    /// Returns what the town hall requests of the tax administration at `url`.
    #[must_use]
    pub fn of_taxes(url: &str) -> Self {
        let names = |names: &[&str]| names.iter().map(|name| (*name).to_owned()).collect();
        Self {
            resource: url.to_owned(),
            scopes: names(&["tax_income", "tax_household"]),
            details: Some((r#"[{"type":"tax_notice","year":2025}]"#, "tax_notice")),
            optional: names(&["tax_household"]),
            call: Some("/v1/taxes"),
        }
    }
}

/// The access to a data provider that a citizen agreed to.
#[derive(Debug, Clone)]
pub(super) struct DataAccess {
    /// The token for the data provider.
    token: String,
    /// The scopes granted.
    granted: String,
    /// The hub's consent receipt, as the service stores it.
    receipt: Value,
}

/// Redirects the citizen to the hub, to sign in and to agree that the service reads their tax data.
pub(super) async fn apply(state: Data<State>, request: HttpRequest) -> HttpResponse {
    let Some(needs) = &state.needs else {
        return HttpResponse::NotFound().finish();
    };
    let scope = needs.scopes.join(" ");
    let details = needs
        .details
        .map(|(details, _)| ("authorization_details", details));
    let more: Vec<_> = [("scope", scope.as_str())]
        .into_iter()
        .chain(details)
        .collect();
    to_hub(&state, &request, &more)
}

/// Exchanges the access token of a token response for a token of the data provider, if data was granted.
pub(super) async fn data_access(
    state: &State,
    tokens: &Value,
) -> Result<Option<DataAccess>, anyhow::Error> {
    let (Some(receipt), Some(needs)) = (tokens.get("consent_receipt"), &state.needs) else {
        return Ok(None);
    };
    let text = |value: &Value| value.as_str().unwrap_or_default().to_owned();
    let access_token = tokens.get("access_token").map(text).unwrap_or_default();
    let exchanged = post(
        state,
        "/token",
        &[
            (
                "grant_type",
                "urn:ietf:params:oauth:grant-type:token-exchange",
            ),
            ("subject_token", &access_token),
            (
                "subject_token_type",
                "urn:ietf:params:oauth:token-type:access_token",
            ),
            ("resource", &needs.resource),
        ],
    )
    .await?;
    anyhow::ensure!(exchanged.status() == 200, "the hub refused the exchange");
    let exchanged: Value = serde_json::from_slice(&exchanged.bytes().await?)?;
    Ok(Some(DataAccess {
        token: exchanged.get("access_token").map(text).unwrap_or_default(),
        granted: exchanged.get("scope").map(text).unwrap_or_default(),
        receipt: claims_of(&text(receipt)),
    }))
}

/// Returns the claims of a receipt for the page. The receipt itself is kept unchanged.
fn claims_of(receipt: &str) -> Value {
    let payload = receipt.split('.').nth(1).and_then(from_base64url);
    serde_json::from_slice(&payload.unwrap_or_default()).unwrap_or_default()
}

/// Shows what the data provider now answers to the stored token.
pub(super) async fn show(state: Data<State>, request: HttpRequest) -> HttpResponse {
    let data_access = signed_in(&state, &request).and_then(|(_, session)| session.data);
    let [name, _] = state.plan.name;
    let (Some(data_access), Some(needs)) = (data_access, &state.needs) else {
        let values = json!({"name": name, "error": "data", "description": "no data was granted"});
        return page(StatusCode::BAD_REQUEST, "trouble", &values);
    };
    let (status, answer) = match needs.call {
        Some(path) => {
            request_data(
                &state,
                &format!("{}{path}", needs.resource),
                &data_access.token,
            )
            .await
        }
        None => (0, Value::Null),
    };
    let values = json!({
        "name": name,
        "status": status,
        "called": needs.call.is_some(),
        "good": status == 200,
        "issuer": state.issuer,
        "answer": pretty(&answer),
        "granted": data_access.granted,
        "token": data_access.token,
        "receipt": pretty(&data_access.receipt),
    });
    page(StatusCode::OK, "data", &values)
}

/// Requests the data provider at `url` with `token`.
async fn request_data(state: &State, url: &str, token: &str) -> (u16, Value) {
    match state.http.get(url).bearer_auth(token).send().await {
        Ok(answer) => {
            let status = answer.status().as_u16();
            let body = answer.bytes().await.unwrap_or_default();
            (status, serde_json::from_slice(&body).unwrap_or(Value::Null))
        }
        Err(error) => (502, json!({"error": error.to_string()})),
    }
}

/// Revokes the token.
pub(super) async fn revoke(state: Data<State>, request: HttpRequest) -> HttpResponse {
    let data_access = signed_in(&state, &request).and_then(|(_, session)| session.data);
    let revoked = match &data_access {
        Some(data_access) => {
            let form = [("token", data_access.token.as_str())];
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

/// Stores the citizen's access with their session.
pub(super) fn keep(state: &State, session: &str, data_access: DataAccess) {
    if let Some(session) = lock(&state.sessions).get_mut(session) {
        session.data = Some(data_access);
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
