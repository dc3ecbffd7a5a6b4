//! A person in the audit stream: an alias that nobody can compute without the operator's key.

use std::fmt;

use zeroize::Zeroizing;

use super::Person;
use crate::{encoding::base64url, seal::mac};

const PURPOSE: &[u8] = b"lethe/audit\0";

/// `K_audit`, the key of the aliases.
#[derive(Clone)]
pub struct AliasKey(Zeroizing<[u8; 32]>);

impl AliasKey {
    /// The key of the operator.
    #[must_use]
    pub fn new(key: [u8; 32]) -> Self {
        Self(Zeroizing::new(key))
    }

    /// The alias of `person`, the same in every login: 43 base64url characters,
    /// `HMAC-SHA-256(K_audit, "lethe/audit" || 0x00 || person)`.
    #[must_use]
    pub fn alias(&self, person: &Person) -> String {
        base64url(&mac(&self.0, &[PURPOSE, person.as_bytes()]))
    }
}

impl fmt::Debug for AliasKey {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("AliasKey(hidden)")
    }
}
