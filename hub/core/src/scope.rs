//! Scopes, and the claims that each releases (OpenID Connect Core 5.4 and FranceConnect's additions).
//!
//! Called by the service registry, the authorization request, the review page and `release.rs`.

use std::collections::BTreeSet;

use serde::{Deserialize, Serialize};

/// A claim about a person that a service may receive.
///
/// Pages, responses and audit events list claims in the order of the variants. The order never depends
/// on the IdP.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Claim {
    /// All given names in one text.
    GivenName,
    /// All given names, one in each entry.
    GivenNameArray,
    /// Birth name.
    FamilyName,
    /// Usage name.
    PreferredUsername,
    /// Date of birth.
    Birthdate,
    /// Sex.
    Gender,
    /// Commune of birth, as INSEE code.
    Birthplace,
    /// Country of birth, as INSEE code.
    Birthcountry,
    /// E-mail address.
    Email,
    /// Whether the e-mail address was verified.
    EmailVerified,
    /// Telephone number.
    PhoneNumber,
    /// Postal address.
    Address,
    /// Login name of the account at the IdP.
    Login,
    /// Given names in their own script.
    GivenNameOriginal,
    /// Birth name in its own script.
    FamilyNameOriginal,
}

impl Claim {
    /// Every claim, in order.
    pub const ALL: [Self; 15] = [
        Self::GivenName,
        Self::GivenNameArray,
        Self::FamilyName,
        Self::PreferredUsername,
        Self::Birthdate,
        Self::Gender,
        Self::Birthplace,
        Self::Birthcountry,
        Self::Email,
        Self::EmailVerified,
        Self::PhoneNumber,
        Self::Address,
        Self::Login,
        Self::GivenNameOriginal,
        Self::FamilyNameOriginal,
    ];

    /// The claims of the pivot identity.
    pub const PIVOT: [Self; 7] = [
        Self::GivenName,
        Self::GivenNameArray,
        Self::FamilyName,
        Self::Birthdate,
        Self::Gender,
        Self::Birthplace,
        Self::Birthcountry,
    ];

    /// Returns the name of the claim.
    #[must_use]
    pub const fn name(self) -> &'static str {
        match self {
            Self::GivenName => "given_name",
            Self::GivenNameArray => "given_name_array",
            Self::FamilyName => "family_name",
            Self::PreferredUsername => "preferred_username",
            Self::Birthdate => "birthdate",
            Self::Gender => "gender",
            Self::Birthplace => "birthplace",
            Self::Birthcountry => "birthcountry",
            Self::Email => "email",
            Self::EmailVerified => "email_verified",
            Self::PhoneNumber => "phone_number",
            Self::Address => "address",
            Self::Login => "login",
            Self::GivenNameOriginal => "given_name_original",
            Self::FamilyNameOriginal => "family_name_original",
        }
    }

    /// Returns the claim of that name.
    #[must_use]
    pub fn parse(name: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|claim| claim.name() == name)
    }
}

/// A scope that a service may be registered for and request.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Scope {
    /// Releases `sub` alone.
    Openid,
    /// Names, birth date, sex.
    Profile,
    /// Place and country of birth.
    Birth,
    /// The six attributes of the pivot identity.
    IdentitePivot,
    /// Given names.
    GivenName,
    /// Birth name.
    FamilyName,
    /// Date of birth.
    Birthdate,
    /// Sex.
    Gender,
    /// Commune of birth.
    Birthplace,
    /// Country of birth.
    Birthcountry,
    /// Usage name.
    PreferredUsername,
    /// E-mail address.
    Email,
    /// Telephone number.
    Phone,
    /// Postal address.
    Address,
    /// Login name of the account at the IdP.
    Login,
    /// Names in their own script, in addition to the Latin form.
    OriginalNames,
}

impl Scope {
    /// Every scope, in order.
    pub const ALL: [Self; 16] = [
        Self::Openid,
        Self::Profile,
        Self::Birth,
        Self::IdentitePivot,
        Self::GivenName,
        Self::FamilyName,
        Self::Birthdate,
        Self::Gender,
        Self::Birthplace,
        Self::Birthcountry,
        Self::PreferredUsername,
        Self::Email,
        Self::Phone,
        Self::Address,
        Self::Login,
        Self::OriginalNames,
    ];

    /// Returns the name of the scope.
    #[must_use]
    pub const fn name(self) -> &'static str {
        match self {
            Self::Openid => "openid",
            Self::Profile => "profile",
            Self::Birth => "birth",
            Self::IdentitePivot => "identite_pivot",
            Self::GivenName => "given_name",
            Self::FamilyName => "family_name",
            Self::Birthdate => "birthdate",
            Self::Gender => "gender",
            Self::Birthplace => "birthplace",
            Self::Birthcountry => "birthcountry",
            Self::PreferredUsername => "preferred_username",
            Self::Email => "email",
            Self::Phone => "phone",
            Self::Address => "address",
            Self::Login => "login",
            Self::OriginalNames => "original_names",
        }
    }

    /// Returns the scope of that name.
    #[must_use]
    pub fn parse(name: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|scope| scope.name() == name)
    }

    /// Returns the claims that the scope releases.
    #[must_use]
    pub const fn claims(self) -> &'static [Claim] {
        match self {
            Self::Openid => &[],
            Self::Profile => &[
                Claim::GivenName,
                Claim::GivenNameArray,
                Claim::FamilyName,
                Claim::Birthdate,
                Claim::Gender,
                Claim::PreferredUsername,
            ],
            Self::Birth => &[Claim::Birthplace, Claim::Birthcountry],
            Self::IdentitePivot => &Claim::PIVOT,
            Self::GivenName => &[Claim::GivenName, Claim::GivenNameArray],
            Self::FamilyName => &[Claim::FamilyName],
            Self::Birthdate => &[Claim::Birthdate],
            Self::Gender => &[Claim::Gender],
            Self::Birthplace => &[Claim::Birthplace],
            Self::Birthcountry => &[Claim::Birthcountry],
            Self::PreferredUsername => &[Claim::PreferredUsername],
            Self::Email => &[Claim::Email, Claim::EmailVerified],
            Self::Phone => &[Claim::PhoneNumber],
            Self::Address => &[Claim::Address],
            Self::Login => &[Claim::Login],
            Self::OriginalNames => &[Claim::GivenNameOriginal, Claim::FamilyNameOriginal],
        }
    }
}

/// Returns the claims that a set of scopes releases.
#[must_use]
pub fn claims_of(scopes: &BTreeSet<Scope>) -> BTreeSet<Claim> {
    scopes
        .iter()
        .flat_map(|scope| scope.claims())
        .copied()
        .collect()
}

/// Returns the `scope` parameter of RFC 6749 section 3.3 for a set of scopes.
#[must_use]
pub fn to_parameter(scopes: &BTreeSet<Scope>) -> String {
    scopes
        .iter()
        .map(|scope| scope.name())
        .collect::<Vec<_>>()
        .join(" ")
}
