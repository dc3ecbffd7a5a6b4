//! JSON Web Tokens for the hub: the one room that touches `josekit`.
//!
//! The library signs and verifies bytes. Everything that it leaves to its user is done here: a list of
//! [`Algorithm`]s decided by configuration and never by the token, keys chosen by `kid` *and*
//! algorithm ([`KeySet`]), size limits before decoding, required [`claims`] with integer times, and
//! keys that are parsed once and kept ([`Keyring`]). What arrives encrypted is opened by an [`Decrypter`].

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
