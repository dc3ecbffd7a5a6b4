//! The stages of a login, in the order in which a citizen passes through them.
//!
//! [`Requested`] -> [`Upstream`] -> [`Identified`] -> [`Agreed`] -> [`Granted`]. Each stage is a type.
//! Only the transition of one stage creates the next; there is no setter and no `status` field. The
//! server's `flow/login` calls these transitions.

mod agreed;
mod answer;
mod granted;
mod identified;
mod requested;
mod upstream;

use serde::{Deserialize, Serialize};
use thiserror::Error;

use crate::secret::{BearerSecret, Handle};

pub use agreed::{Agreed, AgreedLogin, Agreement, LegalBasis};
pub use answer::{Answered, AuthorizationResponse, ResponseMode};
pub use granted::{AccessGrant, CodeRecord, Granted};
pub use identified::{Authentication, Identified, UpstreamSession};
pub use requested::{AskedClaim, FailedAttempt, FailureCause, RegisterRefusal, Request, Requested};
pub use upstream::{Attempt, Upstream};

/// A login as the store keeps it, sealed.
#[derive(Debug, Serialize, Deserialize)]
pub enum Login {
    /// The citizen is choosing an IdP.
    Requested(Requested),
    /// The citizen was redirected to the IdP.
    Upstream(Upstream),
    /// One request is verifying the IdP's answer or sending the authorization response.
    ///
    /// Both may happen only once, so other requests wait.
    Verifying,
    /// The citizen is reading the review page.
    Identified(Box<Identified>),
    /// The citizen agreed and is reading the receipt.
    Agreed(Box<AgreedLogin>),
    /// The authorization response was sent.
    Answered(Answered),
}

impl Login {
    /// The login at `handle`, as a browser sees it that holds `secrets`. One that does not hold the secret of the
    /// authentication sees a login whose citizen has not authenticated. Returns `None` if the login has gone too
    /// far for that.
    #[must_use]
    pub fn seen_by(self, handle: &Handle, secrets: &[BearerSecret]) -> Option<Self> {
        let binding = match &self {
            Self::Requested(_) | Self::Upstream(_) | Self::Verifying => return Some(self),
            Self::Identified(stage) => stage.binding(),
            Self::Agreed(agreed) => agreed.chosen.binding(),
            Self::Answered(answered) => answered.binding(),
        };
        let is_bound = binding.is_some_and(|binding| {
            let mut secrets = secrets.iter();
            secrets.any(|secret| handle.is_bound(binding, secret))
        });
        match self {
            own if is_bound => Some(own),
            Self::Identified(stage) => Some(Self::Requested(stage.back_to_choice())),
            Self::Agreed(_)
            | Self::Answered(_)
            | Self::Requested(_)
            | Self::Upstream(_)
            | Self::Verifying => None,
        }
    }
}

/// Why a transition was refused.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Error)]
pub enum StageError {
    /// The login has expired.
    #[error("the login has expired")]
    Expired,
    /// The answer belongs to another attempt than the last one.
    #[error("the answer belongs to an abandoned attempt")]
    OtherAttempt,
}
