//! What is asked of data providers: their scopes, `authorization_details` (RFC 9396) and `resource`
//! (RFC 8707).

use std::collections::{BTreeMap, BTreeSet};

use hub_core::{
    data::{DataRequest, DataScope, Detail},
    ids::ClientId,
    oauth_error::OAuthError,
    scope::Scope,
};
use serde_json::Value;
use sp_registry::{DataProvider, Registry, ServiceProvider, type_of};

use super::Refusal;
use crate::http::Parameters;

const LONGEST: usize = 4096;
const MOST_DETAILS: usize = 10;
const LONGEST_TEXT: usize = 200;

const UNREGISTERED: Refusal = (
    OAuthError::InvalidScope,
    "a scope that this client is not registered for",
);

/// What is asked of each data provider, by its id.
///
/// # Errors
/// A scope or a type that the service is not registered for, details that are not what their type wants,
/// a `resource` that does not fit the rest.
pub(super) fn read(
    registry: &Registry,
    service: &ServiceProvider,
    sent: &Parameters,
) -> Result<Vec<DataRequest>, Refusal> {
    let mut asked: BTreeMap<ClientId, DataRequest> = BTreeMap::new();
    for scope in scopes(sent) {
        // Unknown scopes are ignored (OpenID Connect Core 3.1.2.1).
        let Some(provider) = registry
            .data_providers_for(service)
            .find(|one| one.has_scope(&scope))
        else {
            continue;
        };
        if !service.data_scopes.contains(&scope) {
            return Err(UNREGISTERED);
        }
        of(&mut asked, provider).scopes.insert(scope);
    }
    for detail in details(sent)? {
        let provider = acceptable(registry, service, &detail)?;
        of(&mut asked, provider).details.push(detail);
    }
    fits_resources(registry, sent, &asked)?;
    Ok(asked.into_values().collect())
}

fn of<'a>(
    asked: &'a mut BTreeMap<ClientId, DataRequest>,
    provider: &DataProvider,
) -> &'a mut DataRequest {
    let fresh = || DataRequest {
        provider: provider.id.clone(),
        scopes: BTreeSet::new(),
        details: Vec::new(),
    };
    asked.entry(provider.id.clone()).or_insert_with(fresh)
}

/// What is in `scope` and none of the hub's own.
fn scopes(sent: &Parameters) -> BTreeSet<DataScope> {
    let sent = sent.only("scope").unwrap_or_default();
    let others = sent.split(' ').filter(|name| Scope::parse(name).is_none());
    others.filter_map(|name| name.parse().ok()).collect()
}

fn details(sent: &Parameters) -> Result<Vec<Detail>, Refusal> {
    const WRONG: Refusal = (
        OAuthError::InvalidAuthorizationDetails,
        "authorization_details has to be a JSON list of 1 to 10 objects",
    );
    let Some(text) = sent.only("authorization_details") else {
        return Ok(Vec::new());
    };
    if text.len() > LONGEST {
        return Err(WRONG);
    }
    let details: Vec<Detail> = serde_json::from_str(text).map_err(|_json| WRONG)?;
    let good = (1..=MOST_DETAILS).contains(&details.len());
    good.then_some(details).ok_or(WRONG)
}

/// The data provider of `detail`, if the service may ask that type and it is what the type wants.
fn acceptable<'r>(
    registry: &'r Registry,
    service: &'r ServiceProvider,
    detail: &Detail,
) -> Result<&'r DataProvider, Refusal> {
    let name = type_of(detail);
    let registered = service.authorization_details_types.contains(name);
    let provider = registry
        .data_providers_for(service)
        .find(|one| one.details_type(name).is_some() && registered);
    let provider = provider.ok_or((
        OAuthError::InvalidAuthorizationDetails,
        "a type of authorization_details that this client is not registered for",
    ))?;
    let value = Value::Object(detail.clone());
    if !detail.values().all(is_plain) {
        return Err((
            OAuthError::InvalidAuthorizationDetails,
            "a text in authorization_details has more than 200 characters, or control, direction or \
             quotation characters",
        ));
    }
    let fits = provider
        .details_type(name)
        .is_some_and(|wanted| wanted.schema.is_valid(&value));
    fits.then_some(provider).ok_or((
        OAuthError::InvalidAuthorizationDetails,
        "authorization_details that do not fit the schema of their type",
    ))
}

/// Where `resource` is sent, it names the data providers of which something is asked, and no others.
fn fits_resources(
    registry: &Registry,
    sent: &Parameters,
    asked: &BTreeMap<ClientId, DataRequest>,
) -> Result<(), Refusal> {
    let named: BTreeSet<&str> = sent.all("resource").collect();
    if named.is_empty() {
        return Ok(());
    }
    let asked = asked.keys().filter_map(|id| registry.data_provider(id));
    let asked: BTreeSet<&str> = asked.map(|provider| provider.resource.as_str()).collect();
    (named == asked).then_some(()).ok_or((
        OAuthError::InvalidTarget,
        "resource has to name each data provider that the request asks something of, and no other",
    ))
}

/// Whether every text in `value` can be quoted on a page: short, and unable to end its own quotation or to
/// change the direction of what follows.
fn is_plain(value: &Value) -> bool {
    match value {
        Value::String(text) => {
            text.chars().count() <= LONGEST_TEXT && !text.chars().any(breaks_a_quotation)
        }
        Value::Array(entries) => entries.iter().all(is_plain),
        Value::Object(members) => members.values().all(is_plain),
        Value::Bool(_) | Value::Null | Value::Number(_) => true,
    }
}

/// Control characters, the direction and invisible characters of Unicode, and the marks of our own quotations.
fn breaks_a_quotation(c: char) -> bool {
    c.is_control()
        || matches!(c, '«' | '»' | '“' | '”')
        || matches!(c, '\u{61c}' | '\u{200b}'..='\u{200f}' | '\u{2028}'..='\u{202e}')
        || matches!(c, '\u{2060}'..='\u{206f}' | '\u{feff}')
}
