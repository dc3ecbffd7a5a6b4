//! Proof Key for Code Exchange with S256 (RFC 7636), nothing weaker.

use serde::{Deserialize, Serialize};
use sha2::{Digest, Sha256};
use subtle::ConstantTimeEq;

use crate::{
    encoding::{base64url, fixed_from_base64url},
    entropy::{Entropy, draw},
};

/// What a client shows at `/authorize`: `base64url(SHA-256(verifier))`, 43 characters.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(transparent)]
pub struct Challenge(String);

/// What it shows at `/token`: 43 to 128 unreserved characters (RFC 7636 section 4.1).
#[derive(Clone)]
pub struct Verifier(String);

impl Challenge {
    /// Reads a `code_challenge`; nothing but the base64url of 32 bytes is one.
    #[must_use]
    pub fn parse(text: &str) -> Option<Self> {
        fixed_from_base64url::<32>(text).map(|_| Self(text.to_owned()))
    }

    /// Whether `verifier` is the one this challenge was made from.
    #[must_use]
    pub fn is_met_by(&self, verifier: &Verifier) -> bool {
        self.0
            .as_bytes()
            .ct_eq(verifier.challenge().0.as_bytes())
            .into()
    }

    /// The challenge as sent.
    #[must_use]
    pub fn as_str(&self) -> &str {
        &self.0
    }
}

impl Verifier {
    /// A fresh verifier of 43 characters.
    #[must_use]
    pub fn draw(entropy: &dyn Entropy) -> Self {
        Self(base64url(&draw::<32>(entropy)))
    }

    /// Reads a `code_verifier`.
    #[must_use]
    pub fn parse(text: &str) -> Option<Self> {
        let unreserved = |c: u8| c.is_ascii_alphanumeric() || b"-._~".contains(&c);
        let good = (43..=128).contains(&text.len()) && text.bytes().all(unreserved);
        good.then(|| Self(text.to_owned()))
    }

    /// The S256 challenge of this verifier.
    #[must_use]
    pub fn challenge(&self) -> Challenge {
        Challenge(base64url(&Sha256::digest(self.0.as_bytes())))
    }

    /// The verifier as sent.
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
