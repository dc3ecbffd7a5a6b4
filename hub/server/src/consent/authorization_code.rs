//! What a service is answered once the citizen agreed: a code, or a refusal if they are not the person
//! whom it expects.

use hub_core::{
    login::{Agreed, AskedClaim, AuthorizationResponse, CodeRecord, Granted, Identified, Request},
    secret::{BearerSecret, Handle, Kind},
    session::EndMark,
};
use sp_registry::ServiceProvider;
use thiserror::Error;

use crate::{
    audit::{AuditError, Event},
    authorization::Refusal,
    consent::data_release,
    hub::Hub,
    session,
    store::StoreError,
};

/// Why a service is not answered.
#[derive(Debug, Error)]
pub enum GrantError {
    /// No trace of it can be written.
    #[error(transparent)]
    Audit(#[from] AuditError),
    /// The store did not do its part.
    #[error(transparent)]
    Store(#[from] StoreError),
}

/// What a service gets beside what it asked.
#[derive(Debug, Default)]
pub struct ResponseExtras {
    /// The name of the citizen's session there, if there is one.
    pub sid: Option<String>,
    /// The mark by which the service's tokens end with that session.
    pub end_mark: Option<EndMark>,
    /// The signed receipt, where data providers hand something over.
    pub receipt: Option<String>,
}

/// The code for `service`. Whether it expects this person was checked before ([`is_unexpected_person`]).
///
/// # Errors
/// [`GrantError`].
pub async fn answer(
    hub: &Hub,
    service: &ServiceProvider,
    agreed: Agreed,
    ResponseExtras {
        sid,
        end_mark,
        receipt,
    }: ResponseExtras,
) -> Result<AuthorizationResponse, GrantError> {
    let request = agreed.request().clone();
    let keys = &hub.shared.config.keys.subject;
    let audiences = data_release::audiences(hub, &request);
    let own = (&service.sector, service.policy.dates);
    let mut granted = agreed.grant(keys, own, &audiences);
    trace_answer(hub, service, &request, "code")?;
    granted.sid = sid.filter(|_| granted.id_token.contains(&AskedClaim::Sid));
    granted.end_mark = end_mark;
    granted.receipt = receipt;
    let answer = code(hub, service, &request, granted).await?;
    metrics::counter!("lethe_logins_finished_total", "service" => service.client_id.to_string())
        .increment(1);
    Ok(answer)
}

/// Whether `service` expects another person than `identified`.
///
/// A service names whom it expects by a `sub` in `claims` or by `id_token_hint` (OpenID Connect Core 3.1.2.2 (4),
/// 5.5.1).
#[must_use]
pub fn is_unexpected_person(hub: &Hub, service: &ServiceProvider, identified: &Identified) -> bool {
    let Some(expected) = identified.request().expected_sub.as_deref() else {
        return false;
    };
    let keys = &hub.shared.config.keys.subject;
    let person = session::person_of(hub, identified.authentication());
    keys.subject(&person, &service.sector).as_str() != expected
}

/// The refusal of `request` for `service`, after it was written to the audit stream.
///
/// # Errors
/// [`AuditError`]: the refusal cannot be written down.
pub fn refuse(
    hub: &Hub,
    service: &ServiceProvider,
    request: &Request,
    (error, description): Refusal,
) -> Result<AuthorizationResponse, AuditError> {
    trace_answer(hub, service, request, error.code())?;
    Ok(request.refuse(error, description, hub.issuer_for(service)))
}

fn trace_answer(
    hub: &Hub,
    service: &ServiceProvider,
    request: &Request,
    outcome: &'static str,
) -> Result<(), AuditError> {
    let event = Event::AuthorizationResponseSent {
        service: service.client_id.as_str(),
        outcome,
    };
    hub.audit(&request.transaction, event)
}

/// Lays the grant down under a fresh code.
async fn code(
    hub: &Hub,
    service: &ServiceProvider,
    request: &Request,
    granted: Granted,
) -> Result<AuthorizationResponse, StoreError> {
    let code = BearerSecret::draw(hub.entropy());
    let handle = Handle::new(Kind::Code, &code);
    let record = CodeRecord::Live(Box::new(granted));
    hub.records
        .put(&handle, &record, service.policy.lifetimes.code)
        .await?;
    let way = (request.redirect.clone(), request.mode);
    Ok(AuthorizationResponse::code(
        way,
        request.state.as_deref(),
        &code.reveal(),
        hub.issuer_for(service),
    ))
}
