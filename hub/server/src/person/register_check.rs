//! The register of persons is asked about what an IdP said, before the citizen sees it.

use hub_core::{
    login::{FailureCause, Identified},
    register::RegisterAnswer,
};
use idp_adapters::Registered;
use person_register::NoRegister;

use crate::{
    audit::{AuditError, Event},
    config::OnUnavailable,
    hub::Hub,
};

/// `identified` as the register knows the person; as it is, where the register is not asked about this
/// IdP, or does not answer and the deployment goes on without.
///
/// # Errors
/// Inside, the cause to show on the choice page; outside, that no trace can be written.
pub async fn settle(
    hub: &Hub,
    idp: &Registered,
    identified: Identified,
) -> Result<Result<Identified, FailureCause>, AuditError> {
    let Some(register) = hub
        .shared
        .config
        .hub
        .register
        .as_ref()
        .filter(|_| idp.register_check)
    else {
        return Ok(Ok(identified));
    };
    let transaction = identified.request().transaction.clone();
    let identity = &identified.authentication().identity;
    let (counted, settled) = match register.port.check(identity, hub.now()).await {
        Ok(RegisterAnswer::Known(known)) => ("known", Ok(identified.registered(*known))),
        Ok(RegisterAnswer::Refused(refusal)) => {
            ("refused", Err(FailureCause::Unregistered(refusal)))
        }
        Err(NoRegister(failure)) => {
            let (cause, status) = (failure.cause.to_string(), failure.status);
            tracing::warn!(
                endpoint = "register",
                cause,
                status,
                "the register of persons did not answer"
            );
            let settled = match register.on_unavailable {
                OnUnavailable::Refuse => Err(FailureCause::RegisterUnavailable),
                OnUnavailable::StepDown => Ok(identified),
            };
            ("unavailable", settled)
        }
    };
    metrics::counter!("lethe_register_answers_total", "outcome" => counted).increment(1);
    hub.audit(&transaction, Event::RegisterAnswered { outcome: counted })?;
    Ok(settled)
}

/// `identified`, who is known from a session, as the register knows the person now; as it is, where the
/// deployment does not ask again.
///
/// # Errors
/// As of [`settle`].
pub async fn settle_again(
    hub: &Hub,
    identified: Identified,
) -> Result<Result<Identified, FailureCause>, AuditError> {
    let config = &hub.shared.config;
    let register = config.hub.register.as_ref();
    let asks_again = register.is_some_and(|register| register.check_sessions);
    match config.catalogue.find(identified.idp()) {
        Some(idp) if asks_again => settle(hub, idp, identified).await,
        _ => Ok(Ok(identified)),
    }
}
