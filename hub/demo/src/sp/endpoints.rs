//! The pages of a demonstration service.
//!
//! Called by `sp/mod.rs`; calls the hub's endpoints.

use std::{
    collections::BTreeMap,
    sync::{Mutex, MutexGuard, PoisonError},
};

use actix_web::{
    HttpRequest, HttpResponse,
    cookie::Cookie,
    http::{StatusCode, header},
    web::{Bytes, Data},
};
use hub_core::{encoding::base64url, entropy::draw, pkce::Verifier};
use hub_jose::{
    Algorithm, KeySet, TokenType,
    claims::{Expected, IdToken},
    verify,
};
use serde_json::{Value, json};
use url::{Url, form_urlencoded};

use super::{
    SignedIn, State, Waiting,
    data::{self, DataAccess},
};
use crate::pages::page;

pub(super) async fn front(state: Data<State>, request: HttpRequest) -> HttpResponse {
    let plan = state.plan;
    let [name, _] = plan.name;
    let signed_in = signed_in(&state, &request).map(|(_, session)| session.sub);
    page(
        StatusCode::OK,
        "service",
        &json!({
            "name": name,
            "what": plan.what,
            "hub": "Lethe",
            "sub": signed_in,
            "applies": state.needs.as_ref().map(|_| plan.applies),
        }),
    )
}

fn cookie_name(state: &State) -> String {
    format!("session-{}", state.plan.client_id)
}

/// Returns the cookie value and the session of the signed-in citizen, if there is one.
pub(super) fn signed_in(state: &State, request: &HttpRequest) -> Option<(String, SignedIn)> {
    let kept = request.cookie(&cookie_name(state))?.value().to_owned();
    let sessions = lock(&state.sessions);
    let session = sessions.get(&kept).cloned()?;
    Some((kept, session))
}

/// Ends the service's session, then redirects to the hub's end-session endpoint.
pub(super) async fn sign_out(state: Data<State>, request: HttpRequest) -> HttpResponse {
    let Ok(mut to) = Url::parse(&format!("{}/session/end", state.issuer)) else {
        return HttpResponse::InternalServerError().finish();
    };
    if let Some((kept, session)) = signed_in(&state, &request) {
        lock(&state.sessions).remove(&kept);
        to.query_pairs_mut()
            .append_pair("id_token_hint", &session.id_token);
    }
    to.query_pairs_mut()
        .append_pair("client_id", state.plan.client_id)
        .append_pair("post_logout_redirect_uri", &format!("{}/", state.own))
        .extend_pairs(form_urlencoded::parse(request.query_string().as_bytes()));
    HttpResponse::SeeOther()
        .insert_header((header::LOCATION, to.to_string()))
        .finish()
}

/// Receives a logout token of the hub.
pub(super) async fn backchannel(state: Data<State>, body: Bytes) -> HttpResponse {
    let ended = form_urlencoded::parse(&body).find(|(name, _)| name == "logout_token");
    let ended = match ended {
        Some((_, token)) => ended_session(&state, &token).await.ok(),
        None => None,
    };
    match ended {
        Some(sid) => {
            lock(&state.sessions).retain(|_, session| session.sid != sid);
            HttpResponse::Ok().finish()
        }
        None => HttpResponse::BadRequest().finish(),
    }
}

async fn ended_session(state: &State, token: &str) -> Result<String, anyhow::Error> {
    let keys = keys(state).await?;
    let claims = verify(token, &keys, &[Algorithm::Rs256], TokenType::Logout)?;
    let ended = expected(state).logout_token(&claims)?;
    ended.sid.ok_or_else(|| anyhow::anyhow!("no sid"))
}

async fn keys(state: &State) -> Result<KeySet, anyhow::Error> {
    let jwks = state.http.get(format!("{}/jwks", state.issuer));
    let jwks = jwks.send().await?.bytes().await?;
    Ok(KeySet::from_jwks(&jwks)?)
}

fn expected(state: &State) -> Expected<'_> {
    Expected {
        issuer: &state.issuer,
        client_id: state.plan.client_id,
        now: state.clock.now(),
    }
}

pub(super) fn lock<T>(mutex: &Mutex<T>) -> MutexGuard<'_, T> {
    mutex.lock().unwrap_or_else(PoisonError::into_inner)
}

/// Redirects the citizen to the hub.
pub(super) async fn sign_in(state: Data<State>, request: HttpRequest) -> HttpResponse {
    to_hub(&state, &request, &[])
}

