//! Adapters for identity providers. An adapter translates a protocol; the server decides about the
//! login.
//!
//! The port is [`IdentityProvider`]. The [`Catalogue`] holds all registered providers. [`oidc`] is the
//! only adapter so far. A [`Mapping`] converts a provider's claims to the hub's. Called by the server's
//! login and logout steps.

mod catalogue;
mod departure;
mod levels;
mod mapping;
pub mod oidc;
mod presets;

use async_trait::async_trait;
use hub_core::{
    clock::Timestamp, entropy::Entropy, identity::AttributeError, login::Authentication, pkce,
    proof::Verified,
};
use hub_outbound::{Cause, Endpoint, Failure, OutboundError, RemoteKeysError};
use thiserror::Error;

pub use catalogue::{Catalogue, Environment, Registered, State};
pub use departure::{Departure, EndSession};
pub use hub_jose::claims::LoggedOut;
pub use levels::Levels;
pub use mapping::{Example, Mapping, Path};
pub use presets::{PRESETS, preset};

/// The values that the hub sends to the IdP through the browser.
#[derive(Debug)]
pub struct Challenge<'a> {
    /// The `state` parameter: a state ticket of the hub.
    pub state: &'a str,
    /// The `nonce` parameter.
    pub nonce: &'a str,
    /// The PKCE verifier; only its challenge is sent.
    pub verifier: &'a pkce::Verifier,
    /// The present time.
    pub now: Timestamp,
}

/// The parameters of the callback, and the values of the authorization request.
#[derive(Debug)]
pub struct RoundTrip<'a> {
    /// The authorization response: a code or an error.
    pub answer: Returned<'a>,
    /// The `iss` parameter (RFC 9207), if there was one.
    pub issuer: Option<&'a str>,
    /// The `nonce` of the authorization request.
    pub nonce: &'a str,
    /// The PKCE verifier of the authorization request.
    pub verifier: &'a pkce::Verifier,
    /// When the browser was redirected to the IdP.
    pub started_at: Timestamp,
    /// The present time.
    pub now: Timestamp,
    /// The randomness for the `jti` of a client assertion.
    pub entropy: &'a dyn Entropy,
}

/// The authorization response of the IdP.
#[derive(Debug, Clone, Copy)]
pub enum Returned<'a> {
    /// A code to redeem.
    Code(&'a str),
    /// An OAuth error code.
    Error(&'a str),
}

/// Why an IdP did not identify a person. The error contains no value of the response.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Error)]
pub enum IdpError {
    /// The IdP refused, or the citizen did at the IdP.
    #[error("the IdP declined: {0}")]
    Declined(Failure),
    /// A promised attribute is missing or malformed.
    #[error("the IdP's identity is incomplete: {0}")]
    Incomplete(AttributeError),
    /// The response violates the protocol.
    #[error("the IdP's response violates the protocol: {0}")]
    Misbehaved(Failure),
    /// The IdP did not prove that the person authenticated after the redirect.
    #[error("the IdP did not prove a fresh authentication")]
    Stale,
    /// The IdP did not respond in time.
    #[error("the IdP is unreachable: {0}")]
    Unreachable(Failure),
}

impl IdpError {
    /// Returns the failed call or check, if the error has one.
    #[must_use]
    pub const fn failure(&self) -> Option<Failure> {
        match self {
            Self::Declined(failure) | Self::Misbehaved(failure) | Self::Unreachable(failure) => {
                Some(*failure)
            }
            Self::Incomplete(_) | Self::Stale => None,
        }
    }

    /// Creates the error for a response of `endpoint` that violates the protocol.
    pub(crate) fn misbehaved(endpoint: Endpoint, cause: impl Into<Cause>) -> Self {
        Self::Misbehaved(Failure::new(endpoint, cause))
    }

    /// Creates the error for a call of `endpoint` without a response.
    pub(crate) fn unreachable(endpoint: Endpoint, cause: impl Into<Cause>) -> Self {
        Self::Unreachable(Failure::new(endpoint, cause))
    }

    /// Creates the error for a failed call of `endpoint`.
    ///
    /// An oversized response counts as a violation of the protocol.
    pub(crate) fn outbound(endpoint: Endpoint, error: OutboundError) -> Self {
        if error == OutboundError::TooLarge {
            Self::misbehaved(endpoint, error)
        } else {
            Self::unreachable(endpoint, error)
        }
    }

    /// Creates the error for a token of `endpoint` that could not be verified.
    pub(crate) fn token(endpoint: Endpoint, error: RemoteKeysError) -> Self {
        match error {
            RemoteKeysError::Unreachable(failure) => Self::Unreachable(failure),
            RemoteKeysError::Token(error) => Self::misbehaved(endpoint, error),
        }
    }
}

/// One identity provider, independent of its protocol.
///
/// An implementation must not depend on the service: otherwise the IdP could learn which service the
/// citizen uses.
#[async_trait]
pub trait IdentityProvider: Send + Sync + std::fmt::Debug {
    /// Returns the URL of the authorization request.
    ///
    /// It depends only on the challenge and on this IdP's registration, and never on the service.
    ///
    /// # Errors
    /// [`IdpError`] if the IdP does not respond.
    async fn invite(&self, challenge: &Challenge<'_>) -> Result<String, IdpError>;

    /// Verifies the callback and returns the identity.
    ///
    /// # Errors
    /// [`IdpError`] if the IdP refused, did not respond, or a check failed.
    async fn receive(&self, trip: RoundTrip<'_>) -> Result<Verified<Authentication>, IdpError>;

    /// Returns how the browser is sent to the IdP's end-session endpoint (OpenID Connect RP-Initiated
    /// Logout 1.0).
    ///
    /// Returns `None` if the IdP has no such endpoint, the operator disabled it, or it does not respond.
    async fn end_session(&self, request: &EndSession<'_>) -> Option<Departure>;

    /// Verifies a logout token of the IdP (OpenID Connect Back-Channel Logout 1.0).
    ///
    /// # Errors
    /// [`IdpError`] if the token was refused or the keys cannot be fetched.
    async fn logged_out(&self, token: &str, now: Timestamp) -> Result<LoggedOut, IdpError>;

    /// Whether the recent calls succeeded. The choice page shows an IdP with repeated failures as
    /// unavailable.
    fn is_answering(&self, now: Timestamp) -> bool;
}
