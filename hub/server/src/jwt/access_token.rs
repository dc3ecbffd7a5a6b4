//! An access token that a data provider can verify without asking the hub (RFC 9068). Nothing in it says
//! who the citizen is but the data provider's own `sub`.

use hub_core::{acr::Vocabulary, data::DataToken, secret::Handle};
use hub_jose::Algorithm;
use serde::Serialize;
use serde_json::Value;
use sp_registry::DataProvider;

use crate::hub::Hub;
use crate::jwt::{
    SigningError,
    introspection::{details_of, scope_of},
};

/// The claim in which such a token carries the secret by which the hub finds it again.
pub const SECRET_CLAIM: &str = "ref";

#[derive(Serialize)]
struct Claims<'a> {
    iss: &'a str,
    aud: &'a str,
    sub: &'a str,
    client_id: &'a str,
    iat: i64,
    exp: i64,
    jti: String,
    acr: &'static str,
    #[serde(skip_serializing_if = "String::is_empty")]
    scope: String,
    #[serde(skip_serializing_if = "Vec::is_empty")]
    authorization_details: Vec<Value>,
    #[serde(rename = "ref")]
    secret: &'a str,
}

/// The JWT for `data_token`, which `handle` finds, around its `secret`. To a data provider that is not told of
/// services, `client_id`, which RFC 9068 wants, is the hub.
///
/// # Errors
/// [`SigningError`] if it cannot be signed.
pub fn access_token(
    hub: &Hub,
    provider: &DataProvider,
    (handle, data_token): (&Handle, &DataToken),
    secret: &str,
) -> Result<String, SigningError> {
    let given = &data_token.given;
    let claims = Claims {
        iss: hub.issuer(),
        aud: &provider.resource,
        sub: given.subject.as_str(),
        client_id: if provider.receives_client_id {
            data_token.client.as_str()
        } else {
            hub.issuer()
        },
        iat: data_token.issued_at.unix(),
        exp: data_token.expires_at.unix(),
        jti: handle.jti(&provider.id),
        acr: data_token.level.acr(Vocabulary::Eidas),
        scope: scope_of(&given.request),
        authorization_details: details_of(&given.request),
        secret,
    };
    let algorithm = Algorithm::parse(&provider.signing_alg).ok_or(SigningError::Algorithm)?;
    let signing = &hub.shared.config.keys.signing;
    Ok(signing.sign(algorithm, "at+jwt", &claims)?)
}
