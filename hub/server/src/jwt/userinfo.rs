//! The userinfo answer (OpenID Connect Core 5.3.2): plain, or signed where the service is registered
//! for that.

use hub_core::{clock::Timestamp, login::AccessGrant};
use hub_jose::{Algorithm, USERINFO};
use serde_json::Value;
use sp_registry::{ServiceProvider, UserinfoFormat};

use crate::hub::Hub;
use crate::jwt::SigningError;

/// A userinfo answer.
#[derive(Debug)]
pub enum Userinfo {
    /// `application/json`.
    Json(String),
    /// `application/jwt`.
    Jwt(String),
}

/// The claims of `grant`, in the form that its service is registered for.
///
/// # Errors
/// [`SigningError`] if it cannot be signed.
pub fn userinfo(
    hub: &Hub,
    service: &ServiceProvider,
    grant: AccessGrant,
    now: Timestamp,
) -> Result<Userinfo, SigningError> {
    let mut claims = grant.claims;
    claims.insert("sub".to_owned(), grant.subject.as_str().into());
    match service.policy.userinfo {
        UserinfoFormat::Json => Ok(Userinfo::Json(Value::Object(claims).to_string())),
        UserinfoFormat::Jwt => {
            claims.insert("iss".to_owned(), hub.issuer().into());
            claims.insert("aud".to_owned(), service.client_id.as_str().into());
            claims.insert("iat".to_owned(), now.unix().into());
            claims.insert(
                "exp".to_owned(),
                now.plus(service.policy.lifetimes.access).unix().into(),
            );
            let algorithm =
                Algorithm::parse(&service.signing_alg).ok_or(SigningError::Algorithm)?;
            let typ = if service.policy.typed_userinfo {
                USERINFO
            } else {
                "JWT"
            };
            let signing = &hub.shared.config.keys.signing;
            Ok(Userinfo::Jwt(signing.sign(algorithm, typ, &claims)?))
        }
    }
}
