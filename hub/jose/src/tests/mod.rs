//! Unit tests: forged tokens and keys, and the error each one causes.

mod claims;
mod encryption;
mod tokens;

use std::sync::OnceLock;

use crate::{Algorithm, Keyring, SigningKey, generate};

/// Returns a keyring with a key of each algorithm, created once because RSA keys take long to generate.
pub(crate) fn ring() -> &'static Keyring {
    static RING: OnceLock<Keyring> = OnceLock::new();
    RING.get_or_init(|| Keyring::new(Algorithm::ALL.map(key).into()))
}

pub(crate) fn key(algorithm: Algorithm) -> SigningKey {
    SigningKey::with_algorithm(&generate(algorithm).unwrap(), algorithm).unwrap()
}
