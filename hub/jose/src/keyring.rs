//! The hub's own signing keys: parsed once, and published together.
//!
//! Called by the server's `jwt` module to sign and by its `/jwks` endpoint to publish.

use std::fmt;

use hub_core::encoding::base64url;
use josekit::{
    jwk::{
        Jwk,
        alg::{
            ec::{EcCurve, EcKeyPair},
            ed::EdKeyPair,
            rsa::RsaKeyPair,
        },
    },
    jws::{self, ES256, EdDSA, JwsHeader, JwsSigner, PS256, RS256},
};
use openssl::pkey::{Id, PKey};
use serde::Serialize;
use serde_json::{Value, json};
use sha2::{Digest, Sha256};
use thiserror::Error;

use crate::{Algorithm, KeySet};

/// Why a key file cannot be used.
#[derive(Debug, Error)]
pub enum InvalidKey {
    /// It is not a private key in PEM.
    #[error("not a private key in PEM: make one with `lethe keys new`")]
    NotPem,
    /// It fits no supported algorithm.
    #[error("a private key of another kind: use EC P-256 or RSA of 2048 bits and more")]
    Unsuitable,
}

/// Why signing failed.
#[derive(Debug, Error)]
pub enum SignError {
    /// The keyring has no key of that algorithm.
    #[error("the keyring has no {} key", .0.name())]
    NoKey(Algorithm),
    /// The cryptographic library failed.
    #[error("the signature library failed")]
    Library,
}

/// A private key and the algorithm it signs with. Its `kid` is its RFC 7638 thumbprint.
pub struct SigningKey {
    algorithm: Algorithm,
    kid: String,
    public: Value,
    signer: Box<dyn JwsSigner>,
}

impl SigningKey {
    /// Parses a private key in PEM.
    ///
    /// An EC P-256 key signs ES256, an RSA key RS256 (or `PS256` if requested), an Ed25519 key `EdDSA`.
    ///
    /// # Errors
    /// [`InvalidKey`], whose text states the remedy.
    pub fn from_pem(pem: &[u8]) -> Result<Self, InvalidKey> {
        let key = PKey::private_key_from_pem(pem).map_err(|_stack| InvalidKey::NotPem)?;
        let algorithm = match key.id() {
            Id::EC => Algorithm::Es256,
            Id::RSA => Algorithm::Rs256,
            Id::ED25519 => Algorithm::EdDsa,
            _ => return Err(InvalidKey::Unsuitable),
        };
        let pem = key
            .private_key_to_pem_pkcs8()
            .map_err(|_stack| InvalidKey::NotPem)?;
        Self::with_algorithm(&pem, algorithm)
    }

    /// Parses a PKCS#8 private key for one algorithm.
    ///
    /// # Errors
    /// [`InvalidKey::Unsuitable`] if the key does not fit the algorithm.
    pub fn with_algorithm(pem: &[u8], algorithm: Algorithm) -> Result<Self, InvalidKey> {
        let jwk = public_jwk(pem, algorithm).ok_or(InvalidKey::Unsuitable)?;
        let kid = thumbprint(&jwk).ok_or(InvalidKey::Unsuitable)?;
        let mut public = Value::Object(jwk.into());
        if let Some(members) = public.as_object_mut() {
            members.insert("kid".into(), kid.clone().into());
            members.insert("alg".into(), algorithm.name().into());
            members.insert("use".into(), "sig".into());
        }
        let signer = signer(pem, algorithm, &kid).ok_or(InvalidKey::Unsuitable)?;
        Ok(Self {
            algorithm,
            kid,
            public,
            signer,
        })
    }

    /// Returns the algorithm that the key signs with.
    #[must_use]
    pub const fn algorithm(&self) -> Algorithm {
        self.algorithm
    }

    /// Returns the id of the key: its RFC 7638 thumbprint.
    #[must_use]
    pub fn kid(&self) -> &str {
        &self.kid
    }
}

impl fmt::Debug for SigningKey {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "SigningKey({} {})", self.algorithm.name(), self.kid)
    }
}

/// The signing keys of one party.
///
/// All are published; the first of each algorithm signs. So a key can be published before it is used and
/// stay published afterwards.
#[derive(Debug)]
pub struct Keyring {
    keys: Vec<SigningKey>,
    jwks: Vec<u8>,
    own: KeySet,
}

impl Keyring {
    /// Creates a keyring of `keys`, in the order of use.
    #[must_use]
    pub fn new(keys: Vec<SigningKey>) -> Self {
        Self::with_retired(keys, &[])
    }

    /// Creates a keyring that also publishes the public keys `retired`.
    ///
    /// Retired keys sign nothing. They are published so that earlier signatures can still be verified.
    #[must_use]
    pub fn with_retired(keys: Vec<SigningKey>, retired: &[Value]) -> Self {
        let in_use = |key: &&Value| {
            let kid = key.get("kid").and_then(Value::as_str);
            keys.iter().any(|known| Some(known.kid()) == kid)
        };
        let retired = retired.iter().filter(|key| !in_use(key));
        let published = keys.iter().map(|key| &key.public);
        let published: Vec<&Value> = published.chain(retired).collect();
        let jwks = json!({ "keys": published }).to_string().into_bytes();
        let own = KeySet::from_jwks(&jwks).unwrap_or_default();
        Self { keys, jwks, own }
    }

