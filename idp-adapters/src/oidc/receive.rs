//! The callback: from the authorization response to a verified identity.
//!
//! No value is trusted until the issuer is the registered one, the hub redeemed the code itself, and
//! `hub-jose` verified every token. Called by [`super::OidcProvider`]; calls `trust.rs` last.

use std::sync::OnceLock;

use hub_core::{
    clock::Timestamp, encoding::base64url, entropy::draw, login::Authentication, proof::Verified,
};
use hub_jose::{
    Keyring, TokenType,
    claims::{Expected, IdToken},
};
use openidconnect::{
    AuthorizationCode, OAuth2TokenResponse, PkceCodeVerifier, RequestTokenError,
    core::CoreTokenType,
};
use reqwest::Method;
use serde_json::{Map, Value, json};
use url::Url;

use super::{
    ClientAuthentication, IdTokenForm, OidcProvider, UserinfoForm, client::TokenAnswer,
    http_client::OutboundHttpClient, metadata::Provider,
};
use crate::{IdpError, Returned, RoundTrip};
use hub_outbound::{Cause, Endpoint, Failure, Fetched, OutboundError, fetch};

const LONGEST_CODE: usize = 4096;

impl OidcProvider {
    /// Makes every check of the callback, in order.
    pub(super) async fn identify(
        &self,
        trip: RoundTrip<'_>,
    ) -> Result<Verified<Authentication>, IdpError> {
        let provider = self.provider(trip.now).await?;
        self.check_issuer(&provider, trip.issuer)?;
        let code = match trip.answer {
            Returned::Code(code) if code.len() <= LONGEST_CODE => code,
            Returned::Code(_) => {
                return Err(IdpError::misbehaved(
                    Endpoint::Authorization,
                    Cause::Check("code is too long"),
                ));
            }
            Returned::Error(error) => return Err(misbehaved(error)),
        };
        let answer = self.redeem(&provider, code, &trip).await?;
        let token = self
            .check_id_token(&provider, &answer, &trip)
            .await?
            .into_inner();
        let access_token = answer.access_token().secret();
        let claims = self.claims(&provider, &token, access_token, &trip).await?;
        let raw = answer.raw_id_token().unwrap_or_default();
        self.authentication_of(&token, raw, &claims, &trip)
    }

    /// RFC 9207 section 2.4: a response with another issuer, or without a promised one, is a mix-up. The
    /// check also covers error responses.
    fn check_issuer(&self, provider: &Provider, issuer: Option<&str>) -> Result<(), IdpError> {
        let error = |check| IdpError::misbehaved(Endpoint::Authorization, Cause::Check(check));
        match issuer {
            Some(issuer) if issuer != self.settings.issuer => Err(error("iss of another issuer")),
            None if provider.sends_issuer => Err(error("iss is missing")),
            _ => Ok(()),
        }
    }

    /// Sends the token request (OpenID Connect Core 3.1.3.1).
    async fn redeem(
        &self,
        provider: &Provider,
        code: &str,
        trip: &RoundTrip<'_>,
    ) -> Result<TokenAnswer, IdpError> {
        let mut request = provider
            .client
            .exchange_code(AuthorizationCode::new(code.to_owned()));
        if self.settings.request_settings.pkce {
            let verifier = PkceCodeVerifier::new(trip.verifier.reveal().to_owned());
            request = request.set_pkce_verifier(verifier);
        }
        if let ClientAuthentication::PrivateKeyJwt(keys) = &self.settings.authentication {
            let assertion = self.assertion(keys, trip)?;
            request = request
                .add_extra_param(
                    "client_assertion_type",
                    "urn:ietf:params:oauth:client-assertion-type:jwt-bearer",
                )
                .add_extra_param("client_assertion", assertion);
        }
        let http_client = OutboundHttpClient {
            provider: self,
            now: trip.now,
            status: OnceLock::new(),
        };
        let outcome = request.request_async(&http_client).await;
        let answered = |cause| Failure {
            status: http_client.status.get().copied(),
            ..Failure::new(Endpoint::Token, cause)
        };
        let answer: TokenAnswer = outcome.map_err(|error| match error {
            RequestTokenError::Request(failure)
                if failure.cause == Cause::Outbound(OutboundError::TooLarge) =>
            {
                IdpError::Misbehaved(failure)
            }
            RequestTokenError::Request(failure) => IdpError::Unreachable(failure),
            RequestTokenError::Parse(..) | RequestTokenError::Other(_) => {
                IdpError::Misbehaved(answered(Cause::Unreadable))
            }
            RequestTokenError::ServerResponse(error) => IdpError::Misbehaved(
                answered(Cause::ErrorResponse).with_error(error.error().as_ref()),
            ),
        })?;
        // RFC 6749 section 7.1: a client must not use a token of an unknown type. Section 5.1: the
        // comparison ignores case.
        match answer.token_type() {
            CoreTokenType::Bearer => Ok(answer),
            CoreTokenType::Mac | CoreTokenType::Extension(_) => {
                Err(token_error(Cause::Check("token_type is not Bearer")))
            }
        }
    }

    /// Creates a client assertion (RFC 7523 section 3). Its only audience is the issuer, so no other
    /// server accepts it.
    fn assertion(&self, keys: &Keyring, trip: &RoundTrip<'_>) -> Result<String, IdpError> {
        let now = trip.now.unix();
        let claims = json!({
            "iss": self.settings.client_id,
            "sub": self.settings.client_id,
            "aud": self.settings.issuer,
            "iat": now,
            "exp": now + 60,
            "jti": base64url(&draw::<16>(trip.entropy)),
        });
        let algorithm = keys.algorithms().first().copied();
        algorithm
            .and_then(|algorithm| keys.sign(algorithm, "JWT", &claims).ok())
            .ok_or_else(|| {
                let cause = Cause::Check("the client assertion cannot be signed");
                IdpError::unreachable(Endpoint::Token, cause)
            })
    }

