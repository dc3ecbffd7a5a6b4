//! The rules that convert an IdP's claims to the hub's claims, written in the IdP's entry.
//!
//! A rule defines for one attribute where it comes from (`from`: one claim, or several of which the
//! first present one counts, with dots for nested objects; `constant`; or `absent`), and how its text is
//! read (`split`, `form`, `precision`, `region`, `codes`, `otherwise`). An attribute without a rule is
//! the claim of the same name. `docs/MAPPING.md` is the reference. Called by `oidc/trust.rs` and when
//! the configuration is read.

mod path;
mod pattern;
mod read;

use std::collections::BTreeMap;

use hub_core::{
    clock::Timestamp,
    identity::{PhoneRegion, PivotIdentity, phone_number},
    scope::Claim,
};
use serde_json::{Map, Value};

pub use path::Path;
use pattern::Pattern;
pub use read::Example;

/// The mapping rules of one IdP.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Mapping {
    rules: BTreeMap<Claim, Rule>,
}

/// Where one attribute comes from, and how its text is read.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
struct Rule {
    origin: Origin,
    split: Option<String>,
    form: Option<Pattern>,
    precision: Option<Path>,
    regions: Vec<PhoneRegion>,
    codes: BTreeMap<String, String>,
    absent_if_malformed: bool,
}

/// Where an attribute comes from.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
enum Origin {
    /// The attribute is absent: the claim of the same name means something else at this IdP.
    #[default]
    Absent,
    /// The same value for every person.
    Constant(String),
    /// The first of these claims that is present.
    From(Vec<Path>),
}

impl Mapping {
    /// Converts `claims` to the hub's names and forms.
    ///
    /// A value that a rule cannot read is kept unchanged, so that the reader reports it by name.
    #[must_use]
    pub fn apply(&self, claims: &Map<String, Value>, today: Timestamp) -> Map<String, Value> {
        let mut mapped = claims.clone();
        for (claim, rule) in &self.rules {
            mapped.remove(claim.name());
            if *claim == Claim::GivenName {
                mapped.remove(Claim::GivenNameArray.name());
            }
            if let Some((name, value)) = rule.value_of(*claim, claims)
                && !(rule.absent_if_malformed && is_malformed(name, &value, today))
            {
                mapped.insert(name.to_owned(), value);
            }
        }
        mapped
    }
}

impl Rule {
    /// Returns the value of `claim`, with the name of the claim that it is stored under.
    fn value_of(&self, claim: Claim, claims: &Map<String, Value>) -> Option<(&'static str, Value)> {
        let value = match &self.origin {
            Origin::Absent => return None,
            Origin::Constant(text) => return Some((claim.name(), text.as_str().into())),
            Origin::From(paths) => paths.iter().find_map(|path| path.find(claims))?,
        };
        if !self.codes.is_empty() {
            let known = path::text(value).and_then(|text| self.codes.get(&text).cloned());
            return Some((
                claim.name(),
                known.map_or_else(|| value.clone(), Value::from),
            ));
        }
        if let (Some(separator), Some(text)) = (&self.split, value.as_str()) {
            let names = text.split(separator.as_str()).map(str::trim);
            let names: Vec<&str> = names.filter(|name| !name.is_empty()).collect();
            return Some((Claim::GivenNameArray.name(), names.into()));
        }
        if claim == Claim::GivenName && value.is_array() {
            return Some((Claim::GivenNameArray.name(), value.clone()));
        }
        if claim == Claim::Birthdate {
            return Some((claim.name(), self.date(value, claims)));
        }
        if let (Claim::PhoneNumber, Some(text)) = (claim, value.as_str()) {
            return Some((claim.name(), self.phone_number(text).into()));
        }
        Some((claim.name(), value.clone()))
    }

    /// Returns a national number in E.164 form, for the first region whose numbering plan contains it.
    ///
    /// A number that no region assigns is returned unchanged.
    fn phone_number(&self, text: &str) -> String {
        let mut regions = self.regions.iter();
        regions
            .find_map(|region| phone_number(text, Some(*region)))
            .unwrap_or_else(|| text.to_owned())
    }

    /// Returns the date in the hub's form, reduced to the parts that the IdP declares as known.
    fn date(&self, value: &Value, claims: &Map<String, Value>) -> Value {
        let Some(text) = value.as_str() else {
            return value.clone();
        };
        let date = match &self.form {
            None => Some(text.to_owned()),
            Some(pattern) => pattern.read(text),
        };
        let precision = self.precision.as_ref();
        let precision = precision.and_then(|path| path.find(claims)?.as_str());
        match (date, precision) {
            (Some(date), Some("year")) => Value::from(truncated(&date, 4) + "-00-00"),
            (Some(date), Some("month")) => Value::from(truncated(&date, 7) + "-00"),
            (Some(date), _) => Value::from(date),
            (None, _) => value.clone(),
        }
    }
}

fn truncated(date: &str, length: usize) -> String {
    date.chars().take(length).collect()
}

fn is_malformed(name: &str, value: &Value, today: Timestamp) -> bool {
    let single_claim = Map::from_iter([(name.to_owned(), value.clone())]);
    !PivotIdentity::read(&single_claim, today).errors.is_empty()
}

#[cfg(test)]
mod tests;
