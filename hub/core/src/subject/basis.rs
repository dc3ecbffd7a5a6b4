//! The five rules that choose what a person key is derived from. Called by `login` and the server.

use std::fmt;

use serde::{Deserialize, Serialize};
use zeroize::Zeroizing;

use super::{BirthsAbroad, Derivation, SubjectRules, fc_v1};
use crate::{
    acr::Level,
    identity::{Birthdate, Country, Name, PivotIdentity, Unusable, fold},
};

const LONGEST_NUMBER: usize = 64;
const LONGEST_IDENTIFIER: usize = 256;

/// How far the civil status that an IdP sends is trusted, as the operator registered it.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum PivotTrust {
    /// The IdP sends no civil status.
    None,
    /// The person typed it.
    Declared,
    /// The IdP verified it, and must send the six attributes at every login.
    Verified,
}

/// The person's account at the IdP that authenticated them.
#[derive(Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Source {
    /// The IdP's issuer identifier.
    pub issuer: String,
    /// The `sub` at that IdP.
    pub sub: String,
}

/// A person's number in a register, sent by an IdP that is trusted for it.
#[derive(Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct RegisterNumber {
    country: String,
    scheme: String,
    number: String,
}

impl RegisterNumber {
    /// Creates the number in the register `scheme` of `country`, both as the operator registered them.
    /// Returns `None` if the number is empty, longer than 64 characters or not printable ASCII.
    #[must_use]
    pub fn new(country: &str, scheme: &str, number: &str) -> Option<Self> {
        let number = number.trim();
        let is_valid = (1..=LONGEST_NUMBER).contains(&number.len())
            && number.bytes().all(|c| c.is_ascii_graphic());
        is_valid.then(|| Self {
            country: country.to_owned(),
            scheme: scheme.to_owned(),
            number: number.to_owned(),
        })
    }

    /// Returns country, scheme and number.
    pub(super) fn parts(&self) -> [&str; 3] {
        [&self.country, &self.scheme, &self.number]
    }
}

/// The `PersonIdentifier` of the eIDAS attribute profile: `XX/YY/id`.
/// `XX` is the country that issued it, `YY` the country it was issued for, `id` the person's id in `XX`.
#[derive(Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(transparent)]
pub struct EidasIdentifier(String);

impl EidasIdentifier {
    /// Parses `XX/YY/id`. Returns `None` if the text has another form or more than 256 bytes.
    #[must_use]
    pub fn parse(text: &str) -> Option<Self> {
        let mut parts = text.splitn(3, '/');
        let country = |part: Option<&str>| {
            part.is_some_and(|part| part.len() == 2 && part.bytes().all(|c| c.is_ascii_uppercase()))
        };
        let is_valid = text.len() <= LONGEST_IDENTIFIER
            && country(parts.next())
            && country(parts.next())
            && parts
                .next()
                .is_some_and(|id| !id.is_empty() && id.bytes().all(|c| c.is_ascii_graphic()));
        is_valid.then(|| Self(text.to_owned()))
    }

    /// Returns the identifier as the IdP sent it.
    #[must_use]
    pub fn as_str(&self) -> &str {
        &self.0
    }

    /// Returns the country that issued the identifier, and the person's id there.
    pub(super) fn parts(&self) -> (&str, &str) {
        let mut parts = self.0.splitn(3, '/');
        let country = parts.next().unwrap_or_default();
        (country, parts.nth(1).unwrap_or_default())
    }
}

/// The evidence for an identity, apart from the identity itself.
#[derive(Clone, Serialize, Deserialize)]
pub struct Evidence {
    /// The account at the IdP.
    pub source: Source,
    /// How far the IdP's civil status is trusted.
    pub trust: PivotTrust,
    /// Whether the level and the operator's policy allow a `sub` derived from a verified pivot identity.
    pub pivot_counts: bool,
    /// Whether the register of persons knows the identity.
    pub register_found: bool,
    /// The number in a register, from an IdP that is trusted for it.
    #[serde(skip_serializing_if = "Option::is_none", default)]
    pub register_number: Option<RegisterNumber>,
    /// The eIDAS identifier.
    #[serde(skip_serializing_if = "Option::is_none", default)]
    pub eidas: Option<EidasIdentifier>,
}

impl Evidence {
    /// The level from which a verified pivot identity counts without an exemption.
    pub const LEVEL: Level = Level::Eidas2;

    /// Whether the citizen may be told that the identity was verified.
    #[must_use]
    pub fn is_checked(&self) -> bool {
        self.register_found || self.trust == PivotTrust::Verified
    }
}

/// What a person key is derived from.
#[derive(Clone, PartialEq, Eq)]
pub enum Basis {
    /// A number in a register.
    RegisterNumber(RegisterNumber),
    /// The pivot identity in the register of persons: the person has the same key with every IdP.
    RegisterCheck(PivotKey),
    /// The pivot identity that the IdP verified: the same key as the register's if the attributes are
    /// equal.
    VerifiedPivot(PivotKey),
    /// An eIDAS identifier.
    EidasIdentifier(EidasIdentifier),
    /// The account at one IdP, for every doubtful case: persons who share a key can read each other's
    /// files, whereas a person with two keys only registers twice.
    IdpAccount(Source),
}

