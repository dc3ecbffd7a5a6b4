//! The public keys of another party, each prepared to verify with one algorithm.
//!
//! Called by `verify.rs`; created from fetched or configured JWK sets.

use std::fmt;

use josekit::{
    jwk::Jwk,
    jws::{ES256, EdDSA, JwsVerifier, PS256, RS256},
};
use serde_json::{Map, Value};
use thiserror::Error;

use crate::Algorithm;

const LARGEST: usize = 64 * 1024;
const MOST_KEYS: usize = 50;

/// Why a document is not a key set.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Error)]
pub enum InvalidKeySet {
    /// It has over 64 KiB or over 50 keys.
    #[error("the key set is too large")]
    TooLarge,
    /// It is not the JSON of RFC 7517 section 5.
    #[error("not a JWK set")]
    Malformed,
}

/// The keys of a JWK set that can verify a supported algorithm.
///
/// Other keys are ignored (RFC 7517 section 5). Verifiers are built once, because building one costs
/// more than using it.
#[derive(Default)]
pub struct KeySet {
    keys: Vec<PublicKey>,
}

struct PublicKey {
    kid: Option<String>,
    algorithm: Algorithm,
    verifier: Box<dyn JwsVerifier>,
}

impl KeySet {
    /// Parses a JWK set.
    ///
    /// # Errors
    /// [`InvalidKeySet`] for a document that is not a JWK set. A single unusable key is ignored.
    pub fn from_jwks(document: &[u8]) -> Result<Self, InvalidKeySet> {
        if document.len() > LARGEST {
            return Err(InvalidKeySet::TooLarge);
        }
        let set: Value =
            serde_json::from_slice(document).map_err(|_json| InvalidKeySet::Malformed)?;
        let members = set
            .get("keys")
            .and_then(Value::as_array)
            .ok_or(InvalidKeySet::Malformed)?;
        if members.len() > MOST_KEYS {
            return Err(InvalidKeySet::TooLarge);
        }
        let keys = members
            .iter()
            .filter_map(Value::as_object)
            .flat_map(PublicKey::read)
            .collect();
        Ok(Self { keys })
    }

    /// Returns the number of usable (key, algorithm) pairs.
    #[must_use]
    pub fn len(&self) -> usize {
        self.keys.len()
    }

    /// Whether there is no usable key.
    #[must_use]
    pub fn is_empty(&self) -> bool {
        self.keys.is_empty()
    }

    /// Returns the key for a token with this `kid` and algorithm.
    ///
    /// Returns `None` if two keys have this `kid`. Without a `kid`, exactly one key of the algorithm
    /// must exist.
    pub(crate) fn find(&self, kid: Option<&str>, algorithm: Algorithm) -> Option<&dyn JwsVerifier> {
        let mut fitting = self.keys.iter().filter(|key| {
            key.algorithm == algorithm && kid.is_none_or(|kid| key.kid.as_deref() == Some(kid))
        });
        let first = fitting.next()?;
        fitting.next().is_none().then_some(first.verifier.as_ref())
    }
}

impl PublicKey {
    /// Returns one key for each algorithm that it may be used with: the one it names, or all that fit
    /// its type.
    fn read(members: &Map<String, Value>) -> Vec<Self> {
        let text = |name| members.get(name).and_then(Value::as_str);
        if text("use").is_some_and(|used_for| used_for != "sig") {
            return Vec::new();
        }
        let fits = |algorithm: &Algorithm| {
            text("kty") == Some(algorithm.key_type())
                && text("alg").is_none_or(|named| named == algorithm.name())
        };
        Algorithm::ALL
            .into_iter()
            .filter(fits)
            .filter_map(|algorithm| {
                let verifier = verifier(members, algorithm)?;
                Some(Self {
                    kid: text("kid").map(str::to_owned),
                    algorithm,
                    verifier,
                })
            })
            .collect()
    }
}

/// Builds a verifier. Only the key material is passed to the library: `find` has already chosen by `kid`
/// and `alg`.
fn verifier(members: &Map<String, Value>, algorithm: Algorithm) -> Option<Box<dyn JwsVerifier>> {
    let bare: Map<String, Value> = ["kty", "crv", "x", "y", "n", "e"]
        .iter()
        .filter_map(|name| Some(((*name).to_owned(), members.get(*name)?.clone())))
        .collect();
    let jwk = Jwk::from_map(bare).ok()?;
    Some(match algorithm {
        Algorithm::Es256 => Box::new(ES256.verifier_from_jwk(&jwk).ok()?),
        Algorithm::Rs256 => Box::new(RS256.verifier_from_jwk(&jwk).ok()?),
        Algorithm::Ps256 => Box::new(PS256.verifier_from_jwk(&jwk).ok()?),
        Algorithm::EdDsa => Box::new(EdDSA.verifier_from_jwk(&jwk).ok()?),
    })
}

impl fmt::Debug for KeySet {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "KeySet({} keys)", self.keys.len())
    }
}
