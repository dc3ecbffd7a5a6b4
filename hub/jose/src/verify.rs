//! Signature verification (RFC 7515 section 5.2), with the checks that come before the library.
//!
//! Called by the IdP adapters, and by the server for client assertions, hints and its own tokens.

use hub_core::encoding::from_base64url;
use josekit::jws;
use serde_json::{Map, Value};
use thiserror::Error;

use crate::{Algorithm, KeySet};

const LARGEST: usize = 32 * 1024;

/// Why a token was refused. The error contains no part of the token.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Error)]
pub enum JwtError {
    /// The token uses an algorithm that is not allowed, such as `none`.
    #[error("a token signed with an algorithm that is not allowed")]
    Algorithm,
    /// The signature does not match the key.
    #[error("a token whose signature is wrong")]
    Signature,
    /// The token is not three parts of base64url JSON, is too large, or has the wrong type.
    #[error("a malformed token")]
    Malformed,
    /// No key of the set matches. The caller may fetch the set once more.
    #[error("a token signed with an unknown key")]
    UnknownKey,
}

/// The `typ` of the UserInfo responses that this hub signs.
///
/// It prevents their use as ID tokens (RFC 8725 section 3.11).
pub const USERINFO: &str = "userinfo+jwt";

/// The required `typ` of a token (RFC 8725 section 3.11).
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum TokenType {
    /// Exactly this value, such as `at+jwt` (RFC 9068 section 2.1).
    Exactly(&'static str),
    /// Absent or `JWT`, as in OpenID Connect tokens.
    Jwt,
    /// Absent, `JWT` or `client-authentication+jwt`, as in client assertions.
    Assertion,
    /// Absent, `JWT` or [`USERINFO`]: OpenID Connect Core 5.3.2 defines no type for a signed UserInfo
    /// response.
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

/// Returns the `sub` of a `token` that was not verified.
///
/// The caller may use it only to find the keys that verify the token.
#[must_use]
pub fn unverified_subject(token: &str) -> Option<String> {
    let payload = token.split('.').nth(1).filter(|_| token.len() <= LARGEST)?;
    let claims: Map<String, Value> = serde_json::from_slice(&from_base64url(payload)?).ok()?;
    Some(claims.get("sub")?.as_str()?.to_owned())
}

/// Verifies that a key of `keys` signed `token` with one of `allowed`, and returns its claims.
///
/// Keys in the token itself (`jku`, `jwk`, `x5u`) are never used.
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
    let is_unsupported = header.contains_key("crit")
        || header.contains_key("b64")
        || header.get("kid").is_some_and(|kid| !kid.is_string())
        || !typ.accepts(text("typ"));
    if is_unsupported {
        return Err(JwtError::Malformed);
    }
    let verifier = keys
        .find(text("kid"), algorithm)
        .ok_or(JwtError::UnknownKey)?;
    let (payload, _) =
        jws::deserialize_compact(token, verifier).map_err(|_jose| JwtError::Signature)?;
    serde_json::from_slice(&payload).map_err(|_json| JwtError::Malformed)
}
