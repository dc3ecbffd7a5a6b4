//! What an operator reads about a call that failed: the endpoint, the cause, the status and the other
//! party's OAuth error code. All of it comes from closed lists, so that no value of an answer is logged.

use hub_jose::JwtError;
use serde_json::{Map, Value};
use thiserror::Error;

use crate::error::OutboundError;

/// An endpoint of another party, or of the hub where the other party's answer arrives.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Error)]
pub enum Endpoint {
    /// The authorization response, brought by the browser.
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
    /// The token endpoint, and the id token that it returned.
    #[error("token")]
    Token,
    /// The userinfo endpoint.
    #[error("userinfo")]
    Userinfo,
}

/// Why an endpoint gave nothing that can be used.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Error)]
pub enum Cause {
    /// No answer was read.
    #[error(transparent)]
    Outbound(#[from] OutboundError),
    /// An answer with another status than the protocol asks for.
    #[error("unexpected status")]
    Status,
    /// An OAuth error response; its code is in [`Failure::idp_error`].
    #[error("error response")]
    ErrorResponse,
    /// An answer that is not of the form that the protocol asks for.
    #[error("unreadable answer")]
    Unreadable,
    /// No call was made: the last one failed less than five seconds ago.
    #[error("no call so soon after a failure")]
    JustFailed,
    /// A token that is not acceptable before its claims are looked at.
    #[error(transparent)]
    Token(#[from] JwtError),
    /// A token that is not encrypted for the hub, where the entry asks for it.
    #[error("a token that cannot be decrypted")]
    Encryption,
    /// A claim, by its name, that is missing, malformed or wrong.
    #[error("claim {0}: {text}", text = claim_text(.0))]
    Claim(&'static str),
    /// Another check of the answer, by its name.
    #[error("{0}")]
    Check(&'static str),
}

/// What is wrong with a claim that was refused, as far as its name says it.
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
    /// Why.
    pub cause: Cause,
    /// The HTTP status, if an answer came.
    pub status: Option<u16>,
    /// The OAuth error code of the answer if it is a registered one, `other` for any other text.
    pub idp_error: Option<&'static str>,
}

impl Failure {
    /// A failure at `endpoint` because of `cause`.
    #[must_use]
    pub fn new(endpoint: Endpoint, cause: impl Into<Cause>) -> Self {
        Self {
            endpoint,
            cause: cause.into(),
            status: None,
            idp_error: None,
        }
    }

    /// The same, answered with `status`.
    #[must_use]
    pub const fn with_status(self, status: u16) -> Self {
        Self {
            status: Some(status),
            ..self
        }
    }

    /// The same, with an OAuth error code of the other party's.
    #[must_use]
    pub fn with_error(self, code: &str) -> Self {
        Self {
            idp_error: Some(error_code(code)),
            ..self
        }
    }

    /// The same, with the OAuth error code of a JSON error response (RFC 6749 section 5.2), if `body` is one.
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

/// `code` if it is registered: a text of the other party's own could hold anything.
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
