//! A service's own access token: what it opens, the answer that gives it, and finding its record again.

pub mod exchange;

use std::{collections::BTreeSet, time::Duration};

use hub_core::{
    clock::Timestamp,
    data::{DataAccess, DataRequest, DataToken, Detail, scope_parameter},
    ids::ClientId,
    login::{AccessGrant, Granted},
    scope::Scope,
    secret::{BearerSecret, Handle, Kind},
    session::EndMark,
};
use serde::Serialize;
use sp_registry::{DataProvider, DataTokens, ServiceProvider, Status};

use crate::{hub::Hub, store::StoreError};

/// What a code's token opens.
#[must_use]
pub fn access_grant(service: &ServiceProvider, granted: Granted, now: Timestamp) -> AccessGrant {
    let data = (!granted.data.is_empty()).then(|| DataAccess {
        shared: service.policy.data_tokens == DataTokens::Shared,
        grants: granted.data,
        level: granted.level,
        issued_at: now,
        expires_at: now.plus(service.policy.lifetimes.access),
    });
    AccessGrant {
        client: granted.client,
        subject: granted.subject,
        claims: granted.claims,
        scopes: granted.scopes,
        data,
        end_mark: granted.end_mark,
        transaction: granted.transaction,
    }
}

/// How long the record of a token for `service` is kept.
///
/// A shared token counts at each data provider for the time that the data provider's entry says, which may be
/// longer than the service's own lifetime.
#[must_use]
pub fn record_lifetime(hub: &Hub, service: &ServiceProvider, grant: &AccessGrant) -> Duration {
    let own = service.policy.lifetimes.access;
    let is_shared = grant.data.as_ref().is_some_and(|data| data.shared);
    if is_shared {
        let providers = hub.shared.config.registry.data_providers_for(service);
        let lifetimes = providers.map(|provider| provider.token_lifetime);
        lifetimes.fold(own, Duration::max)
    } else {
        own
    }
}

/// How long a revocation of a token of `service` is kept.
///
/// It is kept until every code and token that may still come of it has expired. The last token for a data provider may be issued just before the service's own expires,
/// and by an entry that has changed since.
#[must_use]
pub fn revocation_lifetime(hub: &Hub, service: &ServiceProvider) -> Duration {
    let lifetimes = &service.policy.lifetimes;
    let own = lifetimes.access.max(lifetimes.code);
    let mut providers = hub.shared.config.registry.data_providers_for(service);
    match providers.next() {
        Some(_) => own + DataProvider::LONGEST_TOKEN_LIFETIME,
        None => own,
    }
}

/// A token answer (RFC 6749 section 5.1; RFC 8693 section 2.2; RFC 9396 section 7).
#[derive(Debug, Serialize)]
pub struct TokenResponse {
    access_token: String,
    token_type: &'static str,
    expires_in: u64,
    #[serde(skip_serializing_if = "String::is_empty")]
    scope: String,
    #[serde(skip_serializing_if = "Vec::is_empty")]
    authorization_details: Vec<Detail>,
    /// The id token, where a login is answered.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub id_token: Option<String>,
    /// The receipt of what the citizen agreed to, where data providers hand something over.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub consent_receipt: Option<String>,
    /// What of the authorization request was ignored, for the developers of a sandbox service.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub warnings: Vec<String>,
    /// The type of the token, where one was exchanged.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub issued_token_type: Option<&'static str>,
}

impl TokenResponse {
    /// The answer that gives a service its own token, `token`.
    #[must_use]
    pub fn whole(token: String, grant: &AccessGrant, life: Duration) -> Self {
        let granted = grant.data.iter().flat_map(|data| &data.grants);
        let granted: Vec<_> = granted.map(|given| &given.request).collect();
        Self::new(token, life, &grant.scopes, &granted)
    }

    /// The answer that gives `token`, issued for one data provider.
    #[must_use]
    pub fn for_provider(token: String, issued: &DataToken, now: Timestamp) -> Self {
        let life = issued.expires_at.since(now);
        Self::new(token, life, &BTreeSet::new(), &[&issued.given.request])
    }

    fn new(
        token: String,
        life: Duration,
        scopes: &BTreeSet<Scope>,
        granted: &[&DataRequest],
    ) -> Self {
        let details = granted.iter().flat_map(|request| &request.details);
        Self {
            access_token: token,
            token_type: "Bearer",
            expires_in: life.as_secs(),
            authorization_details: details.cloned().collect(),
            scope: scope_parameter(scopes, granted.iter().copied()),
            id_token: None,
            consent_receipt: None,
            warnings: Vec::new(),
            issued_token_type: None,
        }
    }

    /// The token.
    #[must_use]
    pub fn token(&self) -> &str {
        &self.access_token
    }
}

/// Whether what was granted to `client`, in the session of `end_mark`, still counts.
///
/// The service has to be registered and not suspended, and the session not ended. A session that only ran
/// out ends no token.
///
/// # Errors
/// [`StoreError`].
pub async fn counts(
    hub: &Hub,
    client: &ClientId,
    end_mark: Option<&EndMark>,
) -> Result<bool, StoreError> {
    let service = hub.service(client);
    if service.is_none_or(|service| service.status == Status::Suspended) {
        return Ok(false);
    }
    match end_mark {
        Some(mark) => Ok(!hub.records.is_marked(&mark.locator()).await?),
        None => Ok(true),
    }
}

/// The record of a service's own `token`.
///
/// Returns `None` if the token is unknown, expired, revoked or one for a data provider, if its service was
/// suspended, or if its session ended (see [`counts`]).
///
/// # Errors
/// [`StoreError`].
pub async fn open(hub: &Hub, token: &str) -> Result<Option<(Handle, AccessGrant)>, StoreError> {
    let found = find(hub, token).await?;
    // A shared token is kept for data providers longer than it counts here.
    Ok(found.filter(|(_, grant)| {
        let data = grant.data.as_ref();
        data.is_none_or(|data| hub.now() < data.expires_at)
    }))
}

/// As [`open`], and also the record of a shared token that only data providers accept any more.
///
/// # Errors
/// [`StoreError`].
pub async fn find(hub: &Hub, token: &str) -> Result<Option<(Handle, AccessGrant)>, StoreError> {
    let Some(secret) = BearerSecret::parse(token) else {
        return Ok(None);
    };
    let handle = Handle::new(Kind::Access, &secret);
    let grant: Option<AccessGrant> = hub.records.open(&handle).await?;
    let Some(grant) = grant else {
        return Ok(None);
    };
    let counts = counts(hub, &grant.client, grant.end_mark.as_ref()).await?;
    Ok(counts.then_some((handle, grant)))
}
