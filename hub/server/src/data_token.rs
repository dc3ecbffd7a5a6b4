//! A token for one data provider: issuing it, and what a data provider is answered about a token.
//!
//! A data provider that is not told the service must not find it out from times. So a token counts for the
//! lifetime of the data provider's entry, whatever the lifetimes of the service and whatever is left of the
//! token that it was exchanged for. See ADR 17.

use hub_core::{
    data::{DataGrant, DataToken},
    encoding::{base64url, fixed_from_base64url},
    login::AccessGrant,
    secret::{BearerSecret, Handle, Kind, Locator},
};
use hub_jose::{Algorithm, TokenType, verify};
use serde_json::Value;
use sp_registry::{AccessTokenFormat, DataProvider};
use thiserror::Error;

use crate::{
    hub::Hub,
    jwt::{self, SigningError},
    store::StoreError,
    token,
};

/// What the citizen agreed to for `provider`, which a token for it is limited to. `None` if that is nothing.
#[must_use]
pub fn granted<'g>(grant: &'g AccessGrant, provider: &DataProvider) -> Option<&'g DataGrant> {
    grant.data.as_ref()?.granted_to(&provider.id)
}

/// Issues a token for `provider`, limited to `given`, in exchange for the token of `grant` that lies at
/// `parent`. For a data provider that is registered so, the token is a JWT around the secret.
///
/// # Errors
/// [`IssueError`].
pub async fn issue(
    hub: &Hub,
    provider: &DataProvider,
    given: DataGrant,
    (parent, grant): (&Handle, &AccessGrant),
) -> Result<(String, DataToken), IssueError> {
    let data = grant.data.as_ref().ok_or(IssueError::NothingGranted)?;
    let now = hub.now();
    let issued = DataToken {
        client: grant.client.clone(),
        given,
        level: data.level,
        issued_at: now,
        expires_at: now.plus(provider.token_lifetime),
        parent: Some(base64url(parent.locator().as_bytes())),
        end_mark: grant.end_mark.clone(),
        is_jwt: provider.access_token == AccessTokenFormat::Jwt,
        transaction: grant.transaction.clone(),
    };
    let secret = BearerSecret::draw(hub.entropy());
    let handle = Handle::new(Kind::Data, &secret);
    let token = if issued.is_jwt {
        jwt::access_token(hub, provider, (&handle, &issued), &secret.reveal())?
    } else {
        secret.reveal()
    };
    let life = provider.token_lifetime;
    hub.records.put(&handle, &issued, life).await?;
    Ok((token, issued))
}

/// Why a token for a data provider is not issued.
#[derive(Debug, Error)]
pub enum IssueError {
    /// The citizen agreed to nothing at any data provider.
    #[error("the token grants nothing at data providers")]
    NothingGranted,
    /// It could not be signed.
    #[error(transparent)]
    Signing(#[from] SigningError),
    /// The store did not do its part.
    #[error(transparent)]
    Store(#[from] StoreError),
}

/// The record of a `token` for one data provider, opaque or JWT.
///
/// Returns `None` if the token is unknown, expired or revoked, if the token that it was exchanged for was
/// revoked, if its service was suspended, or if its session ended (see [`token::counts`]). It does not end
/// with the lifetime of the token that it was exchanged for.
///
/// # Errors
/// [`StoreError`].
pub async fn find(hub: &Hub, token: &str) -> Result<Option<(Handle, DataToken)>, StoreError> {
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
    let found: Option<DataToken> = hub.records.open(&handle).await?;
    let found = found.filter(|found| found.is_jwt == is_jwt && hub.now() < found.expires_at);
    let Some(found) = found else {
        return Ok(None);
    };
    let parent = found.parent.as_deref().and_then(fixed_from_base64url);
    let is_revoked = match parent.map(Locator::from_bytes) {
        Some(parent) => hub.records.is_revoked(&parent).await?,
        None => true,
    };
    let counts = !is_revoked && token::counts(hub, &found.client, found.end_mark.as_ref()).await?;
    Ok(counts.then_some((handle, found)))
}

/// The secret inside a JWT of the hub.
fn secret_inside(hub: &Hub, token: &str) -> Option<BearerSecret> {
    let keys = hub.shared.config.keys.signing.own();
    let typ = TokenType::Exactly("at+jwt");
    let claims = verify(token, keys, &Algorithm::ALL, typ).ok()?;
    let ours = claims.get("iss").and_then(Value::as_str) == Some(hub.issuer());
    let secret = claims.get(jwt::SECRET_CLAIM).and_then(Value::as_str);
    secret.filter(|_| ours).and_then(BearerSecret::parse)
}

/// What a token is to the data provider that asks about it.
#[derive(Debug)]
pub enum Introspected {
    /// A valid token for this data provider.
    Active(Handle, Box<DataToken>),
    /// A valid token, of this transaction, for another audience.
    WrongAudience(String),
    /// Unknown, expired or revoked.
    Unknown,
}

/// What `token` is to `provider`.
///
/// # Errors
/// [`StoreError`].
pub async fn introspect(
    hub: &Hub,
    provider: &DataProvider,
    token: &str,
) -> Result<Introspected, StoreError> {
    if let Some((handle, found)) = find(hub, token).await? {
        return Ok(if found.given.request.provider == provider.id {
            Introspected::Active(handle, Box::new(found))
        } else {
            Introspected::WrongAudience(found.transaction)
        });
    }
    let Some((handle, grant)) = token::find(hub, token).await? else {
        return Ok(Introspected::Unknown);
    };
    Ok(match shared(&grant, provider) {
        Some(shared) if hub.now() < shared.expires_at => {
            Introspected::Active(handle, Box::new(shared))
        }
        Some(_) => Introspected::Unknown,
        None => Introspected::WrongAudience(grant.transaction),
    })
}

/// What a service's own token is to `provider`, where the service shares its tokens: as one that was issued
/// for it at the same time.
fn shared(grant: &AccessGrant, provider: &DataProvider) -> Option<DataToken> {
    let data = grant.data.as_ref().filter(|data| data.shared)?;
    Some(DataToken {
        client: grant.client.clone(),
        given: granted(grant, provider)?.clone(),
        level: data.level,
        issued_at: data.issued_at,
        expires_at: data.issued_at.plus(provider.token_lifetime),
        parent: None,
        end_mark: grant.end_mark.clone(),
        is_jwt: false,
        transaction: grant.transaction.clone(),
    })
}
