//! Bearer secrets, and the two values derived from each: the locator of its record, and its key.
//!
//! A secret is 32 bytes that the hub issues and does not keep. Whoever has the store and every key of
//! the configuration, but not the secret, cannot decrypt the record. Called by the server's `store`,
//! `token`, `session` and `http` modules.

use std::fmt;

use hkdf::Hkdf;
use serde::{Deserialize, Serialize};
use sha2::{Digest, Sha256};
use subtle::ConstantTimeEq;
use zeroize::{Zeroize, Zeroizing};

use crate::{
    encoding::{base64url, fixed_from_base64url},
    entropy::{Entropy, draw},
    ids::{ClientId, LoginId},
};

const SALT: &[u8] = b"lethe/v1";

/// The purpose of a secret. A secret of one kind never decrypts the record of another kind.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Kind {
    /// An access token.
    Access,
    /// An authorization code.
    Code,
    /// A token for one data provider.
    Data,
    /// A login in progress.
    Login,
    /// A logout that passes through an IdP's end-session page.
    Logout,
    /// A single sign-on session.
    Session,
    /// The record that an IdP's own session refers to.
    UpstreamSession,
}

impl Kind {
    /// Returns the label in every key derivation of this kind.
    #[must_use]
    pub const fn label(self) -> &'static str {
        match self {
            Self::Access => "access",
            Self::Code => "code",
            Self::Data => "data",
            Self::Login => "login",
            Self::Logout => "logout",
            Self::Session => "session",
            Self::UpstreamSession => "upstream",
        }
    }
}

/// A secret of 32 random bytes; 43 characters on the wire.
///
/// It is overwritten in memory when dropped.
#[derive(Clone)]
pub struct BearerSecret([u8; 32]);

impl BearerSecret {
    /// Draws a random secret.
    #[must_use]
    pub fn draw(entropy: &dyn Entropy) -> Self {
        Self(draw(entropy))
    }

    /// Parses a secret from the wire. Returns `None` unless its length and alphabet are exact.
    #[must_use]
    pub fn parse(text: &str) -> Option<Self> {
        fixed_from_base64url(text).map(Self)
    }

    /// Returns the secret as issued: base64url, 43 characters. It must not be logged or stored.
    #[must_use]
    pub fn reveal(&self) -> String {
        base64url(&self.0)
    }
}

impl Drop for BearerSecret {
    fn drop(&mut self) {
        self.0.zeroize();
    }
}

impl fmt::Debug for BearerSecret {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("BearerSecret(hidden)")
    }
}

/// The key of a record in the store: 32 bytes that reveal nothing about the secret.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Locator([u8; 32]);

impl Locator {
    /// Returns the locator that a record carries.
    #[must_use]
    pub const fn from_bytes(bytes: [u8; 32]) -> Self {
        Self(bytes)
    }

    /// Returns the raw bytes, which are the store's key.
    #[must_use]
    pub const fn as_bytes(&self) -> &[u8; 32] {
        &self.0
    }
}

/// A bearer secret bound to one purpose: it finds one record and decrypts it.
#[derive(Clone)]
pub struct Handle {
    kind: Kind,
    secret: Zeroizing<Vec<u8>>,
}

impl Handle {
    /// Returns the handle of a code, an access token or a session.
    #[must_use]
    pub fn new(kind: Kind, secret: &BearerSecret) -> Self {
        Self {
            kind,
            secret: Zeroizing::new(secret.0.to_vec()),
        }
    }

    /// Returns the handle of one login in one browser.
    ///
    /// It requires the secret of the cookie and the id in the path.
    #[must_use]
    pub fn login(browser: &BearerSecret, login: &LoginId) -> Self {
        let secret = [browser.0.as_slice(), login.as_bytes()].concat();
        Self {
            kind: Kind::Login,
            secret: Zeroizing::new(secret),
        }
    }

    /// Returns the handle of one logout in one browser.
    ///
    /// It requires the secret of the cookie and the id in the path.
    #[must_use]
    pub fn logout(browser: &BearerSecret, logout: &LoginId) -> Self {
        Self {
            kind: Kind::Logout,
            ..Self::login(browser, logout)
        }
    }

