//! The fictitious people of `people.toml`. Only the codes of their communes and countries are real INSEE
//! codes.
//!
//! Called by the identity providers, the register and the tests.

use std::sync::{Arc, LazyLock};

use hub_core::encoding::base64url;
use hub_document::{Document, Section};
use serde_json::{Map, Value, json};
use sha2::{Digest, Sha256};

use crate::FaultInjection;

/// The civil status of one person, as in a register of births.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct CivilStatus {
    /// All given names, in order.
    pub given_names: Vec<String>,
    /// Birth name.
    pub family_name: String,
    /// `female`, `male` or `unspecified`.
    pub gender: String,
    /// Date of birth, with unknown parts as `00`.
    pub birthdate: String,
    /// Commune of birth as INSEE code, or empty.
    pub birthplace: String,
    /// Country of birth as INSEE code.
    pub birthcountry: String,
}

/// A fictitious person, with an account at every demonstration identity provider.
#[derive(Debug, Clone)]
pub struct Person {
    /// The user name.
    pub username: String,
    /// The password.
    pub password: String,
    /// The case that the person demonstrates.
    pub case: String,
    /// The civil status at the identity providers.
    pub civil_status: CivilStatus,
    /// Usage name, or empty.
    pub usage_name: String,
    /// E-mail address, or empty.
    pub email: String,
    /// Given names and birth name in their own script, if it is not the Latin one.
    pub original: Option<(Vec<String>, String)>,
    /// Claims that are added to those above or replace them.
    pub more_claims: Map<String, Value>,
    /// The answer of the demonstration's register of persons.
    pub register: RegisterWord,
    /// The fault that is injected when they sign in.
    pub trouble: Option<FaultInjection>,
}

/// An answer of the demonstration's register of persons.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum RegisterWord {
    /// Found, with another civil status, and the earlier ones.
    Corrected(Box<CivilStatus>, Vec<CivilStatus>),
    /// Found with the same civil status.
    Found,
    /// Refused, with a reason of the register's contract.
    Refused(String),
    /// No answer.
    Silent,
}

/// Every person.
pub static PEOPLE: LazyLock<Vec<Arc<Person>>> =
    LazyLock::new(|| read(include_str!("../people.toml")).unwrap_or_default());

impl CivilStatus {
    /// Returns the civil status as claims of the hub.
    #[must_use]
    pub fn claims(&self) -> Map<String, Value> {
        let claims = json!({
            "given_name": self.given_names.join(" "),
            "family_name": self.family_name,
            "gender": self.gender,
            "birthdate": self.birthdate,
            "birthplace": self.birthplace,
            "birthcountry": self.birthcountry,
        });
        claims.as_object().cloned().unwrap_or_default()
    }
}

impl Person {
    /// Returns the person with that user name and password.
    #[must_use]
    pub fn with(username: &str, password: &str) -> Option<Arc<Self>> {
        Self::named(username).filter(|person| person.password == password)
    }

    /// Returns the person with that user name.
    #[must_use]
    pub fn named(username: &str) -> Option<Arc<Self>> {
        PEOPLE
            .iter()
            .find(|person| person.username == username)
            .map(Arc::clone)
    }

