//! What a person key is made of: the first of five rules that applies.

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

/// A person's number in a register, from an IdP that is trusted for it.
#[derive(Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct RegisterNumber {
    country: String,
    scheme: String,
    number: String,
}

impl RegisterNumber {
    /// The number in the register `scheme` of `country`, both as the operator registered them. Nothing
    /// for a number that is empty, longer than 64 characters or not printable ASCII.
    #[must_use]
    pub fn new(country: &str, scheme: &str, number: &str) -> Option<Self> {
        let number = number.trim();
        let good = (1..=LONGEST_NUMBER).contains(&number.len())
            && number.bytes().all(|c| c.is_ascii_graphic());
        good.then(|| Self {
            country: country.to_owned(),
            scheme: scheme.to_owned(),
            number: number.to_owned(),
        })
    }

    /// Country, scheme, number.
    pub(super) fn parts(&self) -> [&str; 3] {
        [&self.country, &self.scheme, &self.number]
    }
}

/// The `PersonIdentifier` of the eIDAS attribute profile: `XX/YY/id`, the country that gave it, the
/// country it was given for, and an id of the first.
#[derive(Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(transparent)]
pub struct EidasIdentifier(String);

impl EidasIdentifier {
    /// Reads `XX/YY/id`.
    #[must_use]
    pub fn parse(text: &str) -> Option<Self> {
        let mut parts = text.splitn(3, '/');
        let country = |part: Option<&str>| {
            part.is_some_and(|part| part.len() == 2 && part.bytes().all(|c| c.is_ascii_uppercase()))
        };
        let good = text.len() <= LONGEST_IDENTIFIER
            && country(parts.next())
            && country(parts.next())
            && parts
                .next()
                .is_some_and(|id| !id.is_empty() && id.bytes().all(|c| c.is_ascii_graphic()));
        good.then(|| Self(text.to_owned()))
    }

    /// The identifier as it came.
    #[must_use]
    pub fn as_str(&self) -> &str {
        &self.0
    }

    /// The country that gave the identifier, and the person's id there.
    pub(super) fn parts(&self) -> (&str, &str) {
        let mut parts = self.0.splitn(3, '/');
        let country = parts.next().unwrap_or_default();
        (country, parts.nth(1).unwrap_or_default())
    }
}

/// What speaks for a person being who they are, beside the identity itself.
#[derive(Clone, Serialize, Deserialize)]
pub struct Evidence {
    /// Who they are to the IdP.
    pub source: Source,
    /// How far the IdP's civil status may be trusted.
    pub trust: PivotTrust,
    /// Whether level and policy let a verified pivot feed the `sub`.
    pub pivot_counts: bool,
    /// Whether the register of persons knows the identity.
    pub register_found: bool,
    /// The number in a register that the IdP is trusted for.
    #[serde(skip_serializing_if = "Option::is_none", default)]
    pub register_number: Option<RegisterNumber>,
    /// The eIDAS identifier.
    #[serde(skip_serializing_if = "Option::is_none", default)]
    pub eidas: Option<EidasIdentifier>,
}

impl Evidence {
    /// The level from which a verified pivot counts without a waiver.
    pub const LEVEL: Level = Level::Eidas2;

    /// Whether a citizen may be told that the identity was checked.
    #[must_use]
    pub fn is_checked(&self) -> bool {
        self.register_found || self.trust == PivotTrust::Verified
    }
}

/// What a person key is made of.
#[derive(Clone, PartialEq, Eq)]
pub enum Basis {
    /// A number in a register.
    RegisterNumber(RegisterNumber),
    /// The pivot as the register of persons knows it: the same person has the same key whichever IdP
    /// vouched.
    RegisterCheck(PivotKey),
    /// A pivot that the IdP verified: the same key as the register's, if the data are the same.
    VerifiedPivot(PivotKey),
    /// An eIDAS identifier.
    EidasIdentifier(EidasIdentifier),
    /// The account at one IdP: used whenever anything else is in doubt, since a false merge opens
    /// someone else's file and a false split is an inconvenience.
    IdpAccount(Source),
}

/// How well a key keeps to its person.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
pub enum Persistence {
    /// A register stands behind it: the same from every IdP.
    A,
    /// The same from every IdP that checked the civil status; changes when the civil status does.
    B,
    /// The same as long as the person keeps the account.
    C,
}

/// The name of a [`Basis`], which identifies nobody.
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
    /// The `sub_basis` claim.
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

    /// The class of the basis.
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
    /// The `sub_persistence` claim.
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
    /// Chooses what the key is made of: the first rule that applies. In doubt, one step down.
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

    /// Its name.
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

/// Whether a pivot tells its person from others well enough without a register: the birth date is whole,
/// and the place of birth is known or the operator decided that it need not be.
fn is_distinct(identity: &PivotIdentity, births_abroad: BirthsAbroad) -> bool {
    let whole = identity.birthdate.is_some_and(Birthdate::is_whole);
    let placed = identity.birthplace.is_some() || births_abroad == BirthsAbroad::Pivot;
    whole && placed
}

/// The five key fields, folded. Sex is not among them.
#[derive(Clone, PartialEq, Eq)]
pub struct PivotKey {
    pub(super) fields: [String; 5],
    pub(super) fc_v1: Option<Zeroizing<Vec<u8>>>,
}

impl PivotKey {
    /// The key fields of `identity`, or nothing if one is missing or unusable.
    #[must_use]
    pub fn of(identity: &PivotIdentity) -> Option<Self> {
        let key = Self::of_registered(identity)?;
        let [family, given, ..] = &key.fields;
        (!family.is_empty() && !given.is_empty()).then_some(key)
    }

    /// The same for an identity that the register of persons knows: it may lack a birth name, or given
    /// names, and not both.
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
