//! The person key and the pairwise `sub` (OpenID Connect Core 8.1), derivation `pivot-v1`.
//!
//! `person = HMAC-SHA-256(K_id, record)`, `sub = "p1." + base64url(HMAC-SHA-256(K_sub, "sub-v1" || 0x00
//! || len16(sector) || sector || person))`. Both are keyed: an attacker could reverse a plain digest by
//! trying every name and date. Called by `login/agreed.rs`, the server's `session` module and `lethe sub`.

mod audit_key;
mod basis;
mod fc_v1;

use std::fmt;

use serde::{Deserialize, Serialize};
use zeroize::Zeroizing;

use crate::{encoding::base64url, ids::Sector, seal::mac};

pub use audit_key::AuditKey;
pub use basis::{
    Basis, BasisName, EidasIdentifier, Evidence, Persistence, PivotKey, PivotTrust, RegisterNumber,
    Source,
};

/// How a pivot identity becomes a `sub`.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Derivation {
    /// FranceConnect's published formula, for subjects that were issued before the hub replaced it.
    FcV1,
    /// The hub's own derivation.
    PivotV1,
}

/// Whether a pivot identity that an IdP verified may give the `sub` of people born abroad.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub enum BirthsAbroad {
    /// It may.
    ///
    /// Their key has no place of birth, so two people with the same names, birth date and birth country
    /// share a `sub`. This requires a written decision of the operator.
    Pivot,
    /// It may not: their `sub` is derived from the register's answer or from the account at the IdP.
    #[default]
    Source,
}

/// The operator's choices about the derivation of a `sub`.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct SubjectRules {
    /// How a pivot identity becomes a `sub`.
    pub derivation: Derivation,
    /// Whether a verified pivot identity counts for people born abroad.
    pub births_abroad: BirthsAbroad,
}

/// A person's key: 32 bytes that cannot be linked to a person without the hub's keys.
///
/// It is never stored, logged or sent.
#[derive(Clone, PartialEq, Eq)]
pub struct Person {
    key: Zeroizing<[u8; 32]>,
    /// The `identityHash`, for the bases that `fc-v1` covers in a deployment that uses it.
    fc_v1: Option<Zeroizing<String>>,
}

impl Person {
    /// Returns the raw key, for test vectors and support tools.
    #[must_use]
    pub fn as_bytes(&self) -> &[u8; 32] {
        &self.key
    }
}

/// The pairwise subject of one person in one sector: `p1.` and 43 base64url characters.
///
/// In a deployment under `fc-v1` it has 64 hexadecimal digits and `v1` for every basis.
#[derive(Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(transparent)]
pub struct Subject(String);

impl Subject {
    /// Returns the value of the `sub` claim.
    #[must_use]
    pub fn as_str(&self) -> &str {
        &self.0
    }
}

/// The keys from which every `sub` is derived.
///
/// Another key changes every `sub`; [`SubjectKeys::check_value`] detects it.
#[derive(Clone)]
pub struct SubjectKeys {
    person: Zeroizing<[u8; 32]>,
    sub: Zeroizing<[u8; 32]>,
    fc_v1: Option<Zeroizing<Vec<u8>>>,
    births_abroad: BirthsAbroad,
}

impl SubjectKeys {
    /// Creates the keys from `K_id` and `K_sub`.
    #[must_use]
    pub fn new(k_id: [u8; 32], k_sub: [u8; 32]) -> Self {
        Self {
            person: Zeroizing::new(k_id),
            sub: Zeroizing::new(k_sub),
            fc_v1: None,
            births_abroad: BirthsAbroad::Source,
        }
    }

    /// Sets the operator's decision about births abroad.
    #[must_use]
    pub fn with_births_abroad(self, births_abroad: BirthsAbroad) -> Self {
        Self {
            births_abroad,
            ..self
        }
    }

    /// Derives pivot identities and eIDAS identifiers by `fc-v1`, with the secret of the replaced hub.
    #[must_use]
    pub fn with_fc_v1(self, secret: Vec<u8>) -> Self {
        Self {
            fc_v1: Some(Zeroizing::new(secret)),
            ..self
        }
    }

    /// Returns how a pivot identity becomes a `sub`.
    #[must_use]
    pub const fn derivation(&self) -> Derivation {
        match self.fc_v1 {
            Some(_) => Derivation::FcV1,
            None => Derivation::PivotV1,
        }
    }

