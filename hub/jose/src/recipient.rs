//! The public key of another party, for which the hub encrypts (RFC 7516).
//!
//! Called by the server for encrypted responses; calls `encryption.rs`.

use std::fmt;

use josekit::{
    jwe::{ECDH_ES, JweEncrypter, JweHeader, RSA_OAEP_256},
    jwk::Jwk,
};
use openssl::{nid::Nid, pkey::PKey};
use serde_json::{Map, Value};

use crate::{
    KeyAlgorithm,
    encryption::{CONTENT, context},
};

/// A public key to encrypt for.
pub struct Recipient {
    algorithm: KeyAlgorithm,
    kid: Option<String>,
    encrypter: Box<dyn JweEncrypter>,
}

impl Recipient {
    /// Returns the first key of the JWK set `document` with `use: enc` and a supported algorithm.
    #[must_use]
    pub fn from_jwks(document: &[u8]) -> Option<Self> {
        let set: Value = serde_json::from_slice(document).ok()?;
        let keys = set.get("keys")?.as_array()?;
        keys.iter()
            .filter_map(Value::as_object)
            .find_map(Self::read)
    }

    fn read(members: &Map<String, Value>) -> Option<Self> {
        let text = |name: &str| members.get(name).and_then(Value::as_str);
        let algorithm = text("alg")
            .and_then(KeyAlgorithm::parse)
            .filter(|_| text("use") == Some("enc"))?;
        let jwk = Jwk::from_map(members.clone()).ok()?;
        let encrypter: Box<dyn JweEncrypter> = match algorithm {
            KeyAlgorithm::EcdhEs => Box::new(ECDH_ES.encrypter_from_jwk(&jwk).ok()?),
            KeyAlgorithm::RsaOaep256 => Box::new(RSA_OAEP_256.encrypter_from_jwk(&jwk).ok()?),
        };
        Some(Self {
            algorithm,
            kid: text("kid").map(str::to_owned),
            encrypter,
        })
    }

    /// Parses an EC P-256 public key in PEM, as `openssl pkey -pubout` writes it.
    ///
    /// Returns `None` for any other text, including a private key.
    #[must_use]
    pub fn from_public_pem(pem: &[u8]) -> Option<Self> {
        let key = PKey::public_key_from_pem(pem).ok()?;
        let curve = key.ec_key().ok()?.group().curve_name();
        let pem = key.public_key_to_pem().ok()?;
        let encrypter = ECDH_ES.encrypter_from_pem(&pem).ok()?;
        (curve == Some(Nid::X9_62_PRIME256V1)).then(|| Self {
            algorithm: KeyAlgorithm::EcdhEs,
            kid: None,
            encrypter: Box::new(encrypter),
        })
    }

    /// Encrypts the signed token `token` (a nested JWT, RFC 7519 section 5.2).
    ///
    /// Returns `None` if the library fails.
    #[must_use]
    pub fn seal(&self, token: &str) -> Option<String> {
        self.seal_as(token, "JWT")
    }

    /// Encrypts `text` of the media type `content_type` (`cty`, RFC 7516 section 4.1.12).
    ///
    /// Returns `None` if the library fails.
    #[must_use]
    pub fn seal_as(&self, text: &str, content_type: &str) -> Option<String> {
        let mut header = JweHeader::new();
        header.set_content_encryption(CONTENT);
        header.set_content_type(content_type);
        if let Some(kid) = &self.kid {
            header.set_key_id(kid);
        }
        context()
            .serialize_compact(text.as_bytes(), &header, self.encrypter.as_ref())
            .ok()
    }
}

impl fmt::Debug for Recipient {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "Recipient({})", self.algorithm.name())
    }
}
