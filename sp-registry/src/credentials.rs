//! How a service or data provider authenticates. The hub keeps digests of secrets and no secrets.
//!
//! Called by `file.rs` and `data_provider_file.rs`; used by the server's client authentication.

use std::fmt;

use hub_document::Section;
use sha2::{Digest, Sha256};
use subtle::{Choice, ConstantTimeEq};
use url::Url;

/// Secrets that are common in examples.
const COMMON_SECRETS: [&str; 5] = ["", "changeme", "password", "secret", "test"];

/// The SHA-256 digest of a secret.
///
/// `lethe secret` draws the secret with 256 random bits, so a fast hash is sufficient.
#[derive(Clone, PartialEq, Eq)]
pub struct SecretDigest([u8; 32]);

impl SecretDigest {
    /// Computes the digest of `secret`.
    #[must_use]
    pub fn of(secret: &str) -> Self {
        Self(Sha256::digest(secret.as_bytes()).into())
    }

    /// Parses `sha256:` and 64 hexadecimal digits.
    ///
    /// # Errors
    /// The expected form.
    pub fn parse(text: &str) -> Result<Self, &'static str> {
        const WANTED: &str =
            "expected \"sha256:\" and 64 hexadecimal digits, as `lethe secret` prints";
        let hex = text
            .strip_prefix("sha256:")
            .filter(|hex| hex.len() == 64)
            .ok_or(WANTED)?;
        let mut digest = [0; 32];
        for (byte, pair) in digest.iter_mut().zip(hex.as_bytes().chunks(2)) {
            let pair = std::str::from_utf8(pair).map_err(|_utf8| WANTED)?;
            *byte = u8::from_str_radix(pair, 16).map_err(|_digits| WANTED)?;
        }
        if COMMON_SECRETS
            .iter()
            .any(|secret| Self::of(secret).0 == digest)
        {
            return Err("is the digest of a common secret: make one with `lethe secret`");
        }
        Ok(Self(digest))
    }
}

impl fmt::Display for SecretDigest {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("sha256:")?;
        self.0.iter().try_for_each(|byte| write!(f, "{byte:02x}"))
    }
}

impl fmt::Debug for SecretDigest {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("SecretDigest(hidden)")
    }
}

/// Where the public keys of a client are.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum ClientKeys {
    /// In the entry, as a JWK set.
    Inline(String),
    /// At a URL of the client (`jwks_uri`).
    At(Url),
}

/// How a client authenticates (OpenID Connect Core 9).
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum ClientAuthentication {
    /// A public client, with PKCE only (`none`).
    None,
    /// A signed assertion (`private_key_jwt`, RFC 7523).
    PrivateKeyJwt(ClientKeys),
    /// A shared secret in the header or the body (`client_secret_basic`, `client_secret_post`).
    Secret(Vec<SecretDigest>),
}

impl ClientAuthentication {
    /// Whether `secret` is a registered one, compared in constant time.
    ///
    /// Two secrets may be registered at a time, so that the service can change its secret without
    /// interruption.
    #[must_use]
    pub fn accepts_secret(&self, secret: &str) -> bool {
        let Self::Secret(digests) = self else {
            return false;
        };
        let sent = SecretDigest::of(secret);
        let found = digests.iter().fold(Choice::from(0), |found, known| {
            found | known.0.ct_eq(&sent.0)
        });
        found.into()
    }

    /// Reads the section `[authentication]`.
    pub(crate) fn read(section: &Section<'_>) -> Option<Self> {
        let method = section.required("method", |text| Ok::<_, String>(text.to_owned()))?;
        let digests = section.list("secret_digests", SecretDigest::parse);
        let jwks = section.optional("jwks", inline_jwks);
        let jwks_uri = section.optional("jwks_uri", keys_address);
        match method.as_str() {
            "secret" if (1..=2).contains(&digests.len()) => Some(Self::Secret(digests)),
            "secret" => {
                section.add_problem(
                    "secret_digests",
                    "give one digest, or two while the secret changes",
                );
                None
            }
            "private_key_jwt" => exactly_one(section, jwks, jwks_uri).map(Self::PrivateKeyJwt),
            "none" => Some(Self::None),
            _ => {
                section.add_problem("method", "expected secret, private_key_jwt or none");
                None
            }
        }
    }
}

/// Reads a section that contains only the place of keys.
pub(crate) fn client_keys(section: &Section<'_>) -> Option<ClientKeys> {
    let jwks = section.optional("jwks", inline_jwks);
    let jwks_uri = section.optional("jwks_uri", keys_address);
    exactly_one(section, jwks, jwks_uri)
}

fn exactly_one(
    section: &Section<'_>,
    jwks: Option<String>,
    uri: Option<Url>,
) -> Option<ClientKeys> {
    match (jwks, uri) {
        (Some(jwks), None) => Some(ClientKeys::Inline(jwks)),
        (None, Some(at)) => Some(ClientKeys::At(at)),
        _ => {
            // A malformed value was reported where it was read.
            if section.has("jwks") == section.has("jwks_uri") {
                section.add_problem("jwks", "give either `jwks` or `jwks_uri`");
            }
            None
        }
    }
}

fn inline_jwks(text: &str) -> Result<String, &'static str> {
    let set: Option<serde_json::Value> = serde_json::from_str(text).ok();
    let keys = set.as_ref().and_then(|set| set.get("keys")?.as_array());
    match keys {
        Some(keys) if !keys.is_empty() => Ok(text.to_owned()),
        _ => Err("expected a JWK set as JSON text, '{\"keys\": [...]}'"),
    }
}

/// Reads the address of a key set: https, or http on the loopback.
fn keys_address(text: &str) -> Result<Url, &'static str> {
    const WANTED: &str = "expected an https:// address";
    let url = Url::parse(text).map_err(|_syntax| WANTED)?;
    let loopback = matches!(url.host_str(), Some("127.0.0.1" | "[::1]" | "localhost"));
    (url.scheme() == "https" || (url.scheme() == "http" && loopback))
        .then_some(url)
        .ok_or(WANTED)
}
