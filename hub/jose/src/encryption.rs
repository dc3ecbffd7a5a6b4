//! Encrypted tokens (RFC 7516): the accepted form, and decryption.
//!
//! The form is checked before the library runs: two key algorithms, one content algorithm, no
//! compression, and the exact length of every part. Called by the IdP adapters and `recipient.rs`.

use std::fmt;

use hub_core::encoding::from_base64url;
use josekit::{
    jwe::{ECDH_ES, JweContext, JweDecrypter, RSA_OAEP_256},
    jwk::alg::{
        ec::{EcCurve, EcKeyPair},
        rsa::RsaKeyPair,
    },
};
use openssl::pkey::{Id, PKey};
use serde_json::{Map, Value};
use thiserror::Error;

use crate::{InvalidKey, keyring::thumbprint};

const LARGEST: usize = 64 * 1024;
pub(crate) const CONTENT: &str = "A256GCM";
const NONCE_BYTES: usize = 12;
const TAG_BYTES: usize = 16;

/// How the key of an encrypted token is agreed or wrapped (RFC 7518 section 4).
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum KeyAlgorithm {
    /// Diffie-Hellman on P-256, with the agreed key used directly.
    EcdhEs,
    /// RSA-OAEP with SHA-256, keys of at least 2048 bits.
    RsaOaep256,
}

impl KeyAlgorithm {
    const ALL: [Self; 2] = [Self::EcdhEs, Self::RsaOaep256];

    /// Returns the `alg` value.
    #[must_use]
    pub const fn name(self) -> &'static str {
        match self {
            Self::EcdhEs => "ECDH-ES",
            Self::RsaOaep256 => "RSA-OAEP-256",
        }
    }

    pub(crate) fn parse(name: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|one| one.name() == name)
    }
}

/// Why an encrypted token was refused. The error contains no part of the token.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Error)]
pub enum DecryptError {
    /// The token does not have the accepted form.
    #[error("an encrypted token of a form that is not accepted")]
    Form,
    /// The token was encrypted for another key, or was changed.
    #[error("an encrypted token that no key of the hub decrypts")]
    Key,
}

/// A private key that decrypts tokens. Its `kid` is its RFC 7638 thumbprint.
pub struct DecryptionKey {
    algorithm: KeyAlgorithm,
    kid: String,
    public: Value,
    wrapped_bytes: usize,
    decrypter: Box<dyn JweDecrypter>,
}

impl DecryptionKey {
    /// Parses a private key in PEM.
    ///
    /// An EC P-256 key decrypts `ECDH-ES`, an RSA key of at least 2048 bits `RSA-OAEP-256`.
    ///
    /// # Errors
    /// [`InvalidKey`], whose text states the remedy.
    pub fn from_pem(pem: &[u8]) -> Result<Self, InvalidKey> {
        let key = PKey::private_key_from_pem(pem).map_err(|_stack| InvalidKey::NotPem)?;
        let pem = key
            .private_key_to_pem_pkcs8()
            .map_err(|_stack| InvalidKey::NotPem)?;
        let (algorithm, wrapped_bytes) = match (key.id(), key.size()) {
            (Id::EC, _) => (KeyAlgorithm::EcdhEs, 0),
            (Id::RSA, bytes) if bytes >= 256 => (KeyAlgorithm::RsaOaep256, bytes),
            _ => return Err(InvalidKey::Unsuitable),
        };
        Self::read(&pem, algorithm, wrapped_bytes).ok_or(InvalidKey::Unsuitable)
    }

    fn read(pem: &[u8], algorithm: KeyAlgorithm, wrapped_bytes: usize) -> Option<Self> {
        let jwk = match algorithm {
            KeyAlgorithm::EcdhEs => EcKeyPair::from_pem(pem, Some(EcCurve::P256))
                .ok()?
                .to_jwk_public_key(),
            KeyAlgorithm::RsaOaep256 => RsaKeyPair::from_pem(pem).ok()?.to_jwk_public_key(),
        };
        let decrypter: Box<dyn JweDecrypter> = match algorithm {
            KeyAlgorithm::EcdhEs => Box::new(ECDH_ES.decrypter_from_pem(pem).ok()?),
            KeyAlgorithm::RsaOaep256 => Box::new(RSA_OAEP_256.decrypter_from_pem(pem).ok()?),
        };
        let kid = thumbprint(&jwk)?;
        let mut public = Value::Object(jwk.into());
        let members = public.as_object_mut()?;
        members.insert("kid".into(), kid.clone().into());
        members.insert("alg".into(), algorithm.name().into());
        members.insert("use".into(), "enc".into());
        Some(Self {
            algorithm,
            kid,
            public,
            wrapped_bytes,
            decrypter,
        })
    }

