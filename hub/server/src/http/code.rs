//! The stable public codes: `L` and four digits, grouped by who must act. `docs/ERRORS.md` has a
//! section for each.

use actix_web::http::StatusCode;
use hub_core::login::{FailureCause, RegisterRefusal};

/// What a citizen can read on an error page, and tell support.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub enum PublicCode {
    /// The login is not open in this browser: expired, finished, or begun elsewhere.
    L1001,
    /// The browser keeps no cookie.
    L1002,
    /// An answer from an abandoned attempt, or one that was used.
    L1003,
    /// A form that is not of this login.
    L1004,
    /// The citizen has gone on to the service already.
    L1005,
    /// No sign-in waits in this browser.
    L1006,
    /// No such page.
    L1404,
    /// The service is not registered.
    L2001,
    /// The service is suspended.
    L2002,
    /// The redirect is not registered.
    L2003,
    /// The request cannot be read.
    L2004,
    /// The IdP, or the citizen there, said no.
    L3001,
    /// The IdP does not answer.
    L3002,
    /// The IdP's answer breaks the protocol.
    L3003,
    /// The IdP's level is too low.
    L3004,
    /// An attribute that the IdP owes is missing or malformed.
    L3005,
    /// The authentication is too old.
    L3006,
    /// The IdP cannot be used for this service now.
    L3007,
    /// A return that belongs to no login.
    L3008,
    /// The store does not answer.
    L4001,
    /// The hub failed.
    L4002,
    /// The hub cannot keep its traces.
    L4003,
    /// Too many requests from one address.
    L4004,
    /// The register of persons has several candidates.
    L5001,
    /// The register has one weak candidate.
    L5002,
    /// The register knows the usage name only.
    L5003,
    /// The register knows nobody of that identity.
    L5004,
    /// The register says that the person has died.
    L5005,
    /// The register does not answer.
    L5006,
}

impl PublicCode {
    /// Every code.
    pub const ALL: [Self; 29] = [
        Self::L1001,
        Self::L1002,
        Self::L1003,
        Self::L1004,
        Self::L1005,
        Self::L1006,
        Self::L1404,
        Self::L2001,
        Self::L2002,
        Self::L2003,
        Self::L2004,
        Self::L3001,
        Self::L3002,
        Self::L3003,
        Self::L3004,
        Self::L3005,
        Self::L3006,
        Self::L3007,
        Self::L3008,
        Self::L4001,
        Self::L4002,
        Self::L4003,
        Self::L4004,
        Self::L5001,
        Self::L5002,
        Self::L5003,
        Self::L5004,
        Self::L5005,
        Self::L5006,
    ];

    /// The code for a login that came back to the choice.
    #[must_use]
    pub const fn of(cause: FailureCause) -> Self {
        match cause {
            FailureCause::Attribute(_) => Self::L3005,
            FailureCause::Declined => Self::L3001,
            FailureCause::LevelTooLow => Self::L3004,
            FailureCause::Misbehaved => Self::L3003,
            FailureCause::Stale => Self::L3006,
            FailureCause::Unavailable => Self::L3007,
            FailureCause::Unreachable => Self::L3002,
            FailureCause::RegisterUnavailable => Self::L5006,
            FailureCause::Unregistered(refusal) => match refusal {
                RegisterRefusal::Deceased => Self::L5005,
                RegisterRefusal::NotFound => Self::L5004,
                RegisterRefusal::OneWeakCandidate => Self::L5002,
                RegisterRefusal::SeveralCandidates => Self::L5001,
                RegisterRefusal::UsageNameOnly => Self::L5003,
            },
        }
    }

    /// The code as printed.
    #[must_use]
    pub fn as_str(self) -> String {
        format!("{self:?}")
    }

    /// The HTTP status of its page. Those of an IdP's or the register's are shown on the choice page.
    #[must_use]
    pub const fn status(self) -> StatusCode {
        match self {
            Self::L1404 => StatusCode::NOT_FOUND,
            Self::L4004 => StatusCode::TOO_MANY_REQUESTS,
            Self::L4001 | Self::L4003 => StatusCode::SERVICE_UNAVAILABLE,
            Self::L4002 => StatusCode::INTERNAL_SERVER_ERROR,
            Self::L2002 => StatusCode::FORBIDDEN,
            Self::L1001
            | Self::L1002
            | Self::L1003
            | Self::L1004
            | Self::L1005
            | Self::L1006
            | Self::L2001
            | Self::L2003
            | Self::L2004
            | Self::L3001
            | Self::L3002
            | Self::L3003
            | Self::L3004
            | Self::L3005
            | Self::L3006
            | Self::L3007
            | Self::L3008
            | Self::L5001
            | Self::L5002
            | Self::L5003
            | Self::L5004
            | Self::L5005
            | Self::L5006 => StatusCode::BAD_REQUEST,
        }
    }
}
