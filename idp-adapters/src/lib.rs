//! Identity providers, whatever protocol they speak: adapters translate, the hub decides.
//!
//! The port is [`IdentityProvider`]. The [`Catalogue`] is what the choice page lists. [`oidc`] is the
//! one adapter so far; a [`Mapping`] brings a provider's claims to the hub's.

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

/// What the hub sends along with the browser.
#[derive(Debug)]
pub struct Challenge<'a> {
    /// The `state`: a state ticket of the hub.
    pub state: &'a str,
    /// The `nonce`.
    pub nonce: &'a str,
    /// The PKCE verifier, of which only the challenge leaves.
    pub verifier: &'a pkce::Verifier,
    /// The present.
    pub now: Timestamp,
}

/// What the browser brought back, and what it left with.
#[derive(Debug)]
pub struct RoundTrip<'a> {
    /// The answer: a code, or an error.
    pub answer: Returned<'a>,
    /// The `iss` parameter (RFC 9207), if there was one.
    pub issuer: Option<&'a str>,
    /// The `nonce` it left with.
    pub nonce: &'a str,
    /// The PKCE verifier it left with.
    pub verifier: &'a pkce::Verifier,
    /// When the browser left.
    pub started_at: Timestamp,
    /// The present.
    pub now: Timestamp,
    /// Where the number of a client assertion comes from.
    pub entropy: &'a dyn Entropy,
}

/// The IdP's answer.
#[derive(Debug, Clone, Copy)]
pub enum Returned<'a> {
    /// A code to redeem.
    Code(&'a str),
    /// An OAuth error code.
    Error(&'a str),
}

/// Why an IdP did not identify anyone, in the hub's words. Nothing of its answer is in it.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Error)]
pub enum IdpError {
    /// The IdP, or the citizen there, said no.
    #[error("the IdP declined: {0}")]
    Declined(Failure),
    /// It owes an attribute that is missing or malformed.
    #[error("the IdP's identity is incomplete: {0}")]
    Incomplete(AttributeError),
    /// Its answer breaks the protocol.
    #[error("the IdP's answer breaks the protocol: {0}")]
    Misbehaved(Failure),
    /// It does not prove that the person authenticated after they left for it.
    #[error("the IdP proves no fresh authentication")]
    Stale,
    /// It does not answer, or not in time.
    #[error("the IdP is unreachable: {0}")]
    Unreachable(Failure),
}

impl IdpError {
    /// What failed, if it is a call or a check of an answer.
    #[must_use]
    pub const fn failure(&self) -> Option<Failure> {
        match self {
            Self::Declined(failure) | Self::Misbehaved(failure) | Self::Unreachable(failure) => {
                Some(*failure)
            }
            Self::Incomplete(_) | Self::Stale => None,
        }
    }

    /// An answer of `endpoint` that breaks the protocol.
    pub(crate) fn misbehaved(endpoint: Endpoint, cause: impl Into<Cause>) -> Self {
        Self::Misbehaved(Failure::new(endpoint, cause))
    }

    /// A call of `endpoint` without an answer.
    pub(crate) fn unreachable(endpoint: Endpoint, cause: impl Into<Cause>) -> Self {
        Self::Unreachable(Failure::new(endpoint, cause))
    }

    /// A call of `endpoint` that gave nothing. An answer that is too large is the IdP's fault.
    pub(crate) fn outbound(endpoint: Endpoint, error: OutboundError) -> Self {
        if error == OutboundError::TooLarge {
            Self::misbehaved(endpoint, error)
        } else {
            Self::unreachable(endpoint, error)
        }
    }

    /// A token of `endpoint` that could not be verified.
    pub(crate) fn token(endpoint: Endpoint, error: RemoteKeysError) -> Self {
        match error {
            RemoteKeysError::Unreachable(failure) => Self::Unreachable(failure),
            RemoteKeysError::Token(error) => Self::misbehaved(endpoint, error),
        }
    }
}

/// One identity provider, whatever protocol it speaks.
#[async_trait]
pub trait IdentityProvider: Send + Sync + std::fmt::Debug {
    /// The address to send the browser to. It depends on the challenge and on this IdP's registration
    /// alone: never on the service.
    async fn invite(&self, challenge: &Challenge<'_>) -> Result<String, IdpError>;

    /// Turns the browser's round trip into an identity checked against the challenge it left with.
    async fn receive(&self, trip: RoundTrip<'_>) -> Result<Verified<Authentication>, IdpError>;

    /// How the browser goes to the IdP's page that ends its own session (OpenID Connect RP-Initiated
    /// Logout 1.0). Returns `None` if the IdP has no such page, is not registered to be visited, or does
    /// not answer.
    async fn end_session(&self, request: &EndSession<'_>) -> Option<Departure>;

    /// Reads the IdP's word that its own session has ended (OpenID Connect Back-Channel Logout 1.0).
    async fn logged_out(&self, token: &str, now: Timestamp) -> Result<LoggedOut, IdpError>;

    /// Whether it answered lately: an IdP that keeps failing is shown as unavailable for a while.
    fn is_answering(&self, now: Timestamp) -> bool;
}