/// Redirects the citizen to the hub with the additional parameters `more`; its `scope` is added to the
/// usual ones.
pub(super) fn to_hub(state: &State, request: &HttpRequest, more: &[(&str, &str)]) -> HttpResponse {
    let (scopes, more): (Vec<_>, Vec<_>) = more.iter().partition(|(name, _)| *name == "scope");
    let scope = scopes
        .iter()
        .fold(state.plan.scope.to_owned(), |all, (_, one)| {
            format!("{all} {one}")
        });
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
        .append_pair("scope", &scope)
        .extend_pairs(more)
        .append_pair("state", &ticket)
        .append_pair("nonce", &nonce)
        .append_pair("code_challenge", verifier.challenge().as_str())
        .append_pair("code_challenge_method", "S256")
        // The parameters of the page's own URL are sent too, such as `acr_values` or `ui_locales`.
        .extend_pairs(form_urlencoded::parse(request.query_string().as_bytes()));
    let waiting = Waiting {
        nonce,
        verifier: verifier.reveal().to_owned(),
    };
    lock(&state.waiting).insert(ticket, waiting);
    HttpResponse::SeeOther()
        .insert_header((header::LOCATION, to.to_string()))
        .insert_header((header::CACHE_CONTROL, "no-store"))
        .finish()
}

/// Handles the authorization response.
pub(super) async fn callback(state: Data<State>, request: HttpRequest) -> HttpResponse {
    let answer: BTreeMap<String, String> =
        form_urlencoded::parse(request.query_string().as_bytes())
            .into_owned()
            .collect();
    let [name, _] = state.plan.name;
    match received(&state, &answer).await {
        Ok(Received {
            raw,
            token,
            userinfo,
            data_access,
        }) => {
            let kept = base64url(&draw::<16>(state.entropy.as_ref()));
            let sid = token.claims.get("sid").and_then(Value::as_str);
            let session = SignedIn {
                sub: token.sub.clone(),
                sid: sid.unwrap_or_default().to_owned(),
                id_token: raw,
                data: None,
            };
            lock(&state.sessions).insert(kept.clone(), session);
            let data = data_access.is_some();
            if let Some(data_access) = data_access {
                data::keep(&state, &kept, data_access);
            }
            let values = json!({
                "name": name,
                "sub": token.sub,
                "id_token": pretty(&Value::Object(token.claims)),
                "userinfo": pretty(&userinfo),
                "data": data,
            });
            let mut response = page(StatusCode::OK, "result", &values);
            let cookie = Cookie::build(cookie_name(&state), kept)
                .path("/")
                .http_only(true)
                .finish();
            // The value has only characters that a header may contain.
            let _added = response.add_cookie(&cookie).is_ok();
            response
        }
        Err((error, description)) => page(
            StatusCode::BAD_REQUEST,
            "trouble",
            &json!({"name": name, "error": error, "description": description}),
        ),
    }
}

/// The result of a sign-in.
struct Received {
    raw: String,
    token: IdToken,
    userinfo: Value,
    data_access: Option<DataAccess>,
}

async fn received(
    state: &State,
    answer: &BTreeMap<String, String>,
) -> Result<Received, (String, String)> {
    let text = |name: &str| answer.get(name).cloned().unwrap_or_default();
    let ours = lock(&state.waiting)
        .remove(&text("state"))
        .ok_or_else(|| ("state".to_owned(), "no sign-in is in progress".to_owned()))?;
    if answer.get("iss") != Some(&state.issuer) {
        return Err((
            "iss".to_owned(),
            "the response has another issuer".to_owned(),
        ));
    }
    if answer.contains_key("error") {
        return Err((text("error"), text("error_description")));
    }
    redeem(state, &text("code"), &ours)
        .await
        .map_err(|error| ("hub".to_owned(), format!("{error:#}")))
}

async fn redeem(state: &State, code: &str, ours: &Waiting) -> Result<Received, anyhow::Error> {
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
    let keys = keys(state).await?;
    let raw = member("id_token")?.to_owned();
    let claims = verify(&raw, &keys, &[Algorithm::Rs256], TokenType::Jwt)?;
    let token = expected(state).id_token(claims, &ours.nonce)?.into_inner();
    let userinfo = state
        .http
        .get(format!("{issuer}/userinfo"))
        .bearer_auth(member("access_token")?)
        .send()
        .await?;
    let userinfo: Value = serde_json::from_slice(&userinfo.bytes().await?)?;
    anyhow::ensure!(
        userinfo.get("sub").and_then(Value::as_str) == Some(token.sub.as_str()),
        "userinfo is about another person"
    );
    let data_access = data::data_access(state, &tokens).await?;
    Ok(Received {
        raw,
        token,
        userinfo,
        data_access,
    })
}

pub(super) fn pretty(value: &Value) -> String {
    serde_json::to_string_pretty(value).unwrap_or_default()
}
