//! The pages of a demonstration service.

use std::{collections::BTreeMap, sync::PoisonError};

use actix_web::{
    HttpRequest, HttpResponse,
    http::{StatusCode, header},
    web::Data,
};
use hub_core::{encoding::base64url, entropy::draw, pkce::Verifier};
use hub_jose::{
    Algorithm, KeySet, TokenType,
    claims::{Expected, IdToken},
    verify,
};
use serde_json::{Value, json};
use url::{Url, form_urlencoded};

use super::{State, Waiting};
use crate::pages::page;

pub(super) async fn front(state: Data<State>) -> HttpResponse {
    let plan = state.plan;
    let [name, _] = plan.name;
    page(
        StatusCode::OK,
        "service",
        &json!({"name": name, "what": plan.what, "hub": "Lethe"}),
    )
}

/// Sends the citizen to the hub.
pub(super) async fn sign_in(state: Data<State>, request: HttpRequest) -> HttpResponse {
    let fresh = || base64url(&draw::<16>(state.entropy.as_ref()));
    let (ticket, nonce) = (fresh(), fresh());
    let verifier = Verifier::draw(state.entropy.as_ref());
    let Ok(mut to) = Url::parse(&format!("{}/authorize", state.issuer)) else {
        return HttpResponse::InternalServerError().finish();
    };
    to.query_pairs_mut()
        .append_pair("response_type", "code")
        .append_pair("client_id", state.plan.client_id)
        .append_pair("redirect_uri", &format!("{}/callback", state.own))
        .append_pair("scope", state.plan.scope)
        .append_pair("state", &ticket)
        .append_pair("nonce", &nonce)
        .append_pair("code_challenge", verifier.challenge().as_str())
        .append_pair("code_challenge_method", "S256")
        // Whatever the page was called with goes along, such as `acr_values` or `ui_locales`.
        .extend_pairs(form_urlencoded::parse(request.query_string().as_bytes()));
    let waiting = Waiting {
        nonce,
        verifier: verifier.reveal().to_owned(),
    };
    state
        .waiting
        .lock()
        .unwrap_or_else(PoisonError::into_inner)
        .insert(ticket, waiting);
    HttpResponse::SeeOther()
        .insert_header((header::LOCATION, to.to_string()))
        .insert_header((header::CACHE_CONTROL, "no-store"))
        .finish()
}

/// The citizen is back.
pub(super) async fn callback(state: Data<State>, request: HttpRequest) -> HttpResponse {
    let answer: BTreeMap<String, String> =
        form_urlencoded::parse(request.query_string().as_bytes())
            .into_owned()
            .collect();
    let [name, _] = state.plan.name;
    match received(&state, &answer).await {
        Ok((token, userinfo)) => page(
            StatusCode::OK,
            "result",
            &json!({
                "name": name,
                "sub": token.sub,
                "id_token": pretty(&Value::Object(token.claims)),
                "userinfo": pretty(&userinfo),
            }),
        ),
        Err((error, description)) => page(
            StatusCode::BAD_REQUEST,
            "trouble",
            &json!({"name": name, "error": error, "description": description}),
        ),
    }
}

async fn received(
    state: &State,
    answer: &BTreeMap<String, String>,
) -> Result<(IdToken, Value), (String, String)> {
    let text = |name: &str| answer.get(name).cloned().unwrap_or_default();
    let ours = state
        .waiting
        .lock()
        .unwrap_or_else(PoisonError::into_inner)
        .remove(&text("state"))
        .ok_or_else(|| ("state".to_owned(), "no sign-in is under way".to_owned()))?;
    if answer.get("iss") != Some(&state.issuer) {
        return Err(("iss".to_owned(), "the answer is another hub's".to_owned()));
    }
    if answer.contains_key("error") {
        return Err((text("error"), text("error_description")));
    }
    redeem(state, &text("code"), &ours)
        .await
        .map_err(|fault| ("hub".to_owned(), format!("{fault:#}")))
}

async fn redeem(
    state: &State,
    code: &str,
    ours: &Waiting,
) -> Result<(IdToken, Value), anyhow::Error> {
    let form = form_urlencoded::Serializer::new(String::new())
        .append_pair("grant_type", "authorization_code")
        .append_pair("code", code)
        .append_pair("redirect_uri", &format!("{}/callback", state.own))
        .append_pair("code_verifier", &ours.verifier)
        .finish();
    let issuer = &state.issuer;
    let tokens = state
        .http
        .post(format!("{issuer}/token"))
        .basic_auth(state.plan.client_id, Some(&state.secret))
        .header("content-type", "application/x-www-form-urlencoded")
        .body(form)
        .send()
        .await?;
    let tokens: Value = serde_json::from_slice(&tokens.bytes().await?)?;
    let member = |name: &str| {
        let value = tokens.get(name).and_then(Value::as_str);
        value.ok_or_else(|| anyhow::anyhow!("no {name} in {tokens}"))
    };
    let jwks = state
        .http
        .get(format!("{issuer}/jwks"))
        .send()
        .await?
        .bytes()
        .await?;
    let keys = KeySet::from_jwks(&jwks)?;
    let expected = Expected {
        issuer,
        client_id: state.plan.client_id,
        now: state.clock.now(),
    };
    let claims = verify(
        member("id_token")?,
        &keys,
        &[Algorithm::Es256],
        TokenType::Jwt,
    )?;
    let token = expected.id_token(claims, &ours.nonce)?.into_inner();
    let userinfo = state
        .http
        .get(format!("{issuer}/userinfo"))
        .bearer_auth(member("access_token")?)
        .send()
        .await?;
    let userinfo: Value = serde_json::from_slice(&userinfo.bytes().await?)?;
    anyhow::ensure!(
        userinfo.get("sub").and_then(Value::as_str) == Some(token.sub.as_str()),
        "userinfo is about somebody else"
    );
    Ok((token, userinfo))
}

fn pretty(value: &Value) -> String {
    serde_json::to_string_pretty(value).unwrap_or_default()
}