    /// Returns the handle of the record that an IdP's session refers to.
    ///
    /// It requires the `sid` of that session and the server key with which `mark` was computed.
    #[must_use]
    pub fn upstream_session(mark: &Locator) -> Self {
        Self {
            kind: Kind::UpstreamSession,
            secret: Zeroizing::new(mark.0.to_vec()),
        }
    }

    /// Returns the `sid` of a session at one service (OpenID Connect Back-Channel Logout 2.1).
    ///
    /// It has 22 characters and differs between services, so that they cannot compare sessions.
    #[must_use]
    pub fn sid(&self, client: &ClientId) -> String {
        let sid = self.expand(client.as_str().as_bytes(), "/sid");
        base64url(&sid.into_iter().take(16).collect::<Vec<u8>>())
    }

    /// Returns the `jti` of the token for one data provider: 22 characters, different for each provider.
    #[must_use]
    pub fn jti(&self, provider: &ClientId) -> String {
        let jti = self.expand(provider.as_str().as_bytes(), "/jti");
        base64url(&jti.into_iter().take(16).collect::<Vec<u8>>())
    }

    /// Returns the locator of the record.
    ///
    /// It does not depend on the pepper, so that records stay reachable after a change of pepper.
    #[must_use]
    pub fn locator(&self) -> Locator {
        Locator(self.expand(&[], "/locator"))
    }

    /// Returns the key of the record, under the server key `pepper`.
    pub(crate) fn key(&self, pepper: &[u8; 32]) -> Zeroizing<[u8; 32]> {
        Zeroizing::new(self.expand(pepper, "/seal"))
    }

    /// Returns the associated data that binds a record to its kind, locator and format.
    pub(crate) fn binding(&self, version: u8) -> Vec<u8> {
        [
            self.kind.label().as_bytes(),
            self.locator().as_bytes(),
            &[version],
        ]
        .concat()
    }

    /// Returns the anti-forgery token that only pages of this login carry, 43 characters.
    #[must_use]
    pub fn page_token(&self) -> String {
        base64url(&self.expand(&[], "/page"))
    }

    /// Whether `sent` is this login's page token. The comparison takes constant time.
    #[must_use]
    pub fn is_page_token(&self, sent: &str) -> bool {
        self.page_token().as_bytes().ct_eq(sent.as_bytes()).into()
    }

    /// Returns the anti-forgery token of one form, 43 characters.
    ///
    /// Whoever submits it has seen a page that showed `content`.
    #[must_use]
    pub fn form_token(&self, content: &[u8]) -> String {
        base64url(&self.expand(&Sha256::digest(content), "/form"))
    }

    /// Binds a record of this login to `secret`, a second secret of the browser.
    #[must_use]
    pub fn bind(&self, secret: &BearerSecret) -> BrowserBinding {
        BrowserBinding(base64url(&self.expand(&secret.0, "/browser")))
    }

    /// Whether `binding` binds a record of this login to `secret`, in constant time.
    #[must_use]
    pub fn is_bound(&self, binding: &BrowserBinding, secret: &BearerSecret) -> bool {
        let own = self.bind(secret);
        own.0.as_bytes().ct_eq(binding.0.as_bytes()).into()
    }

    fn expand(&self, pepper: &[u8], purpose: &str) -> [u8; 32] {
        let keyed = Zeroizing::new([self.secret.as_slice(), pepper].concat());
        let mut out = [0; 32];
        let derivation = Hkdf::<Sha256>::new(Some(SALT), &keyed);
        let length = derivation.expand_multi_info(
            &[self.kind.label().as_bytes(), purpose.as_bytes()],
            &mut out,
        );
        debug_assert!(length.is_ok(), "HKDF-SHA-256 outputs up to 8160 bytes");
        out
    }
}

/// Which browser a login belongs to from the authentication on. It is derived from the login's [`Handle`] and
/// from a secret that the browser got at that moment, and reveals neither.
#[derive(Clone, Serialize, Deserialize)]
#[serde(transparent)]
pub struct BrowserBinding(String);

impl fmt::Debug for BrowserBinding {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("BrowserBinding(hidden)")
    }
}

impl fmt::Debug for Handle {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "Handle({}, hidden)", self.kind.label())
    }
}
