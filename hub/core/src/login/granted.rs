//! Stage 5: the authorization code was issued, and the service may redeem it once.
//!
//! The server's token endpoint reads these records.

use std::collections::BTreeSet;

use serde::{Deserialize, Serialize};
use serde_json::{Map, Value};

use super::AskedClaim;
use crate::{
    acr::{Level, Vocabulary},
    clock::Timestamp,
    data::{DataAccess, DataGrant},
    ids::ClientId,
    pkce::Challenge,
    scope::Scope,
    session::EndMark,
    subject::{BasisName, Subject},
};

/// What an authorization code grants, reduced to what the service may receive.
#[derive(Debug, Clone, Serialize, Deserialize)]
pub struct Granted {
    /// The client that may redeem the code.
    pub client: ClientId,
    /// The redirect URI of the authorization request; the token request must repeat it (RFC 6749 4.1.3).
    pub redirect: String,
    /// The PKCE challenge that the token request's `code_verifier` must match.
    pub challenge: Option<Challenge>,
    /// The `nonce` for the ID token.
    pub nonce: Option<String>,
    /// The scopes for the `scope` member of the token response.
    pub scopes: BTreeSet<Scope>,
    /// The claims about the authentication that the ID token carries.
    pub id_token: BTreeSet<AskedClaim>,
    /// The pairwise subject.
    pub subject: Subject,
    /// What the subject is derived from, for a service that is registered for this claim.
    #[serde(skip_serializing_if = "Option::is_none", default)]
    pub basis: Option<BasisName>,
    /// The person's earlier subjects at this service, for a service that is registered for this claim.
    #[serde(skip_serializing_if = "Vec::is_empty", default)]
    pub previous_subs: Vec<Subject>,
    /// The session's `sid` at this service, for a service that is registered for this claim.
    #[serde(skip_serializing_if = "Option::is_none", default)]
    pub sid: Option<String>,
    /// The end mark of the single sign-on session, if the code was issued in one.
    #[serde(skip_serializing_if = "Option::is_none", default)]
    pub end_mark: Option<EndMark>,
    /// The claims about the person to release.
    pub claims: Map<String, Value>,
    /// What each data provider may be told.
    #[serde(skip_serializing_if = "Vec::is_empty", default)]
    pub data: Vec<DataGrant>,
    /// The signed consent receipt, for a service that requested data of data providers.
    #[serde(skip_serializing_if = "Option::is_none", default)]
    pub receipt: Option<String>,
    /// The ignored parts of the request, shown to the developers of a sandbox service.
    #[serde(skip_serializing_if = "Vec::is_empty", default)]
    pub warnings: Vec<String>,
    /// The secret id of the login, from which audit pseudonyms are derived.
    #[serde(default)]
    pub transaction: String,
    /// The requested assurance level, which the login reached.
    pub level: Level,
    /// The family of `acr` values in which the service asked.
    pub vocabulary: Vocabulary,
    /// When the citizen authenticated, if the IdP proved it.
    pub auth_time: Option<Timestamp>,
}

/// What an access token grants.
#[derive(Debug, Clone, Serialize, Deserialize)]
pub struct AccessGrant {
    /// The client that the token was issued to.
    pub client: ClientId,
    /// The pairwise subject, the same as in the ID token.
    pub subject: Subject,
    /// The claims about the person to release at UserInfo.
    pub claims: Map<String, Value>,
    /// The scopes granted.
    pub scopes: BTreeSet<Scope>,
    /// What the token grants at data providers, if anything.
    #[serde(skip_serializing_if = "Option::is_none", default)]
    pub data: Option<DataAccess>,
    /// The end mark of the single sign-on session, if the token was issued in one.
    #[serde(skip_serializing_if = "Option::is_none", default)]
    pub end_mark: Option<EndMark>,
    /// The secret id of the login, from which audit pseudonyms are derived.
    #[serde(default)]
    pub transaction: String,
}

/// The stored record of an authorization code.
#[derive(Debug, Serialize, Deserialize)]
pub enum CodeRecord {
    /// The code was not redeemed yet.
    Live(Box<Granted>),
    /// The code was redeemed; the value is the locator of the access token.
    ///
    /// A replay of the code revokes that token (RFC 6749 4.1.2). The record holds no identity.
    Spent(#[serde(with = "crate::encoding::as_text")] [u8; 32]),
}
