//! The hub's own signing keys: parsed once, kept, published together.

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

/// Why a key file is of no use.
#[derive(Debug, Error)]
pub enum InvalidKey {
    /// It is not a private key in PEM.
    #[error("not a private key in PEM: make one with `lethe keys new`")]
    NotPem,
    /// It is for no algorithm we sign with.
    #[error("a private key of another kind: use EC P-256 or RSA of 2048 bits and more")]
    Unsuitable,
}

/// Signing failed inside the cryptographic library.
#[derive(Debug, Error)]
pub enum SignError {
    /// No key of that algorithm is in the ring.
    #[error("no {} key in the ring", .0.name())]
    NoKey(Algorithm),
    /// The library failed.
    #[error("the signature library failed")]
    Library,
}

/// A private key with the algorithm it signs with. Its `kid` is its RFC 7638 thumbprint.
pub struct SigningKey {
    algorithm: Algorithm,
    kid: String,
    public: Value,
    signer: Box<dyn JwsSigner>,
}

impl SigningKey {
    /// Reads a private key in PEM: EC P-256 signs ES256, RSA signs RS256 (or `PS256` where asked),
    /// Ed25519 signs `EdDSA`.
    ///
    /// # Errors
    /// [`InvalidKey`], whose text says what to do.
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

    /// Reads a PKCS#8 private key for one algorithm.
    ///
    /// # Errors
    /// [`InvalidKey::Unsuitable`] if the key is not for that algorithm.
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

    /// What it signs with.
    #[must_use]
    pub const fn algorithm(&self) -> Algorithm {
        self.algorithm
    }

    /// Its id: the RFC 7638 thumbprint.
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

/// The keys of one party. All are published; the first of each algorithm signs, so that a key can be
/// published before it is used, and stay published after.
#[derive(Debug)]
pub struct Keyring {
    keys: Vec<SigningKey>,
    jwks: Vec<u8>,
    own: KeySet,
}

impl Keyring {
    /// A ring of `keys`, in the order of use.
    #[must_use]
    pub fn new(keys: Vec<SigningKey>) -> Self {
        Self::with_retired(keys, &[])
    }

    /// The same with the public keys `retired`, which sign nothing any more: they are published, so that
    /// what they signed can still be verified.
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

    /// Whether something can be signed with `algorithm`.
    #[must_use]
    pub fn can_sign(&self, algorithm: Algorithm) -> bool {
        self.signing(algorithm).is_some()
    }

    /// The algorithms of the ring, in the order of preference, each once.
    #[must_use]
    pub fn algorithms(&self) -> Vec<Algorithm> {
        Algorithm::ALL
            .into_iter()
            .filter(|algorithm| self.can_sign(*algorithm))
            .collect()
    }

    /// The JWK set to publish (RFC 7517 section 5), as JSON.
    #[must_use]
    pub fn jwks(&self) -> &[u8] {
        &self.jwks
    }

    /// The same set with `others` beside: public keys for another use.
    #[must_use]
    pub fn jwks_with(&self, others: &[&Value]) -> Vec<u8> {
        let ours = self.keys.iter().map(|key| &key.public);
        let published: Vec<&Value> = ours.chain(others.iter().copied()).collect();
        json!({ "keys": published }).to_string().into_bytes()
    }

    /// The ring's public half, to recognise what it signed itself.
    #[must_use]
    pub const fn own(&self) -> &KeySet {
        &self.own
    }

    /// Signs `claims` as a compact JWT (RFC 7519) of type `typ`.
    ///
    /// # Errors
    /// [`SignError`] when there is no such key or the library fails.
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

/// A fresh private key in PKCS#8 PEM: P-256 for ES256, 2048-bit RSA for RS256 and PS256, Ed25519.
///
/// # Errors
/// [`SignError::Library`] when the cryptographic library fails.
pub fn generate(algorithm: Algorithm) -> Result<Vec<u8>, SignError> {
    let made = match algorithm {
        Algorithm::Es256 => {
            EcKeyPair::generate(EcCurve::P256).map(|pair| pair.to_pem_private_key())
        }
        Algorithm::Rs256 | Algorithm::Ps256 => {
            RsaKeyPair::generate(2048).map(|pair| pair.to_pem_private_key())
        }
        Algorithm::EdDsa => EdKeyPair::generate(josekit::jwk::alg::ed::EdCurve::Ed25519)
            .map(|pair| pair.to_pem_private_key()),
    };
    made.map_err(|_jose| SignError::Library)
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

/// RFC 7638: the digest of the required members, in the order of their names.
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
