//! The description of a failed call: endpoint, cause, HTTP status and OAuth error code.
//!
//! Every part comes from a closed list, so that no value of a response is logged. Created by the IdP
//! adapters and the register client; logged by the server.

use hub_jose::JwtError;
use serde_json::{Map, Value};
use thiserror::Error;

use crate::error::OutboundError;

/// An endpoint of another party, or of the hub if it received the other party's message.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Error)]
pub enum Endpoint {
    /// The authorization response, which the browser carries.
    #[error("authorization")]
    Authorization,
    /// The discovery document.
    #[error("discovery")]
    Discovery,
    /// The key set behind `jwks_uri`.
    #[error("jwks")]
    Keys,
    /// The logout token that an IdP posted.
    #[error("backchannel_logout")]
    Logout,
    /// The register of persons.
    #[error("register")]
    Register,
    /// The token endpoint and the ID token of its response.
    #[error("token")]
    Token,
    /// The UserInfo endpoint.
    #[error("userinfo")]
    Userinfo,
}

/// Why an endpoint gave no usable response.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Error)]
pub enum Cause {
    /// No response was received.
    #[error(transparent)]
    Outbound(#[from] OutboundError),
    /// The response has an unexpected status.
    #[error("unexpected status")]
    Status,
    /// The response is an OAuth error response; its code is in [`Failure::idp_error`].
    #[error("error response")]
    ErrorResponse,
    /// The response does not have the form that the protocol requires.
    #[error("unreadable answer")]
    Unreadable,
    /// No call was made, because the last one failed less than five seconds ago.
    #[error("no call so soon after a failure")]
    JustFailed,
    /// The token was refused before its claims were checked.
    #[error(transparent)]
    Token(#[from] JwtError),
    /// The token cannot be decrypted, although the entry requires encryption.
    #[error("a token that cannot be decrypted")]
    Encryption,
    /// The claim of this name is missing, malformed or wrong.
    #[error("claim {0}: {text}", text = claim_text(.0))]
    Claim(&'static str),
    /// Another check failed, described by this text.
    #[error("{0}")]
    Check(&'static str),
}

/// Describes what is wrong with a refused claim, as far as its name determines it.
fn claim_text(claim: &str) -> &'static str {
    match claim {
        "exp" => "expired, missing or malformed",
        "iss" => "wrong issuer",
        "aud" | "azp" => "wrong audience",
        "nonce" => "of another sign-in, or missing",
        "iat" | "nbf" => "in the future, missing or malformed",
        "acr" => "a level that the entry does not know",
        _ => "wrong, missing or malformed",
    }
}

/// A call to another party that failed.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Error)]
#[error("{endpoint}: {cause}")]
pub struct Failure {
    /// Where.
    pub endpoint: Endpoint,
    /// The endpoint.
    pub cause: Cause,
    /// The cause.
    pub status: Option<u16>,
    /// The HTTP status, if there was a response.
    pub idp_error: Option<&'static str>,
}

impl Failure {
    /// Creates a failure at `endpoint` with `cause`.
    #[must_use]
    pub fn new(endpoint: Endpoint, cause: impl Into<Cause>) -> Self {
        Self {
            endpoint,
            cause: cause.into(),
            status: None,
            idp_error: None,
        }
    }

    /// Adds the HTTP status of the response.
    #[must_use]
    pub const fn with_status(self, status: u16) -> Self {
        Self {
            status: Some(status),
            ..self
        }
    }

    /// Adds the other party's OAuth error code. A text that is not a registered code becomes `other`.
    #[must_use]
    pub fn with_error(self, code: &str) -> Self {
        Self {
            idp_error: Some(error_code(code)),
            ..self
        }
    }

    /// Adds the OAuth error code of `body` if it is a JSON error response (RFC 6749 section 5.2).
    #[must_use]
    pub fn with_error_of(self, body: &[u8]) -> Self {
        let members: Option<Map<String, Value>> = serde_json::from_slice(body).ok();
        let code = members
            .as_ref()
            .and_then(|members| members.get("error")?.as_str());
        code.map_or(self, |code| self.with_error(code))
    }
}

/// The error codes of RFC 6749, 6750, 8707, 9396, 9449 and 9470, and of OpenID Connect Core.
const ERROR_CODES: [&str; 27] = [
    "access_denied",
    "account_selection_required",
    "consent_required",
    "insufficient_scope",
    "insufficient_user_authentication",
    "interaction_required",
    "invalid_authorization_details",
    "invalid_client",
    "invalid_dpop_proof",
    "invalid_grant",
    "invalid_request",
    "invalid_request_object",
    "invalid_request_uri",
    "invalid_scope",
    "invalid_target",
    "invalid_token",
    "login_required",
    "registration_not_supported",
    "request_not_supported",
    "request_uri_not_supported",
    "server_error",
    "temporarily_unavailable",
    "unauthorized_client",
    "unmet_authentication_requirements",
    "unsupported_grant_type",
    "unsupported_response_type",
    "use_dpop_nonce",
];

/// Returns `code` if it is registered, else `other`: the other party controls the text, which could
/// contain personal data.
fn error_code(code: &str) -> &'static str {
    let known = ERROR_CODES.into_iter().find(|known| *known == code);
    known.unwrap_or("other")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_registered_error_codes_are_kept() {
        let failure = Failure::new(Endpoint::Token, Cause::ErrorResponse);
        for (body, kept) in [
            (r#"{"error":"invalid_grant"}"#, Some("invalid_grant")),
            (r#"{"error":"Angela DUBOIS is unknown"}"#, Some("other")),
            (r#"{"error":["invalid_grant"]}"#, None),
            ("<html>", None),
        ] {
            assert_eq!(
                failure.with_error_of(body.as_bytes()).idp_error,
                kept,
                "{body}"
            );
        }
    }

    #[test]
    fn a_failure_names_the_endpoint_and_the_cause() {
        for (failure, text) in [
            (
                Failure::new(Endpoint::Token, OutboundError::Timeout),
                "token: no answer in time",
            ),
            (
                Failure::new(Endpoint::Userinfo, Cause::Claim("exp")),
                "userinfo: claim exp: expired, missing or malformed",
            ),
        ] {
            assert_eq!(failure.to_string(), text);
        }
    }
}
