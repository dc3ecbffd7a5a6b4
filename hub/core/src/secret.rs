//! Bearer secrets, and the two values that come from each: where its record lies, and its key.
//!
//! A secret is 32 bytes that the hub hands out and never keeps. Whoever has the store and every key of
//! the configuration, but not the secret, reads nothing.

use std::fmt;

use hkdf::Hkdf;
use sha2::{Digest, Sha256};
use subtle::ConstantTimeEq;
use zeroize::{Zeroize, Zeroizing};

use crate::{
    encoding::{base64url, fixed_from_base64url},
    entropy::{Entropy, draw},
    ids::{ClientId, LoginId},
};

const SALT: &[u8] = b"lethe/v1";

/// What a secret is for. Secrets of different kinds never open each other's records.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Kind {
    /// An access token.
    Access,
    /// An authorization code.
    Code,
    /// A token for one data provider.
    Data,
    /// A login under way.
    Login,
    /// A logout on its way through an IdP's page.
    Logout,
    /// A single sign-on session.
    Session,
    /// What an IdP's own session leads to here.
    UpstreamSession,
}

impl Kind {
    /// The label that goes into every derivation.
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

/// 32 bytes that open one thing; 43 characters on the wire. Wiped from memory when dropped.
#[derive(Clone)]
pub struct BearerSecret([u8; 32]);

impl BearerSecret {
    /// A fresh secret.
    #[must_use]
    pub fn draw(entropy: &dyn Entropy) -> Self {
        Self(draw(entropy))
    }

    /// Reads a secret from the wire: exact length, exact alphabet, or nothing.
    #[must_use]
    pub fn parse(text: &str) -> Option<Self> {
        fixed_from_base64url(text).map(Self)
    }

    /// The secret as handed out: base64url, 43 characters. Never logged, never stored.
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

/// Where a record lies in the store: 32 bytes that say nothing of the secret.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Locator([u8; 32]);

impl Locator {
    /// The locator read back from a record that names it.
    #[must_use]
    pub const fn from_bytes(bytes: [u8; 32]) -> Self {
        Self(bytes)
    }

    /// The raw bytes, as the store's key.
    #[must_use]
    pub const fn as_bytes(&self) -> &[u8; 32] {
        &self.0
    }
}

/// A secret put to its use: finds one record and opens it.
#[derive(Clone)]
pub struct Handle {
    kind: Kind,
    secret: Zeroizing<Vec<u8>>,
}

impl Handle {
    /// The handle of a code, an access token or a session.
    #[must_use]
    pub fn new(kind: Kind, secret: &BearerSecret) -> Self {
        Self {
            kind,
            secret: Zeroizing::new(secret.0.to_vec()),
        }
    }

    /// The handle of one login in one browser: the cookie's secret and the path's id, both needed.
    #[must_use]
    pub fn login(browser: &BearerSecret, login: &LoginId) -> Self {
        let secret = [browser.0.as_slice(), login.as_bytes()].concat();
        Self {
            kind: Kind::Login,
            secret: Zeroizing::new(secret),
        }
    }

    /// The handle of one logout in one browser, as of a login.
    #[must_use]
    pub fn logout(browser: &BearerSecret, logout: &LoginId) -> Self {
        Self {
            kind: Kind::Logout,
            ..Self::login(browser, logout)
        }
    }

    /// The handle of what an IdP's session leads to: whoever knows the session's name, and the server
    /// key that `mark` was made with, finds it.
    #[must_use]
    pub fn upstream_session(mark: &Locator) -> Self {
        Self {
            kind: Kind::UpstreamSession,
            secret: Zeroizing::new(mark.0.to_vec()),
        }
    }

    /// The `sid` of a session at one service (OpenID Connect Back-Channel Logout 2.1): 22 characters
    /// that no other service shares.
    #[must_use]
    pub fn sid(&self, client: &ClientId) -> String {
        let sid = self.expand(client.as_str().as_bytes(), "/sid");
        base64url(&sid.into_iter().take(16).collect::<Vec<u8>>())
    }

    /// The token's number for one data provider: 22 characters that no other shares.
    #[must_use]
    pub fn jti(&self, provider: &ClientId) -> String {
        let jti = self.expand(provider.as_str().as_bytes(), "/jti");
        base64url(&jti.into_iter().take(16).collect::<Vec<u8>>())
    }

    /// Where the record lies. The server's pepper plays no part, so that a change of pepper loses
    /// nobody.
    #[must_use]
    pub fn locator(&self) -> Locator {
        Locator(self.expand(&[], "/locator"))
    }

    /// The record's key, under the server key `pepper`.
    pub(crate) fn key(&self, pepper: &[u8; 32]) -> Zeroizing<[u8; 32]> {
        Zeroizing::new(self.expand(pepper, "/seal"))
    }

    /// What binds a record to its kind, place and format.
    pub(crate) fn binding(&self, version: u8) -> Vec<u8> {
        [
            self.kind.label().as_bytes(),
            self.locator().as_bytes(),
            &[version],
        ]
        .concat()
    }

    /// A token that only pages of this login carry (anti-forgery), 43 characters.
    #[must_use]
    pub fn page_token(&self) -> String {
        base64url(&self.expand(&[], "/page"))
    }

    /// Whether `sent` is this login's page token, in constant time.
    #[must_use]
    pub fn is_page_token(&self, sent: &str) -> bool {
        self.page_token().as_bytes().ct_eq(sent.as_bytes()).into()
    }

    /// A token that one form alone carries, 43 characters: whoever submits it saw a page that showed
    /// `content`.
    #[must_use]
    pub fn form_token(&self, content: &[u8]) -> String {
        base64url(&self.expand(&Sha256::digest(content), "/form"))
    }

    fn expand(&self, pepper: &[u8], purpose: &str) -> [u8; 32] {
        let keyed = Zeroizing::new([self.secret.as_slice(), pepper].concat());
        let mut out = [0; 32];
        let derivation = Hkdf::<Sha256>::new(Some(SALT), &keyed);
        let length = derivation.expand_multi_info(
            &[self.kind.label().as_bytes(), purpose.as_bytes()],
            &mut out,
        );
        debug_assert!(length.is_ok(), "HKDF-SHA-256 gives up to 8160 bytes");
        out
    }
}

impl fmt::Debug for Handle {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "Handle({}, hidden)", self.kind.label())
    }
}
