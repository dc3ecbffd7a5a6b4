//! A service makes, of its access token, one that a single data provider takes (RFC 8693): whoever it is
//! shown to can read nothing else with it.

use hub_core::{
    data::{DataScope, Reach},
    login::AccessGrant,
    secret::BearerSecret,
};
use sp_registry::{DataProvider, ServiceProvider};

use crate::{
    access::{self, Answer, Fresh, Shown},
    audit::Event,
    http::{Parameters, TokenError},
    hub::Hub,
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
) -> Result<Answer, TokenError> {
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
    let provider = target(hub, sent)?;
    let token = sent.only("subject_token");
    let token = token.ok_or(TokenError::Parameter("subject_token"))?;
    let Shown { handle, grant } = access::open(hub, token)
        .await?
        .filter(|shown| shown.grant.client == service.client_id)
        .filter(|shown| is_whole(&shown.grant))
        .ok_or(TokenError::SubjectToken)?;
    let narrowed = access::for_provider(&grant, provider).ok_or(TokenError::Target)?;
    let mut narrowed = narrow(narrowed, sent.only("scope"))?;
    let (now, mut life) = (hub.now(), service.policy.lifetimes.access);
    if let Some(data) = &mut narrowed.data {
        life = life.min(data.expires_at.since(now));
        data.issued_at = now;
        data.parent = Some(access::place(&handle));
    }
    let fresh = Fresh {
        secret: BearerSecret::draw(hub.entropy()),
        grant: narrowed,
        life,
    };
    let event = Event::TokenGiven {
        service: service.client_id.as_str(),
        data_provider: Some(provider.id.as_str()),
    };
    hub.trace(&fresh.grant.transaction, event)?;
    let token = access::give(hub, &fresh).await?;
    let mut answer = Answer::new(token, &fresh);
    answer.issued_token_type = Some(ACCESS_TOKEN);
    Ok(answer)
}

/// The data provider that `resource` (RFC 8707) or `audience` names.
///
/// # Errors
/// [`TokenError::Target`] for nobody that is registered, or for more than one.
pub fn target<'h>(hub: &'h Hub, sent: &Parameters) -> Result<&'h DataProvider, TokenError> {
    let mut providers = hub.site.config.registry.data_providers();
    let named = match (sent.only("resource"), sent.only("audience")) {
        (Some(resource), None) => providers.find(|one| one.resource == resource),
        (None, Some(id)) => providers.find(|one| one.id.as_str() == id),
        _ => None,
    };
    named.ok_or(TokenError::Target)
}

/// Whether a token is one that others may be made of.
fn is_whole(grant: &AccessGrant) -> bool {
    let data = grant.data.as_ref();
    data.is_some_and(|data| data.reach != Reach::Provider)
}

/// `grant` with the scopes of `asked` alone, if it asks.
fn narrow(mut grant: AccessGrant, asked: Option<&str>) -> Result<AccessGrant, TokenError> {
    let Some(asked) = asked else {
        return Ok(grant);
    };
    let wanted = asked.split(' ').filter(|scope| !scope.is_empty());
    let wanted: Option<Vec<DataScope>> = wanted.map(|scope| scope.parse().ok()).collect();
    let wanted = wanted.ok_or(TokenError::Scope)?;
    for given in grant.data.iter_mut().flat_map(|data| &mut data.grants) {
        let scopes = &mut given.request.scopes;
        if !wanted.iter().all(|scope| scopes.contains(scope)) {
            return Err(TokenError::Scope);
        }
        scopes.retain(|scope| wanted.contains(scope));
    }
    Ok(grant)
}
