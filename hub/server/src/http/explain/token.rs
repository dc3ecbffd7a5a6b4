//! The long form of a refusal at the token endpoint, at revocation and at introspection.

use actix_web::http::header::HeaderMap;
use sp_registry::ServiceProvider;

use super::{applies_to, credentials, duplicates, length_of, long, quoted, value_of};
use crate::{
    http::{ClientError, Parameters, PkceFailure, TokenError, claimed_id},
    hub::Hub,
};

/// `error` with its long form, where whoever made the request reads that.
#[must_use]
pub fn token_error(
    hub: &Hub,
    (headers, sent): (&HeaderMap, &Parameters),
    error: TokenError,
) -> TokenError {
    let text = if let TokenError::Client(ClientError::BadCredentials { failure, .. }) = &error {
        credentials(hub, (headers, sent), *failure)
    } else {
        let service = claimed_id(headers, sent).and_then(|id| hub.service(&id));
        let service = service.filter(|service| applies_to(service));
        service.and_then(|service| describe(service, sent, &error))
    };
    match text {
        Some(text) => TokenError::Explained(Box::new(error), text),
        None => error,
    }
}

#[expect(clippy::too_many_lines, reason = "one arm for each error")]
fn describe(service: &ServiceProvider, sent: &Parameters, error: &TokenError) -> Option<String> {
    let code_life = service.policy.lifetimes.code.as_secs();
    let (received, expected) = match error {
        TokenError::DeadCode => (
            format!("code: {}", length_of(sent, "code")),
            format!("a code of this client, for the first time, within {code_life} seconds"),
        ),
        TokenError::Details => (
            format!(
                "authorization_details: {}",
                length_of(sent, "authorization_details")
            ),
            "some of the elements that the token answer listed, unchanged".to_owned(),
        ),
        TokenError::Duplicate => (duplicates(sent), "each parameter once".to_owned()),
        TokenError::Parameter(name) => (
            format!("{name}: {}", length_of(sent, name)),
            form_of(name).to_owned(),
        ),
        TokenError::PkceMismatch(failure) => (
            format!("code_verifier: {}", length_of(sent, "code_verifier")),
            match failure {
                PkceFailure::Missing => {
                    "code_verifier, since the authorization request had a code_challenge"
                }
                PkceFailure::Unasked => {
                    "no code_verifier, since the authorization request had no code_challenge"
                }
                PkceFailure::Unequal => {
                    "the code_verifier whose SHA-256 in base64url is the code_challenge sent"
                }
            }
            .to_owned(),
        ),
        TokenError::RedirectMismatch(registered) => (
            format!("redirect_uri: {}", value_of(sent, "redirect_uri")),
            quoted(registered),
        ),
        TokenError::Scope => (
            format!("scope: {}", value_of(sent, "scope")),
            "some of the scopes of the data provider in the token answer".to_owned(),
        ),
        TokenError::SubjectToken => (
            format!("subject_token: {}", length_of(sent, "subject_token")),
            "an access token of this client that has not expired and was not ended".to_owned(),
        ),
        TokenError::Target => (
            format!(
                "resource: {}, audience: {}",
                quoted(&sent.all("resource").collect::<Vec<_>>().join(" ")),
                quoted(&sent.all("audience").collect::<Vec<_>>().join(" "))
            ),
            "the resource or the id of one data provider that this client may ask".to_owned(),
        ),
        TokenError::Untaken(name) => (
            // A kind of token may be repeated, a token not.
            if name.ends_with("_type") {
                format!("{name}: {}", value_of(sent, name))
            } else {
                format!("{name}: {}", length_of(sent, name))
            },
            "urn:ietf:params:oauth:token-type:access_token as the types, and no actor_token"
                .to_owned(),
        ),
        TokenError::UnsupportedGrant => (
            format!("grant_type: {}", value_of(sent, "grant_type")),
            "authorization_code or urn:ietf:params:oauth:grant-type:token-exchange".to_owned(),
        ),
        TokenError::Audit(_)
        | TokenError::Client(_)
        | TokenError::Explained(..)
        | TokenError::Recipient
        | TokenError::Signing
        | TokenError::Store(_)
        | TokenError::Unreadable(_) => return None,
    };
    Some(long(&error.to_string(), &received, &expected, "A service"))
}

fn form_of(parameter: &str) -> &'static str {
    match parameter {
        "code" => "the code of the redirect",
        "code_verifier" => "43 to 128 characters of A-Z a-z 0-9 - . _ ~ (RFC 7636 section 4.1)",
        "grant_type" => "authorization_code or urn:ietf:params:oauth:grant-type:token-exchange",
        "redirect_uri" => "the redirect_uri of the authorization request",
        _ => "a value",
    }
}
