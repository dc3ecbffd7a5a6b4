//! Stage 1: a service has asked, and the citizen has to choose.

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

/// What a service asked at `/authorize`, checked and reduced to what it may have.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Request {
    /// Who asks.
    pub client: ClientId,
    /// Where the answer goes.
    pub redirect: VerifiedRedirect,
    /// How it goes there.
    pub mode: ResponseMode,
    /// The service's `state`, returned byte for byte.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub state: Option<String>,
    /// The service's `nonce`, returned in the id token.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub nonce: Option<String>,
    /// The PKCE challenge.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub challenge: Option<Challenge>,
    /// The scopes granted.
    pub scopes: BTreeSet<Scope>,
    /// What is asked of data providers.
    #[serde(skip_serializing_if = "Vec::is_empty", default)]
    pub data: Vec<DataRequest>,
    /// The claims about the person that the `claims` parameter asks beside those scopes.
    #[serde(skip_serializing_if = "BTreeSet::is_empty", default)]
    pub single_claims: BTreeSet<Claim>,
    /// The claims about the authentication that the id token shall carry.
    #[serde(skip_serializing_if = "BTreeSet::is_empty", default)]
    pub id_token: BTreeSet<AskedClaim>,
    /// The level to reach.
    pub level: Level,
    /// The family of `acr` values to answer in.
    pub vocabulary: Vocabulary,
    /// How old the authentication may be, in seconds (OpenID Connect Core 3.1.2.1).
    #[serde(skip_serializing_if = "Option::is_none")]
    pub max_age: Option<u32>,
    /// The `sub` that the service expects to see again (`id_token_hint`).
    #[serde(skip_serializing_if = "Option::is_none")]
    pub expected_sub: Option<String>,
    /// The language of the pages.
    pub locale: String,
    /// What was ignored, for the developers of a sandbox service.
    #[serde(skip_serializing_if = "Vec::is_empty", default)]
    pub warnings: Vec<String>,
    /// The secret id of the login: the audit stream and the receipt hold pseudonyms made of it.
    #[serde(default)]
    pub transaction: String,
}

/// A claim about the authentication that is in the id token only where asked or registered.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum AskedClaim {
    /// When the citizen authenticated.
    AuthTime,
    /// By which kind of means (RFC 8176).
    Amr,
    /// A hash of the access token (OpenID Connect Core 3.1.3.6).
    AtHash,
    /// The name of the session, for back-channel logout: to registered services only.
    Sid,
    /// What the `sub` is made of, and how well it keeps: to registered services only.
    SubBasis,
    /// The subjects that the person had before a correction of the civil status: to registered
    /// services only.
    PreviousSubs,
}

impl Request {
    /// Every claim about the person that was asked.
    #[must_use]
    pub fn claims(&self) -> BTreeSet<Claim> {
        claims_of(&self.scopes)
            .union(&self.single_claims)
            .copied()
            .collect()
    }

    /// Whether the service is told when the person authenticated.
    #[must_use]
    pub fn asks_auth_time(&self) -> bool {
        self.max_age.is_some() || self.id_token.contains(&AskedClaim::AuthTime)
    }

    /// The refusal of this request, for the service.
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

/// How the last attempt ended, said on the choice page.
#[derive(Debug, Clone, Serialize, Deserialize)]
pub struct FailedAttempt {
    /// At which IdP.
    pub idp: IdpId,
    /// Why.
    pub cause: FailureCause,
    /// The incident id of the request in which it ended: what the log has.
    pub incident: String,
}

/// Why an attempt at an IdP came to nothing.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
pub enum FailureCause {
    /// An attribute that the IdP promised is missing or malformed.
    Attribute(AttributeError),
    /// The citizen, or the IdP, said no.
    Declined,
    /// The level is below the one asked.
    LevelTooLow,
    /// The IdP's answer breaks the protocol.
    Misbehaved,
    /// The register of persons does not answer, and the deployment does not do without.
    RegisterUnavailable,
    /// The register of persons does not know the identity.
    Unregistered(RegisterRefusal),
    /// The authentication is older than the service allows.
    Stale,
    /// The IdP does not answer.
    Unreachable,
    /// The IdP is switched off, or not open to this service.
    Unavailable,
}

/// Why the register of persons does not vouch for an identity.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum RegisterRefusal {
    /// The person is dead.
    Deceased,
    /// Nobody of that identity.
    NotFound,
    /// One person who may be the one, and may not.
    OneWeakCandidate,
    /// Several persons who may be the one.
    SeveralCandidates,
    /// Found under the usage name, not under the birth name.
    UsageNameOnly,
}

impl Requested {
    /// A login that begins now and may last until `expires_at`.
    #[must_use]
    pub const fn new(request: Request, expires_at: Timestamp) -> Self {
        Self {
            request,
            expires_at,
            failed_attempt: None,
        }
    }

    /// The same login after an attempt that failed.
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

    /// What was asked.
    #[must_use]
    pub const fn request(&self) -> &Request {
        &self.request
    }

    /// When the login ends.
    #[must_use]
    pub const fn expires_at(&self) -> Timestamp {
        self.expires_at
    }

    /// How the last attempt ended, if there was one.
    #[must_use]
    pub const fn failed_attempt(&self) -> Option<&FailedAttempt> {
        self.failed_attempt.as_ref()
    }

    /// The citizen leaves for `attempt.idp`. An earlier attempt is dead from here on.
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
