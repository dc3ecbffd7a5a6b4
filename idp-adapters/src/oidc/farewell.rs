//! The end of an IdP's own session: the hub ends it, or is told.

use std::time::Duration;

use hub_core::clock::Timestamp;
use hub_jose::{TokenType, claims::Expected};
use reqwest::Method;

use super::OidcProvider;
use crate::{Farewell, IdentityProvider, IdpFault, LoggedOut};
use hub_outbound::{Cause, Endpoint, fetch};

/// How long the end-session page may take to show that it answers at all.
const LIMIT: Duration = Duration::from_secs(2);

impl OidcProvider {
    /// The address of the end-session page, if it answers: it is tried first, without any session, so
    /// that no browser is sent to a dead page.
    pub(super) async fn end_session_page(&self, farewell: &Farewell<'_>) -> Option<String> {
        if !self.settings.end_session || !self.is_answering(farewell.now) {
            return None;
        }
        let provider = self.provider(farewell.now).await.ok()?;
        let mut page = provider.end_session_endpoint.clone()?;
        let trial = self
            .outbound
            .request(self.settings.reach, (Method::GET, &page), LIMIT);
        let answer = fetch(trial.ok()?).await.ok()?;
        if answer.status >= 500 {
            return None;
        }
        page.query_pairs_mut()
            .append_pair("id_token_hint", farewell.id_token)
            .append_pair("client_id", &self.settings.client_id)
            .append_pair("post_logout_redirect_uri", farewell.back)
            .append_pair("state", farewell.state);
        Some(page.into())
    }

    /// Verifies a logout token.
    pub(super) async fn read_logout_token(
        &self,
        token: &str,
        now: Timestamp,
    ) -> Result<LoggedOut, IdpFault> {
        let provider = self.provider(now).await?;
        let claims = provider
            .keys
            .verify(token, &self.settings.algorithms, TokenType::Logout, now)
            .await
            .map_err(|fault| IdpFault::token(Endpoint::Logout, fault))?;
        let expected = Expected {
            issuer: &self.settings.issuer,
            client_id: &self.settings.client_id,
            now,
        };
        expected
            .logout_token(&claims)
            .map_err(|fault| IdpFault::misbehaved(Endpoint::Logout, Cause::Claim(fault.0)))
    }
}
