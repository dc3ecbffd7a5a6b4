//! Stage 5: a code is out; the service may spend it once.

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

/// What a code stands for: already reduced to what its service may have.
#[derive(Debug, Clone, Serialize, Deserialize)]
pub struct Granted {
    /// The service.
    pub client: ClientId,
    /// The redirect that the code went to; the token request has to repeat it (RFC 6749 4.1.3).
    pub redirect: String,
    /// The PKCE challenge to meet.
    pub challenge: Option<Challenge>,
    /// For the id token.
    pub nonce: Option<String>,
    /// For the `scope` of the token answer.
    pub scopes: BTreeSet<Scope>,
    /// Claims about the authentication that the id token shall carry.
    pub id_token: BTreeSet<AskedClaim>,
    /// The pairwise subject.
    pub subject: Subject,
    /// What the subject is made of, for a service that is registered to know.
    #[serde(skip_serializing_if = "Option::is_none", default)]
    pub basis: Option<BasisName>,
    /// The subjects that the person had at this service before, for a service that is registered to
    /// know.
    #[serde(skip_serializing_if = "Vec::is_empty", default)]
    pub previous_subs: Vec<Subject>,
    /// The name of the citizen's session at this service, for a service that is registered to know.
    #[serde(skip_serializing_if = "Option::is_none", default)]
    pub sid: Option<String>,
    /// The mark of the session that it was granted in, if in one.
    #[serde(skip_serializing_if = "Option::is_none", default)]
    pub end_mark: Option<EndMark>,
    /// The claims to release.
    pub claims: Map<String, Value>,
    /// What data providers may be told.
    #[serde(skip_serializing_if = "Vec::is_empty", default)]
    pub data: Vec<DataGrant>,
    /// The signed receipt of what the citizen agreed to, for a service that asked for data.
    #[serde(skip_serializing_if = "Option::is_none", default)]
    pub receipt: Option<String>,
    /// What of the request was ignored, for the developers of a sandbox service.
    #[serde(skip_serializing_if = "Vec::is_empty", default)]
    pub warnings: Vec<String>,
    /// The transaction's id.
    #[serde(default)]
    pub transaction: String,
    /// The level asked, which the login reached.
    pub level: Level,
    /// The family of `acr` values to say it in.
    pub vocabulary: Vocabulary,
    /// When the citizen authenticated, if that is known.
    pub auth_time: Option<Timestamp>,
}

/// What an access token opens.
#[derive(Debug, Clone, Serialize, Deserialize)]
pub struct AccessGrant {
    /// The service it was given to.
    pub client: ClientId,
    /// The pairwise subject, the id token's.
    pub subject: Subject,
    /// The claims to release.
    pub claims: Map<String, Value>,
    /// The scopes granted.
    pub scopes: BTreeSet<Scope>,
    /// What it opens at data providers, if anything.
    #[serde(skip_serializing_if = "Option::is_none", default)]
    pub data: Option<DataAccess>,
    /// The mark of the session that it was granted in, if in one.
    #[serde(skip_serializing_if = "Option::is_none", default)]
    pub end_mark: Option<EndMark>,
    /// The transaction's id.
    #[serde(default)]
    pub transaction: String,
}

/// The record behind a code.
#[derive(Debug, Serialize, Deserialize)]
pub enum CodeRecord {
    /// Not yet spent.
    Live(Box<Granted>),
    /// Spent: where the access token that came of it lies, so that a replay revokes it (RFC 6749
    /// 4.1.2). No identity.
    Spent(#[serde(with = "crate::encoding::as_text")] [u8; 32]),
}
