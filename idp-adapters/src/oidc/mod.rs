//! The adapter for OpenID Connect providers.
//!
//! The `openidconnect` crate implements OAuth requests and discovery; `hub-jose` verifies every received
//! token. Called by the server through [`IdentityProvider`].

mod client;
mod end_session;
mod http_client;
mod invite;
mod metadata;
mod receive;
mod settings;
mod trust;

use std::{sync::Arc, time::Duration};

use async_trait::async_trait;
use hub_core::{clock::Timestamp, login::Authentication, proof::Verified};

use crate::{Challenge, Departure, EndSession, IdentityProvider, IdpError, LoggedOut, RoundTrip};
use hub_outbound::{Breaker, Cached, Cause, Endpoint, Outbound, OutboundError};
use metadata::Provider;

pub use settings::{
    AuthTime, ClientAuthentication, EndSessionMethod, IdTokenForm, Prompt, RegisterNumberSource,
    RequestSettings, Settings, TrustPolicy, UserinfoForm,
};

/// One OpenID Connect provider.
#[derive(Debug)]
pub struct OidcProvider {
    settings: Settings,
    outbound: Outbound,
    provider: Cached<Provider>,
    breakers: Breakers,
}

/// One circuit breaker for each endpoint, because endpoints fail independently. The breaker of the key
/// set is in [`crate::RemoteKeys`].
#[derive(Debug, Default)]
struct Breakers {
    discovery: Breaker,
    token: Breaker,
    userinfo: Breaker,
}

impl OidcProvider {
    /// Creates a provider as registered.
    ///
    /// Nothing is fetched before the first login needs it, so an unreachable provider does not prevent
    /// the startup.
    #[must_use]
    pub fn new(settings: Settings, outbound: Outbound) -> Self {
        Self {
            settings,
            provider: Cached::new(outbound.max_copy_age()),
            outbound,
            breakers: Breakers::default(),
        }
    }

    async fn provider(&self, now: Timestamp) -> Result<Arc<Provider>, IdpError> {
        let way = (&self.outbound, &self.breakers.discovery, now);
        let discover = Provider::discover(&self.settings, way);
        let just_failed = IdpError::unreachable(Endpoint::Discovery, Cause::JustFailed);
        self.provider.get(now, just_failed, discover).await
    }

    /// Returns an endpoint whose breaker is open, if there is one.
    fn suspended(&self, now: Timestamp) -> Option<Endpoint> {
        let Breakers {
            discovery,
            token,
            userinfo,
        } = &self.breakers;
        let endpoints = [
            (Endpoint::Discovery, discovery),
            (Endpoint::Token, token),
            (Endpoint::Userinfo, userinfo),
        ];
        let open = endpoints
            .into_iter()
            .find(|(_, breaker)| !breaker.is_closed(now));
        let provider = self.provider.peek();
        let keys = provider.filter(|provider| !provider.keys.is_answering(now));
        open.map(|(endpoint, _)| endpoint)
            .or_else(|| keys.map(|_| Endpoint::Keys))
    }

    fn limit(&self) -> Duration {
        self.settings.timeout
    }
}

#[async_trait]
impl IdentityProvider for OidcProvider {
    async fn invite(&self, challenge: &Challenge<'_>) -> Result<String, IdpError> {
        // The discovery document is cached, so its success does not show that the other endpoints
        // respond.
        if let Some(endpoint) = self.suspended(challenge.now) {
            return Err(IdpError::unreachable(endpoint, OutboundError::Suspended));
        }
        let provider = self.provider(challenge.now).await?;
        Ok(self.invitation(&provider, challenge))
    }

    async fn receive(&self, trip: RoundTrip<'_>) -> Result<Verified<Authentication>, IdpError> {
        self.identify(trip).await
    }

    async fn end_session(&self, request: &EndSession<'_>) -> Option<Departure> {
        self.end_session_departure(request).await
    }

    async fn logged_out(&self, token: &str, now: Timestamp) -> Result<LoggedOut, IdpError> {
        self.read_logout_token(token, now).await
    }

    fn is_answering(&self, now: Timestamp) -> bool {
        self.suspended(now).is_none()
    }
}
