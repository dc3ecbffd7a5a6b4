//! The tokens of a demonstration identity provider, valid or with an injected fault.
//!
//! Called by `idp/endpoints.rs`.

use hub_core::encoding::base64url;
use serde_json::{Map, Value, json};
use sha2::{Digest, Sha256};

use super::{FaultInjection, State, Waiting, lock};
use crate::Person;

const HOUR: i64 = 3600;

/// Returns the ID token for `waiting`, or the forged one of the injected fault.
pub(super) fn id_token(state: &State, waiting: &Waiting) -> Option<String> {
    let person = waiting.person.as_ref();
    let claims = id_token_claims(state, waiting);
    match state.fault_injection_for(person) {
        Some(FaultInjection::AlgNone) => {
            let header = base64url(br#"{"alg":"none","typ":"JWT"}"#);
            Some(format!(
                "{header}.{}.",
                base64url(claims.to_string().as_bytes())
            ))
        }
        Some(FaultInjection::HmacWithPublicKey) => Some(hmac_forgery(state, &claims)),
        Some(FaultInjection::ForeignKey) => state
            .unpublished_keys
            .sign(state.plan.algorithm, "JWT", &claims)
            .ok(),
        Some(FaultInjection::BadSignature) => {
            let keys = &state.keys;
            let signed = keys.sign(state.plan.algorithm, "JWT", &claims).ok()?;
            let other = keys.sign(state.plan.algorithm, "JWT", &json!({})).ok()?;
            let (signed, _) = signed.rsplit_once('.')?;
            let (_, signature) = other.rsplit_once('.')?;
            Some(format!("{signed}.{signature}"))
        }
        Some(FaultInjection::NotEncrypted) => {
            state.keys.sign(state.plan.algorithm, "JWT", &claims).ok()
        }
        _ => sealed(state, &claims),
    }
}

/// Signs `claims`, and encrypts them for the hub if the plan requires it.
fn sealed(state: &State, claims: &Value) -> Option<String> {
    let signed = state.keys.sign(state.plan.algorithm, "JWT", claims).ok()?;
    if state.plan.userinfo == "encrypted" {
        lock(&state.hub_key).as_ref()?.seal(&signed)
    } else {
        Some(signed)
    }
}

/// Returns the media type and the body of the UserInfo response.
pub(super) fn userinfo(state: &State, person: &Person) -> Option<(&'static str, String)> {
    let claims = userinfo_claims(state, person);
    if state.plan.userinfo == "json" {
        return Some(("application/json", claims.to_string()));
    }
    Some(("application/jwt", sealed(state, &claims)?))
}

fn id_token_claims(state: &State, waiting: &Waiting) -> Value {
    let (person, nonce) = (waiting.person.as_ref(), waiting.nonce.as_str());
    let now = state.clock.now().unix();
    let mut claims = json!({
        "iss": state.issuer, "aud": "lethe", "sub": sub(person), "iat": now, "exp": now + 300,
        "auth_time": now, "acr": state.plan.dialect.acr(state.plan.level), "nonce": nonce,
        "amr": ["pwd"], "sid": sid(nonce),
    });
    apply(
        &mut claims,
        state.plan.dialect.id_token_claims(person).into(),
    );
    let changes = match state.fault_injection_for(person) {
        Some(FaultInjection::ClockAhead) => times(now + 50),
        Some(FaultInjection::ClockBehind) => times(now - 50),
        Some(FaultInjection::Expired) => json!({"exp": now - 600}),
        Some(FaultInjection::ExpiryAsText) => json!({"exp": (now + 300).to_string()}),
        Some(FaultInjection::ForeignAudience) => json!({"aud": "somebody-else"}),
        Some(FaultInjection::ForeignIssuer) => json!({"iss": "https://other.example"}),
        Some(FaultInjection::FromTheFuture) => {
            json!({"iat": now + HOUR, "nbf": now + HOUR, "exp": now + 2 * HOUR})
        }
        Some(FaultInjection::GuessableSid) => {
            json!({"sid": format!("session-of-{}", person.username)})
        }
        Some(FaultInjection::KeepsSession) if !waiting.fresh_requested => {
            json!({"auth_time": now - HOUR})
        }
        Some(FaultInjection::LowLevel) => json!({"acr": "eidas1"}),
        Some(FaultInjection::NoAuthTime) => json!({"auth_time": null}),
        Some(FaultInjection::NoNonce) => json!({"nonce": null}),
        Some(FaultInjection::OldAuthentication) => json!({"auth_time": now - 24 * HOUR}),
        Some(FaultInjection::SecondAudience) => json!({"aud": ["lethe", "somebody-else"]}),
        Some(FaultInjection::UnknownLevel) => json!({"acr": "platinum"}),
        Some(FaultInjection::WrongNonce) => json!({"nonce": "another"}),
        _ => json!({}),
    };
    apply(&mut claims, changes);
    claims
}

/// Returns the time claims of an ID token issued at `now`.
fn times(now: i64) -> Value {
    json!({"iat": now, "exp": now + 300, "auth_time": now})
}

/// Returns the claims of UserInfo about `person`.
fn userinfo_claims(state: &State, person: &Person) -> Value {
    let mut claims: Map<String, Value> = state.plan.dialect.userinfo_claims(person);
    claims.insert("sub".to_owned(), sub(person).into());
    let mut claims = Value::Object(claims);
    let changes = match state.fault_injection_for(person) {
        Some(FaultInjection::MalformedBirthdate) => json!({"birthdate": "24/08/1962"}),
        Some(FaultInjection::MissingBirthdate) => json!({"birthdate": null}),
        Some(FaultInjection::UserinfoOfAnother) => json!({"sub": "somebody-else"}),
        _ => json!({}),
    };
    apply(&mut claims, changes);
    if state.plan.userinfo != "json" {
        apply(&mut claims, json!({"iss": state.issuer, "aud": "lethe"}));
    }
    claims
}

/// Replaces claims; a `null` removes a claim.
fn apply(claims: &mut Value, changes: Value) {
    let (Some(claims), Value::Object(changes)) = (claims.as_object_mut(), changes) else {
        return;
    };
    for (name, value) in changes {
        if value.is_null() {
            claims.remove(&name);
        } else {
            claims.insert(name, value);
        }
    }
}

/// Returns a `sid` that differs for each sign-in.
fn sid(nonce: &str) -> String {
    base64url(&Sha256::digest(nonce))
}

pub(super) fn logout_token(state: &State, changes: Value) -> Option<String> {
    let now = state.clock.now().unix();
    let mut claims = json!({
        "iss": state.issuer, "aud": "lethe", "iat": now, "exp": now + 120, "jti": state.secret(),
        "events": {"http://schemas.openid.net/event/backchannel-logout": {}},
    });
    apply(&mut claims, changes);
    state
        .keys
        .sign(state.plan.algorithm, "logout+jwt", &claims)
        .ok()
}

fn sub(person: &Person) -> String {
    format!("account-of-{}", person.username)
}

/// Signs with HS256 and the published key set as the secret. A library that lets the token choose its
/// algorithm accepts it.
fn hmac_forgery(state: &State, claims: &Value) -> String {
    let header = base64url(br#"{"alg":"HS256","typ":"JWT"}"#);
    let message = format!("{header}.{}", base64url(claims.to_string().as_bytes()));
    let mut key = [0_u8; 64];
    key.iter_mut()
        .zip(state.keys.jwks())
        .for_each(|(to, from)| *to = *from);
    let pad = |byte: u8| key.map(|k| k ^ byte);
    let digest = |parts: &[&[u8]]| {
        let mut state = Sha256::new();
        for part in parts {
            state.update(part);
        }
        <[u8; 32]>::from(state.finalize())
    };
    let inner = digest(&[&pad(0x36), message.as_bytes()]);
    let mac = digest(&[&pad(0x5c), &inner]);
    format!("{message}.{}", base64url(&mac))
}
