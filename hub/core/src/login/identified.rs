//! Stage 3: the hub knows who the citizen is, and tells them what will be shared.

use serde::{Deserialize, Serialize};

use super::{Agreed, Agreement, Request, Requested, StageError};
use crate::{
    acr::Level,
    clock::Timestamp,
    identity::PivotIdentity,
    ids::IdpId,
    subject::{PivotTrust, Source},
};

/// Seconds by which clocks may disagree.
const LEEWAY: u64 = 60;

/// What an IdP vouched for.
#[derive(Debug, Clone, Serialize, Deserialize)]
pub struct Arrival {
    /// Who the person is.
    pub identity: PivotIdentity,
    /// Who they are to the IdP.
    pub source: Source,
    /// How far the identity may be trusted.
    pub trust: PivotTrust,
    /// Whether level and policy let a verified pivot feed the `sub`.
    pub pivot_counts: bool,
    /// The level delivered, already capped by the IdP's ceiling.
    pub level: Level,
    /// When the person authenticated, if that is known.
    pub auth_time: Option<Timestamp>,
}

impl Arrival {
    /// Whether the authentication is known to be at most `max_age` seconds old, or made since the
    /// citizen left for it at `departed_at`.
    #[must_use]
    pub fn is_fresh(&self, max_age: u32, departed_at: Timestamp, now: Timestamp) -> bool {
        self.auth_time.is_some_and(|at| {
            now.since(at).as_secs() <= u64::from(max_age) + LEEWAY
                || departed_at.since(at).as_secs() <= LEEWAY
        })
    }
}

/// The citizen is reading what will be shared.
#[derive(Debug, Clone, Serialize, Deserialize)]
pub struct Identified {
    request: Request,
    expires_at: Timestamp,
    idp: IdpId,
    arrival: Arrival,
}

impl Identified {
    pub(super) const fn new(
        request: Request,
        expires_at: Timestamp,
        idp: IdpId,
        arrival: Arrival,
    ) -> Self {
        Self {
            request,
            expires_at,
            idp,
            arrival,
        }
    }

    /// What was asked.
    #[must_use]
    pub const fn request(&self) -> &Request {
        &self.request
    }

    /// What the IdP vouched for.
    #[must_use]
    pub const fn arrival(&self) -> &Arrival {
        &self.arrival
    }

    /// Which IdP vouched.
    #[must_use]
    pub const fn idp(&self) -> &IdpId {
        &self.idp
    }

    /// When the login ends.
    #[must_use]
    pub const fn expires_at(&self) -> Timestamp {
        self.expires_at
    }

    /// The citizen agreed.
    ///
    /// # Errors
    /// [`StageError::Expired`].
    pub fn agree(self, _agreement: Agreement, now: Timestamp) -> Result<Agreed, StageError> {
        if now >= self.expires_at {
            return Err(StageError::Expired);
        }
        Ok(Agreed::new(self.request, self.arrival))
    }

    /// Back to the choice: the identity is forgotten.
    #[must_use]
    pub fn reconsider(self) -> Requested {
        Requested::new(self.request, self.expires_at)
    }
}
