//! Access tokens: what a service's own opens, one for a single data provider, and finding either again.

use std::{collections::BTreeSet, time::Duration};

use hub_core::{
    clock::Timestamp,
    data::{DataAccess, DataRequest, DataToken, Detail, scope_parameter},
    encoding::{base64url, fixed_from_base64url},
    ids::ClientId,
    login::{AccessGrant, Granted},
    scope::Scope,
    secret::{BearerSecret, Handle, Kind, Locator},
    session::EndMark,
};
use hub_jose::{Algorithm, TokenType, verify};
use serde::Serialize;
use serde_json::Value;
use sp_registry::{AccessTokenFormat, DataProvider, DataTokens, ServiceProvider, Status};
use thiserror::Error;

use crate::{
    hub::Hub,
    store::StoreError,
    tokens::{self, IdTokenFault},
};

/// What a code's token opens.
#[must_use]
pub fn of_code(service: &ServiceProvider, granted: Granted, now: Timestamp) -> AccessGrant {
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

/// What a token for `provider` alone opens, made of the one that opens `grant`; nothing, if the citizen
/// agreed to nothing there.
#[must_use]
pub fn for_provider(grant: &AccessGrant, provider: &DataProvider) -> Option<DataToken> {
    let data = grant.data.as_ref()?;
    Some(DataToken {
        client: grant.client.clone(),
        given: data.granted_to(&provider.id)?.clone(),
        level: data.level,
        issued_at: data.issued_at,
        expires_at: data.expires_at,
        parent: None,
        end_mark: grant.end_mark.clone(),
        is_jwt: false,
        transaction: grant.transaction.clone(),
    })
}

/// Keeps `made`, which is of the token behind `parent`, and returns the token: for a data provider that is
/// registered so, a JWT around the secret.
///
/// # Errors
/// [`GiveFault`].
pub async fn give(
    hub: &Hub,
    provider: &DataProvider,
    made: DataToken,
    parent: &Handle,
) -> Result<String, GiveFault> {
    let now = hub.now();
    let made = DataToken {
        issued_at: now,
        parent: Some(base64url(parent.locator().as_bytes())),
        is_jwt: provider.access_token == AccessTokenFormat::Jwt,
        ..made
    };
    let secret = BearerSecret::draw(hub.entropy());
    let handle = Handle::new(Kind::Data, &secret);
    let token = if made.is_jwt {
        tokens::access_token(hub, provider, (&handle, &made), &secret.reveal())?
    } else {
        secret.reveal()
    };
    let life = made.expires_at.since(now);
    hub.records.put(&handle, &made, life).await?;
    Ok(token)
}

/// Why a token for a data provider is not given.
#[derive(Debug, Error)]
pub enum GiveFault {
    /// It could not be signed.
    #[error(transparent)]
    Signing(#[from] IdTokenFault),
    /// The store did not do its part.
    #[error(transparent)]
    Store(#[from] StoreError),
}

/// A token answer (RFC 6749 section 5.1; RFC 8693 section 2.2; RFC 9396 section 7).
#[derive(Debug, Serialize)]
pub struct Answer {
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

impl Answer {
    /// The answer that gives a service its own token, `token`.
    #[must_use]
    pub fn whole(token: String, grant: &AccessGrant, life: Duration) -> Self {
        let granted = grant.data.iter().flat_map(|data| &data.grants);
        let granted: Vec<_> = granted.map(|given| &given.request).collect();
        Self::new(token, life, &grant.scopes, &granted)
    }

    /// The answer that gives `token`, made for one data provider.
    #[must_use]
    pub fn made(token: String, made: &DataToken, now: Timestamp) -> Self {
        let life = made.expires_at.since(now);
        Self::new(token, life, &BTreeSet::new(), &[&made.given.request])
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

/// What a service's own `token` opens; nothing if it is nobody's, expired or ended, or one for a data
/// provider; nor if its service was suspended or its session ended, see [`counts`].
///
/// # Errors
/// [`StoreError`].
pub async fn open(hub: &Hub, token: &str) -> Result<Option<(Handle, AccessGrant)>, StoreError> {
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

/// What a `token` for one data provider opens, opaque or JWT.
///
/// Nothing if it is nobody's, expired or ended, or if the token that it was made of is; nor if its service
/// was suspended or its session ended, see [`counts`].
///
/// # Errors
/// [`StoreError`].
pub async fn open_made(hub: &Hub, token: &str) -> Result<Option<(Handle, DataToken)>, StoreError> {
    let is_jwt = token.contains('.');
    let secret = if is_jwt {
        secret_inside(hub, token)
    } else {
        BearerSecret::parse(token)
    };
    let Some(secret) = secret else {
        return Ok(None);
    };
    let handle = Handle::new(Kind::Data, &secret);
    let made: Option<DataToken> = hub.records.open(&handle).await?;
    let made = made.filter(|made| made.is_jwt == is_jwt && hub.now() < made.expires_at);
    let Some(made) = made else {
        return Ok(None);
    };
    let parent = made.parent.as_deref().and_then(fixed_from_base64url);
    let lives = match parent.map(Locator::from_bytes) {
        Some(parent) => hub.records.lives(&parent).await?,
        None => false,
    };
    let counts = lives && counts(hub, &made.client, made.end_mark.as_ref()).await?;
    Ok(counts.then_some((handle, made)))
}

/// The secret that a JWT of ours carries.
fn secret_inside(hub: &Hub, token: &str) -> Option<BearerSecret> {
    let keys = hub.site.config.keys.signing.own();
    let typ = TokenType::Exactly("at+jwt");
    let claims = verify(token, keys, &Algorithm::ALL, typ).ok()?;
    let ours = claims.get("iss").and_then(Value::as_str) == Some(hub.issuer());
    let secret = claims.get(tokens::SECRET_CLAIM).and_then(Value::as_str);
    secret.filter(|_| ours).and_then(BearerSecret::parse)
}

/// What a token is to a data provider that was shown it.
#[derive(Debug)]
pub enum Shown {
    /// A living one for it.
    Active(Handle, Box<DataToken>),
    /// A living one, of this transaction, for somebody else.
    NotForIt(String),
    /// Nobody's, expired or ended.
    Unknown,
}

/// What `token` is to `provider`.
///
/// # Errors
/// [`StoreError`].
pub async fn shown_to(
    hub: &Hub,
    provider: &DataProvider,
    token: &str,
) -> Result<Shown, StoreError> {
    if let Some((handle, made)) = open_made(hub, token).await? {
        return Ok(if made.given.request.provider == provider.id {
            Shown::Active(handle, Box::new(made))
        } else {
            Shown::NotForIt(made.transaction)
        });
    }
    let Some((handle, grant)) = open(hub, token).await? else {
        return Ok(Shown::Unknown);
    };
    let shared = grant.data.as_ref().is_some_and(|data| data.shared);
    let made = for_provider(&grant, provider).filter(|_| shared);
    Ok(match made {
        Some(made) => Shown::Active(handle, Box::new(made)),
        None => Shown::NotForIt(grant.transaction),
    })
}
