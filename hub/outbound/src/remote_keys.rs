//! A key set at another party's URL: cached, and fetched again for an unknown key at most every 30
//! seconds.
//!
//! Called by the IdP adapters, and by the server for the keys of services and data providers.

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

/// Why a token could not be verified with remote keys, or no remote key could be used.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Error)]
pub enum RemoteKeysError {
    /// The keys cannot be fetched.
    #[error("the key set cannot be fetched: {0}")]
    Unreachable(Failure),
    /// The token was refused.
    #[error(transparent)]
    Token(#[from] JwtError),
}

/// How long an encryption key is used without fetching it again. Verification detects a new key by its
/// unknown `kid`; for encryption, only the owner notices that the key is outdated.
const RECIPIENT_FRESH: Duration = Duration::from_secs(300);

/// A JWK set at another party's URL, parsed as `K`.
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

/// The verification keys at a `jwks_uri`.
#[derive(Debug)]
pub struct RemoteKeys(Remote<KeySet>);

impl RemoteKeys {
    /// Creates the keys at `url`. They are fetched within `limit` at the first use.
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

    /// Whether the keys may be fetched. Returns `false` for a time after repeated failures.
    pub fn is_answering(&self, now: Timestamp) -> bool {
        self.0.breaker.is_closed(now)
    }

    /// Returns the claims of `token` if one of these keys signed it; see [`hub_jose::verify`].
    ///
    /// For an unknown key, the key set is fetched again once.
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

/// The encryption key at a `jwks_uri`.
#[derive(Debug)]
pub struct RemoteRecipient(Remote<Recipient>);

impl RemoteRecipient {
    /// Creates the first encryption key at `url`. It is fetched within `limit` at the first use.
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

    /// Returns the key.
    ///
    /// # Errors
    /// [`RemoteKeysError::Unreachable`] if there is no key or it cannot be fetched.
    pub async fn get(&self, now: Timestamp) -> Result<Arc<Recipient>, RemoteKeysError> {
        self.0.get(now, Recipient::from_jwks).await
    }
}
