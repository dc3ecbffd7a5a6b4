//! Stage 2: the citizen was redirected to the identity provider.
//!
//! The server's callback step calls [`Upstream::expects`] and [`Upstream::identify`].

use serde::{Deserialize, Serialize};
use subtle::ConstantTimeEq;

use super::{
    Authentication, FailedAttempt, FailureCause, Identified, Request, Requested, StageError,
};
use crate::{
    clock::Timestamp,
    encoding::base64url,
    entropy::{Entropy, draw},
    ids::IdpId,
    pkce::Verifier,
    proof::Verified,
};

/// One attempt at one IdP: the values that the IdP's answer must match.
#[derive(Clone, Serialize, Deserialize)]
pub struct Attempt {
    /// The chosen IdP.
    pub idp: IdpId,
    /// The id of the attempt: 16 random bytes, carried by the state ticket.
    #[serde(with = "crate::encoding::as_text")]
    pub id: [u8; 16],
    /// The `nonce` of the authorization request: 43 characters.
    pub nonce: String,
    /// The PKCE verifier, which stays in the hub: 43 characters.
    pub verifier: String,
    /// When the citizen was redirected to the IdP.
    pub started_at: Timestamp,
}

impl Attempt {
    /// Creates an attempt with fresh random values.
    #[must_use]
    pub fn draw(idp: IdpId, now: Timestamp, entropy: &dyn Entropy) -> Self {
        Self {
            idp,
            id: draw(entropy),
            nonce: base64url(&draw::<32>(entropy)),
            verifier: Verifier::draw(entropy).reveal().to_owned(),
            started_at: now,
        }
    }
}

impl std::fmt::Debug for Attempt {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "Attempt({}, hidden)", self.idp)
    }
}

/// The citizen was redirected to an IdP.
#[derive(Debug, Clone, Serialize, Deserialize)]
pub struct Upstream {
    request: Request,
    expires_at: Timestamp,
    attempt: Attempt,
}

impl Upstream {
    pub(super) const fn new(request: Request, expires_at: Timestamp, attempt: Attempt) -> Self {
        Self {
            request,
            expires_at,
            attempt,
        }
    }

    /// Returns the checked authorization request.
    #[must_use]
    pub const fn request(&self) -> &Request {
        &self.request
    }

    /// Returns the attempt in progress.
    #[must_use]
    pub const fn attempt(&self) -> &Attempt {
        &self.attempt
    }

    /// Returns when the login expires.
    #[must_use]
    pub const fn expires_at(&self) -> Timestamp {
        self.expires_at
    }

    /// Checks that an answer for `idp` and `attempt` belongs to the last attempt.
    ///
    /// # Errors
    /// [`StageError::OtherAttempt`] if the citizen started another attempt since;
    /// [`StageError::Expired`].
    pub fn expects(
        &self,
        idp: &IdpId,
        attempt: &[u8; 16],
        now: Timestamp,
    ) -> Result<(), StageError> {
        let same = self.attempt.idp == *idp && bool::from(self.attempt.id.ct_eq(attempt));
        if !same {
            return Err(StageError::OtherAttempt);
        }
        if now >= self.expires_at {
            return Err(StageError::Expired);
        }
        Ok(())
    }

    /// Accepts the verified answer of the IdP.
    ///
    /// # Errors
    /// The cause to show on the choice page: the level is below the requested one, the authentication is
    /// older than the service allows, or its time is requested and not proven.
    pub fn identify(
        self,
        authentication: Verified<Authentication>,
        now: Timestamp,
    ) -> Result<Identified, FailureCause> {
        let authentication = authentication.into_inner();
        if !authentication.level.satisfies(self.request.level) {
            return Err(FailureCause::LevelTooLow);
        }
        let started_at = self.attempt.started_at;
        let stale = |max_age| !authentication.is_fresh(max_age, started_at, now);
        if self.request.max_age.is_some_and(stale) || !authentication.has_time_for(&self.request) {
            return Err(FailureCause::Stale);
        }
        Ok(Identified::new(
            self.request,
            self.expires_at,
            (self.attempt.idp, &self.attempt.id),
            authentication,
        ))
    }

    /// Returns to the choice of an IdP after this attempt failed.
    #[must_use]
    pub fn fail(self, cause: FailureCause, incident: &str) -> Requested {
        let failed_attempt = FailedAttempt {
            idp: self.attempt.idp,
            cause,
            incident: incident.to_owned(),
        };
        Requested::after(self.request, self.expires_at, failed_attempt)
    }

    /// Returns to the choice of an IdP because the citizen wants to choose again.
    #[must_use]
    pub fn back_to_choice(self) -> Requested {
        Requested::new(self.request, self.expires_at)
    }
}
