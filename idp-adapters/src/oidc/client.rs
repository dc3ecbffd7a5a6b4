//! The `openidconnect` client, with a token response that keeps the ID token as text.
//!
//! The crate would verify the token by its own rules, or fail on an encrypted one; `hub-jose` verifies
//! it instead. Called by `invite.rs` and `receive.rs`.

use std::time::Duration;

use openidconnect::{
    AccessToken, Client, EmptyAdditionalClaims, EndpointNotSet, EndpointSet, ExtraTokenFields,
    IdToken, OAuth2TokenResponse, RefreshToken, Scope, StandardErrorResponse,
    StandardTokenResponse, TokenResponse,
    core::{
        CoreAuthDisplay, CoreAuthPrompt, CoreErrorResponseType, CoreGenderClaim, CoreJsonWebKey,
        CoreJweContentEncryptionAlgorithm, CoreJwsSigningAlgorithm, CoreRevocableToken,
        CoreRevocationErrorResponse, CoreTokenIntrospectionResponse, CoreTokenType,
    },
};
use serde::{Deserialize, Serialize};

/// A client of one IdP with known authorization and token endpoints. The alias stands for a type of
/// seventeen parameters.
pub(super) type IdpClient = Client<
    EmptyAdditionalClaims,
    CoreAuthDisplay,
    CoreGenderClaim,
    CoreJweContentEncryptionAlgorithm,
    CoreJsonWebKey,
    CoreAuthPrompt,
    StandardErrorResponse<CoreErrorResponseType>,
    TokenAnswer,
    CoreTokenIntrospectionResponse,
    CoreRevocableToken,
    CoreRevocationErrorResponse,
    EndpointSet,
    EndpointNotSet,
    EndpointNotSet,
    EndpointNotSet,
    EndpointSet,
    EndpointNotSet,
>;

/// The response of the token endpoint.
#[derive(Debug, Serialize, Deserialize)]
#[serde(transparent)]
pub(super) struct TokenAnswer(StandardTokenResponse<RawIdToken, CoreTokenType>);

impl TokenAnswer {
    /// The ID token as received, not verified.
    pub(super) fn raw_id_token(&self) -> Option<&str> {
        self.0.extra_fields().id_token.as_deref()
    }
}

/// An ID token that was not verified.
#[derive(Serialize, Deserialize)]
pub(super) struct RawIdToken {
    id_token: Option<String>,
}

impl ExtraTokenFields for RawIdToken {}

impl std::fmt::Debug for RawIdToken {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str("RawIdToken(hidden)")
    }
}

impl OAuth2TokenResponse for TokenAnswer {
    type TokenType = CoreTokenType;

    fn access_token(&self) -> &AccessToken {
        self.0.access_token()
    }

    fn token_type(&self) -> &CoreTokenType {
        self.0.token_type()
    }

    fn expires_in(&self) -> Option<Duration> {
        self.0.expires_in()
    }

    fn refresh_token(&self) -> Option<&RefreshToken> {
        self.0.refresh_token()
    }

    fn scopes(&self) -> Option<&Vec<Scope>> {
        self.0.scopes()
    }
}

impl
    TokenResponse<
        EmptyAdditionalClaims,
        CoreGenderClaim,
        CoreJweContentEncryptionAlgorithm,
        CoreJwsSigningAlgorithm,
    > for TokenAnswer
{
    /// Always absent: `hub-jose` verifies the ID token from its raw form.
    fn id_token(
        &self,
    ) -> Option<
        &IdToken<
            EmptyAdditionalClaims,
            CoreGenderClaim,
            CoreJweContentEncryptionAlgorithm,
            CoreJwsSigningAlgorithm,
        >,
    > {
        None
    }
}
