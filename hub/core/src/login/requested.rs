//! Stage 1: a service sent an authorization request, and the citizen must choose an IdP.
//!
//! The server's authorize step creates [`Requested`]; the redirect step calls
//! [`Requested::start_attempt`].

use std::collections::BTreeSet;

use serde::{Deserialize, Serialize};

use super::{Attempt, AuthorizationResponse, ResponseMode, StageError, Upstream};
use crate::{
    acr::{Level, Vocabulary},
    clock::Timestamp,
    data::DataRequest,
    identity::AttributeError,
    ids::{ClientId, IdpId},
    oauth_error::OAuthError,
    pkce::Challenge,
    redirect_uri::VerifiedRedirect,
    scope::{Claim, Scope, claims_of},
};

/// A checked authorization request, reduced to what the service may receive.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Request {
    /// The client that sent the request.
    pub client: ClientId,
    /// Where the authorization response goes.
    pub redirect: VerifiedRedirect,
    /// How the browser carries the response.
    pub mode: ResponseMode,
    /// The service's `state`, returned unchanged.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub state: Option<String>,
    /// The service's `nonce`, returned in the ID token.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub nonce: Option<String>,
    /// The PKCE challenge.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub challenge: Option<Challenge>,
    /// The scopes granted.
    pub scopes: BTreeSet<Scope>,
    /// The data requested of data providers.
    #[serde(skip_serializing_if = "Vec::is_empty", default)]
    pub data: Vec<DataRequest>,
    /// The single claims about the person that the `claims` parameter requests in addition to the
    /// scopes.
    #[serde(skip_serializing_if = "BTreeSet::is_empty", default)]
    pub single_claims: BTreeSet<Claim>,
    /// The claims about the authentication that the ID token carries.
    #[serde(skip_serializing_if = "BTreeSet::is_empty", default)]
    pub id_token: BTreeSet<AskedClaim>,
    /// The assurance level to reach.
    pub level: Level,
    /// The family of `acr` values in which the service asked.
    pub vocabulary: Vocabulary,
    /// The maximum age of the authentication, in seconds (OpenID Connect Core 3.1.2.1).
    #[serde(skip_serializing_if = "Option::is_none")]
    pub max_age: Option<u32>,
    /// The `sub` that the service expects (`id_token_hint`).
    #[serde(skip_serializing_if = "Option::is_none")]
    pub expected_sub: Option<String>,
    /// The language of the pages (`fr`, `en`).
    pub locale: String,
    /// The ignored parts of the request, shown to the developers of a sandbox service.
    #[serde(skip_serializing_if = "Vec::is_empty", default)]
    pub warnings: Vec<String>,
    /// The secret id of the login. The audit stream and the receipt hold pseudonyms derived from it.
    #[serde(default)]
    pub transaction: String,
}

/// A claim about the authentication that the ID token carries only if requested or registered.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum AskedClaim {
    /// When the citizen authenticated.
    AuthTime,
    /// The kind of authentication method (RFC 8176).
    Amr,
    /// A hash of the access token (OpenID Connect Core 3.1.3.6).
    AtHash,
    /// The id of the session, for back-channel logout. Only for registered services.
    Sid,
    /// What the `sub` is derived from, and its persistence class. Only for registered services.
    SubBasis,
    /// The person's subjects before a correction of the civil status. Only for registered services.
    PreviousSubs,
}

impl Request {
    /// Returns every requested claim about the person.
    #[must_use]
    pub fn claims(&self) -> BTreeSet<Claim> {
        claims_of(&self.scopes)
            .union(&self.single_claims)
            .copied()
            .collect()
    }

    /// Whether the service receives the time of the authentication.
    #[must_use]
    pub fn asks_auth_time(&self) -> bool {
        self.max_age.is_some() || self.id_token.contains(&AskedClaim::AuthTime)
    }

    /// Builds the error response to this request.
    #[must_use]
    pub fn refuse(
        &self,
        error: OAuthError,
        description: &str,
        issuer: Option<&str>,
    ) -> AuthorizationResponse {
        AuthorizationResponse::refusal(
            (self.redirect.clone(), self.mode),
            self.state.as_deref(),
            (error, description),
            issuer,
        )
    }
}

/// The citizen is choosing an IdP.
#[derive(Debug, Clone, Serialize, Deserialize)]
pub struct Requested {
    request: Request,
    expires_at: Timestamp,
    #[serde(skip_serializing_if = "Option::is_none", default)]
    failed_attempt: Option<FailedAttempt>,
}

/// The last failed attempt, explained on the choice page.
#[derive(Debug, Clone, Serialize, Deserialize)]
pub struct FailedAttempt {
    /// The IdP of the attempt.
    pub idp: IdpId,
    /// Why the attempt failed.
    pub cause: FailureCause,
    /// The incident id of the request that failed, as in the log.
    pub incident: String,
}

/// Why an attempt at an IdP failed.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
pub enum FailureCause {
    /// An attribute that the IdP promised is missing or malformed.
    Attribute(AttributeError),
    /// The citizen or the IdP refused.
    Declined,
    /// The assurance level is below the requested one.
    LevelTooLow,
    /// The IdP's answer breaks the protocol.
    Misbehaved,
    /// The register of persons does not answer, and the operator requires its check.
    RegisterUnavailable,
    /// The register of persons refuses the identity.
    Unregistered(RegisterRefusal),
    /// The authentication is older than the service allows.
    Stale,
    /// The IdP does not answer.
    Unreachable,
    /// The IdP is switched off, or not available to this service.
    Unavailable,
}

/// Why the register of persons refuses an identity.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum RegisterRefusal {
    /// The person has died.
    Deceased,
    /// No person has this identity.
    NotFound,
    /// One person may have this identity, without certainty.
    OneWeakCandidate,
    /// Several persons may have this identity.
    SeveralCandidates,
    /// The person was found under the usage name and not under the birth name.
    UsageNameOnly,
}

impl Requested {
    /// Starts a login that expires at `expires_at`.
    #[must_use]
    pub const fn new(request: Request, expires_at: Timestamp) -> Self {
        Self {
            request,
            expires_at,
            failed_attempt: None,
        }
    }

    /// Continues a login after a failed attempt.
    #[must_use]
    pub const fn after(
        request: Request,
        expires_at: Timestamp,
        failed_attempt: FailedAttempt,
    ) -> Self {
        Self {
            request,
            expires_at,
            failed_attempt: Some(failed_attempt),
        }
    }

    /// Returns the checked authorization request.
    #[must_use]
    pub const fn request(&self) -> &Request {
        &self.request
    }

    /// Returns when the login expires.
    #[must_use]
    pub const fn expires_at(&self) -> Timestamp {
        self.expires_at
    }

    /// Returns the last failed attempt, if there was one.
    #[must_use]
    pub const fn failed_attempt(&self) -> Option<&FailedAttempt> {
        self.failed_attempt.as_ref()
    }

    /// Starts `attempt` at its IdP. The answer to an earlier attempt is no longer accepted.
    ///
    /// # Errors
    /// [`StageError::Expired`].
    pub fn start_attempt(self, attempt: Attempt, now: Timestamp) -> Result<Upstream, StageError> {
        if now >= self.expires_at {
            return Err(StageError::Expired);
        }
        Ok(Upstream::new(self.request, self.expires_at, attempt))
    }
}
