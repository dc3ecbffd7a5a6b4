//! Encrypted tokens (RFC 7516): which of them are opened, and sealing for somebody else.
//!
//! What an encrypted token may look like is decided before the library is asked: two key algorithms,
//! one content algorithm, no compression, every part of its exact length.

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
    /// Diffie-Hellman on P-256, the key used directly.
    EcdhEs,
    /// RSA with OAEP and SHA-256, 2048 bits and more.
    RsaOaep256,
}

impl KeyAlgorithm {
    const ALL: [Self; 2] = [Self::EcdhEs, Self::RsaOaep256];

    /// The `alg` value.
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

/// Why an encrypted token is not opened. No part of it is in it.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Error)]
pub enum DecryptError {
    /// Not of the one form that is accepted.
    #[error("an encrypted token of a form that is not accepted")]
    Form,
    /// For none of our keys, or changed on the way.
    #[error("an encrypted token that none of our keys opens")]
    Key,
}

/// A private key that opens tokens. Its `kid` is its RFC 7638 thumbprint.
pub struct DecryptionKey {
    algorithm: KeyAlgorithm,
    kid: String,
    public: Value,
    wrapped_bytes: usize,
    decrypter: Box<dyn JweDecrypter>,
}

impl DecryptionKey {
    /// Reads a private key in PEM: EC P-256 opens `ECDH-ES`, RSA of 2048 bits and more `RSA-OAEP-256`.
    ///
    /// # Errors
    /// [`InvalidKey`], whose text says what to do.
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

    /// The public half as a JWK, for a key set.
    #[must_use]
    pub const fn public(&self) -> &Value {
        &self.public
    }
}

/// Our keys for tokens that others encrypt, in the order of use.
#[derive(Default)]
pub struct Decrypter {
    keys: Vec<DecryptionKey>,
}

impl Decrypter {
    /// Opens with `keys`.
    #[must_use]
    pub const fn new(keys: Vec<DecryptionKey>) -> Self {
        Self { keys }
    }

    /// Whether nothing can be opened.
    #[must_use]
    pub const fn is_empty(&self) -> bool {
        self.keys.is_empty()
    }

    /// The public halves, as JWKs.
    pub fn public(&self) -> impl Iterator<Item = &Value> {
        self.keys.iter().map(DecryptionKey::public)
    }

    /// The signed token inside `token`. Nothing about it is verified yet.
    ///
    /// # Errors
    /// [`DecryptError`].
    pub fn open(&self, token: &str) -> Result<String, DecryptError> {
        let header = guard(token)?;
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

/// The header of `token`, if it is five parts of sane size and asks for nothing out of the ordinary.
fn guard(token: &str) -> Result<Map<String, Value>, DecryptError> {
    let five = token.len() <= LARGEST && token.split('.').count() == 5;
    let (header, _) = token
        .split_once('.')
        .filter(|_| five)
        .ok_or(DecryptError::Form)?;
    let header: Map<String, Value> = from_base64url(header)
        .and_then(|json| serde_json::from_slice(&json).ok())
        .ok_or(DecryptError::Form)?;
    let strange = ["zip", "crit", "b64", "apu", "apv", "p2c", "jwk", "jku"]
        .iter()
        .any(|member| header.contains_key(*member));
    let kid = header.get("kid").is_none_or(Value::is_string);
    if strange || !kid {
        return Err(DecryptError::Form);
    }
    Ok(header)
}

/// A library that knows one content algorithm and no compression.
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
