//! Signature verification (RFC 7515 section 5.2), with what is decided before the library is asked.

use hub_core::encoding::from_base64url;
use josekit::jws;
use serde_json::{Map, Value};
use thiserror::Error;

use crate::{Algorithm, KeySet};

const LARGEST: usize = 32 * 1024;

/// Why a token is not accepted. No part of the token is in it.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Error)]
pub enum JwtError {
    /// Signed with an algorithm that was not agreed, `none` included.
    #[error("a token signed with an algorithm that is not allowed")]
    Algorithm,
    /// The signature is not the key's.
    #[error("a token whose signature is wrong")]
    Signature,
    /// Not three parts of base64url JSON, too large, or of the wrong type.
    #[error("a malformed token")]
    Malformed,
    /// No key of the set fits: worth one refresh.
    #[error("a token signed with an unknown key")]
    UnknownKey,
}

/// The `typ` of the userinfo answers that this hub signs, so that none passes for an id token (RFC 8725
/// section 3.11).
pub const USERINFO: &str = "userinfo+jwt";

/// The `typ` that a token has to have (RFC 8725 section 3.11).
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum TokenType {
    /// This one, such as `at+jwt` (RFC 9068 section 2.1), and no other.
    Exactly(&'static str),
    /// Absent or `JWT`, as OpenID Connect tokens are.
    Jwt,
    /// Anything that is not another kind of token: services' assertions carry many values.
    Assertion,
    /// Absent, `JWT` or [`USERINFO`]: OpenID Connect Core 5.3.2 names no type for a signed userinfo answer.
    Userinfo,
    /// Absent, `JWT` or `logout+jwt` (OpenID Connect Back-Channel Logout 1.0 section 2.4).
    Logout,
}

impl TokenType {
    fn accepts(self, typ: Option<&str>) -> bool {
        let plain = typ.is_none_or(|typ| typ.eq_ignore_ascii_case("JWT"));
        match self {
            Self::Exactly(wanted) => typ == Some(wanted),
            Self::Jwt => plain,
            Self::Userinfo => plain || typ == Some(USERINFO),
            Self::Logout => plain || typ == Some("logout+jwt"),
            Self::Assertion => plain || typ == Some("client-authentication+jwt"),
        }
    }
}

/// The `sub` that an unverified `token` claims: good for nothing but finding the keys to verify it with.
#[must_use]
pub fn unverified_subject(token: &str) -> Option<String> {
    let payload = token.split('.').nth(1).filter(|_| token.len() <= LARGEST)?;
    let claims: Map<String, Value> = serde_json::from_slice(&from_base64url(payload)?).ok()?;
    Some(claims.get("sub")?.as_str()?.to_owned())
}

/// The claims of `token`, if a key of `keys` signed it with one of `allowed`.
///
/// Keys named by the token itself (`jku`, `jwk`, `x5u`) are never used.
///
/// # Errors
/// [`JwtError`].
pub fn verify(
    token: &str,
    keys: &KeySet,
    allowed: &[Algorithm],
    typ: TokenType,
) -> Result<Map<String, Value>, JwtError> {
    if token.len() > LARGEST {
        return Err(JwtError::Malformed);
    }
    let (header, _) = token.split_once('.').ok_or(JwtError::Malformed)?;
    let header: Map<String, Value> = from_base64url(header)
        .and_then(|json| serde_json::from_slice(&json).ok())
        .ok_or(JwtError::Malformed)?;
    let text = |name: &str| header.get(name).and_then(Value::as_str);

    let algorithm = text("alg")
        .and_then(Algorithm::parse)
        .filter(|algorithm| allowed.contains(algorithm))
        .ok_or(JwtError::Algorithm)?;
    let strange = header.contains_key("crit")
        || header.contains_key("b64")
        || header.get("kid").is_some_and(|kid| !kid.is_string())
        || !typ.accepts(text("typ"));
    if strange {
        return Err(JwtError::Malformed);
    }
    let verifier = keys
        .find(text("kid"), algorithm)
        .ok_or(JwtError::UnknownKey)?;
    let (payload, _) =
        jws::deserialize_compact(token, verifier).map_err(|_jose| JwtError::Signature)?;
    serde_json::from_slice(&payload).map_err(|_json| JwtError::Malformed)
}
