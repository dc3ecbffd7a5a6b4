//! A key set at somebody else's address: cached, and refreshed on an unknown key with a cool-down.

use std::{sync::Arc, time::Duration};

use hub_core::clock::Timestamp;
use hub_jose::{Algorithm, KeySet, TokenFault, TokenType, verify};
use reqwest::Method;
use serde_json::{Map, Value};
use thiserror::Error;
use url::Url;

use crate::{
    cached::Cached,
    outbound::{Outbound, Reach, fetch},
};

/// Why a token could not be verified against remote keys.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Error)]
pub enum RemoteFault {
    /// The keys cannot be had.
    #[error("the key set cannot be fetched")]
    Unreachable,
    /// The token is not acceptable.
    #[error(transparent)]
    Token(#[from] TokenFault),
}

/// The keys behind a `jwks_uri`.
#[derive(Debug)]
pub struct RemoteKeys {
    outbound: Outbound,
    reach: Reach,
    url: Url,
    limit: Duration,
    cached: Cached<KeySet>,
}

impl RemoteKeys {
    /// The keys at `url`, fetched within `limit` when first needed.
    #[must_use]
    pub fn new(outbound: Outbound, reach: Reach, url: Url, limit: Duration) -> Self {
        Self {
            outbound,
            reach,
            url,
            limit,
            cached: Cached::default(),
        }
    }

    /// The claims of `token`, if one of these keys signed it; see [`hub_jose::verify`]. An unknown key
    /// is worth one refresh.
    ///
    /// # Errors
    /// [`RemoteFault`].
    pub async fn verify(
        &self,
        token: &str,
        allowed: &[Algorithm],
        typ: TokenType,
        now: Timestamp,
    ) -> Result<Map<String, Value>, RemoteFault> {
        let keys = self
            .cached
            .get(now, RemoteFault::Unreachable, self.fetch())
            .await?;
        match verify(token, &keys, allowed, typ) {
            Err(TokenFault::UnknownKey) => {
                let renewed: Option<Arc<KeySet>> = self.cached.renew(now, self.fetch()).await;
                let keys = renewed.ok_or(RemoteFault::Unreachable)?;
                Ok(verify(token, &keys, allowed, typ)?)
            }
            verdict => Ok(verdict?),
        }
    }

    async fn fetch(&self) -> Result<KeySet, RemoteFault> {
        let request = self
            .outbound
            .request(self.reach, (Method::GET, &self.url), self.limit)
            .map_err(|_fault| RemoteFault::Unreachable)?;
        let answer = fetch(request)
            .await
            .map_err(|_fault| RemoteFault::Unreachable)?;
        if answer.status != 200 {
            return Err(RemoteFault::Unreachable);
        }
        KeySet::from_jwks(&answer.body).map_err(|_fault| RemoteFault::Unreachable)
    }
}