    /// Creates a person from the fields of a form, which `text` returns by name.
    ///
    /// The same fields give the same account.
    #[must_use]
    pub fn described<'f>(text: impl Fn(&str) -> &'f str) -> Arc<Self> {
        let owned = |name| text(name).trim().to_owned();
        let civil_status = CivilStatus {
            given_names: text("given_name")
                .split_whitespace()
                .map(str::to_owned)
                .collect(),
            family_name: owned("family_name"),
            gender: owned("gender"),
            birthdate: owned("birthdate"),
            birthplace: owned("birthplace"),
            birthcountry: owned("birthcountry"),
        };
        let digest = Sha256::digest(Value::Object(civil_status.claims()).to_string());
        Arc::new(Self {
            username: format!("visitor-{}", base64url(&digest)),
            password: String::new(),
            case: String::new(),
            civil_status,
            usage_name: owned("preferred_username"),
            email: owned("email"),
            original: None,
            // A text that is not a JSON object adds no claim.
            more_claims: serde_json::from_str(text("claims")).unwrap_or_default(),
            register: RegisterWord::Refused("not_found".to_owned()),
            trouble: None,
        })
    }

    /// Returns the person's claims in the hub's own form.
    #[must_use]
    pub fn claims(&self) -> Map<String, Value> {
        let mut claims = self.civil_status.claims();
        let mut add = |name: &str, value: Value| claims.insert(name.to_owned(), value);
        add("preferred_username", self.usage_name.as_str().into());
        if !self.email.is_empty() {
            add("email", self.email.as_str().into());
            add("email_verified", true.into());
        }
        if let Some((given, family)) = &self.original {
            add("given_name_original", given.join(" ").into());
            add("family_name_original", family.as_str().into());
        }
        claims.extend(self.more_claims.clone());
        claims
    }
}

fn read(text: &str) -> Option<Vec<Arc<Person>>> {
    let read = Document::read("people.toml", text, |root| {
        Some(root.sections("people", |section| person(section).map(Arc::new)))
    });
    read.ok()
}

fn person(section: &Section<'_>) -> Option<Person> {
    let username = section.required("username", text)?;
    let default_email = format!("{username}@personne.example");
    Some(Person {
        password: section.required("password", text)?,
        case: section.required("case", text)?,
        civil_status: civil_status(section)?,
        usage_name: section.optional("usage_name", text).unwrap_or_default(),
        email: section.optional("email", text).unwrap_or(default_email),
        original: section.section("original", |original| {
            let given = original.list("given_names", text);
            Some((given, original.required("family_name", text)?))
        }),
        more_claims: Map::new(),
        register: register(section),
        trouble: section.optional("trouble", trouble),
        username,
    })
}

fn civil_status(section: &Section<'_>) -> Option<CivilStatus> {
    Some(CivilStatus {
        given_names: section.list("given_names", text),
        family_name: section.required("family_name", text)?,
        gender: section.required("gender", text)?,
        birthdate: section.required("birthdate", text)?,
        birthplace: section.required("birthplace", text)?,
        birthcountry: section.required("birthcountry", text)?,
    })
}

fn register(section: &Section<'_>) -> RegisterWord {
    let now = section.section("civil_status", civil_status);
    let former = section.sections("former", civil_status);
    match (section.optional("register", text).as_deref(), now) {
        (Some("corrected"), Some(now)) => RegisterWord::Corrected(Box::new(now), former),
        (Some("unavailable"), _) => RegisterWord::Silent,
        (Some(reason), _) => RegisterWord::Refused(reason.to_owned()),
        (None, _) => RegisterWord::Found,
    }
}

fn trouble(text: &str) -> Result<FaultInjection, &'static str> {
    Ok(match text {
        "declines" => FaultInjection::Declines,
        "low_level" => FaultInjection::LowLevel,
        "malformed_birthdate" => FaultInjection::MalformedBirthdate,
        "misbehaves" => FaultInjection::WrongNonce,
        "missing_birthdate" => FaultInjection::MissingBirthdate,
        "old_authentication" => FaultInjection::OldAuthentication,
        "unreachable" => FaultInjection::TokenFails,
        _ => return Err("expected the name of a fault that a person can cause"),
    })
}

#[expect(
    clippy::unnecessary_wraps,
    reason = "`Section::required` takes a parser that may fail, and this one accepts any text"
)]
fn text(text: &str) -> Result<String, &'static str> {
    Ok(text.to_owned())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_person_of_the_file_is_read() {
        let read = Document::read("people.toml", include_str!("../people.toml"), |root| {
            Some(root.sections("people", person).len())
        });

        assert_eq!(read, Ok(PEOPLE.len()));
        assert!(PEOPLE.len() >= 40, "{}", PEOPLE.len());
    }
}
