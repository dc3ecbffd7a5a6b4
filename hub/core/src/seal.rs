//! Sealed records: the only form of data in the store.
//!
//! `version || pepper id || nonce || AES-256-GCM(key, record, aad = kind || locator || version)`. The
//! key is derived from a bearer secret that the hub does not keep, and from a server key, the *pepper*.
//! Called by the server's `store` module and by `ticket.rs`; calls `aead.rs`.

use std::fmt;

use hmac::{Hmac, KeyInit, Mac};
use sha2::Sha256;
use zeroize::Zeroizing;

use crate::{
    aead::{self, NONCE, Unsealable},
    entropy::{Entropy, draw},
    secret::{Handle, Locator},
};

const VERSION: u8 = 1;

/// A server key of 32 bytes, and the id by which records name it.
#[derive(Clone)]
pub struct ServerKey {
    key: Zeroizing<[u8; 32]>,
    id: [u8; 4],
}

impl ServerKey {
    /// Creates a server key.
    ///
    /// Its id is the start of its own MAC, so the operator does not choose one.
    #[must_use]
    pub fn new(key: [u8; 32]) -> Self {
        let [a, b, c, d, ..] = mac(&key, &[b"lethe/key-id"]);
        Self {
            key: Zeroizing::new(key),
            id: [a, b, c, d],
        }
    }
}

impl fmt::Debug for ServerKey {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("ServerKey(hidden)")
    }
}

/// The current key, and the previous one for records that it sealed and that have not expired.
#[derive(Debug, Clone)]
pub struct KeyPair {
    current: ServerKey,
    previous: Option<ServerKey>,
}

impl KeyPair {
    /// Seals with `current` and decrypts with either.
    #[must_use]
    pub const fn new(current: ServerKey, previous: Option<ServerKey>) -> Self {
        Self { current, previous }
    }

    fn by_id(&self, id: [u8; 4]) -> Option<&ServerKey> {
        [Some(&self.current), self.previous.as_ref()]
            .into_iter()
            .flatten()
            .find(|key| key.id == id)
    }
}

/// Seals records for the store and decrypts them.
#[derive(Debug, Clone)]
pub struct Sealer {
    peppers: KeyPair,
}

impl Sealer {
    /// Creates a sealer with the given peppers.
    #[must_use]
    pub const fn new(peppers: KeyPair) -> Self {
        Self { peppers }
    }

    /// Seals `record` for `handle`.
    ///
    /// # Errors
    /// [`Unsealable`] if the cryptographic library fails.
    pub fn seal(
        &self,
        handle: &Handle,
        record: &[u8],
        entropy: &dyn Entropy,
    ) -> Result<Vec<u8>, Unsealable> {
        let pepper = &self.peppers.current;
        let nonce = draw::<NONCE>(entropy);
        let sealed = aead::seal(
            &handle.key(&pepper.key),
            &nonce,
            &handle.binding(VERSION),
            record,
        )?;
        Ok([&[VERSION], pepper.id.as_slice(), &sealed].concat())
    }

    /// Decrypts what [`Sealer::seal`] returned for the same handle.
    ///
    /// # Errors
    /// [`Unsealable`] for the record of another handle, an unknown version or pepper, or changed bytes.
    pub fn open(&self, handle: &Handle, stored: &[u8]) -> Result<Vec<u8>, Unsealable> {
        let (&version, rest) = stored.split_first().ok_or(Unsealable)?;
        let (&id, sealed) = rest.split_first_chunk().ok_or(Unsealable)?;
        let pepper = self.peppers.by_id(id).ok_or(Unsealable)?;
        if version != VERSION {
            return Err(Unsealable);
        }
        aead::open(&handle.key(&pepper.key), &handle.binding(version), sealed)
    }

    /// Returns the locators of the mark for `parts`: a keyed hash, which tells a reader of the store
    /// nothing.
    ///
    /// The first uses the current pepper and the second the previous one, if there is one: a mark that
    /// was set before a change of pepper must be found until it expires.
    pub fn keyed_locators(
        &self,
        purpose: &str,
        parts: &[&str],
    ) -> impl Iterator<Item = Locator> + use<> {
        let mut fields = vec![purpose.as_bytes()];
        for part in parts {
            fields.push(&[0]);
            fields.push(part.as_bytes());
        }
        let peppers = [Some(&self.peppers.current), self.peppers.previous.as_ref()];
        let marks = peppers.map(|pepper| pepper.map(|pepper| mac(&pepper.key, &fields)));
        marks.into_iter().flatten().map(Locator::from_bytes)
    }
}

/// Seals a short message under a server key alone. Used for tickets.
pub(crate) fn seal_under(
    keys: &KeyPair,
    purpose: &[u8],
    plain: &[u8],
    entropy: &dyn Entropy,
) -> Result<Vec<u8>, Unsealable> {
    let key = &keys.current;
    let sealed = aead::seal(&key.key, &draw::<NONCE>(entropy), purpose, plain)?;
    Ok([&[VERSION], key.id.as_slice(), &sealed].concat())
}

/// Decrypts what [`seal_under`] returned.
pub(crate) fn open_under(
    keys: &KeyPair,
    purpose: &[u8],
    stored: &[u8],
) -> Result<Vec<u8>, Unsealable> {
    let (&version, rest) = stored.split_first().ok_or(Unsealable)?;
    let (&id, sealed) = rest.split_first_chunk().ok_or(Unsealable)?;
    let key = keys.by_id(id).ok_or(Unsealable)?;
    if version != VERSION {
        return Err(Unsealable);
    }
    aead::open(&key.key, purpose, sealed)
}

/// Computes HMAC-SHA-256 of the concatenated `parts`.
pub(crate) fn mac(key: &[u8; 32], parts: &[&[u8]]) -> [u8; 32] {
    // RFC 2104 pads a key shorter than the block with zeros, so the padded block is `key` itself.
    let mut block = hmac::digest::Key::<Hmac<Sha256>>::default();
    block.iter_mut().zip(key).for_each(|(to, from)| *to = *from);
    let mut state = Hmac::<Sha256>::new(&block);
    for part in parts {
        state.update(part);
    }
    state.finalize().into_bytes().into()
}
