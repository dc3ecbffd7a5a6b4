//! The person key and the pairwise `sub` (OpenID Connect Core 8.1), derivation `pivot-v1`.
//!
//! `person = HMAC-SHA-256(K_id, record)`, `sub = "p1." + base64url(HMAC-SHA-256(K_sub, "sub-v1" ||
//! 0x00 || len16(sector) || sector || person))`. Both are keyed: a bare digest of an identity could be
//! reversed by trying every name and date.

use std::fmt;

use serde::{Deserialize, Serialize};
use zeroize::Zeroizing;

use crate::{
    acr::Level,
    encoding::base64url,
    identity::{Country, PivotIdentity, fold},
    ids::Sector,
    seal::mac,
};

/// How far an IdP's civil status may be trusted, by its registration.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum PivotTrust {
    /// It gives none.
    None,
    /// The person typed it.
    Declared,
    /// It checked it, and owes the six attributes at every login.
    Verified,
}

/// Who a person is to the IdP that vouched.
#[derive(Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Source {
    /// The IdP's issuer.
    pub issuer: String,
    /// Its `sub`.
    pub sub: String,
}

/// What a person key is made of: the first rule that applies.
#[derive(Clone, PartialEq, Eq)]
pub enum Basis {
    /// A verified pivot: the same person has the same key whichever IdP vouched.
    Pivot(PivotKey),
    /// The account at one IdP: used whenever anything about the pivot is in doubt, since a false merge
    /// opens someone else's file and a false split is an inconvenience.
    Source(Source),
}

/// The five key fields, folded. Sex is not among them.
#[derive(Clone, PartialEq, Eq)]
pub struct PivotKey {
    fields: [String; 5],
}

impl PivotKey {
    /// The key fields of `identity`, or nothing if one is missing or unusable.
    #[must_use]
    pub fn of(identity: &PivotIdentity) -> Option<Self> {
        let family = fold(identity.family_name.as_ref()?.as_str()).ok()?;
        let given: String = identity
            .given_names
            .as_ref()?
            .iter()
            .map(fold)
            .collect::<Result<_, _>>()
            .ok()?;
        let birthdate = String::from(identity.birthdate?);
        let country = identity.birthcountry.as_ref()?;
        let place = match &identity.birthplace {
            Some(place) => place.as_str().to_owned(),
            None if country.is_france() => return None,
            None => String::new(),
        };
        Some(Self {
            fields: [
                family,
                given,
                birthdate,
                Country::as_str(country).to_owned(),
                place,
            ],
        })
    }

    fn record(&self) -> Zeroizing<Vec<u8>> {
        encode(b"pivot-v1", self.fields.iter().map(String::as_bytes))
    }
}

impl Basis {
    /// Chooses what the key is made of. The pivot counts only if the IdP checked it, all key fields
    /// are usable, and the level is at least substantial or the operator waived that in writing.
    #[must_use]
    pub fn choose(
        identity: &PivotIdentity,
        source: Source,
        trust: PivotTrust,
        level_will_do: bool,
    ) -> Self {
        match PivotKey::of(identity) {
            Some(key) if trust == PivotTrust::Verified && level_will_do => Self::Pivot(key),
            _ => Self::Source(source),
        }
    }

    /// The level from which a verified pivot counts without a waiver.
    pub const LEVEL: Level = Level::Eidas2;
}

/// A person, to this hub's keys: 32 bytes that identify nobody without them. Never stored, logged or
/// sent.
#[derive(Clone, PartialEq, Eq)]
pub struct Person(Zeroizing<[u8; 32]>);

impl Person {
    /// The raw key, for test vectors and support tools.
    #[must_use]
    pub fn as_bytes(&self) -> &[u8; 32] {
        &self.0
    }
}

/// The pairwise subject of one person at one sector: `p1.` and 43 base64url characters.
#[derive(Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(transparent)]
pub struct Subject(String);

impl Subject {
    /// The `sub` claim.
    #[must_use]
    pub fn as_str(&self) -> &str {
        &self.0
    }
}

/// The two keys behind every `sub`. They are never changed silently.
#[derive(Clone)]
pub struct SubjectKeys {
    person: Zeroizing<[u8; 32]>,
    sub: Zeroizing<[u8; 32]>,
}

impl SubjectKeys {
    /// `K_id` and `K_sub`.
    #[must_use]
    pub fn new(k_id: [u8; 32], k_sub: [u8; 32]) -> Self {
        Self {
            person: Zeroizing::new(k_id),
            sub: Zeroizing::new(k_sub),
        }
    }

    /// The person behind `basis`.
    #[must_use]
    pub fn person(&self, basis: &Basis) -> Person {
        let record = match basis {
            Basis::Pivot(key) => key.record(),
            Basis::Source(Source { issuer, sub }) => encode(
                b"source-v1",
                [b"src", issuer.as_bytes(), sub.as_bytes()].into_iter(),
            ),
        };
        Person(Zeroizing::new(mac(&self.person, &[&record])))
    }

    /// The `sub` of `person` at `sector`.
    #[must_use]
    pub fn subject(&self, person: &Person, sector: &Sector) -> Subject {
        let sector = sector.as_str().as_bytes();
        let parts = [
            b"sub-v1\0".as_slice(),
            &len16(sector),
            sector,
            person.as_bytes(),
        ];
        Subject(format!("p1.{}", base64url(&mac(&self.sub, &parts))))
    }

    /// A public value that two hubs share if, and only if, they have the same keys: 16 base64url
    /// characters.
    #[must_use]
    pub fn check_value(&self) -> String {
        let [k_id, k_sub] = [&self.person, &self.sub].map(|key| mac(key, &[b"lethe/key-check"]));
        let short: Vec<u8> = k_id
            .into_iter()
            .take(6)
            .chain(k_sub.into_iter().take(6))
            .collect();
        base64url(&short)
    }
}

/// `tag || 0x00`, then per field a 16-bit big-endian length and the bytes.
fn encode<'a>(tag: &[u8], fields: impl Iterator<Item = &'a [u8]>) -> Zeroizing<Vec<u8>> {
    let mut record = Zeroizing::new(tag.to_vec());
    record.push(0);
    for field in fields {
        record.extend_from_slice(&len16(field));
        record.extend_from_slice(field);
    }
    record
}

/// Every field was bounded when it was parsed, far below 64 KiB.
fn len16(field: &[u8]) -> [u8; 2] {
    u16::try_from(field.len()).unwrap_or(u16::MAX).to_be_bytes()
}

impl fmt::Debug for Source {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("Source(hidden)")
    }
}

impl fmt::Debug for Basis {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("Basis(hidden)")
    }
}

impl fmt::Debug for PivotKey {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("PivotKey(hidden)")
    }
}

impl fmt::Debug for Person {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("Person(hidden)")
    }
}

impl fmt::Debug for Subject {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("Subject(hidden)")
    }
}

impl fmt::Debug for SubjectKeys {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("SubjectKeys(hidden)")
    }
}