    /// Returns the public key as a JWK, for a key set.
    #[must_use]
    pub const fn public(&self) -> &Value {
        &self.public
    }
}

/// The hub's decryption keys, in the order of use.
#[derive(Default)]
pub struct Decrypter {
    keys: Vec<DecryptionKey>,
}

impl Decrypter {
    /// Creates a decrypter with `keys`.
    #[must_use]
    pub const fn new(keys: Vec<DecryptionKey>) -> Self {
        Self { keys }
    }

    /// Whether there are no keys.
    #[must_use]
    pub const fn is_empty(&self) -> bool {
        self.keys.is_empty()
    }

    /// Returns the public keys as JWKs.
    pub fn public(&self) -> impl Iterator<Item = &Value> {
        self.keys.iter().map(DecryptionKey::public)
    }

    /// Decrypts `token` and returns the signed token inside. Its signature is not verified yet.
    ///
    /// # Errors
    /// [`DecryptError`].
    pub fn open(&self, token: &str) -> Result<String, DecryptError> {
        let header = checked_header(token)?;
        let text = |name: &str| header.get(name).and_then(Value::as_str);
        let algorithm = text("alg")
            .and_then(KeyAlgorithm::parse)
            .filter(|_| text("enc") == Some(CONTENT))
            .ok_or(DecryptError::Form)?;
        let parts: Vec<&str> = token.split('.').collect();
        let length = |place: usize| {
            let part = parts.get(place).and_then(|part| from_base64url(part));
            part.map(|bytes| bytes.len()).ok_or(DecryptError::Form)
        };
        let (wrapped, nonce, tag) = (length(1)?, length(2)?, length(4)?);
        if nonce != NONCE_BYTES || tag != TAG_BYTES {
            return Err(DecryptError::Form);
        }
        let key = self
            .keys
            .iter()
            .filter(|key| key.algorithm == algorithm && key.wrapped_bytes == wrapped)
            .find(|key| text("kid").is_none_or(|kid| kid == key.kid))
            .ok_or(DecryptError::Key)?;
        let (inner, _) = context()
            .deserialize_compact(token, key.decrypter.as_ref())
            .map_err(|_jose| DecryptError::Key)?;
        String::from_utf8(inner).map_err(|_utf8| DecryptError::Form)
    }
}

/// Returns the header of `token` if it has five parts, a limited size and no unsupported member.
fn checked_header(token: &str) -> Result<Map<String, Value>, DecryptError> {
    let has_five_parts = token.len() <= LARGEST && token.split('.').count() == 5;
    let (header, _) = token
        .split_once('.')
        .filter(|_| has_five_parts)
        .ok_or(DecryptError::Form)?;
    let header: Map<String, Value> = from_base64url(header)
        .and_then(|json| serde_json::from_slice(&json).ok())
        .ok_or(DecryptError::Form)?;
    let has_unsupported_member = ["zip", "crit", "b64", "apu", "apv", "p2c", "jwk", "jku"]
        .iter()
        .any(|member| header.contains_key(*member));
    let kid = header.get("kid").is_none_or(Value::is_string);
    if has_unsupported_member || !kid {
        return Err(DecryptError::Form);
    }
    Ok(header)
}

/// Creates a library context with one content algorithm and without compression. Decompression would
/// allow small tokens that expand to exhaust memory.
pub(crate) fn context() -> JweContext {
    let mut context = JweContext::new();
    context.remove_compression("DEF");
    for other in [
        "A128CBC-HS256",
        "A192CBC-HS384",
        "A256CBC-HS512",
        "A128GCM",
        "A192GCM",
    ] {
        context.remove_content_encryption(other);
    }
    context
}

impl fmt::Debug for DecryptionKey {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "DecryptionKey({} {})", self.algorithm.name(), self.kid)
    }
}

impl fmt::Debug for Decrypter {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_list().entries(&self.keys).finish()
    }
}
