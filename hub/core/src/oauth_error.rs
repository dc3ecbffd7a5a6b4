//! The error codes of the hub's OAuth and OpenID Connect responses, each with the text that defines it.
//!
//! Called by the login stages and by the server.

/// The `error` value of an authorization response, a token response or a `WWW-Authenticate` header.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum OAuthError {
    /// The citizen or the hub's policy refused (RFC 6749 4.1.2.1).
    AccessDenied,
    /// Consent is required, and `prompt=none` forbids asking for it (OpenID Connect Core 3.1.2.6).
    ConsentRequired,
    /// A page is required, and `prompt=none` forbids it (OpenID Connect Core 3.1.2.6).
    InteractionRequired,
    /// Client authentication failed (RFC 6749 5.2).
    InvalidClient,
    /// The code is unknown, redeemed, expired or issued to another client (RFC 6749 5.2).
    InvalidGrant,
    /// An `idp_hint` that this client may not send. Not standard; FranceConnect uses the same code.
    InvalidIdpHint,
    /// A parameter is missing, repeated or malformed (RFC 6749 4.1.2.1 and 5.2).
    InvalidRequest,
    /// A scope that this client may not request (RFC 6749 4.1.2.1).
    InvalidScope,
    /// The access token is unknown, expired or revoked (RFC 6750 3.1).
    InvalidToken,
    /// The citizen must authenticate, and `prompt=none` forbids it (OpenID Connect Core 3.1.2.6).
    LoginRequired,
    /// The hub does not accept `request` objects (OpenID Connect Core 3.1.2.6).
    RequestNotSupported,
    /// The hub does not accept `request_uri` (OpenID Connect Core 3.1.2.6).
    RequestUriNotSupported,
    /// The hub failed unexpectedly (RFC 6749 4.1.2.1).
    ServerError,
    /// The hub is temporarily unable to answer (RFC 6749 4.1.2.1).
    TemporarilyUnavailable,
    /// The client may not use this grant type or method (RFC 6749 4.1.2.1).
    UnauthorizedClient,
    /// No identity provider reaches the requested assurance level (OpenID Connect Core Unmet
    /// Authentication Requirements 1.0).
    UnmetAuthenticationRequirements,
    /// The `grant_type` is not `authorization_code` (RFC 6749 5.2).
    UnsupportedGrantType,
    /// The `response_type` is not `code` (RFC 6749 4.1.2.1).
    UnsupportedResponseType,
    /// The `authorization_details` are not registered or do not match their schema (RFC 9396 5).
    InvalidAuthorizationDetails,
    /// The `resource` is not a data provider, or not one of this grant (RFC 8707 2).
    InvalidTarget,
}

impl OAuthError {
    /// Returns the code as the wire carries it.
    #[must_use]
    pub const fn code(self) -> &'static str {
        match self {
            Self::AccessDenied => "access_denied",
            Self::ConsentRequired => "consent_required",
            Self::InteractionRequired => "interaction_required",
            Self::InvalidAuthorizationDetails => "invalid_authorization_details",
            Self::InvalidClient => "invalid_client",
            Self::InvalidGrant => "invalid_grant",
            Self::InvalidIdpHint => "invalid_idp_hint",
            Self::InvalidRequest => "invalid_request",
            Self::InvalidScope => "invalid_scope",
            Self::InvalidTarget => "invalid_target",
            Self::InvalidToken => "invalid_token",
            Self::LoginRequired => "login_required",
            Self::RequestNotSupported => "request_not_supported",
            Self::RequestUriNotSupported => "request_uri_not_supported",
            Self::ServerError => "server_error",
            Self::TemporarilyUnavailable => "temporarily_unavailable",
            Self::UnauthorizedClient => "unauthorized_client",
            Self::UnmetAuthenticationRequirements => "unmet_authentication_requirements",
            Self::UnsupportedGrantType => "unsupported_grant_type",
            Self::UnsupportedResponseType => "unsupported_response_type",
        }
    }
}
