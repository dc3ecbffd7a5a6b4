//! The attributes of one person.
//!
//! Created by `identity/claims.rs`; used by the login stages, `subject` and `release.rs`.

use std::fmt;

use serde::{Deserialize, Serialize};

use super::{Birthdate, Cog, Country, GivenNames, Name};

/// Sex in the civil status, as the OpenID Connect `gender` claim spells it.
#[derive(Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum Gender {
    /// Female.
    Female,
    /// Male.
    Male,
    /// The civil status states neither.
    Unspecified,
}

impl Gender {
    /// Parses a `gender` claim.
    #[must_use]
    pub fn parse(text: &str) -> Option<Self> {
        Some(match text {
            "female" => Self::Female,
            "male" => Self::Male,
            "unspecified" => Self::Unspecified,
            _ => return None,
        })
    }

    /// Returns the value of the `gender` claim.
    #[must_use]
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Female => "female",
            Self::Male => "male",
            Self::Unspecified => "unspecified",
        }
    }
}

/// A person's attributes, as one IdP states them.
///
/// Every attribute may be missing. A missing one is an error only if the IdP promised it.
#[derive(Clone, PartialEq, Eq, Default, Serialize, Deserialize)]
#[serde(default)]
pub struct PivotIdentity {
    /// All given names, in order.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub given_names: Option<GivenNames>,
    /// Birth name.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub family_name: Option<Name>,
    /// Sex.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub gender: Option<Gender>,
    /// Date of birth.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub birthdate: Option<Birthdate>,
    /// Commune of birth; absent for births abroad.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub birthplace: Option<Cog>,
    /// Country of birth.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub birthcountry: Option<Country>,
    /// Usage name, if the IdP has one.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub usage_name: Option<Name>,
    /// The given names in their own script, if the IdP also sends a Latin form.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub given_names_original: Option<GivenNames>,
    /// The birth name in its own script, if the IdP also sends a Latin form.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub family_name_original: Option<Name>,
    /// Contact attributes, as the person declared them.
    #[serde(flatten)]
    pub contact: Contact,
}

/// Contact attributes. The person declared them, so no person key is derived from them.
#[derive(Clone, PartialEq, Eq, Default, Serialize, Deserialize)]
#[serde(default)]
pub struct Contact {
    /// E-mail address, syntactically valid.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub email: Option<String>,
    /// Whether the IdP verified that the person reads this mailbox.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub email_verified: Option<bool>,
    /// Telephone number in E.164 form: `+` and digits.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub phone_number: Option<String>,
    /// Postal address, the JSON object of OpenID Connect Core 5.1.1 restricted to its six members.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub address: Option<serde_json::Map<String, serde_json::Value>>,
    /// The login name of the account at the IdP, if the IdP sends it.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub login: Option<String>,
}

impl fmt::Debug for Gender {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("Gender(hidden)")
    }
}

impl fmt::Debug for PivotIdentity {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("PivotIdentity(hidden)")
    }
}

impl fmt::Debug for Contact {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("Contact(hidden)")
    }
}
