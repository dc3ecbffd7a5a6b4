//! What a service is answered once the citizen agreed: a code, or a refusal if they are not the person
//! whom it expects.

use hub_core::{
    login::{Agreed, Answer, AskedClaim, CodeRecord, Granted, Request},
    oauth_error::OAuthError,
    secret::{BearerSecret, Handle, Kind},
};
use sp_registry::ServiceProvider;

use crate::{hub::Hub, store::StoreError};

/// The answer to `service`. `sid` names the citizen's session there, if there is one.
///
/// # Errors
/// [`StoreError`].
pub async fn answer(
    hub: &Hub,
    service: &ServiceProvider,
    agreed: Agreed,
    sid: Option<String>,
) -> Result<Answer, StoreError> {
    let request = agreed.request().clone();
    let keys = &hub.site.config.keys.subject;
    let mut granted = agreed.grant(keys, &service.sector, service.policy.dates);
    if let Some(refusal) = unexpected_person(hub, service, &request, &granted) {
        return Ok(refusal);
    }
    granted.sid = sid.filter(|_| granted.id_token.contains(&AskedClaim::Sid));
    let answer = code(hub, service, &request, granted).await?;
    metrics::counter!("lethe_logins_finished_total", "service" => service.client_id.to_string())
        .increment(1);
    Ok(answer)
}

/// A service that named whom it expects gets nobody else (OpenID Connect Core 3.1.2.2 (4)).
fn unexpected_person(
    hub: &Hub,
    service: &ServiceProvider,
    request: &Request,
    granted: &Granted,
) -> Option<Answer> {
    let expected = request.expected_sub.as_deref()?;
    (expected != granted.subject.as_str()).then(|| {
        let said = "another person signed in than the one expected";
        request.refuse(OAuthError::LoginRequired, said, hub.issuer_for(service))
    })
}

/// Lays the grant down under a fresh code.
async fn code(
    hub: &Hub,
    service: &ServiceProvider,
    request: &Request,
    granted: Granted,
) -> Result<Answer, StoreError> {
    let code = BearerSecret::draw(hub.entropy());
    let handle = Handle::new(Kind::Code, &code);
    let record = CodeRecord::Live(Box::new(granted));
    hub.records
        .put(&handle, &record, service.policy.lifetimes.code)
        .await?;
    let way = (request.redirect.clone(), request.mode);
    Ok(Answer::code(
        way,
        request.state.as_deref(),
        &code.reveal(),
        hub.issuer_for(service),
    ))
}
