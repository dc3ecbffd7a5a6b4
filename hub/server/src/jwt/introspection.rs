//! What a data provider is told of a token: plain (RFC 7662), or as a JWT, signed and perhaps encrypted
//! (RFC 9701).

use hub_core::{
    acr::Vocabulary,
    data::{DataRequest, DataScope, DataToken},
    secret::Handle,
};
use hub_jose::Algorithm;
use serde_json::{Map, Value, json};
use sp_registry::DataProvider;

use crate::hub::Hub;
use crate::jwt::SigningError;

/// What `provider` is told of a token.
///
/// Of one that lives and is for it: its own scopes, its own `sub`, the claims that it is registered for and
/// the citizen saw, the level in one vocabulary whatever the service asked in. Of any other, nothing but that.
#[must_use]
pub fn introspection(
    hub: &Hub,
    provider: &DataProvider,
    active: Option<(&Handle, &DataToken)>,
) -> Map<String, Value> {
    let Some((handle, token)) = active else {
        return Map::from_iter([("active".to_owned(), Value::Bool(false))]);
    };
    let request = &token.given.request;
    let mut told = token.given.claims.clone();
    let mut tell = |name: &str, value: Value| told.insert(name.to_owned(), value);
    tell("active", true.into());
    tell("iss", hub.issuer().into());
    tell("aud", provider.resource.as_str().into());
    tell("sub", token.given.subject.as_str().into());
    tell("token_type", "Bearer".into());
    tell("acr", token.level.acr(Vocabulary::Eidas).into());
    tell("iat", token.issued_at.unix().into());
    tell("exp", token.expires_at.unix().into());
    tell("jti", handle.jti(&provider.id).into());
    if !request.scopes.is_empty() {
        tell("scope", scope_of(request).into());
    }
    if !request.details.is_empty() {
        tell("authorization_details", details_of(request).into());
    }
    if provider.receives_client_id {
        tell("client_id", token.client.as_str().into());
    }
    told
}

/// `told` as a JWT of type `token-introspection+jwt` (RFC 9701 section 5), signed for `provider`.
///
/// # Errors
/// [`SigningError`] if it cannot be signed.
pub fn signed_introspection(
    hub: &Hub,
    provider: &DataProvider,
    told: &Map<String, Value>,
) -> Result<String, SigningError> {
    let claims = json!({
        "iss": hub.issuer(),
        "aud": provider.id.as_str(),
        "iat": hub.now().unix(),
        "token_introspection": told,
    });
    let algorithm = Algorithm::parse(&provider.signing_alg).ok_or(SigningError::Algorithm)?;
    let signing = &hub.shared.config.keys.signing;
    Ok(signing.sign(algorithm, "token-introspection+jwt", &claims)?)
}

/// The `authorization_details` of what is asked of one data provider. Elements and members are in one order,
/// whatever the order of the request: libraries of services have orders of their own.
pub(super) fn details_of(request: &DataRequest) -> Vec<Value> {
    let details = request.details.iter();
    let mut details: Vec<Value> = details.cloned().map(Value::Object).collect();
    for detail in &mut details {
        detail.sort_all_objects();
    }
    details.sort_by_cached_key(Value::to_string);
    details
}

/// The `scope` of what is asked of one data provider.
pub(super) fn scope_of(request: &DataRequest) -> String {
    let scopes: Vec<&str> = request.scopes.iter().map(DataScope::as_str).collect();
    scopes.join(" ")
}
