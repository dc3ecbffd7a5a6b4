//! The public keys of signing keys that are no longer used.
//!
//! Called when the configuration is read.

use serde_json::Value;
use thiserror::Error;

use crate::KeySet;

/// Why a document cannot be read as retired keys.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Error)]
pub enum InvalidRetiredKeys {
    /// It is not a JWK set, or one of its keys cannot verify.
    #[error("expected a JWK set of signature keys, as `/jwks` published it (RFC 7517 section 5)")]
    Malformed,
    /// A key has no `kid`, by which tokens name it.
    #[error("a key without `kid`: copy it from the JWK set that `/jwks` published")]
    Nameless,
    /// It contains a private or symmetric key.
    #[error("a private or symmetric key: keep the public members only")]
    Secret,
}

/// Parses a JWK set of public keys, each with its `kid`.
///
/// # Errors
/// [`InvalidRetiredKeys`], whose text states the remedy.
pub fn retired_keys(document: &[u8]) -> Result<Vec<Value>, InvalidRetiredKeys> {
    let set: Value =
        serde_json::from_slice(document).map_err(|_json| InvalidRetiredKeys::Malformed)?;
    let keys = set.get("keys").and_then(Value::as_array);
    let keys = keys.ok_or(InvalidRetiredKeys::Malformed)?;
    for key in keys {
        if ["d", "k", "p", "q"]
            .iter()
            .any(|secret| key.get(secret).is_some())
        {
            return Err(InvalidRetiredKeys::Secret);
        }
        if !key.get("kid").is_some_and(Value::is_string) {
            return Err(InvalidRetiredKeys::Nameless);
        }
        let single_key = serde_json::json!({ "keys": [key] }).to_string();
        let usable = KeySet::from_jwks(single_key.as_bytes()).is_ok_and(|set| !set.is_empty());
        if !usable {
            return Err(InvalidRetiredKeys::Malformed);
        }
    }
    Ok(keys.clone())
}
