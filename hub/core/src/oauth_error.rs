//! The error codes that the hub speaks, each with the text that defines it.

/// An `error` value of a redirect, a token answer or a `WWW-Authenticate` header.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum OAuthError {
    /// The citizen or the hub's policy said no (RFC 6749 4.1.2.1).
    AccessDenied,
    /// Consent would be needed, and `prompt=none` forbids asking (OpenID Connect Core 3.1.2.6).
    ConsentRequired,
    /// A page would be needed, and `prompt=none` forbids it (OpenID Connect Core 3.1.2.6).
    InteractionRequired,
    /// Client authentication failed (RFC 6749 5.2).
    InvalidClient,
    /// The code is unknown, spent, expired or someone else's (RFC 6749 5.2).
    InvalidGrant,
    /// An `idp_hint` that this client may not give; ours, as FranceConnect names it.
    InvalidIdpHint,
    /// A parameter is missing, repeated or malformed (RFC 6749 4.1.2.1 and 5.2).
    InvalidRequest,
    /// A scope that this client may not ask (RFC 6749 4.1.2.1).
    InvalidScope,
    /// The access token is unknown, expired or revoked (RFC 6750 3.1).
    InvalidToken,
    /// The citizen would have to sign in, and `prompt=none` forbids it (OpenID Connect Core 3.1.2.6).
    LoginRequired,
    /// `request` objects are not taken here (OpenID Connect Core 3.1.2.6).
    RequestNotSupported,
    /// `request_uri` is not taken here (OpenID Connect Core 3.1.2.6).
    RequestUriNotSupported,
    /// The hub failed (RFC 6749 4.1.2.1).
    ServerError,
    /// The hub cannot work just now (RFC 6749 4.1.2.1).
    TemporarilyUnavailable,
    /// The client may not use this grant or method (RFC 6749 4.1.2.1).
    UnauthorizedClient,
    /// No identity provider reaches the level asked (OpenID Connect Core Unmet Authentication
    /// Requirements 1.0).
    UnmetAuthenticationRequirements,
    /// Not `authorization_code` (RFC 6749 5.2).
    UnsupportedGrantType,
    /// Not `code` (RFC 6749 4.1.2.1).
    UnsupportedResponseType,
    /// An `authorization_details` that nobody registered, or not as it was registered (RFC 9396 5).
    InvalidAuthorizationDetails,
    /// A `resource` that is no data provider, or not one of this grant (RFC 8707 2).
    InvalidTarget,
}

impl OAuthError {
    /// The code as written on the wire.
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
