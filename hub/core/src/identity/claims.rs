//! Reads the claims of an IdP into a pivot identity, attribute by attribute.
//!
//! Called by the IdP adapters and the client of the register of persons.

use serde::{Deserialize, Serialize};
use serde_json::{Map, Value};
use thiserror::Error;

use super::{
    Birthdate, Cog, Contact, Country, Gender, GivenNames, Name, PivotIdentity, contact,
    phone_number,
};
use crate::{clock::Timestamp, scope::Claim};

/// An attribute that cannot be used. The error names the attribute and never its value.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize, Error)]
#[error("{} is {wrong}", claim.name())]
pub struct AttributeError {
    /// The attribute.
    pub claim: Claim,
    /// Why it cannot be used.
    pub wrong: WhatIsWrong,
}

/// Why an attribute cannot be used.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize, Error)]
pub enum WhatIsWrong {
    /// The attribute is present, but has no known form.
    #[error("malformed")]
    Malformed,
    /// The IdP promised the attribute and did not send it.
    #[error("missing")]
    Missing,
}

/// The readable part of a set of claims, and the errors.
#[derive(Debug)]
pub struct Reading {
    /// The well-formed attributes.
    pub identity: PivotIdentity,
    /// The malformed attributes, in the order of the claims.
    pub errors: Vec<AttributeError>,
}

impl PivotIdentity {
    /// Reads standard claims.
    ///
    /// A malformed attribute is omitted and reported. It is an error only if the IdP promised the
    /// attribute, see [`Reading::promised`].
    #[must_use]
    pub fn read(claims: &Map<String, Value>, today: Timestamp) -> Reading {
        let mut reader = Reader {
            claims,
            errors: Vec::new(),
        };
        let birthcountry = reader.text(Claim::Birthcountry, Country::parse);
        let abroad = birthcountry
            .as_ref()
            .is_some_and(|country| !country.is_france());
        let identity = Self {
            given_names: reader.given_names(),
            family_name: reader.text(Claim::FamilyName, Name::parse),
            gender: reader.text(Claim::Gender, Gender::parse),
            birthdate: reader.text(Claim::Birthdate, |text| Birthdate::parse(text, today)),
            // A birth abroad has no commune: some IdPs send other text in `birthplace`, which cannot be
            // used.
            birthplace: if abroad {
                None
            } else {
                reader.text(Claim::Birthplace, Cog::parse)
            },
            birthcountry,
            given_names_original: reader.text(Claim::GivenNameOriginal, GivenNames::parse),
            family_name_original: reader.text(Claim::FamilyNameOriginal, Name::parse),
            usage_name: reader.text(Claim::PreferredUsername, Name::parse),
            contact: reader.contact(),
        };
        reader.errors.sort_by_key(|error| error.claim);
        Reading {
            identity,
            errors: reader.errors,
        }
    }
}

impl Reading {
    /// Returns the identity if the six pivot attributes are all present and well formed.
    ///
    /// An IdP that promises the pivot identity must send them. The birth place is required for births in
    /// France only.
    ///
    /// # Errors
    /// The first attribute that is malformed or missing.
    pub fn promised(self) -> Result<PivotIdentity, AttributeError> {
        if let Some(error) = self
            .errors
            .iter()
            .find(|error| Claim::PIVOT.contains(&error.claim))
        {
            return Err(*error);
        }
        let identity = self.identity;
        let in_france = identity
            .birthcountry
            .as_ref()
            .is_some_and(Country::is_france);
        let owed = [
            (Claim::GivenName, identity.given_names.is_some()),
            (Claim::FamilyName, identity.family_name.is_some()),
            (Claim::Birthdate, identity.birthdate.is_some()),
            (Claim::Gender, identity.gender.is_some()),
            (Claim::Birthcountry, identity.birthcountry.is_some()),
            (
                Claim::Birthplace,
                identity.birthplace.is_some() || !in_france,
            ),
        ];
        match owed.into_iter().find(|(_, there)| !there) {
            Some((claim, _)) => Err(AttributeError {
                claim,
                wrong: WhatIsWrong::Missing,
            }),
            None => Ok(identity),
        }
    }
}

struct Reader<'a> {
    claims: &'a Map<String, Value>,
    errors: Vec<AttributeError>,
}

impl Reader<'_> {
    /// Reads a text attribute. Absent, `null` and empty all mean that the attribute is missing.
    fn text<T>(&mut self, claim: Claim, parse: impl FnOnce(&str) -> Option<T>) -> Option<T> {
        let parsed = match self.claims.get(claim.name())? {
            Value::Null => return None,
            Value::String(text) if text.trim().is_empty() => return None,
            Value::String(text) => parse(text),
            Value::Bool(_) | Value::Number(_) | Value::Array(_) | Value::Object(_) => None,
        };
        if parsed.is_none() {
            self.malformed(claim);
        }
        parsed
    }

    fn given_names(&mut self) -> Option<GivenNames> {
        let listed = match self.claims.get(Claim::GivenNameArray.name()) {
            Some(Value::Array(names)) if !names.is_empty() => {
                names.iter().map(Value::as_str).collect::<Option<Vec<_>>>()
            }
            _ => return self.text(Claim::GivenName, GivenNames::parse),
        };
        let names = listed.and_then(GivenNames::from_list);
        if names.is_none() {
            self.malformed(Claim::GivenNameArray);
        }
        names
    }

    fn contact(&mut self) -> Contact {
        let email = self.text(Claim::Email, contact::email);
        let email_verified = match self.claims.get(Claim::EmailVerified.name()) {
            Some(Value::Bool(verified)) => Some(*verified),
            Some(Value::String(text)) => text.parse().ok(),
            _ => None,
        };
        Contact {
            email_verified: email_verified.filter(|_| email.is_some()),
            email,
            phone_number: self.text(Claim::PhoneNumber, |text| phone_number(text, None)),
            address: self.address(),
            login: self.text(Claim::Login, contact::login),
        }
    }

    fn address(&mut self) -> Option<Map<String, Value>> {
        let members = self.claims.get(Claim::Address.name())?.as_object()?;
        let address = contact::address(members);
        if address.is_none() {
            self.malformed(Claim::Address);
        }
        address.filter(|members| !members.is_empty())
    }

    fn malformed(&mut self, claim: Claim) {
        self.errors.push(AttributeError {
            claim,
            wrong: WhatIsWrong::Malformed,
        });
    }
}