    /// Returns the operator's choices about the derivation of a `sub`.
    #[must_use]
    pub const fn rules(&self) -> SubjectRules {
        SubjectRules {
            derivation: self.derivation(),
            births_abroad: self.births_abroad,
        }
    }

    /// Derives the person key from `basis`.
    #[must_use]
    pub fn person(&self, basis: &Basis) -> Person {
        let record = match basis {
            Basis::RegisterCheck(key) | Basis::VerifiedPivot(key) => {
                encode(b"pivot-v1", key.fields.iter().map(String::as_bytes))
            }
            Basis::RegisterNumber(number) => {
                let [country, scheme, number] = number.parts().map(str::as_bytes);
                encode(b"source-v1", [b"reg", country, scheme, number].into_iter())
            }
            Basis::EidasIdentifier(identifier) => {
                let (country, id) = identifier.parts();
                let fields = [b"eidas", country.as_bytes(), id.as_bytes()];
                encode(b"source-v1", fields.into_iter())
            }
            Basis::IdpAccount(Source { issuer, sub }) => encode(
                b"source-v1",
                [b"src", issuer.as_bytes(), sub.as_bytes()].into_iter(),
            ),
        };
        let published = match basis {
            Basis::RegisterCheck(key) | Basis::VerifiedPivot(key) => {
                key.fc_v1.as_ref().map(|record| record.as_slice())
            }
            Basis::EidasIdentifier(identifier) => Some(identifier.as_str().as_bytes()),
            Basis::IdpAccount(_) | Basis::RegisterNumber(_) => None,
        };
        Person {
            key: Zeroizing::new(mac(&self.person, &[&record])),
            fc_v1: published
                .filter(|_| self.fc_v1.is_some())
                .map(fc_v1::identity_hash),
        }
    }

    /// Derives the `sub` of `person` in `sector`.
    #[must_use]
    pub fn subject(&self, person: &Person, sector: &Sector) -> Subject {
        if let (Some(secret), Some(identity_hash)) = (&self.fc_v1, &person.fc_v1) {
            return Subject(fc_v1::subject(identity_hash, sector.as_str(), secret));
        }
        let sector = sector.as_str().as_bytes();
        let parts = [
            b"sub-v1\0".as_slice(),
            &len16(sector),
            sector,
            person.as_bytes(),
        ];
        let digest = mac(&self.sub, &parts);
        // All subjects of one deployment have the same form: a second form would tell the service which
        // IdPs verify the civil status.
        Subject(match self.derivation() {
            Derivation::FcV1 => fc_v1::written(&digest),
            Derivation::PivotV1 => format!("p1.{}", base64url(&digest)),
        })
    }

    /// Returns a public value that two hubs share only if they derive the same `sub` for every person.
    ///
    /// 16 base64url characters. It depends on both keys, the derivation and the secret of `fc-v1`.
    #[must_use]
    pub fn check_value(&self) -> String {
        let k_id = mac(&self.person, &[b"lethe/key-check"]);
        // Two nodes that treat births abroad differently give one person two subjects.
        let abroad: &[u8] = match self.births_abroad {
            BirthsAbroad::Pivot => b"\0births-abroad",
            BirthsAbroad::Source => b"",
        };
        let k_sub = match &self.fc_v1 {
            Some(secret) => mac(
                &self.sub,
                &[b"lethe/key-check", abroad, b"\0fc-v1\0", secret],
            ),
            None => mac(&self.sub, &[b"lethe/key-check", abroad]),
        };
        let short: Vec<u8> = k_id
            .into_iter()
            .take(6)
            .chain(k_sub.into_iter().take(6))
            .collect();
        base64url(&short)
    }
}

/// Encodes `tag || 0x00`, then for each field a 16-bit big-endian length and the bytes.
fn encode<'a>(tag: &[u8], fields: impl Iterator<Item = &'a [u8]>) -> Zeroizing<Vec<u8>> {
    let mut record = Zeroizing::new(tag.to_vec());
    record.push(0);
    for field in fields {
        record.extend_from_slice(&len16(field));
        record.extend_from_slice(field);
    }
    record
}

/// Encodes the length of a field. Parsing limits every field to far less than 64 KiB.
fn len16(field: &[u8]) -> [u8; 2] {
    u16::try_from(field.len()).unwrap_or(u16::MAX).to_be_bytes()
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
