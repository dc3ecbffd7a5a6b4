//! JSON Web Tokens for the hub. This is the only crate that calls `josekit`.
//!
//! The library signs and verifies bytes. This crate adds what it leaves to its caller: [`Algorithm`]s
//! allowed by the configuration and never by the token, keys chosen by `kid` *and* algorithm
//! ([`KeySet`]), size limits before decoding, required [`claims`] with integer times, and keys that are
//! parsed once ([`Keyring`]). A [`Decrypter`] decrypts encrypted tokens. Called by the server, the IdP
//! adapters and the demonstration.

mod algorithm;
pub mod claims;
mod encryption;
mod key_set;
mod keyring;
mod recipient;
mod retired;
mod verify;

pub use algorithm::Algorithm;
pub use encryption::{DecryptError, Decrypter, DecryptionKey, KeyAlgorithm};
pub use key_set::{InvalidKeySet, KeySet};
pub use keyring::{InvalidKey, Keyring, SignError, SigningKey, generate};
pub use recipient::Recipient;
pub use retired::{InvalidRetiredKeys, retired_keys};
pub use verify::{JwtError, TokenType, USERINFO, unverified_subject, verify};

#[cfg(test)]
mod tests;
