//! The key of the audit stream.
//!
//! The stream names persons and logins by pseudonyms. Only the holder of this key can compute them.
//! Called by the server's `audit` module.

use std::fmt;

use hkdf::Hkdf;
use sha2::Sha256;
use zeroize::Zeroizing;

use super::Person;
use crate::{
    encoding::{base64url, hex},
    seal::mac,
};

const PURPOSE: &[u8] = b"lethe/audit\0";
const SALT: &[u8] = b"lethe/v1";

/// The operator's key of the audit stream, and the keys derived from it.
#[derive(Clone)]
pub struct AuditKey {
    alias: Zeroizing<[u8; 32]>,
    service: Zeroizing<[u8; 32]>,
    idp: Zeroizing<[u8; 32]>,
}

impl AuditKey {
    /// Derives the keys from the operator's key.
    #[must_use]
    pub fn new(key: [u8; 32]) -> Self {
        Self {
            service: derive(&key, b"audit/service"),
            idp: derive(&key, b"audit/idp"),
            alias: Zeroizing::new(key),
        }
    }

    /// Returns the pseudonym of `person`, the same in every login: 43 base64url characters.
    ///
    /// It is `HMAC-SHA-256(K_audit, "lethe/audit" || 0x00 || person)`.
    #[must_use]
    pub fn alias(&self, person: &Person) -> String {
        base64url(&mac(&self.alias, &[PURPOSE, person.as_bytes()]))
    }

    /// Returns the pseudonym of the login `transaction` in events about the service.
    ///
    /// It is the first 128 bits of `HMAC-SHA-256(HKDF-SHA-256(K_audit, "lethe/v1", "audit/service"),
    /// transaction)`, in hexadecimal.
    #[must_use]
    pub fn service_login(&self, transaction: &str) -> String {
        name(&self.service, transaction)
    }

    /// Returns the pseudonym of the login `transaction` in events about the identity provider.
    ///
    /// It is computed as in [`AuditKey::service_login`], with the key of `"audit/idp"`. Relating the two
    /// pseudonyms requires the audit key and the transaction, which only sealed records hold.
    #[must_use]
    pub fn idp_login(&self, transaction: &str) -> String {
        name(&self.idp, transaction)
    }
}

fn derive(key: &[u8; 32], info: &[u8]) -> Zeroizing<[u8; 32]> {
    let mut out = Zeroizing::new([0; 32]);
    let derived = Hkdf::<Sha256>::new(Some(SALT), key).expand(info, out.as_mut_slice());
    debug_assert!(derived.is_ok(), "HKDF-SHA-256 outputs up to 8160 bytes");
    out
}

fn name(key: &[u8; 32], transaction: &str) -> String {
    let digest = mac(key, &[transaction.as_bytes()]);
    digest
        .first_chunk::<16>()
        .map(|half| hex(half))
        .unwrap_or_default()
}

impl fmt::Debug for AuditKey {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("AuditKey(hidden)")
    }
}