    async fn check_id_token(
        &self,
        provider: &Provider,
        answer: &TokenAnswer,
        trip: &RoundTrip<'_>,
    ) -> Result<Verified<IdToken>, IdpError> {
        let raw = answer
            .raw_id_token()
            .ok_or_else(|| token_error(Cause::Check("id_token is missing")))?;
        let encrypted = self.settings.id_token == IdTokenForm::Encrypted;
        let claims = self
            .verified(provider, raw, (encrypted, TokenType::Jwt), trip.now)
            .await?;
        self.expected(trip)
            .id_token(claims, trip.nonce)
            .map_err(|error| token_error(Cause::Claim(error.0)))
    }

    /// Returns the claims about the person: those of the ID token, replaced by those of UserInfo.
    async fn claims(
        &self,
        provider: &Provider,
        token: &IdToken,
        access_token: &str,
        trip: &RoundTrip<'_>,
    ) -> Result<Map<String, Value>, IdpError> {
        let mut claims = token.claims.clone();
        let form = self.settings.userinfo;
        let is_requested = form != UserinfoForm::None;
        let Some(url) = provider.userinfo_endpoint.as_ref().filter(|_| is_requested) else {
            return Ok(claims);
        };
        let answer = self.userinfo(url, access_token, trip.now).await?;
        let about = match form {
            UserinfoForm::Encrypted | UserinfoForm::Signed => {
                let text = std::str::from_utf8(&answer.body)
                    .map_err(|_utf8| userinfo_error(Cause::Unreadable))?;
                let encrypted = form == UserinfoForm::Encrypted;
                self.verified(
                    provider,
                    text.trim(),
                    (encrypted, TokenType::Userinfo),
                    trip.now,
                )
                .await?
            }
            UserinfoForm::Json | UserinfoForm::None => serde_json::from_slice(&answer.body)
                .map_err(|_json| userinfo_error(Cause::Unreadable))?,
        };
        self.expected(trip)
            .userinfo(&about, &token.sub)
            .map_err(|error| userinfo_error(Cause::Claim(error.0)))?;
        claims.extend(about);
        Ok(claims)
    }

    async fn userinfo(
        &self,
        url: &Url,
        access_token: &str,
        now: Timestamp,
    ) -> Result<Fetched, IdpError> {
        let request = self
            .outbound
            .request(
                self.settings.network_policy,
                (Method::GET, url),
                self.limit(),
            )
            .map_err(|error| IdpError::outbound(Endpoint::Userinfo, error))?
            .bearer_auth(access_token)
            .header("accept", "application/json, application/jwt");
        let answer = self.breakers.userinfo.call(now, fetch(request)).await;
        let answer = answer.map_err(|error| IdpError::outbound(Endpoint::Userinfo, error))?;
        let jwt = answer.content_type.starts_with("application/jwt");
        let failure = |cause| {
            let failure = Failure::new(Endpoint::Userinfo, cause).with_status(answer.status);
            failure.with_error_of(&answer.body)
        };
        match answer.status {
            200 if jwt != (self.settings.userinfo == UserinfoForm::Json) => Ok(answer),
            200 => Err(IdpError::Misbehaved(failure(Cause::Check(
                "the media type does not match the UserInfo form of the entry",
            )))),
            500.. => Err(IdpError::Unreachable(failure(Cause::Status))),
            _ => Err(IdpError::Misbehaved(failure(Cause::Status))),
        }
    }

    /// Returns the claims of a token that must be signed and, if the entry says so, encrypted for the
    /// hub.
    ///
    /// The entry decides this and never the token.
    async fn verified(
        &self,
        provider: &Provider,
        token: &str,
        (encrypted, typ): (bool, TokenType),
        now: Timestamp,
    ) -> Result<Map<String, Value>, IdpError> {
        let endpoint = if typ == TokenType::Userinfo {
            Endpoint::Userinfo
        } else {
            Endpoint::Token
        };
        let opened = if encrypted {
            let opened = self.settings.decrypter.open(token);
            Some(opened.map_err(|_error| IdpError::misbehaved(endpoint, Cause::Encryption))?)
        } else {
            None
        };
        let token = opened.as_deref().unwrap_or(token);
        provider
            .keys
            .verify(token, &self.settings.algorithms, typ, now)
            .await
            .map_err(|error| IdpError::token(endpoint, error))
    }

    const fn expected(&self, trip: &RoundTrip<'_>) -> Expected<'_> {
        Expected {
            issuer: self.settings.issuer.as_str(),
            client_id: self.settings.client_id.as_str(),
            now: trip.now,
        }
    }
}

/// Classifies an OAuth error. Only a registered code is kept of its text.
fn misbehaved(error: &str) -> IdpError {
    let failure = Failure::new(Endpoint::Authorization, Cause::ErrorResponse).with_error(error);
    match error {
        "access_denied"
        | "login_required"
        | "interaction_required"
        | "consent_required"
        | "account_selection_required" => IdpError::Declined(failure),
        "server_error" | "temporarily_unavailable" => IdpError::Unreachable(failure),
        _ => IdpError::Misbehaved(failure),
    }
}

fn token_error(cause: Cause) -> IdpError {
    IdpError::misbehaved(Endpoint::Token, cause)
}

fn userinfo_error(cause: Cause) -> IdpError {
    IdpError::misbehaved(Endpoint::Userinfo, cause)
}
