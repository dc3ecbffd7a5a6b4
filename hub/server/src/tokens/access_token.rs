//! An access token that a data provider can verify without asking the hub (RFC 9068). Nothing in it says
//! who the citizen is but the data provider's own `sub`.

use hub_core::{
    data::{DataAccess, DataGrant, Detail},
    ids::ClientId,
};
use hub_jose::Algorithm;
use serde::Serialize;
use sp_registry::DataProvider;

use super::{IdTokenFault, introspection::scope_of};
use crate::hub::Hub;

#[derive(Serialize)]
struct Claims<'a> {
    iss: &'a str,
    aud: &'a str,
    sub: &'a str,
    client_id: &'a str,
    iat: i64,
    exp: i64,
    jti: &'a str,
    acr: &'static str,
    scope: String,
    #[serde(skip_serializing_if = "<[_]>::is_empty")]
    authorization_details: &'a [Detail],
}

/// The JWT for `given` to a data provider, around `secret`, by which the hub finds it again. To a data
/// provider that is not told of services, `client_id`, which RFC 9068 wants, is the hub.
///
/// # Errors
/// [`IdTokenFault`] if it cannot be signed.
pub fn access_token(
    hub: &Hub,
    (provider, data, given): (&DataProvider, &DataAccess, &DataGrant),
    client: &ClientId,
    secret: &str,
) -> Result<String, IdTokenFault> {
    let client = if provider.sees_client {
        client.as_str()
    } else {
        hub.issuer()
    };
    let claims = Claims {
        iss: hub.issuer(),
        aud: &provider.resource,
        sub: given.subject.as_str(),
        client_id: client,
        iat: data.issued_at.unix(),
        exp: data.expires_at.unix(),
        jti: secret,
        acr: data.level.acr(data.vocabulary),
        scope: scope_of(&given.request),
        authorization_details: &given.request.details,
    };
    let algorithm = Algorithm::parse(&provider.signing_alg).ok_or(IdTokenFault::Algorithm)?;
    let signing = &hub.site.config.keys.signing;
    Ok(signing.sign(algorithm, "at+jwt", &claims)?)
}