/// How long a key stays the same for its person.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
pub enum Persistence {
    /// A register identifies the person: the same key from every IdP.
    A,
    /// The same key from every IdP that verified the civil status; it changes with the civil status.
    B,
    /// The same key as long as the person keeps the account.
    C,
}

/// The name of a [`Basis`], without any identity value.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum BasisName {
    /// [`Basis::RegisterNumber`].
    RegisterNumber,
    /// [`Basis::RegisterCheck`].
    RegisterCheck,
    /// [`Basis::VerifiedPivot`].
    VerifiedPivot,
    /// [`Basis::EidasIdentifier`].
    EidasIdentifier,
    /// [`Basis::IdpAccount`].
    IdpAccount,
}

impl BasisName {
    /// Returns the value of the `sub_basis` claim.
    #[must_use]
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::RegisterNumber => "register_number",
            Self::RegisterCheck => "register_check",
            Self::VerifiedPivot => "verified_pivot",
            Self::EidasIdentifier => "eidas_identifier",
            Self::IdpAccount => "idp_account",
        }
    }

    /// Returns the persistence class of the basis.
    #[must_use]
    pub const fn persistence(self) -> Persistence {
        match self {
            Self::RegisterNumber | Self::RegisterCheck => Persistence::A,
            Self::VerifiedPivot | Self::EidasIdentifier => Persistence::B,
            Self::IdpAccount => Persistence::C,
        }
    }
}

impl Persistence {
    /// Returns the value of the `sub_persistence` claim.
    #[must_use]
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::A => "A",
            Self::B => "B",
            Self::C => "C",
        }
    }
}

impl Basis {
    /// Chooses what the key is derived from: the first rule that applies. A doubtful case uses the next rule.
    #[must_use]
    pub fn choose(identity: &PivotIdentity, evidence: &Evidence, rules: SubjectRules) -> Self {
        let pivot_v1 = rules.derivation == Derivation::PivotV1;
        let usable = |key: &PivotKey| pivot_v1 || key.fc_v1.is_some();
        if let Some(number) = &evidence.register_number {
            return Self::RegisterNumber(number.clone());
        }
        if evidence.register_found
            && let Some(key) = PivotKey::of_registered(identity).filter(usable)
        {
            return Self::RegisterCheck(key);
        }
        if evidence.trust == PivotTrust::Verified
            && evidence.pivot_counts
            && is_distinct(identity, rules.births_abroad)
            && let Some(key) = PivotKey::of(identity).filter(usable)
        {
            return Self::VerifiedPivot(key);
        }
        match &evidence.eidas {
            Some(identifier) => Self::EidasIdentifier(identifier.clone()),
            None => Self::IdpAccount(evidence.source.clone()),
        }
    }

    /// Returns the name of the basis.
    #[must_use]
    pub const fn name(&self) -> BasisName {
        match self {
            Self::RegisterNumber(_) => BasisName::RegisterNumber,
            Self::RegisterCheck(_) => BasisName::RegisterCheck,
            Self::VerifiedPivot(_) => BasisName::VerifiedPivot,
            Self::EidasIdentifier(_) => BasisName::EidasIdentifier,
            Self::IdpAccount(_) => BasisName::IdpAccount,
        }
    }
}

/// Whether a pivot identity is distinctive enough without a register: the birth date is complete, and
/// the place of birth is known or the operator does not require it.
fn is_distinct(identity: &PivotIdentity, births_abroad: BirthsAbroad) -> bool {
    let is_complete = identity.birthdate.is_some_and(Birthdate::is_whole);
    let has_place = identity.birthplace.is_some() || births_abroad == BirthsAbroad::Pivot;
    is_complete && has_place
}

/// The five attributes of the key, folded. The sex is not one of them.
#[derive(Clone, PartialEq, Eq)]
pub struct PivotKey {
    pub(super) fields: [String; 5],
    pub(super) fc_v1: Option<Zeroizing<Vec<u8>>>,
}

impl PivotKey {
    /// Returns the key attributes of `identity`, or `None` if one is missing or cannot be folded.
    #[must_use]
    pub fn of(identity: &PivotIdentity) -> Option<Self> {
        let key = Self::of_registered(identity)?;
        let [family, given, ..] = &key.fields;
        (!family.is_empty() && !given.is_empty()).then_some(key)
    }

    /// Returns the key attributes of an identity that the register of persons knows: either the birth
    /// name or the given names may be missing, not both.
    #[must_use]
    pub fn of_registered(identity: &PivotIdentity) -> Option<Self> {
        let family = identity.family_name.as_ref().map(Name::as_str).map(fold);
        let family = family.transpose().ok()?.unwrap_or_default();
        let given = identity.given_names.as_ref();
        let given = given.map(|names| names.iter().map(fold).collect::<Result<String, Unusable>>());
        let given = given.transpose().ok()?.unwrap_or_default();
        if family.is_empty() && given.is_empty() {
            return None;
        }
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
                String::from(identity.birthdate?),
                Country::as_str(country).to_owned(),
                place,
            ],
            fc_v1: fc_v1::record(identity),
        })
    }
}

impl fmt::Debug for Source {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("Source(hidden)")
    }
}

impl fmt::Debug for RegisterNumber {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("RegisterNumber(hidden)")
    }
}

impl fmt::Debug for EidasIdentifier {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("EidasIdentifier(hidden)")
    }
}

impl fmt::Debug for Evidence {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("Evidence(hidden)")
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
