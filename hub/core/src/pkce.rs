//! Proof Key for Code Exchange (RFC 7636), method S256 only.
//!
//! Called by the server for its services, and by the IdP adapters for their own requests.

use serde::{Deserialize, Serialize};
use sha2::{Digest, Sha256};
use subtle::ConstantTimeEq;

use crate::{
    encoding::{base64url, fixed_from_base64url},
    entropy::{Entropy, draw},
};

/// The `code_challenge` of an authorization request: `base64url(SHA-256(verifier))`, 43 characters.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(transparent)]
pub struct Challenge(String);

/// The `code_verifier` of a token request: 43 to 128 unreserved characters (RFC 7636 section 4.1).
#[derive(Clone)]
pub struct Verifier(String);

impl Challenge {
    /// Parses a `code_challenge`. Returns `None` unless it is the base64url of 32 bytes.
    #[must_use]
    pub fn parse(text: &str) -> Option<Self> {
        fixed_from_base64url::<32>(text).map(|_| Self(text.to_owned()))
    }

    /// Whether this challenge was computed from `verifier`. The comparison takes constant time.
    #[must_use]
    pub fn is_met_by(&self, verifier: &Verifier) -> bool {
        self.0
            .as_bytes()
            .ct_eq(verifier.challenge().0.as_bytes())
            .into()
    }

    /// Returns the challenge as sent.
    #[must_use]
    pub fn as_str(&self) -> &str {
        &self.0
    }
}

impl Verifier {
    /// Draws a verifier of 43 characters.
    #[must_use]
    pub fn draw(entropy: &dyn Entropy) -> Self {
        Self(base64url(&draw::<32>(entropy)))
    }

    /// Parses a `code_verifier`. Returns `None` if its length or a character is not allowed.
    #[must_use]
    pub fn parse(text: &str) -> Option<Self> {
        let unreserved = |c: u8| c.is_ascii_alphanumeric() || b"-._~".contains(&c);
        let is_valid = (43..=128).contains(&text.len()) && text.bytes().all(unreserved);
        is_valid.then(|| Self(text.to_owned()))
    }

    /// Returns the S256 challenge of this verifier.
    #[must_use]
    pub fn challenge(&self) -> Challenge {
        Challenge(base64url(&Sha256::digest(self.0.as_bytes())))
    }

    /// Returns the verifier as sent. It must not be logged.
    #[must_use]
    pub fn reveal(&self) -> &str {
        &self.0
    }
}

impl std::fmt::Debug for Verifier {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str("Verifier(hidden)")
    }
}
