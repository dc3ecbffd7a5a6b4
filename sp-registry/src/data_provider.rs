//! One data provider (DP), and what services may ask of it.

use std::{collections::BTreeSet, time::Duration};

use hub_core::{
    data::{DataAudience, DataItem, DataScope, Detail},
    ids::{ClientId, Sector},
    localised::Localised,
    scope::Claim,
};
use jsonschema::Validator;
use serde_json::Value;

use crate::{ClientAuthentication, ClientKeys, service_provider::Contact};

/// A registered data provider.
#[derive(Debug)]
pub struct DataProvider {
    /// Its id on the wire, as a client of the hub.
    pub id: ClientId,
    /// Its name, as citizens read it.
    pub name: Localised,
    /// Which services may ask it.
    pub environment: Environment,
    /// The address of its API: what services name it by (RFC 8707), and the `aud` of its tokens.
    pub resource: String,
    /// The sector of its `sub`.
    pub sector: Sector,
    /// How it authenticates.
    pub authentication: ClientAuthentication,
    /// What it is told of the citizen.
    pub identity: BTreeSet<Claim>,
    /// Whether it is told which service shows a token.
    pub receives_client_id: bool,
    /// Whether citizens have to consent to a service's reading its data, even a public service's.
    pub consent: bool,
    /// The `alg` of what the hub signs for it.
    pub signing_alg: String,
    /// The form of the answers to its introspection requests.
    pub introspection: IntrospectionFormat,
    /// The form of its access tokens.
    pub access_token: AccessTokenFormat,
    /// How long a token counts there, whichever service got it: one value for all, because a data provider
    /// would recognise a service by a lifetime of its own.
    pub token_lifetime: Duration,
    /// Where the keys are with which its introspection answers are encrypted, if they are.
    pub encryption: Option<ClientKeys>,
    /// Its scopes.
    pub scopes: Vec<ScopeEntry>,
    /// Its types of `authorization_details`.
    pub details: Vec<DetailsType>,
    /// Where its people are reached.
    pub contact: Contact,
}

/// In which world a data provider is: services and identity providers of tests never meet real files.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub enum Environment {
    /// It holds files of real people, for services in production.
    Production,
    /// It holds files of fictitious people, for services in a sandbox.
    Test,
}

/// The form of an introspection answer.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum IntrospectionFormat {
    /// JSON (RFC 7662), unless the request's `Accept` asks for a JWT.
    Json,
    /// Always a JWT (RFC 9701).
    Jwt,
}

/// The form of an access token for one data provider.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum AccessTokenFormat {
    /// A JWT that the data provider can verify without asking (RFC 9068).
    Jwt,
    /// A secret that says nothing.
    Opaque,
}

/// A scope of a data provider.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ScopeEntry {
    /// The scope.
    pub name: DataScope,
    /// What it opens, in words.
    pub text: Localised,
    /// The names of the data behind it, for receipts.
    pub claims: Vec<String>,
}

/// A type of `authorization_details` (RFC 9396).
#[derive(Debug)]
pub struct DetailsType {
    /// The type's name.
    pub name: String,
    /// What an element asks, in words; `{member}` stands for the element's member of that name.
    pub text: Localised,
    /// What an element has to be.
    pub schema: Validator,
}

impl DataProvider {
    /// The longest [`Self::token_lifetime`] that an entry may set.
    pub const LONGEST_TOKEN_LIFETIME: Duration = Duration::from_secs(900);

    /// What it is told of the citizen.
    #[must_use]
    pub fn audience(&self) -> DataAudience {
        DataAudience {
            provider: self.id.clone(),
            sector: self.sector.clone(),
            identity: self.identity.clone(),
        }
    }

    /// Whether `scope` is one of its own.
    #[must_use]
    pub fn has_scope(&self, scope: &DataScope) -> bool {
        self.scope(scope).is_some()
    }

    /// Its type of `authorization_details` of that name.
    #[must_use]
    pub fn details_type(&self, name: &str) -> Option<&DetailsType> {
        self.details.iter().find(|entry| entry.name == name)
    }

    /// What `item` asks, in words, the values of a detail among them.
    #[must_use]
    pub fn words(&self, item: DataItem<'_>, language: &str) -> String {
        let wording = self.wording(item, language);
        match item {
            DataItem::Scope(_) => wording.to_owned(),
            DataItem::Detail(_, detail) => filled(wording, detail, quotes(language)),
        }
    }

    /// What `item` asks, as registered: without any value.
    fn wording(&self, item: DataItem<'_>, language: &str) -> &str {
        let text = match item {
            DataItem::Scope(scope) => self.scope(scope).map(|entry| &entry.text),
            DataItem::Detail(_, detail) => {
                let entry = self.details_type(type_of(detail));
                entry.map(|entry| &entry.text)
            }
        };
        text.map_or("", |text| text.get(language))
    }

    fn scope(&self, scope: &DataScope) -> Option<&ScopeEntry> {
        self.scopes.iter().find(|entry| entry.name == *scope)
    }

    /// The names of the data behind `item`: a type of details stands for itself.
    #[must_use]
    pub fn claims<'a>(&'a self, item: DataItem<'a>) -> Vec<&'a str> {
        match item {
            DataItem::Scope(scope) => {
                let claims = self.scope(scope).map_or(&[][..], |entry| &entry.claims);
                claims.iter().map(String::as_str).collect()
            }
            DataItem::Detail(_, detail) => vec![type_of(detail)],
        }
    }
}

/// The `type` of an element of `authorization_details`.
#[must_use]
pub fn type_of(detail: &Detail) -> &str {
    detail
        .get("type")
        .and_then(Value::as_str)
        .unwrap_or_default()
}

/// `text` with each `{member}` replaced by what `detail` says there. Members that the text does not name
/// follow, so that nothing is passed on that the page does not show.
fn filled(text: &str, detail: &Detail, quotes: Quotes) -> String {
    let mut words = String::new();
    let mut named = vec!["type"];
    let mut rest = text;
    // In one pass: a value that looks like a place is not replaced again.
    while let Some((before, place)) = rest.split_once('{') {
        words.push_str(before);
        let member = place
            .split_once('}')
            .filter(|(name, _)| detail.contains_key(*name));
        if let Some((name, after)) = member {
            words.push_str(&said(detail.get(name).unwrap_or(&Value::Null), quotes));
            named.push(name);
            rest = after;
        } else {
            words.push('{');
            rest = place;
        }
    }
    words.push_str(rest);
    let others = detail
        .iter()
        .filter(|(name, _)| !named.contains(&name.as_str()));
    let others: Vec<String> = others
        .map(|(name, value)| format!("{name}: {}", said(value, quotes)))
        .collect();
    if !others.is_empty() {
        words.extend([" (", &others.join("; "), ")"]);
    }
    words
}

/// The marks around a text that a service wrote.
type Quotes = (&'static str, &'static str);

fn quotes(language: &str) -> Quotes {
    match language {
        "fr" => ("«\u{a0}", "\u{a0}»"),
        _ => ("“", "”"),
    }
}

fn said(value: &Value, quotes: Quotes) -> String {
    match value {
        Value::String(text) => format!("{}{text}{}", quotes.0, quotes.1),
        Value::Array(entries) => {
            let entries = entries.iter().map(|entry| said(entry, quotes));
            entries.collect::<Vec<_>>().join(", ")
        }
        Value::Object(members) => {
            let members = members.iter();
            let members = members.map(|(name, value)| format!("{name}: {}", said(value, quotes)));
            members.collect::<Vec<_>>().join("; ")
        }
        Value::Bool(_) | Value::Null | Value::Number(_) => value.to_string(),
    }
}
