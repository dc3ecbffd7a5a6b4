//! Reads `[mapping]` and `[[examples]]` of an IdP's entry.
//!
//! Called by the server's configuration.

use std::collections::BTreeMap;

use hub_core::{
    clock::Timestamp,
    identity::{DateForm, PhoneRegion, PivotIdentity},
    release::release,
    scope::Claim,
};
use hub_document::Section;
use serde_json::{Map, Value};

use super::{Mapping, Origin, Path, Pattern, Rule};

impl Mapping {
    /// Reads `[mapping]`: for each attribute the name of a claim, several names, or a table.
    pub fn read(section: &Section<'_>) -> Option<Self> {
        let attributes = Claim::ALL
            .into_iter()
            // It has no rule of its own: `split` or an array in `given_name` creates it.
            .filter(|claim| *claim != Claim::GivenNameArray);
        let read = |claim: Claim| {
            let rule =
                section.texts_or_section(claim.name(), from_names, |table| rule(table, claim));
            Some((claim, rule?))
        };
        Some(Self {
            rules: attributes.filter_map(read).collect(),
        })
    }
}

fn from_names(texts: &[String]) -> Result<Rule, &'static str> {
    let paths: Result<Vec<Path>, &str> = texts.iter().map(|text| Path::parse(text)).collect();
    Ok(Rule {
        origin: Origin::From(paths?),
        ..Rule::default()
    })
}

fn rule(table: &Section<'_>, claim: Claim) -> Option<Rule> {
    let from = table.list_or_text("from", Path::parse);
    let constant = table.optional("constant", short_text);
    let absent = table.flag("absent", false);
    let (mut split, mut form, mut precision) = (None, None, None);
    if claim == Claim::GivenName {
        split = table.optional("split", separator);
    }
    if claim == Claim::Birthdate {
        form = table.optional("form", Pattern::parse);
        precision = table.optional("precision", Path::parse);
    }
    let mut regions = Vec::new();
    if claim == Claim::PhoneNumber {
        regions = table.list_or_text("region", PhoneRegion::parse);
    }
    let codes = table.section("codes", |codes| {
        Some(codes.entries().into_iter().collect::<BTreeMap<_, _>>())
    });
    let otherwise = table.optional("otherwise", otherwise).is_some();
    let origin = match (from.is_empty(), constant, absent) {
        (false, None, false) => Origin::From(from),
        (true, Some(constant), false) => Origin::Constant(constant),
        (true, None, true) => Origin::Absent,
        _ => {
            table.add_problem("from", "give one of `from`, `constant` and `absent = true`");
            return None;
        }
    };
    Some(Rule {
        origin,
        split,
        form,
        precision,
        regions,
        codes: codes.unwrap_or_default(),
        absent_if_malformed: otherwise,
    })
}

fn separator(text: &str) -> Result<String, &'static str> {
    let is_valid = (1..=3).contains(&text.len());
    is_valid
        .then(|| text.to_owned())
        .ok_or("expected a separator of 1 to 3 characters")
}

fn otherwise(text: &str) -> Result<(), &'static str> {
    (text == "absent").then_some(()).ok_or("expected absent")
}

fn short_text(text: &str) -> Result<String, &'static str> {
    let is_valid = (1..=200).contains(&text.len());
    is_valid
        .then(|| text.to_owned())
        .ok_or("expected a text of 1 to 200 characters")
}

/// The end of the year 9999. A fixed date gives an example the same result at any time.
const END_OF_TIME: Timestamp = Timestamp::from_unix(253_402_300_799);

/// An example of an IdP's claims and the expected identity, checked when the entry is read.
#[derive(Debug)]
pub struct Example {
    claims: Map<String, Value>,
    identity: Map<String, Value>,
    refused: Vec<String>,
}

impl Example {
    /// Reads one entry of `[[examples]]`.
    pub fn read(section: &Section<'_>) -> Option<Self> {
        if !section.has("claims") {
            section.add_problem(
                "claims",
                "add the claims that the IdP sends, [examples.claims]",
            );
        }
        let claims = section.json("claims");
        Some(Self {
            identity: section.json("identity").unwrap_or_default(),
            refused: section.list("refused", |name| Ok::<_, &str>(name.to_owned())),
            claims: claims?,
        })
    }

    /// Returns the names of the attributes that `mapping` does not convert as expected. No value is
    /// returned.
    #[must_use]
    pub fn differences(&self, mapping: &Mapping) -> Vec<String> {
        let today = END_OF_TIME;
        let reading = PivotIdentity::read(&mapping.apply(&self.claims, today), today);
        let mut actual = release(&reading.identity, &Claim::ALL.into(), DateForm::Zero);
        // It follows from `given_name`, so the example need not state it.
        if !self.identity.contains_key(Claim::GivenNameArray.name()) {
            actual.remove(Claim::GivenNameArray.name());
        }
        let refused: Vec<&str> = reading
            .errors
            .iter()
            .map(|problem| problem.claim.name())
            .collect();
        let mut names: Vec<&String> = self.identity.keys().chain(actual.keys()).collect();
        names.sort();
        names.dedup();
        let differs = names
            .into_iter()
            .filter(|name| self.identity.get(*name) != actual.get(*name))
            .cloned();
        let unexpected = refused
            .iter()
            .filter(|name| !self.refused.iter().any(|expected| expected == *name))
            .map(|name| format!("{name} (malformed)"));
        let accepted = self
            .refused
            .iter()
            .filter(|name| !refused.contains(&name.as_str()))
            .map(|name| format!("{name} (not refused)"));
        differs.chain(unexpected).chain(accepted).collect()
    }
}
