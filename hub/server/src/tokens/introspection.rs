//! What a data provider is told of a token: plain (RFC 7662), or as a JWT, signed and perhaps encrypted
//! (RFC 9701).

use hub_core::{
    data::{DataAccess, DataGrant, DataRequest, DataScope},
    login::AccessGrant,
    secret::Handle,
};
use hub_jose::Algorithm;
use serde_json::{Map, Value, json};
use sp_registry::DataProvider;

use super::IdTokenFault;
use crate::hub::Hub;

/// A token that lives and may be shown to the one who asks.
#[derive(Debug)]
pub struct Active<'a> {
    /// The token's handle.
    pub handle: &'a Handle,
    /// What it opens.
    pub grant: &'a AccessGrant,
    /// What it opens at data providers.
    pub data: &'a DataAccess,
    /// What this one is told.
    pub given: &'a DataGrant,
}

/// What `provider` is told: its own scopes, its own `sub`, the claims that it is registered for and the
/// citizen saw. Of a token that does not live, or is not for it, nothing but that.
#[must_use]
pub fn introspection(
    hub: &Hub,
    provider: &DataProvider,
    active: Option<&Active<'_>>,
) -> Map<String, Value> {
    let Some(active) = active else {
        return Map::from_iter([("active".to_owned(), Value::Bool(false))]);
    };
    let Active {
        handle,
        grant,
        data,
        given,
    } = active;
    let mut told = given.claims.clone();
    let mut tell = |name: &str, value: Value| told.insert(name.to_owned(), value);
    tell("active", true.into());
    tell("iss", hub.issuer().into());
    tell("aud", provider.resource.as_str().into());
    tell("sub", given.subject.as_str().into());
    tell("token_type", "Bearer".into());
    tell("scope", scope_of(&given.request).into());
    tell("acr", data.level.acr(data.vocabulary).into());
    tell("iat", data.issued_at.unix().into());
    tell("exp", data.expires_at.unix().into());
    tell("jti", handle.jti(&provider.id).into());
    if !given.request.details.is_empty() {
        tell("authorization_details", json!(given.request.details));
    }
    if provider.sees_client {
        tell("client_id", grant.client.as_str().into());
    }
    told
}

/// `told` as a JWT of type `token-introspection+jwt` (RFC 9701 section 5), signed for `provider`.
///
/// # Errors
/// [`IdTokenFault`] if it cannot be signed.
pub fn signed_introspection(
    hub: &Hub,
    provider: &DataProvider,
    told: &Map<String, Value>,
) -> Result<String, IdTokenFault> {
    let claims = json!({
        "iss": hub.issuer(),
        "aud": provider.id.as_str(),
        "iat": hub.now().unix(),
        "token_introspection": told,
    });
    let algorithm = Algorithm::parse(&provider.signing_alg).ok_or(IdTokenFault::Algorithm)?;
    let signing = &hub.site.config.keys.signing;
    Ok(signing.sign(algorithm, "token-introspection+jwt", &claims)?)
}

/// The `scope` of what is asked of one data provider.
pub(super) fn scope_of(request: &DataRequest) -> String {
    let scopes: Vec<&str> = request.scopes.iter().map(DataScope::as_str).collect();
    scopes.join(" ")
}
