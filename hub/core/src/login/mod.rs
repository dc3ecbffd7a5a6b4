//! The stages of a login, in the order in which a citizen passes them.
//!
//! [`Requested`] -> [`Upstream`] -> [`Identified`] -> [`Agreed`] -> [`Granted`]. A stage is a type, and
//! only its own transitions make the next one; there is no setter and no `status` field.

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

/// A login as its record in the store holds it, sealed.
#[derive(Debug, Serialize, Deserialize)]
pub enum Login {
    /// The citizen is choosing.
    Requested(Requested),
    /// The citizen is at the IdP.
    Upstream(Upstream),
    /// A request took the login to do what must be done once: to verify the IdP's answer, or to answer the
    /// service. Other requests wait.
    Verifying,
    /// The citizen is reading what will be shared.
    Identified(Box<Identified>),
    /// The citizen agreed, and reads the receipt.
    Agreed(Box<AgreedLogin>),
    /// The service was answered.
    Answered(Answered),
}

/// Why a stage does not lead to the next.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Error)]
pub enum StageError {
    /// The login's time is over.
    #[error("the login has expired")]
    Expired,
    /// The answer belongs to another attempt than the last.
    #[error("the answer of an abandoned attempt")]
    OtherAttempt,
}
