//! The `sid` of an identity provider's session, if it cannot be guessed.
//!
//! The hub indexes its sessions by this `sid` (OpenID Connect Back-Channel Logout 1.0). An attacker who
//! has the store and the pepper can try values; so a `sid` is used only if it has the form of a random
//! value of at least 128 bits. Called by the server's `session` module.

use std::{collections::BTreeSet, fmt};

use serde::{Deserialize, Serialize};

/// The minimum number of hexadecimal digits, of 4 bits each. A UUID has 32 digits, of which 6 bits are
/// fixed; it is accepted, because many providers use UUIDs as `sid`.
const HEX_DIGITS: usize = 32;
/// The minimum number of base64url characters, of 6 bits each.
const BASE64_CHARACTERS: usize = 22;
/// The minimum number of different digits: a counter padded with zeros is not a random value.
const DIFFERENT_HEX_DIGITS: usize = 8;
const DIFFERENT_BASE64_CHARACTERS: usize = 10;
/// The maximum length of a `sid`, in bytes.
const LONGEST: usize = 255;

/// A `sid` that has the form of a random value of at least 128 bits.
#[derive(Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(transparent)]
pub struct UpstreamSid(String);

impl UpstreamSid {
    /// Parses a `sid`.
    ///
    /// Returns `None` unless it has at least 32 hexadecimal digits (hyphens do not count), or at least
    /// 22 base64 characters with upper-case and lower-case letters.
    ///
    /// The form shows the length of the value and not its randomness: the operator must ask the provider
    /// about that.
    #[must_use]
    pub fn parse(sid: &str) -> Option<Self> {
        let is_valid = sid.len() <= LONGEST && (is_hex(sid) || is_base64(sid));
        is_valid.then(|| Self(sid.to_owned()))
    }

    /// Parses a `sid` that does not contain the account identifier `sub`.
    #[must_use]
    pub fn of_account(sid: &str, sub: &str) -> Option<Self> {
        Self::parse(sid).filter(|_| !sid.to_lowercase().contains(&sub.to_lowercase()))
    }

    /// Returns the `sid` as the provider sent it.
    #[must_use]
    pub fn as_str(&self) -> &str {
        &self.0
    }
}

fn is_hex(sid: &str) -> bool {
    let digits: Vec<char> = sid.chars().filter(|c| *c != '-').collect();
    digits.len() >= HEX_DIGITS
        && digits.iter().all(char::is_ascii_hexdigit)
        // Decimal digits have 3.3 bits each.
        && !digits.iter().all(char::is_ascii_digit)
        && count_distinct(&digits) >= DIFFERENT_HEX_DIGITS
}

fn is_base64(sid: &str) -> bool {
    let body: Vec<char> = sid.trim_end_matches('=').chars().collect();
    let is_known = |c: &char| c.is_ascii_alphanumeric() || "-_+/".contains(*c);
    // Words and account names mostly have lower-case letters only.
    let is_mixed =
        body.iter().any(char::is_ascii_uppercase) && body.iter().any(char::is_ascii_lowercase);
    body.len() >= BASE64_CHARACTERS
        && body.iter().all(is_known)
        && is_mixed
        && count_distinct(&body) >= DIFFERENT_BASE64_CHARACTERS
}

fn count_distinct(characters: &[char]) -> usize {
    characters.iter().collect::<BTreeSet<_>>().len()
}

/// A `sid` gives access to an index record, so it is never logged.
impl fmt::Debug for UpstreamSid {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("UpstreamSid(hidden)")
    }
}
