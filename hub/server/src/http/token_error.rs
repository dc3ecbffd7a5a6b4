//! Failures that a service's server hears, as JSON: at the token endpoint, and where a token is shown.

use actix_web::{HttpResponse, ResponseError, http::StatusCode, http::header};
use hub_core::oauth_error::OAuthError;
use serde_json::json;
use thiserror::Error;

use super::{ClientError, Duplicate, Unreadable, rate_limit::add_retry_after};
use crate::{audit::AuditError, data_token::IssueError, rate_limit::TooMany, store::StoreError};

/// Why no tokens were given (RFC 6749 section 5.2).
#[derive(Debug, Error)]
pub enum TokenError {
    /// A trace could not be written.
    #[error("the hub cannot work just now")]
    Audit(#[from] AuditError),
    /// Who asks did not prove who they are.
    #[error(transparent)]
    Client(#[from] ClientError),
    /// The code is unknown, spent or expired.
    #[error("the code is unknown, spent or expired")]
    DeadCode,
    /// `authorization_details` that the citizen did not agree to.
    #[error("authorization_details have to be some of those that the citizen agreed to")]
    Details,
    /// A parameter came more than once.
    #[error("a parameter came more than once")]
    Duplicate,
    /// Another error, with its long form for developers.
    #[error("{1}")]
    Explained(Box<Self>, String),
    /// The challenge and the verifier do not fit, or one of them is missing.
    #[error("code_verifier does not fit the code_challenge")]
    PkceMismatch(PkceFailure),
    /// The `redirect_uri` is not the one the code went to, which is this.
    #[error("redirect_uri is not the one of the authorization request")]
    RedirectMismatch(String),
    /// A parameter is missing or malformed.
    #[error("{0} is missing or malformed")]
    Parameter(&'static str),
    /// The key for which an answer is to be encrypted cannot be had.
    #[error("no key for encryption can be had at the registered jwks_uri")]
    Recipient,
    /// A scope that the citizen did not agree to.
    #[error("scope has to be what the citizen agreed to")]
    Scope,
    /// A token could not be signed.
    #[error("the hub failed")]
    Signing,
    /// The store did not do its part.
    #[error("the hub cannot work just now")]
    Store(#[from] StoreError),
    /// A `subject_token` of which no token is made.
    #[error("subject_token has to be a living access token that this client got for a code")]
    SubjectToken,
    /// Not one data provider of what the citizen agreed to.
    #[error(
        "resource has to be, byte for byte, that of one data provider that the citizen agreed to"
    )]
    Target,
    /// A kind of token that is not taken, or not given, here.
    #[error("{0} is not taken here, or not with that value")]
    Untaken(&'static str),
    /// The parameters cannot be read.
    #[error(transparent)]
    Unreadable(#[from] Unreadable),
    /// Another grant than those of the hub.
    #[error("grant_type has to be authorization_code, or token-exchange")]
    UnsupportedGrant,
}

/// What is wrong with the `code_verifier`.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum PkceFailure {
    /// There is none, and there was a challenge.
    Missing,
    /// There is one, and there was no challenge.
    Unasked,
    /// It is not the one that the challenge was made of.
    Unequal,
}

impl TokenError {
    /// The code on the wire.
    #[must_use]
    pub fn code(&self) -> OAuthError {
        match self {
            Self::Explained(error, _) => error.code(),
            Self::Client(ClientError::ManyMethods | ClientError::Unreadable)
            | Self::Duplicate
            | Self::Parameter(_)
            | Self::SubjectToken
            | Self::Unreadable(_)
            | Self::Untaken(_) => OAuthError::InvalidRequest,
            Self::Client(ClientError::BadCredentials { .. }) => OAuthError::InvalidClient,
            Self::Audit(_)
            | Self::Client(ClientError::Keys | ClientError::Store(_) | ClientError::TooMany(_))
            | Self::Recipient
            | Self::Store(_) => OAuthError::TemporarilyUnavailable,
            Self::Details => OAuthError::InvalidAuthorizationDetails,
            Self::Scope => OAuthError::InvalidScope,
            Self::Target => OAuthError::InvalidTarget,
            Self::DeadCode | Self::PkceMismatch(_) | Self::RedirectMismatch(_) => {
                OAuthError::InvalidGrant
            }
            Self::Signing => OAuthError::ServerError,
            Self::UnsupportedGrant => OAuthError::UnsupportedGrantType,
        }
    }
}

impl TokenError {
    /// The error without its long form, which repeats what was received: this one is for the log.
    #[must_use]
    pub fn cause(&self) -> &Self {
        if let Self::Explained(error, _) = self {
            error.cause()
        } else {
            self
        }
    }
}

impl From<Duplicate> for TokenError {
    fn from(_: Duplicate) -> Self {
        Self::Duplicate
    }
}

impl From<IssueError> for TokenError {
    fn from(error: IssueError) -> Self {
        match error {
            IssueError::Signing(error) => {
                tracing::error!(%error, "an access token could not be signed");
                Self::Signing
            }
            IssueError::NothingGranted => Self::Target,
            IssueError::Store(error) => error.into(),
        }
    }
}

impl ResponseError for TokenError {
    fn status_code(&self) -> StatusCode {
        match self {
            Self::Explained(error, _) => error.status_code(),
            Self::Client(ClientError::BadCredentials { .. }) => StatusCode::UNAUTHORIZED,
            Self::Client(ClientError::TooMany(_)) => StatusCode::TOO_MANY_REQUESTS,
            Self::Audit(_)
            | Self::Client(ClientError::Keys | ClientError::Store(_))
            | Self::Recipient
            | Self::Store(_) => StatusCode::SERVICE_UNAVAILABLE,
            Self::Signing => StatusCode::INTERNAL_SERVER_ERROR,
            Self::Unreadable(Unreadable::TooLong) => StatusCode::PAYLOAD_TOO_LARGE,
            Self::Unreadable(Unreadable::TooSlow) => StatusCode::REQUEST_TIMEOUT,
            Self::Client(ClientError::ManyMethods | ClientError::Unreadable)
            | Self::DeadCode
            | Self::Details
            | Self::Duplicate
            | Self::Parameter(_)
            | Self::PkceMismatch(_)
            | Self::RedirectMismatch(_)
            | Self::Scope
            | Self::SubjectToken
            | Self::Target
            | Self::Unreadable(_)
            | Self::Untaken(_)
            | Self::UnsupportedGrant => StatusCode::BAD_REQUEST,
        }
    }

    fn error_response(&self) -> HttpResponse {
        let mut response = json(
            self.status_code(),
            &json!({"error": self.code().code(), "error_description": self.to_string()}),
        );
        if let Self::Client(ClientError::TooMany(too_many)) = self {
            add_retry_after(&mut response, *too_many);
        }
        // RFC 6749 section 5.2: a client that tried the header is told the scheme.
        if matches!(
            self.cause(),
            Self::Client(ClientError::BadCredentials {
                in_header: true,
                ..
            })
        ) {
            let scheme = header::HeaderValue::from_static("Basic realm=\"token\"");
            response
                .headers_mut()
                .insert(header::WWW_AUTHENTICATE, scheme);
        }
        response
    }
}

/// Why a bearer token opened nothing (RFC 6750 section 3.1).
#[derive(Debug, Error)]
pub enum BearerError {
    /// A trace could not be written.
    #[error("the hub cannot work just now")]
    Audit(#[from] AuditError),
    /// The body ends early, or its chunks are malformed.
    #[error("the body is incomplete or its chunks are malformed")]
    Body,
    /// The token is unknown, expired, revoked, or was never one.
    #[error("the access token is unknown, expired or revoked")]
    InvalidToken,
    /// No token, where one has to be.
    #[error("no access token")]
    Missing,
    /// A token could not be signed.
    #[error("the hub failed")]
    Signing,
    /// The store did not do its part.
    #[error("the hub cannot work just now")]
    Store(#[from] StoreError),
    /// Too many wrong tokens from this address.
    #[error(transparent)]
    TooMany(#[from] TooMany),
    /// A token in the query, or in two places.
    #[error("the access token goes into the Authorization header, once")]
    WrongPlace,
}

impl BearerError {
    /// The code on the wire.
    #[must_use]
    pub const fn code(&self) -> &'static str {
        self.said().0.code()
    }

    /// The error code, and the challenge of `WWW-Authenticate`.
    const fn said(&self) -> (OAuthError, &'static str) {
        match self {
            Self::InvalidToken => (OAuthError::InvalidToken, "Bearer error=\"invalid_token\""),
            // RFC 6750 section 3.1: no error code for a request without any token.
            Self::Missing => (OAuthError::InvalidToken, "Bearer"),
            Self::Signing => (OAuthError::ServerError, ""),
            Self::Audit(_) | Self::Store(_) | Self::TooMany(_) => {
                (OAuthError::TemporarilyUnavailable, "")
            }
            Self::Body | Self::WrongPlace => (
                OAuthError::InvalidRequest,
                "Bearer error=\"invalid_request\"",
            ),
        }
    }
}

impl ResponseError for BearerError {
    fn status_code(&self) -> StatusCode {
        match self {
            Self::InvalidToken | Self::Missing => StatusCode::UNAUTHORIZED,
            Self::TooMany(_) => StatusCode::TOO_MANY_REQUESTS,
            Self::Signing => StatusCode::INTERNAL_SERVER_ERROR,
            Self::Audit(_) | Self::Store(_) => StatusCode::SERVICE_UNAVAILABLE,
            Self::Body | Self::WrongPlace => StatusCode::BAD_REQUEST,
        }
    }

    fn error_response(&self) -> HttpResponse {
        let (error, challenge) = self.said();
        let mut response = json(
            self.status_code(),
            &json!({"error": error.code(), "error_description": self.to_string()}),
        );
        if let Self::TooMany(too_many) = self {
            add_retry_after(&mut response, *too_many);
        }
        if !challenge.is_empty() {
            let challenge = header::HeaderValue::from_static(challenge);
            response
                .headers_mut()
                .insert(header::WWW_AUTHENTICATE, challenge);
        }
        response
    }
}

/// A JSON answer that nobody keeps.
#[must_use]
pub fn json(status: StatusCode, body: &serde_json::Value) -> HttpResponse {
    HttpResponse::build(status)
        .insert_header((header::CACHE_CONTROL, "no-store"))
        .insert_header((header::CONTENT_TYPE, "application/json"))
        .body(body.to_string())
}
