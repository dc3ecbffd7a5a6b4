//! The end of an IdP's own session: RP-initiated logout and back-channel logout.
//!
//! Called through the port by the server's logout steps.

use std::time::Duration;

use hub_core::clock::Timestamp;
use hub_jose::{TokenType, claims::Expected};
use reqwest::Method;

use super::{EndSessionMethod, OidcProvider};
use crate::{Departure, EndSession, IdentityProvider, IdpError, LoggedOut};
use hub_outbound::{Cause, Endpoint, fetch};

/// The maximum time for the request that tests whether the end-session endpoint responds.
const LIMIT: Duration = Duration::from_secs(2);

impl OidcProvider {
    /// Returns how the browser is sent to the end-session endpoint (RP-Initiated Logout 1.0 section 2).
    ///
    /// Returns `None` if the IdP has no such endpoint, the operator disabled it, or it does not respond.
    /// The endpoint is requested first, without any session, so that no browser is sent to an
    /// unreachable page.
    pub(super) async fn end_session_departure(
        &self,
        request: &EndSession<'_>,
    ) -> Option<Departure> {
        let method = self.settings.end_session;
        if method == EndSessionMethod::Off || !self.is_answering(request.now) {
            return None;
        }
        let provider = self.provider(request.now).await.ok()?;
        let mut endpoint = provider.end_session_endpoint.clone()?;
        let trial = self.outbound.request(
            self.settings.network_policy,
            (Method::GET, &endpoint),
            LIMIT,
        );
        let answer = fetch(trial.ok()?).await.ok()?;
        if answer.status >= 500 {
            return None;
        }
        let fields = [
            ("client_id", self.settings.client_id.as_str()),
            ("post_logout_redirect_uri", request.return_to),
            ("state", request.state),
        ];
        Some(match method {
            EndSessionMethod::Post => {
                // The ID token contains personal data. It is sent in the body, because browsers and
                // servers log URLs.
                let hint = request.id_token.map(|token| ("id_token_hint", token));
                let fields = hint.into_iter().chain(fields);
                Departure::Form {
                    url: endpoint.into(),
                    fields: fields
                        .map(|(name, value)| (name.to_owned(), value.to_owned()))
                        .collect(),
                }
            }
            EndSessionMethod::Get | EndSessionMethod::Off => {
                endpoint.query_pairs_mut().extend_pairs(fields);
                Departure::Redirect(endpoint.into())
            }
        })
    }

    /// Verifies a logout token.
    pub(super) async fn read_logout_token(
        &self,
        token: &str,
        now: Timestamp,
    ) -> Result<LoggedOut, IdpError> {
        let provider = self.provider(now).await?;
        let claims = provider
            .keys
            .verify(token, &self.settings.algorithms, TokenType::Logout, now)
            .await
            .map_err(|error| IdpError::token(Endpoint::Logout, error))?;
        let expected = Expected {
            issuer: &self.settings.issuer,
            client_id: &self.settings.client_id,
            now,
        };
        expected
            .logout_token(&claims)
            .map_err(|error| IdpError::misbehaved(Endpoint::Logout, Cause::Claim(error.0)))
    }
}
