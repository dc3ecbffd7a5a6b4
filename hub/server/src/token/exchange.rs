//! A token for one data provider, made of a service's own (RFC 8693, RFC 8707): whoever it is shown to can
//! read nothing else with it.

use hub_core::{
    data::{DataGrant, DataScope, Detail},
    login::AccessGrant,
    secret::Handle,
};
use sp_registry::{DataProvider, ServiceProvider};

use crate::{
    audit::Event,
    data_token,
    http::{Parameters, TokenError},
    hub::Hub,
    token::{self, TokenResponse},
};

/// The grant type.
pub const GRANT_TYPE: &str = "urn:ietf:params:oauth:grant-type:token-exchange";
const ACCESS_TOKEN: &str = "urn:ietf:params:oauth:token-type:access_token";

/// The answer to a token exchange (RFC 8693 section 2.2).
///
/// # Errors
/// [`TokenError`].
pub async fn exchange(
    hub: &Hub,
    service: &ServiceProvider,
    sent: &Parameters,
) -> Result<TokenResponse, TokenError> {
    if sent.only("subject_token_type").is_none() {
        return Err(TokenError::Parameter("subject_token_type"));
    }
    for name in ["subject_token_type", "requested_token_type"] {
        if sent.only(name).is_some_and(|kind| kind != ACCESS_TOKEN) {
            return Err(TokenError::Untaken(name));
        }
    }
    if sent.has("actor_token") {
        return Err(TokenError::Untaken("actor_token"));
    }
    let provider = target(hub, service, sent)?.ok_or(TokenError::Target)?;
    let token = sent.only("subject_token");
    let token = token.ok_or(TokenError::Parameter("subject_token"))?;
    let (parent, grant) = token::open(hub, token)
        .await?
        .filter(|(_, grant)| grant.client == service.client_id)
        .ok_or(TokenError::SubjectToken)?;
    let given = narrowed(&grant, provider, sent)?.ok_or(TokenError::Target)?;
    let mut answer = issue(hub, provider, given, (&parent, &grant)).await?;
    answer.issued_token_type = Some(ACCESS_TOKEN);
    Ok(answer)
}

/// The answer that gives a token for `provider`, limited to `given`, for the token of `grant` at `parent`.
///
/// # Errors
/// [`TokenError`].
pub async fn issue(
    hub: &Hub,
    provider: &DataProvider,
    given: DataGrant,
    parent: (&Handle, &AccessGrant),
) -> Result<TokenResponse, TokenError> {
    let event = Event::TokenIssued {
        service: parent.1.client.as_str(),
        data_provider: Some(provider.id.as_str()),
    };
    hub.audit(&parent.1.transaction, event)?;
    let (token, issued) = data_token::issue(hub, provider, given, parent).await?;
    Ok(TokenResponse::for_provider(token, &issued, hub.now()))
}

/// The data provider that `resource` (RFC 8707) and `audience` name, if they are sent.
///
/// # Errors
/// [`TokenError::Target`] for nobody that `service` may ask, or for more than one.
pub fn target<'h>(
    hub: &'h Hub,
    service: &'h ServiceProvider,
    sent: &Parameters,
) -> Result<Option<&'h DataProvider>, TokenError> {
    let registry = &hub.shared.config.registry;
    let by = |matches: &dyn Fn(&DataProvider) -> bool| {
        let mut providers = registry.data_providers_for(service);
        providers.find(|one| matches(one)).ok_or(TokenError::Target)
    };
    let resources = sent.all("resource");
    let resources = resources.map(|resource| by(&|one| one.resource == resource));
    let audience = sent.all("audience");
    let audience = audience.map(|id| by(&|one| one.id.as_str() == id));
    let mut named = resources.chain(audience);
    let Some(first) = named.next().transpose()? else {
        return Ok(None);
    };
    for other in named {
        if other?.id != first.id {
            return Err(TokenError::Target);
        }
    }
    Ok(Some(first))
}

/// What of `grant` goes to `provider`, as far as `scope` and `authorization_details` ask for it; nothing, if
/// the citizen agreed to nothing there.
///
/// # Errors
/// [`TokenError::Scope`] and [`TokenError::Details`] for more than the citizen agreed to, or for nothing.
fn narrowed(
    grant: &AccessGrant,
    provider: &DataProvider,
    sent: &Parameters,
) -> Result<Option<DataGrant>, TokenError> {
    let Some(mut given) = data_token::granted(grant, provider).cloned() else {
        return Ok(None);
    };
    let request = &mut given.request;
    let (scope, details) = (sent.only("scope"), asked_details(sent)?);
    // What is asked for is what is given: naming one kind asks for nothing of the other (RFC 8693 section
    // 2.1, RFC 9396 section 6). Naming neither asks for all that was agreed to.
    match (&scope, &details) {
        (Some(_), None) => request.details.clear(),
        (None, Some(_)) => request.scopes.clear(),
        (None, None) | (Some(_), Some(_)) => {}
    }
    if let Some(asked) = scope {
        let wanted = asked.split(' ').filter(|scope| !scope.is_empty());
        let wanted: Option<Vec<DataScope>> = wanted.map(|scope| scope.parse().ok()).collect();
        let wanted = wanted.ok_or(TokenError::Scope)?;
        if wanted.is_empty() || !wanted.iter().all(|scope| request.scopes.contains(scope)) {
            return Err(TokenError::Scope);
        }
        request.scopes.retain(|scope| wanted.contains(scope));
    }
    if let Some(wanted) = details {
        if !wanted.iter().all(|detail| request.details.contains(detail)) {
            return Err(TokenError::Details);
        }
        request.details.retain(|detail| wanted.contains(detail));
    }
    Ok(Some(given))
}

/// `authorization_details` of a token request (RFC 9396 section 6): some of what was granted.
fn asked_details(sent: &Parameters) -> Result<Option<Vec<Detail>>, TokenError> {
    let asked = sent.only("authorization_details");
    let details = asked.map(serde_json::from_str::<Vec<Detail>>).transpose();
    let details = details.map_err(|_json| TokenError::Details)?;
    match details {
        Some(details) if details.is_empty() => Err(TokenError::Details),
        details => Ok(details),
    }
}
