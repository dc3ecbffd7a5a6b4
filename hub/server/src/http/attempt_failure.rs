//! Why a citizen is led back to the choice page, and the log line that the incident id on it leads to.

use hub_core::{ids::IdpId, login::FailureCause};
use hub_outbound::Failure;
use idp_adapters::{IdpError, Registered};

use crate::http::PublicCode;

/// Why an attempt ended without an identity.
#[derive(Debug, Clone, Copy)]
pub(crate) struct AttemptFailure {
    /// What the choice page says.
    pub(crate) cause: FailureCause,
    /// The call to the IdP, or the check of its answer, that failed, if it was one.
    failure: Option<Failure>,
}

impl AttemptFailure {
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

impl From<FailureCause> for AttemptFailure {
    fn from(cause: FailureCause) -> Self {
        Self {
            cause,
            failure: None,
        }
    }
}

impl From<IdpError> for AttemptFailure {
    fn from(error: IdpError) -> Self {
        let cause = match error {
            IdpError::Declined(_) => FailureCause::Declined,
            IdpError::Incomplete(error) => FailureCause::Attribute(error),
            IdpError::Misbehaved(_) => FailureCause::Misbehaved,
            IdpError::Stale => FailureCause::Stale,
            IdpError::Unreachable(_) => FailureCause::Unreachable,
        };
        Self {
            cause,
            failure: error.failure(),
        }
    }
}

/// The cause of an attempt that failed without a fault of the protocol.
fn text(cause: FailureCause) -> String {
    match cause {
        FailureCause::Attribute(error) => return format!("attribute: {error}"),
        FailureCause::Declined => "declined",
        FailureCause::LevelTooLow => "level below the one asked",
        FailureCause::Misbehaved => "callback parameters missing or sent twice",
        FailureCause::RegisterUnavailable => "register of persons not available",
        FailureCause::Stale => "authentication too old, or its time not proven",
        FailureCause::Unavailable => "IdP switched off, or not open to the service",
        FailureCause::Unreachable => "no answer",
        FailureCause::Unregistered(_) => "refused by the register of persons",
    }
    .to_owned()
}

/// Counts an answer of `idp`; returns the outcome's name.
pub(crate) fn count_answer(idp: &Registered, error: Option<&IdpError>) -> &'static str {
    let outcome = match error {
        None => "identified",
        Some(IdpError::Declined(_)) => "declined",
        Some(IdpError::Incomplete(_)) => "incomplete",
        Some(IdpError::Misbehaved(_)) => "misbehaved",
        Some(IdpError::Stale) => "stale",
        Some(IdpError::Unreachable(_)) => "unreachable",
    };
    metrics::counter!("lethe_idp_answers_total", "idp" => idp.id.to_string(), "outcome" => outcome)
        .increment(1);
    outcome
}
