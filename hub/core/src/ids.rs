//! Identifiers of clients, IdPs, sectors and logins.
//!
//! Each is a newtype that parses, so a value that exists is valid.

use std::{fmt, str::FromStr};

use serde::{Deserialize, Serialize};
use thiserror::Error;

use crate::{
    encoding::{base64url, fixed_from_base64url},
    entropy::{Entropy, draw},
};

/// Why a text is not an identifier.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Error)]
pub enum InvalidId {
    /// Not a client id.
    #[error("a client id has 1 to 128 printable ASCII characters, no blank, quote or backslash")]
    Client,
    /// Not an identity provider's id.
    #[error("an IdP id has 1 to 64 characters among a-z, 0-9 and hyphen")]
    Idp,
    /// Not a login id.
    #[error("a login id has 22 base64url characters")]
    Login,
    /// Not a sector.
    #[error("a sector has 1 to 255 printable ASCII characters and no blank")]
    Sector,
}

/// A service provider's `client_id` (RFC 6749 section 2.2).
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(try_from = "String", into = "String")]
pub struct ClientId(String);

/// An identity provider's id, a path segment of its callback URL.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(try_from = "String", into = "String")]
pub struct IdpId(String);

/// The sector for which a pairwise `sub` is derived (OpenID Connect Core 8.1).
///
/// Several clients of one organisation may share it.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(try_from = "String", into = "String")]
pub struct Sector(String);

impl FromStr for ClientId {
    type Err = InvalidId;

    fn from_str(text: &str) -> Result<Self, InvalidId> {
        let is_allowed = |c: u8| c.is_ascii_graphic() && c != b'"' && c != b'\\';
        checked(text, 128, is_allowed)
            .map(Self)
            .ok_or(InvalidId::Client)
    }
}

impl FromStr for IdpId {
    type Err = InvalidId;

    fn from_str(text: &str) -> Result<Self, InvalidId> {
        let is_allowed = |c: u8| c.is_ascii_lowercase() || c.is_ascii_digit() || c == b'-';
        checked(text, 64, is_allowed)
            .map(Self)
            .ok_or(InvalidId::Idp)
    }
}

impl FromStr for Sector {
    type Err = InvalidId;

    fn from_str(text: &str) -> Result<Self, InvalidId> {
        checked(text, 255, |c| c.is_ascii_graphic())
            .map(Self)
            .ok_or(InvalidId::Sector)
    }
}

fn checked(text: &str, max_length: usize, is_allowed: impl Fn(u8) -> bool) -> Option<String> {
    let is_valid = (1..=max_length).contains(&text.len()) && text.bytes().all(is_allowed);
    is_valid.then(|| text.to_owned())
}

impl ClientId {
    /// Returns the id as the wire carries it.
    #[must_use]
    pub fn as_str(&self) -> &str {
        &self.0
    }
}

impl IdpId {
    /// Returns the id as in paths and in the configuration.
    #[must_use]
    pub fn as_str(&self) -> &str {
        &self.0
    }
}

impl Sector {
    /// Returns the sector as registered.
    #[must_use]
    pub fn as_str(&self) -> &str {
        &self.0
    }
}

impl TryFrom<String> for ClientId {
    type Error = InvalidId;

    fn try_from(text: String) -> Result<Self, InvalidId> {
        text.parse()
    }
}

impl TryFrom<String> for IdpId {
    type Error = InvalidId;

    fn try_from(text: String) -> Result<Self, InvalidId> {
        text.parse()
    }
}

impl TryFrom<String> for Sector {
    type Error = InvalidId;

    fn try_from(text: String) -> Result<Self, InvalidId> {
        text.parse()
    }
}

impl From<ClientId> for String {
    fn from(id: ClientId) -> Self {
        id.0
    }
}

impl From<IdpId> for String {
    fn from(id: IdpId) -> Self {
        id.0
    }
}

impl From<Sector> for String {
    fn from(sector: Sector) -> Self {
        sector.0
    }
}

impl fmt::Display for ClientId {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}

impl fmt::Display for IdpId {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}

/// The id of one login, in the path of each of its pages.
///
/// It is not a secret: a login can be read only with the browser's cookie.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct LoginId([u8; 16]);

impl LoginId {
    /// Draws the id of a new login.
    #[must_use]
    pub fn draw(entropy: &dyn Entropy) -> Self {
        Self(draw(entropy))
    }

    /// Returns the id that a ticket carries.
    #[must_use]
    pub const fn from_bytes(bytes: [u8; 16]) -> Self {
        Self(bytes)
    }

    /// Returns the 16 bytes of the id.
    #[must_use]
    pub const fn as_bytes(&self) -> &[u8; 16] {
        &self.0
    }
}

impl FromStr for LoginId {
    type Err = InvalidId;

    fn from_str(text: &str) -> Result<Self, InvalidId> {
        fixed_from_base64url(text).map(Self).ok_or(InvalidId::Login)
    }
}

impl fmt::Display for LoginId {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&base64url(&self.0))
    }
}
