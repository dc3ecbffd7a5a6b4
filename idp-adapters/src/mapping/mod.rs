//! From an IdP's own claims to the hub's: one small language, written in the IdP's entry.
//!
//! A rule says of one attribute where it comes from (`from`, one claim or several of which the first
//! that is there counts, a dot leads into an object; `constant`; or `absent`), and how its text is
//! read (`split`, `form`, `precision`, `region`, `codes`, `otherwise`). An attribute without a rule is the claim
//! of its own name. `docs/MAPPING.md` is the reference.

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

/// The rules of one IdP.
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
    /// From nowhere: the claim of that name means something else at this IdP.
    #[default]
    Absent,
    /// The same for everybody.
    Constant(String),
    /// The first of these claims that is there.
    From(Vec<Path>),
}

impl Mapping {
    /// `claims` under the hub's names and in its forms. What a rule cannot read is left as it came, so
    /// that the reader refuses it by name.
    #[must_use]
    pub fn apply(&self, claims: &Map<String, Value>, today: Timestamp) -> Map<String, Value> {
        let mut mapped = claims.clone();
        for (claim, rule) in &self.rules {
            mapped.remove(claim.name());
            if *claim == Claim::GivenName {
                mapped.remove(Claim::GivenNameArray.name());
            }
            if let Some((name, value)) = rule.make(*claim, claims)
                && !(rule.absent_if_malformed && is_malformed(name, &value, today))
            {
                mapped.insert(name.to_owned(), value);
            }
        }
        mapped
    }
}

impl Rule {
    /// The value of `claim`, under the name it is read by.
    fn make(&self, claim: Claim, claims: &Map<String, Value>) -> Option<(&'static str, Value)> {
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

    /// Returns a national number in the form of E.164: of the first region that assigns it. A number that no
    /// region assigns is returned as it came.
    fn phone_number(&self, text: &str) -> String {
        let mut regions = self.regions.iter();
        regions
            .find_map(|region| phone_number(text, Some(*region)))
            .unwrap_or_else(|| text.to_owned())
    }

    /// The date by its form, and reduced to the parts that the IdP says it knows.
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
            (Some(date), Some("year")) => Value::from(cut(&date, 4) + "-00-00"),
            (Some(date), Some("month")) => Value::from(cut(&date, 7) + "-00"),
            (Some(date), _) => Value::from(date),
            (None, _) => value.clone(),
        }
    }
}

fn cut(date: &str, length: usize) -> String {
    date.chars().take(length).collect()
}

fn is_malformed(name: &str, value: &Value, today: Timestamp) -> bool {
    let alone = Map::from_iter([(name.to_owned(), value.clone())]);
    !PivotIdentity::read(&alone, today).errors.is_empty()
}

#[cfg(test)]
mod tests;
