//! The data of data providers (DP): what a service requests, and what each data provider is told.
//!
//! Called by the login stages and by the server's consent, token and introspection code.

use std::{collections::BTreeSet, fmt, str::FromStr};

use serde::{Deserialize, Serialize};
use serde_json::{Map, Value};
use thiserror::Error;

use crate::{
    acr::Level,
    clock::Timestamp,
    identity::{DateForm, PivotIdentity},
    ids::{ClientId, Sector},
    release::release,
    scope::Claim,
    session::EndMark,
    subject::{Person, Subject, SubjectKeys},
};

/// The text is not a scope.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Error)]
#[error("a scope has 1 to 128 printable ASCII characters, no blank, quote or backslash")]
pub struct InvalidScope;

/// A scope that a data provider registered (`scope-token` of RFC 6749 section 3.3).
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(try_from = "String", into = "String")]
pub struct DataScope(String);

impl DataScope {
    /// Returns the scope as the wire carries it.
    #[must_use]
    pub fn as_str(&self) -> &str {
        &self.0
    }
}

impl FromStr for DataScope {
    type Err = InvalidScope;

    fn from_str(text: &str) -> Result<Self, InvalidScope> {
        let fits = |c: u8| c.is_ascii_graphic() && c != b'"' && c != b'\\';
        let is_valid = (1..=128).contains(&text.len()) && text.bytes().all(fits);
        is_valid.then(|| Self(text.to_owned())).ok_or(InvalidScope)
    }
}

impl TryFrom<String> for DataScope {
    type Error = InvalidScope;

    fn try_from(text: String) -> Result<Self, InvalidScope> {
        text.parse()
    }
}

impl From<DataScope> for String {
    fn from(scope: DataScope) -> Self {
        scope.0
    }
}

impl fmt::Display for DataScope {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}

/// One element of `authorization_details` (RFC 9396), checked against the schema of its type.
pub type Detail = Map<String, Value>;

/// What a service requests of one data provider.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct DataRequest {
    /// The data provider.
    pub provider: ClientId,
    /// The requested scopes of this data provider.
    #[serde(skip_serializing_if = "BTreeSet::is_empty", default)]
    pub scopes: BTreeSet<DataScope>,
    /// The requested elements of `authorization_details`.
    #[serde(skip_serializing_if = "Vec::is_empty", default)]
    pub details: Vec<Detail>,
}

/// One requested item of a data provider, which the citizen may refuse separately.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum DataItem<'a> {
    /// An element of `authorization_details`, with its index in the request.
    Detail(usize, &'a Detail),
    /// A scope.
    Scope(&'a DataScope),
}

impl DataRequest {
    /// Returns every requested item, scopes first.
    pub fn items(&self) -> impl Iterator<Item = DataItem<'_>> {
        let scopes = self.scopes.iter().map(DataItem::Scope);
        let details = self.details.iter().enumerate();
        scopes.chain(details.map(|(place, detail)| DataItem::Detail(place, detail)))
    }

    /// Returns the request reduced to the items for which `keep` returns `true`.
    ///
    /// Returns `None` if no item is left.
    #[must_use]
    pub fn keeping(&self, keep: impl Fn(DataItem<'_>) -> bool) -> Option<Self> {
        let scopes = self.scopes.iter();
        let scopes = scopes.filter(|scope| keep(DataItem::Scope(scope)));
        let details = self.details.iter().enumerate();
        let details = details.filter(|(place, detail)| keep(DataItem::Detail(*place, detail)));
        let kept = Self {
            provider: self.provider.clone(),
            scopes: scopes.cloned().collect(),
            details: details.map(|(_, detail)| detail.clone()).collect(),
        };
        (!kept.scopes.is_empty() || !kept.details.is_empty()).then_some(kept)
    }
}

/// What a data provider is registered to learn about the citizen.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct DataAudience {
    /// The data provider.
    pub provider: ClientId,
    /// The sector of its `sub`.
    pub sector: Sector,
    /// The claims with which it finds the citizen's file.
    pub identity: BTreeSet<Claim>,
}

/// What one data provider may be told about one token: its own scopes and its own `sub`.
#[derive(Debug, Clone, Serialize, Deserialize)]
pub struct DataGrant {
    /// What the citizen agreed to.
    pub request: DataRequest,
    /// The citizen's subject in the data provider's sector.
    pub subject: Subject,
    /// The claims with which it finds the citizen's file.
    pub claims: Map<String, Value>,
}

impl DataAudience {
    /// Creates the grant of `request` to this data provider about `person`.
    #[must_use]
    pub fn grant(
        &self,
        request: DataRequest,
        keys: &SubjectKeys,
        person: &Person,
        identity: &PivotIdentity,
    ) -> DataGrant {
        DataGrant {
            request,
            subject: keys.subject(person, &self.sector),
            claims: release(identity, &self.identity, DateForm::Zero),
        }
    }
}

/// What data providers may be told for a service's access token, or for tokens derived from it.
#[derive(Debug, Clone, Serialize, Deserialize)]
pub struct DataAccess {
    /// One grant for each data provider.
    pub grants: Vec<DataGrant>,
    /// Whether data providers accept the service's own token. Otherwise each needs a token derived from
    /// it.
    pub shared: bool,
    /// The assurance level of the login.
    pub level: Level,
    /// When the token was issued.
    pub issued_at: Timestamp,
    /// When the token expires.
    pub expires_at: Timestamp,
}

impl DataAccess {
    /// Returns what the citizen agreed to for `provider`.
    #[must_use]
    pub fn granted_to(&self, provider: &ClientId) -> Option<&DataGrant> {
        let mut grants = self.grants.iter();
        grants.find(|grant| grant.request.provider == *provider)
    }
}

/// What a token for one data provider grants.
///
/// It grants nothing at UserInfo or at other data providers.
#[derive(Debug, Clone, Serialize, Deserialize)]
pub struct DataToken {
    /// The client that the token was issued to.
    pub client: ClientId,
    /// What the data provider is told.
    pub given: DataGrant,
    /// The assurance level of the login.
    pub level: Level,
    /// When the token was issued.
    pub issued_at: Timestamp,
    /// When the token expires.
    pub expires_at: Timestamp,
    /// The locator of the access token that this one was derived from. This token is refused once that
    /// one no longer exists.
    #[serde(skip_serializing_if = "Option::is_none", default)]
    pub parent: Option<String>,
    /// The end mark of the single sign-on session, if the token was issued in one.
    #[serde(skip_serializing_if = "Option::is_none", default)]
    pub end_mark: Option<EndMark>,
    /// Whether the token was issued as a JWT (RFC 9068). Its secret alone is then refused.
    #[serde(default)]
    pub is_jwt: bool,
    /// The secret id of the login, from which audit pseudonyms are derived.
    pub transaction: String,
}

/// Returns the `scope` parameter for `scopes` and the granted scopes of data providers.
#[must_use]
pub fn scope_parameter<'a>(
    scopes: &BTreeSet<crate::scope::Scope>,
    data: impl Iterator<Item = &'a DataRequest>,
) -> String {
    let hub_scopes = scopes.iter().map(|scope| scope.name().to_owned());
    let data = data.flat_map(|request| &request.scopes);
    hub_scopes
        .chain(data.map(DataScope::to_string))
        .collect::<Vec<_>>()
        .join(" ")
}
