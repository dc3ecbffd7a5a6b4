//! The logout token (OpenID Connect Back-Channel Logout 1.0 section 2.4): a session has ended.

use std::time::Duration;

use hub_core::{encoding::base64url, entropy::draw, subject::Subject};
use hub_jose::Algorithm;
use serde_json::json;
use sp_registry::ServiceProvider;

use crate::hub::Hub;
use crate::jwt::SigningError;

/// How long a logout token may be used.
const LIFE: Duration = Duration::from_secs(120);

/// The logout token for `service`, about its session `sid` of its person `sub`.
///
/// # Errors
/// [`SigningError`] if it cannot be signed.
pub fn logout_token(
    hub: &Hub,
    service: &ServiceProvider,
    sid: &str,
    sub: &Subject,
) -> Result<String, SigningError> {
    let now = hub.now();
    let claims = json!({
        "iss": hub.issuer(),
        "aud": service.client_id.as_str(),
        "iat": now.unix(),
        "exp": now.plus(LIFE).unix(),
        "jti": base64url(&draw::<16>(hub.entropy())),
        "sub": sub.as_str(),
        "sid": sid,
        "events": {"http://schemas.openid.net/event/backchannel-logout": {}},
    });
    let algorithm = Algorithm::parse(&service.signing_alg).ok_or(SigningError::Algorithm)?;
    let signing = &hub.shared.config.keys.signing;
    Ok(signing.sign(algorithm, "logout+jwt", &claims)?)
}
