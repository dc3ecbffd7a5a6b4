//! A key set at somebody else's address: cached, and, where it verifies, refreshed on an unknown key with
//! a cool-down.

use std::{sync::Arc, time::Duration};

use hub_core::clock::Timestamp;
use hub_jose::{Algorithm, JwtError, KeySet, Recipient, TokenType, verify};
use reqwest::Method;
use serde_json::{Map, Value};
use thiserror::Error;
use url::Url;

use crate::{
    answer::fetch,
    breaker::Breaker,
    cached::Cached,
    client::{NetworkPolicy, Outbound},
    failure::{Cause, Endpoint, Failure},
};

/// Why a token could not be verified against remote keys.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Error)]
pub enum RemoteKeysError {
    /// The keys cannot be had.
    #[error("the key set cannot be fetched: {0}")]
    Unreachable(Failure),
    /// The token is not acceptable.
    #[error(transparent)]
    Token(#[from] JwtError),
}

/// How long a key to encrypt for is taken as it is: nothing says that it was changed but its owner's not
/// reading what is sent.
const RECIPIENT_FRESH: Duration = Duration::from_secs(300);

/// A JWK set at somebody else's address, as a set of `K`.
#[derive(Debug)]
struct Remote<K> {
    outbound: Outbound,
    network_policy: NetworkPolicy,
    url: Url,
    limit: Duration,
    cached: Cached<K>,
    breaker: Breaker,
}

impl<K> Remote<K> {
    async fn get(
        &self,
        now: Timestamp,
        read: impl FnOnce(&[u8]) -> Option<K>,
    ) -> Result<Arc<K>, RemoteKeysError> {
        let fetching = self.fetch(now, read);
        self.cached
            .get(now, unreachable(Cause::JustFailed), fetching)
            .await
    }

    async fn fetch(
        &self,
        now: Timestamp,
        read: impl FnOnce(&[u8]) -> Option<K>,
    ) -> Result<K, RemoteKeysError> {
        let request = self
            .outbound
            .request(self.network_policy, (Method::GET, &self.url), self.limit)
            .map_err(|error| unreachable(error.into()))?;
        let answer = self.breaker.call(now, fetch(request)).await;
        let answer = answer.map_err(|error| unreachable(error.into()))?;
        if answer.status != 200 {
            let failure = Failure::new(Endpoint::Keys, Cause::Status);
            return Err(RemoteKeysError::Unreachable(
                failure.with_status(answer.status),
            ));
        }
        read(&answer.body).ok_or(unreachable(Cause::Unreadable))
    }
}

/// The keys behind a `jwks_uri`, which verify.
#[derive(Debug)]
pub struct RemoteKeys(Remote<KeySet>);

impl RemoteKeys {
    /// The keys at `url`, fetched within `limit` when first needed.
    #[must_use]
    pub fn new(
        outbound: Outbound,
        network_policy: NetworkPolicy,
        url: Url,
        limit: Duration,
    ) -> Self {
        Self(Remote {
            cached: Cached::new(outbound.max_copy_age()),
            outbound,
            network_policy,
            url,
            limit,
            breaker: Breaker::default(),
        })
    }

    /// Whether the keys may be fetched: `false` for a while after too many fetches failed.
    pub fn is_answering(&self, now: Timestamp) -> bool {
        self.0.breaker.is_closed(now)
    }

    /// The claims of `token`, if one of these keys signed it; see [`hub_jose::verify`]. An unknown key
    /// is worth one refresh.
    ///
    /// # Errors
    /// [`RemoteKeysError`].
    pub async fn verify(
        &self,
        token: &str,
        allowed: &[Algorithm],
        typ: TokenType,
        now: Timestamp,
    ) -> Result<Map<String, Value>, RemoteKeysError> {
        let keys = self.0.get(now, key_set).await?;
        match verify(token, &keys, allowed, typ) {
            Err(JwtError::UnknownKey) => {
                let (just_failed, fetching) =
                    (unreachable(Cause::JustFailed), self.0.fetch(now, key_set));
                let keys = self.0.cached.renew(now, just_failed, fetching).await?;
                Ok(verify(token, &keys, allowed, typ)?)
            }
            verdict => Ok(verdict?),
        }
    }
}

const fn unreachable(cause: Cause) -> RemoteKeysError {
    RemoteKeysError::Unreachable(Failure {
        endpoint: Endpoint::Keys,
        cause,
        status: None,
        idp_error: None,
    })
}

fn key_set(document: &[u8]) -> Option<KeySet> {
    KeySet::from_jwks(document).ok()
}

/// The key behind a `jwks_uri` for which tokens are encrypted.
#[derive(Debug)]
pub struct RemoteRecipient(Remote<Recipient>);

impl RemoteRecipient {
    /// The first key for encryption at `url`, fetched within `limit` when first needed.
    #[must_use]
    pub fn new(
        outbound: Outbound,
        network_policy: NetworkPolicy,
        url: Url,
        limit: Duration,
    ) -> Self {
        Self(Remote {
            cached: Cached::new(outbound.max_copy_age()).fresh_for(RECIPIENT_FRESH),
            outbound,
            network_policy,
            url,
            limit,
            breaker: Breaker::default(),
        })
    }

    /// The key.
    ///
    /// # Errors
    /// [`RemoteKeysError::Unreachable`] if there is none, or it cannot be had.
    pub async fn get(&self, now: Timestamp) -> Result<Arc<Recipient>, RemoteKeysError> {
        self.0.get(now, Recipient::from_jwks).await
    }
}
