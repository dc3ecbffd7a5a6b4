//! The id token (OpenID Connect Core 2): who signed in, for whom, at which level. No identity
//! attribute is in it.

use hub_core::{
    acr::{Level, Vocabulary},
    clock::Timestamp,
    encoding::base64url,
    login::{AskedClaim, Granted},
    subject::{BasisName, Subject},
};
use hub_jose::{Algorithm, SignError};
use serde::Serialize;
use sha2::{Digest, Sha256};
use sp_registry::ServiceProvider;
use thiserror::Error;

use crate::hub::Hub;

/// Why an id token could not be made.
#[derive(Debug, Error)]
pub enum SigningError {
    /// The service is registered for an algorithm that nobody signs with.
    #[error("no such algorithm")]
    Algorithm,
    /// Signing failed.
    #[error(transparent)]
    Signing(#[from] SignError),
}

#[derive(Serialize)]
struct Claims<'a> {
    iss: &'a str,
    sub: &'a str,
    aud: &'a str,
    exp: i64,
    iat: i64,
    acr: &'static str,
    #[serde(skip_serializing_if = "Option::is_none")]
    auth_time: Option<i64>,
    #[serde(skip_serializing_if = "Option::is_none")]
    nonce: Option<&'a str>,
    #[serde(skip_serializing_if = "Option::is_none")]
    amr: Option<[&'static str; 1]>,
    #[serde(skip_serializing_if = "Option::is_none")]
    at_hash: Option<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    sid: Option<&'a str>,
    #[serde(skip_serializing_if = "Option::is_none")]
    sub_basis: Option<&'static str>,
    #[serde(skip_serializing_if = "Option::is_none")]
    sub_persistence: Option<&'static str>,
    #[serde(skip_serializing_if = "Vec::is_empty")]
    previous_subs: Vec<&'a str>,
}

/// The id token for `granted`, given out together with `access_token`.
///
/// # Errors
/// [`SigningError`].
pub fn id_token(
    hub: &Hub,
    service: &ServiceProvider,
    granted: &Granted,
    access_token: &str,
    now: Timestamp,
) -> Result<String, SigningError> {
    let asked = |claim| granted.id_token.contains(&claim);
    let (level, vocabulary): (Level, Vocabulary) = (granted.level, granted.vocabulary);
    let claims = Claims {
        iss: hub.issuer(),
        sub: granted.subject.as_str(),
        aud: service.client_id.as_str(),
        exp: now.plus(service.policy.lifetimes.access).unix(),
        iat: now.unix(),
        acr: level.acr(vocabulary),
        auth_time: granted
            .auth_time
            .filter(|_| asked(AskedClaim::AuthTime))
            .map(Timestamp::unix),
        nonce: granted.nonce.as_deref(),
        amr: asked(AskedClaim::Amr).then(|| [level.amr()]),
        at_hash: asked(AskedClaim::AtHash).then(|| at_hash(access_token)),
        sid: granted.sid.as_deref(),
        sub_basis: granted.basis.map(BasisName::as_str),
        sub_persistence: granted.basis.map(|basis| basis.persistence().as_str()),
        previous_subs: granted.previous_subs.iter().map(Subject::as_str).collect(),
    };
    let algorithm = Algorithm::parse(&service.signing_alg).ok_or(SigningError::Algorithm)?;
    Ok(hub
        .shared
        .config
        .keys
        .signing
        .sign(algorithm, "JWT", &claims)?)
}

/// OpenID Connect Core 3.1.3.6: the left half of the SHA-256 of the token, as both our algorithms hash.
fn at_hash(access_token: &str) -> String {
    let digest: [u8; 32] = Sha256::digest(access_token.as_bytes()).into();
    let left: Vec<u8> = digest.into_iter().take(16).collect();
    base64url(&left)
}
