//! An IdP that speaks OpenID Connect. The `openidconnect` crate does the OAuth and discovery
//! mechanics; every token that comes in is verified by `hub-jose`.

mod carrier;
mod client;
mod farewell;
mod invite;
mod metadata;
mod receive;
mod settings;
mod vouch;

use std::{sync::Arc, time::Duration};

use async_trait::async_trait;
use hub_core::{clock::Timestamp, login::Arrival, proof::Verified};

use crate::{
    Challenge, Farewell, IdentityProvider, IdpFault, LoggedOut, Outbound, RoundTrip,
    breaker::Breaker, cached::Cached,
};
use metadata::Provider;

pub use settings::{
    Asking, ClientAuthentication, IdTokenForm, NumberedIn, Prompt, Settings, UserinfoForm, Vouching,
};

/// One OpenID Connect provider.
#[derive(Debug)]
pub struct OidcProvider {
    settings: Settings,
    outbound: Outbound,
    provider: Cached<Provider>,
    breaker: Breaker,
}

impl OidcProvider {
    /// A provider as registered. Nothing is fetched before the first login needs it, so a provider that
    /// is down never stops a start.
    #[must_use]
    pub fn new(settings: Settings, outbound: Outbound) -> Self {
        Self {
            settings,
            outbound,
            provider: Cached::default(),
            breaker: Breaker::default(),
        }
    }

    async fn provider(&self, now: Timestamp) -> Result<Arc<Provider>, IdpFault> {
        let discover = Provider::discover(&self.settings, &self.outbound);
        self.provider
            .get(now, IdpFault::Unreachable, discover)
            .await
    }

    fn limit(&self) -> Duration {
        self.settings.timeout
    }

    /// Keeps the breaker's count by how a call ended.
    fn note<T>(&self, outcome: Result<T, IdpFault>, now: Timestamp) -> Result<T, IdpFault> {
        match &outcome {
            Err(IdpFault::Unreachable) => self.breaker.failed(now),
            Err(IdpFault::Declined | IdpFault::Incomplete(_) | IdpFault::Misbehaved(_)) | Ok(_) => {
                self.breaker.succeeded();
            }
        }
        outcome
    }
}

#[async_trait]
impl IdentityProvider for OidcProvider {
    async fn invite(&self, challenge: &Challenge<'_>) -> Result<String, IdpFault> {
        if !self.breaker.lets_through(challenge.now) {
            return Err(IdpFault::Unreachable);
        }
        // Only the round trip says whether the IdP is well: a cached discovery proves nothing.
        self.provider(challenge.now)
            .await
            .map(|provider| self.invitation(&provider, challenge))
            .inspect_err(|_fault| self.breaker.failed(challenge.now))
    }

    async fn receive(&self, trip: RoundTrip<'_>) -> Result<Verified<Arrival>, IdpFault> {
        if !self.breaker.lets_through(trip.now) {
            return Err(IdpFault::Unreachable);
        }
        let now = trip.now;
        self.note(self.identify(trip).await, now)
    }

    async fn farewell(&self, farewell: &Farewell<'_>) -> Option<String> {
        self.end_session_page(farewell).await
    }

    async fn logged_out(&self, token: &str, now: Timestamp) -> Result<LoggedOut, IdpFault> {
        self.read_logout_token(token, now).await
    }

    fn is_answering(&self, now: Timestamp) -> bool {
        self.breaker.lets_through(now)
    }
}
