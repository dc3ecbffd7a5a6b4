//! Stage 2: the citizen is at the identity provider.

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

/// One departure to one IdP: what its answer has to fit.
#[derive(Clone, Serialize, Deserialize)]
pub struct Attempt {
    /// The IdP chosen.
    pub idp: IdpId,
    /// The attempt's own number, carried by the state ticket.
    #[serde(with = "crate::encoding::as_text")]
    pub id: [u8; 16],
    /// The `nonce` sent: 43 characters.
    pub nonce: String,
    /// The PKCE verifier kept back: 43 characters.
    pub verifier: String,
    /// When the citizen left.
    pub started_at: Timestamp,
}

impl Attempt {
    /// A fresh attempt.
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

/// The citizen is at an IdP.
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

    /// What was asked.
    #[must_use]
    pub const fn request(&self) -> &Request {
        &self.request
    }

    /// The attempt under way.
    #[must_use]
    pub const fn attempt(&self) -> &Attempt {
        &self.attempt
    }

    /// When the login ends.
    #[must_use]
    pub const fn expires_at(&self) -> Timestamp {
        self.expires_at
    }

    /// Whether an answer that names `idp` and `attempt` belongs to the last departure.
    ///
    /// # Errors
    /// [`StageError::OtherAttempt`]: the citizen chose again since; [`StageError::Expired`].
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

    /// Accepts what the IdP said of the citizen.
    ///
    /// # Errors
    /// The cause to show on the choice page: a level below the one asked, an authentication older than
    /// the service allows, or one whose time is asked and not proven.
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

    /// Back to the choice, because this attempt came to nothing.
    #[must_use]
    pub fn fail(self, cause: FailureCause, incident: &str) -> Requested {
        let failed_attempt = FailedAttempt {
            idp: self.attempt.idp,
            cause,
            incident: incident.to_owned(),
        };
        Requested::after(self.request, self.expires_at, failed_attempt)
    }

    /// Back to the choice, because the citizen came back to choose again.
    #[must_use]
    pub fn back_to_choice(self) -> Requested {
        Requested::new(self.request, self.expires_at)
    }
}
