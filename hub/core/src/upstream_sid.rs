//! The name that an identity provider gives to its own session (`sid`), where it cannot be guessed.
//!
//! The hub indexes its sessions by this name (OpenID Connect Back-Channel Logout 1.0). Whoever has the
//! store and the pepper can try names; so a name is used only if it has the form of a random value of at
//! least 128 bits.

use std::{collections::BTreeSet, fmt};

use serde::{Deserialize, Serialize};

/// The fewest hexadecimal digits: 4 bits each. A UUID has 32 of them; 6 of its bits are fixed, which is
/// accepted, because many providers name their sessions so.
const HEX_DIGITS: usize = 32;
/// The fewest characters of base64url: 6 bits each.
const BASE64_CHARACTERS: usize = 22;
/// The fewest different characters: a counter filled up with zeros is no random value.
const DIFFERENT_HEX_DIGITS: usize = 8;
const DIFFERENT_BASE64_CHARACTERS: usize = 10;
/// The longest name that is kept.
const LONGEST: usize = 255;

/// A session name that has the form of a random value of at least 128 bits.
#[derive(Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(transparent)]
pub struct UpstreamSid(String);

impl UpstreamSid {
    /// `sid`, if it is 32 hexadecimal digits or more (hyphens do not count), or 22 characters of base64
    /// or more with capital and small letters; `None` otherwise.
    ///
    /// The form shows the length of a name, not that it was drawn at random: that remains for the
    /// operator to ask the provider.
    #[must_use]
    pub fn parse(sid: &str) -> Option<Self> {
        let is_good = sid.len() <= LONGEST && (is_hex(sid) || is_base64(sid));
        is_good.then(|| Self(sid.to_owned()))
    }

    /// `sid` as [`UpstreamSid::parse`] reads it, if it does not contain the account's name `sub`.
    #[must_use]
    pub fn of_account(sid: &str, sub: &str) -> Option<Self> {
        Self::parse(sid).filter(|_| !sid.to_lowercase().contains(&sub.to_lowercase()))
    }

    /// The name as the provider writes it.
    #[must_use]
    pub fn as_str(&self) -> &str {
        &self.0
    }
}

fn is_hex(sid: &str) -> bool {
    let digits: Vec<char> = sid.chars().filter(|c| *c != '-').collect();
    digits.len() >= HEX_DIGITS
        && digits.iter().all(char::is_ascii_hexdigit)
        // Decimal digits alone are 3.3 bits each.
        && !digits.iter().all(char::is_ascii_digit)
        && different(&digits) >= DIFFERENT_HEX_DIGITS
}

fn is_base64(sid: &str) -> bool {
    let body: Vec<char> = sid.trim_end_matches('=').chars().collect();
    let is_known = |c: &char| c.is_ascii_alphanumeric() || "-_+/".contains(*c);
    // Words and account names are mostly of small letters alone.
    let is_mixed =
        body.iter().any(char::is_ascii_uppercase) && body.iter().any(char::is_ascii_lowercase);
    body.len() >= BASE64_CHARACTERS
        && body.iter().all(is_known)
        && is_mixed
        && different(&body) >= DIFFERENT_BASE64_CHARACTERS
}

fn different(characters: &[char]) -> usize {
    characters.iter().collect::<BTreeSet<_>>().len()
}

/// The name opens an index record: it is never logged.
impl fmt::Debug for UpstreamSid {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("UpstreamSid(hidden)")
    }
}
