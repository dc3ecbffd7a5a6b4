//! AES-256-GCM with a 96-bit nonce and a full 128-bit tag (NIST SP 800-38D), by OpenSSL.
//!
//! Called by `seal.rs`.

use openssl::symm::{Cipher, decrypt_aead, encrypt_aead};
use thiserror::Error;

const TAG: usize = 16;

/// Length of a nonce, in bytes.
pub(crate) const NONCE: usize = 12;

/// The sealed data cannot be decrypted: another key, another locator, or changed bytes.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Error)]
#[error("the sealed data cannot be decrypted")]
pub struct Unsealable;

/// Returns `nonce || ciphertext || tag`. The nonce is random: no key seals close to 2^32 messages.
pub(crate) fn seal(
    key: &[u8; 32],
    nonce: &[u8; NONCE],
    aad: &[u8],
    plain: &[u8],
) -> Result<Vec<u8>, Unsealable> {
    let mut tag = [0; TAG];
    let body = encrypt_aead(
        Cipher::aes_256_gcm(),
        key,
        Some(nonce),
        aad,
        plain,
        &mut tag,
    )
    .map_err(|_stack| Unsealable)?;
    let mut sealed = Vec::with_capacity(NONCE + body.len() + TAG);
    sealed.extend_from_slice(nonce);
    sealed.extend_from_slice(&body);
    sealed.extend_from_slice(&tag);
    Ok(sealed)
}

/// Returns the plain text of what [`seal`] returned.
pub(crate) fn open(key: &[u8; 32], aad: &[u8], sealed: &[u8]) -> Result<Vec<u8>, Unsealable> {
    let (nonce, rest) = sealed.split_first_chunk::<NONCE>().ok_or(Unsealable)?;
    let (body, tag) = rest.split_last_chunk::<TAG>().ok_or(Unsealable)?;
    decrypt_aead(Cipher::aes_256_gcm(), key, Some(nonce), aad, body, tag)
        .map_err(|_stack| Unsealable)
}
