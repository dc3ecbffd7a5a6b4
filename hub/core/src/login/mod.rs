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
