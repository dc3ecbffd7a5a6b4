//! One data provider (DP), and what services may request of it.
//!
//! Created by `data_provider_file.rs`; used by the server's consent, token and introspection code.

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
    /// The client id of the data provider.
    pub id: ClientId,
    /// The name shown to citizens.
    pub name: Localised,
    /// The environment, which decides the services that may request its data.
    pub environment: Environment,
    /// The URL of its API: the `resource` parameter of services (RFC 8707), and the `aud` of its tokens.
    pub resource: String,
    /// The sector of its `sub`.
    pub sector: Sector,
    /// How it authenticates at the introspection endpoint.
    pub authentication: ClientAuthentication,
    /// The claims about the citizen that it receives.
    pub identity: BTreeSet<Claim>,
    /// Whether it receives the id of the service that presents a token.
    pub receives_client_id: bool,
    /// Whether citizens must consent to the use of its data, even by a public service.
    pub consent: bool,
    /// The `alg` of what the hub signs for it.
    pub signing_alg: String,
    /// The form of the responses to its introspection requests.
    pub introspection: IntrospectionFormat,
    /// The form of its access tokens.
    pub access_token: AccessTokenFormat,
    /// The lifetime of a token for this data provider, the same for every service: a different lifetime
    /// would tell it which service uses the token.
    pub token_lifetime: Duration,
    /// Where the keys are that encrypt its introspection responses, if they are encrypted.
    pub encryption: Option<ClientKeys>,
    /// The scopes.
    pub scopes: Vec<ScopeEntry>,
    /// The types of `authorization_details`.
    pub details: Vec<DetailsType>,
    /// The contact of the people who run it.
    pub contact: Contact,
}

/// The environment of a data provider. Test services and test IdPs never reach real files.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub enum Environment {
    /// It holds files of real people, for services in production.
    Production,
    /// It holds files of fictitious people, for services in a sandbox.
    Test,
}

/// The form of an introspection response.
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
    /// A JWT, which the data provider can verify without a request (RFC 9068).
    Jwt,
    /// A random secret without content.
    Opaque,
}

/// A scope of a data provider.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ScopeEntry {
    /// The name of the scope.
    pub name: DataScope,
    /// The description that citizens read.
    pub text: Localised,
    /// The names of the released data, for receipts.
    pub claims: Vec<String>,
}

/// A type of `authorization_details` (RFC 9396).
#[derive(Debug)]
pub struct DetailsType {
    /// The name of the type.
    pub name: String,
    /// The description that citizens read. `{member}` is replaced by the element's member of that name.
    pub text: Localised,
    /// The schema that an element must match.
    pub schema: Validator,
}

impl DataProvider {
    /// The maximum of [`Self::token_lifetime`] in an entry.
    pub const LONGEST_TOKEN_LIFETIME: Duration = Duration::from_secs(900);

    /// Returns what it is registered to learn about the citizen.
    #[must_use]
    pub fn audience(&self) -> DataAudience {
        DataAudience {
            provider: self.id.clone(),
            sector: self.sector.clone(),
            identity: self.identity.clone(),
        }
    }

    /// Whether `scope` is one of its scopes.
    #[must_use]
    pub fn has_scope(&self, scope: &DataScope) -> bool {
        self.scope(scope).is_some()
    }

    /// Returns its type of `authorization_details` with that name.
    #[must_use]
    pub fn details_type(&self, name: &str) -> Option<&DetailsType> {
        self.details.iter().find(|entry| entry.name == name)
    }

    /// Returns the description of `item` for citizens, including the values of an element.
    #[must_use]
    pub fn words(&self, item: DataItem<'_>, language: &str) -> String {
        let wording = self.wording(item, language);
        match item {
            DataItem::Scope(_) => wording.to_owned(),
            DataItem::Detail(_, detail) => filled(wording, detail, quotes(language)),
        }
    }

    /// Returns the registered description of `item`, without values.
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

    /// Returns the names of the data that `item` releases. For an element, this is the name of its type.
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

/// Returns the `type` of an element of `authorization_details`.
#[must_use]
pub fn type_of(detail: &Detail) -> &str {
    detail
        .get("type")
        .and_then(Value::as_str)
        .unwrap_or_default()
}

/// Returns `text` with each `{member}` replaced by its value in `detail`.
///
/// Members that the text does not name are appended, so that the service receives nothing that the page
/// does not show.
fn filled(text: &str, detail: &Detail, quotes: Quotes) -> String {
    let mut words = String::new();
    let mut named = vec!["type"];
    let mut rest = text;
    // In one pass, so that a value with braces is not replaced again.
    while let Some((before, place)) = rest.split_once('{') {
        words.push_str(before);
        let member = place
            .split_once('}')
            .filter(|(name, _)| detail.contains_key(*name));
        if let Some((name, after)) = member {
            words.push_str(&written(detail.get(name).unwrap_or(&Value::Null), quotes));
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
        .map(|(name, value)| format!("{name}: {}", written(value, quotes)))
        .collect();
    if !others.is_empty() {
        words.extend([" (", &others.join("; "), ")"]);
    }
    words
}

/// The quotation marks around a text that a service wrote.
type Quotes = (&'static str, &'static str);

fn quotes(language: &str) -> Quotes {
    match language {
        "fr" => ("«\u{a0}", "\u{a0}»"),
        _ => ("“", "”"),
    }
}

fn written(value: &Value, quotes: Quotes) -> String {
    match value {
        Value::String(text) => format!("{}{text}{}", quotes.0, quotes.1),
        Value::Array(entries) => {
            let entries = entries.iter().map(|entry| written(entry, quotes));
            entries.collect::<Vec<_>>().join(", ")
        }
        Value::Object(members) => {
            let members = members.iter();
            let members =
                members.map(|(name, value)| format!("{name}: {}", written(value, quotes)));
            members.collect::<Vec<_>>().join("; ")
        }
        Value::Bool(_) | Value::Null | Value::Number(_) => value.to_string(),
    }
}
