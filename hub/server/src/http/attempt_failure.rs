//! Why a citizen is led back to the choice page, and the log line that the incident id on it leads to.

use hub_core::{ids::IdpId, login::SetbackCause};
use hub_outbound::Failure;
use idp_adapters::IdpFault;

use crate::http::PublicCode;

/// Why an attempt ended without an identity.
#[derive(Debug, Clone, Copy)]
pub(crate) struct FailedAttempt {
    /// What the choice page says.
    pub(crate) cause: SetbackCause,
    /// The call to the IdP, or the check of its answer, that failed, if it was one.
    failure: Option<Failure>,
}

impl FailedAttempt {
    /// Logs it for the operator under the incident id that the page shows. The line names the IdP, so it names
    /// neither the service nor the person; it holds nothing of the IdP's answer but a registered error code.
    pub(crate) fn log(&self, idp: &IdpId, incident: &str) {
        let failure = self.failure.as_ref();
        let endpoint = failure.map(|failure| failure.endpoint.to_string());
        let cause = failure.map_or_else(|| text(self.cause), |failure| failure.cause.to_string());
        tracing::warn!(
            idp.id = %idp,
            code = PublicCode::of(self.cause).as_str(),
            endpoint,
            cause,
            status = failure.and_then(|failure| failure.status),
            idp_error = failure.and_then(|failure| failure.idp_error),
            incident,
            "an attempt to sign in failed"
        );
    }
}

impl From<SetbackCause> for FailedAttempt {
    fn from(cause: SetbackCause) -> Self {
        Self {
            cause,
            failure: None,
        }
    }
}

impl From<IdpFault> for FailedAttempt {
    fn from(fault: IdpFault) -> Self {
        let cause = match fault {
            IdpFault::Declined(_) => SetbackCause::Declined,
            IdpFault::Incomplete(fault) => SetbackCause::Attribute(fault),
            IdpFault::Misbehaved(_) => SetbackCause::Misbehaved,
            IdpFault::Stale => SetbackCause::Stale,
            IdpFault::Unreachable(_) => SetbackCause::Unreachable,
        };
        Self {
            cause,
            failure: fault.failure(),
        }
    }
}

/// The cause of an attempt that failed without a fault of the protocol.
fn text(cause: SetbackCause) -> String {
    match cause {
        SetbackCause::Attribute(fault) => return format!("attribute: {fault}"),
        SetbackCause::Declined => "declined",
        SetbackCause::LevelTooLow => "level below the one asked",
        SetbackCause::Misbehaved => "callback parameters missing or sent twice",
        SetbackCause::RegisterUnavailable => "register of persons not available",
        SetbackCause::Stale => "authentication too old, or its time not proven",
        SetbackCause::Unavailable => "IdP switched off, or not open to the service",
        SetbackCause::Unreachable => "no answer",
        SetbackCause::Unregistered(_) => "refused by the register of persons",
    }
    .to_owned()
}
