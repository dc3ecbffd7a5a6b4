//! Access tokens: what one opens, one for a single data provider, and finding either again.

use std::time::Duration;

use hub_core::{
    clock::Timestamp,
    data::{DataAccess, DataGrant, Detail, Reach, scope_parameter},
    encoding::{base64url, fixed_from_base64url},
    login::{AccessGrant, Granted},
    secret::{BearerSecret, Handle, Kind, Locator},
};
use hub_jose::{Algorithm, TokenType, verify};
use serde::Serialize;
use serde_json::Value;
use sp_registry::{AccessTokenFormat, DataProvider, DataTokens, ServiceProvider};
use thiserror::Error;

use crate::{
    hub::Hub,
    store::StoreError,
    tokens::{self, IdTokenFault},
};

/// A token that is about to be given.
#[derive(Debug)]
pub struct Fresh {
    /// What opens its record.
    pub secret: BearerSecret,
    /// What it opens.
    pub grant: AccessGrant,
    /// How long it lives.
    pub life: Duration,
}

/// Why a token is not given.
#[derive(Debug, Error)]
pub enum AccessFault {
    /// Something of its making failed.
    #[error(transparent)]
    Signing(#[from] IdTokenFault),
    /// The store did not do its part.
    #[error(transparent)]
    Store(#[from] StoreError),
    /// It was revoked before it was given.
    #[error("revoked before it was given")]
    Revoked,
}

/// What a code's token opens.
#[must_use]
pub fn of_code(service: &ServiceProvider, granted: Granted, now: Timestamp) -> AccessGrant {
    let data = (!granted.data.is_empty()).then(|| DataAccess {
        reach: match service.policy.data_tokens {
            DataTokens::Own => Reach::Hub,
            DataTokens::Shared => Reach::Everywhere,
        },
        grants: granted.data,
        level: granted.level,
        vocabulary: granted.vocabulary,
        issued_at: now,
        expires_at: now.plus(service.policy.lifetimes.access),
        parent: None,
    });
    AccessGrant {
        client: granted.client,
        subject: granted.subject,
        claims: granted.claims,
        scopes: granted.scopes,
        data,
        transaction: granted.transaction,
    }
}

/// `grant` for `provider` alone: nothing of the identity, nothing of other data providers. Nothing, if
/// the citizen agreed to nothing there.
#[must_use]
pub fn for_provider(grant: &AccessGrant, provider: &DataProvider) -> Option<AccessGrant> {
    let data = grant.data.as_ref()?;
    let given: DataGrant = data.granted_to(&provider.id)?.clone();
    Some(AccessGrant {
        client: grant.client.clone(),
        subject: grant.subject.clone(),
        claims: serde_json::Map::new(),
        scopes: std::collections::BTreeSet::new(),
        data: Some(DataAccess {
            grants: vec![given],
            reach: Reach::Provider,
            ..data.clone()
        }),
        transaction: grant.transaction.clone(),
    })
}

/// Keeps the record of `fresh` and returns the token: for a data provider that is registered so, as a
/// JWT around the secret.
///
/// # Errors
/// [`AccessFault`].
pub async fn give(hub: &Hub, fresh: &Fresh) -> Result<String, AccessFault> {
    let handle = Handle::new(Kind::Access, &fresh.secret);
    let registry = &hub.site.config.registry;
    let alone = fresh.grant.data.as_ref();
    let alone = alone.filter(|data| data.reach == Reach::Provider);
    let given = alone.and_then(|data| Some((data, data.grants.first()?)));
    let jwt = given.and_then(|(data, given)| {
        let provider = registry.data_provider(&given.request.provider)?;
        (provider.access_token == AccessTokenFormat::Jwt).then_some((provider, data, given))
    });
    let secret = fresh.secret.reveal();
    let token = match jwt {
        None => secret,
        Some(about) => tokens::access_token(hub, about, &fresh.grant.client, &secret)?,
    };
    // A replay of the code that came between its spending and now has revoked the token already.
    let kept = hub.records.claim(&handle, &fresh.grant, fresh.life).await?;
    kept.then_some(token).ok_or(AccessFault::Revoked)
}

/// A token answer (RFC 6749 section 5.1; RFC 8693 section 2.2; RFC 9396 section 7).
#[derive(Debug, Serialize)]
pub struct Answer {
    access_token: String,
    token_type: &'static str,
    expires_in: u64,
    scope: String,
    #[serde(skip_serializing_if = "Vec::is_empty")]
    authorization_details: Vec<Detail>,
    /// The id token, where a login is answered.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub id_token: Option<String>,
    /// The receipt of what the citizen agreed to, where data providers hand something over.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub consent_receipt: Option<String>,
    /// The type of the token, where one was exchanged.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub issued_token_type: Option<&'static str>,
}

impl Answer {
    /// The answer that gives `token`.
    #[must_use]
    pub fn new(token: String, fresh: &Fresh) -> Self {
        let granted = fresh.grant.data.iter().flat_map(|data| &data.grants);
        let granted: Vec<_> = granted.map(|given| &given.request).collect();
        let details = granted.iter().flat_map(|request| &request.details);
        Self {
            access_token: token,
            token_type: "Bearer",
            expires_in: fresh.life.as_secs(),
            authorization_details: details.cloned().collect(),
            scope: scope_parameter(&fresh.grant.scopes, granted.iter().copied()),
            id_token: None,
            consent_receipt: None,
            issued_token_type: None,
        }
    }
}

/// Where a token's record lies, for one that is made of it.
#[must_use]
pub fn place(handle: &Handle) -> String {
    base64url(handle.locator().as_bytes())
}

/// A token that somebody showed.
#[derive(Debug)]
pub struct Shown {
    /// What opens its record.
    pub handle: Handle,
    /// What it opens.
    pub grant: AccessGrant,
}

/// What `token` opens, opaque or JWT; nothing if it is nobody's, expired or ended, or if the token that
/// it was made of is.
///
/// # Errors
/// [`StoreError`].
pub async fn open(hub: &Hub, token: &str) -> Result<Option<Shown>, StoreError> {
    let Some(secret) = secret_of(hub, token) else {
        return Ok(None);
    };
    let handle = Handle::new(Kind::Access, &secret);
    let Some(grant) = hub.records.open::<AccessGrant>(&handle).await? else {
        return Ok(None);
    };
    let data = grant.data.as_ref();
    if data.is_some_and(|data| hub.now() >= data.expires_at) {
        return Ok(None);
    }
    if let Some(parent) = data.and_then(|data| data.parent.as_deref()) {
        let parent = fixed_from_base64url(parent).map(Locator::from_bytes);
        let lives = match parent {
            Some(parent) => hub.records.lives(&parent).await?,
            None => false,
        };
        if !lives {
            return Ok(None);
        }
    }
    Ok(Some(Shown { handle, grant }))
}

/// The secret that a token is, or that a JWT of ours carries as its `jti`.
fn secret_of(hub: &Hub, token: &str) -> Option<BearerSecret> {
    if !token.contains('.') {
        return BearerSecret::parse(token);
    }
    let keys = hub.site.config.keys.signing.own();
    let claims = verify(token, keys, &Algorithm::ALL, TokenType::Exactly("at+jwt")).ok()?;
    let ours = claims.get("iss").and_then(Value::as_str) == Some(hub.issuer());
    let jti = claims.get("jti").and_then(Value::as_str);
    jti.filter(|_| ours).and_then(BearerSecret::parse)
}
