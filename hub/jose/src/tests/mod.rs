//! Forged tokens by name, and what each is refused for.

mod claims;
mod encryption;
mod tokens;

use std::sync::OnceLock;

use crate::{Algorithm, Keyring, SigningKey, generate};

/// One ring with a key of each algorithm, made once for all tests: RSA keys are slow to make.
pub(crate) fn ring() -> &'static Keyring {
    static RING: OnceLock<Keyring> = OnceLock::new();
    RING.get_or_init(|| Keyring::new(Algorithm::ALL.map(key).into()))
}

pub(crate) fn key(algorithm: Algorithm) -> SigningKey {
    SigningKey::with_algorithm(&generate(algorithm).unwrap(), algorithm).unwrap()
}