    /// Whether a key can sign with `algorithm`.
    #[must_use]
    pub fn can_sign(&self, algorithm: Algorithm) -> bool {
        self.signing(algorithm).is_some()
    }

    /// Returns the algorithms of the keyring, in the order of preference, without duplicates.
    #[must_use]
    pub fn algorithms(&self) -> Vec<Algorithm> {
        Algorithm::ALL
            .into_iter()
            .filter(|algorithm| self.can_sign(*algorithm))
            .collect()
    }

    /// Returns the JWK set to publish (RFC 7517 section 5), as JSON.
    #[must_use]
    pub fn jwks(&self) -> &[u8] {
        &self.jwks
    }

    /// Returns the JWK set with the additional public keys `others`, which have another use.
    #[must_use]
    pub fn jwks_with(&self, others: &[&Value]) -> Vec<u8> {
        let ours = self.keys.iter().map(|key| &key.public);
        let published: Vec<&Value> = ours.chain(others.iter().copied()).collect();
        json!({ "keys": published }).to_string().into_bytes()
    }

    /// Returns the public keys of the keyring, to verify what it signed itself.
    #[must_use]
    pub const fn own(&self) -> &KeySet {
        &self.own
    }

    /// Signs `claims` as a compact JWT (RFC 7519) of type `typ`.
    ///
    /// # Errors
    /// [`SignError`] if there is no key of the algorithm or the library fails.
    pub fn sign(
        &self,
        algorithm: Algorithm,
        typ: &str,
        claims: &impl Serialize,
    ) -> Result<String, SignError> {
        let key = self.signing(algorithm).ok_or(SignError::NoKey(algorithm))?;
        let payload = serde_json::to_vec(claims).map_err(|_json| SignError::Library)?;
        let mut header = JwsHeader::new();
        header.set_token_type(typ);
        jws::serialize_compact(&payload, &header, key.signer.as_ref())
            .map_err(|_jose| SignError::Library)
    }

    fn signing(&self, algorithm: Algorithm) -> Option<&SigningKey> {
        self.keys.iter().find(|key| key.algorithm == algorithm)
    }
}

/// Generates a private key in PKCS#8 PEM: P-256 for ES256, 2048-bit RSA for RS256 and PS256, Ed25519.
///
/// # Errors
/// [`SignError::Library`] if the cryptographic library fails.
pub fn generate(algorithm: Algorithm) -> Result<Vec<u8>, SignError> {
    let generated = match algorithm {
        Algorithm::Es256 => {
            EcKeyPair::generate(EcCurve::P256).map(|pair| pair.to_pem_private_key())
        }
        Algorithm::Rs256 | Algorithm::Ps256 => {
            RsaKeyPair::generate(2048).map(|pair| pair.to_pem_private_key())
        }
        Algorithm::EdDsa => EdKeyPair::generate(josekit::jwk::alg::ed::EdCurve::Ed25519)
            .map(|pair| pair.to_pem_private_key()),
    };
    generated.map_err(|_jose| SignError::Library)
}

fn public_jwk(pem: &[u8], algorithm: Algorithm) -> Option<Jwk> {
    match algorithm {
        Algorithm::Es256 => {
            EcKeyPair::from_pem(pem, Some(EcCurve::P256)).map(|pair| pair.to_jwk_public_key())
        }
        Algorithm::Rs256 | Algorithm::Ps256 => {
            RsaKeyPair::from_pem(pem).map(|pair| pair.to_jwk_public_key())
        }
        Algorithm::EdDsa => EdKeyPair::from_pem(pem).map(|pair| pair.to_jwk_public_key()),
    }
    .ok()
}

fn signer(pem: &[u8], algorithm: Algorithm, kid: &str) -> Option<Box<dyn JwsSigner>> {
    Some(match algorithm {
        Algorithm::Es256 => {
            let mut signer = ES256.signer_from_pem(pem).ok()?;
            signer.set_key_id(kid);
            Box::new(signer)
        }
        Algorithm::Rs256 => {
            let mut signer = RS256.signer_from_pem(pem).ok()?;
            signer.set_key_id(kid);
            Box::new(signer)
        }
        Algorithm::Ps256 => {
            let pair = RsaKeyPair::from_pem(pem).ok()?;
            let mut signer = PS256.signer_from_jwk(&pair.to_jwk_private_key()).ok()?;
            signer.set_key_id(kid);
            Box::new(signer)
        }
        Algorithm::EdDsa => {
            let mut signer = EdDSA.signer_from_pem(pem).ok()?;
            signer.set_key_id(kid);
            Box::new(signer)
        }
    })
}

/// Returns the RFC 7638 thumbprint: the digest of the required members, in the order of their names.
pub(crate) fn thumbprint(jwk: &Jwk) -> Option<String> {
    let required: &[&str] = match jwk.key_type() {
        "EC" => &["crv", "kty", "x", "y"],
        "RSA" => &["e", "kty", "n"],
        "OKP" => &["crv", "kty", "x"],
        _ => return None,
    };
    let members: serde_json::Map<String, Value> = required
        .iter()
        .map(|name| Some(((*name).to_owned(), jwk.parameter(name)?.clone())))
        .collect::<Option<_>>()?;
    Some(base64url(&Sha256::digest(
        Value::Object(members).to_string(),
    )))
}
