//! The answer to a service, by way of the citizen's browser.

use serde::{Deserialize, Serialize};

use crate::{oauth_error::OAuthError, redirect_uri::VerifiedRedirect, secret::BearerSecret};

/// How the answer travels.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum ResponseMode {
    /// In a form that the browser posts (OAuth 2.0 Form Post Response Mode).
    FormPost,
    /// In the query of the redirect (OAuth 2.0 Multiple Response Types 2.1).
    Query,
}

/// Where a browser goes with which parameters. It cannot be built without a [`VerifiedRedirect`], so
/// nothing is ever sent to an address that nobody registered.
#[derive(Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct AuthorizationResponse {
    redirect: VerifiedRedirect,
    mode: ResponseMode,
    parameters: Vec<(String, String)>,
}

impl AuthorizationResponse {
    /// The code for the service (RFC 6749 4.1.2); with `issuer`, RFC 9207's `iss`.
    #[must_use]
    pub fn code(
        (redirect, mode): (VerifiedRedirect, ResponseMode),
        state: Option<&str>,
        code: &str,
        issuer: Option<&str>,
    ) -> Self {
        Self::new((redirect, mode), &[("code", code)], state, issuer)
    }

    /// An error for the service (RFC 6749 4.1.2.1); with `issuer`, RFC 9207's `iss`.
    #[must_use]
    pub fn refusal(
        (redirect, mode): (VerifiedRedirect, ResponseMode),
        state: Option<&str>,
        (error, description): (OAuthError, &str),
        issuer: Option<&str>,
    ) -> Self {
        let said = [("error", error.code()), ("error_description", description)];
        Self::new((redirect, mode), &said, state, issuer)
    }

    fn new(
        (redirect, mode): (VerifiedRedirect, ResponseMode),
        said: &[(&str, &str)],
        state: Option<&str>,
        issuer: Option<&str>,
    ) -> Self {
        let parameters = said
            .iter()
            .copied()
            .chain(state.map(|state| ("state", state)))
            .chain(issuer.map(|issuer| ("iss", issuer)))
            .map(|(name, value)| (name.to_owned(), value.to_owned()))
            .collect();
        Self {
            redirect,
            mode,
            parameters,
        }
    }

    /// How the answer travels.
    #[must_use]
    pub const fn mode(&self) -> ResponseMode {
        self.mode
    }

    /// The service's address.
    #[must_use]
    pub fn address(&self) -> &str {
        self.redirect.as_str()
    }

    /// The parameters, in order.
    #[must_use]
    pub fn parameters(&self) -> &[(String, String)] {
        &self.parameters
    }

    /// The address with the parameters in its query.
    #[must_use]
    pub fn location(&self) -> String {
        let pairs: Vec<(&str, &str)> = self
            .parameters
            .iter()
            .map(|(name, value)| (name.as_str(), value.as_str()))
            .collect();
        self.redirect.with(&pairs)
    }
}

impl std::fmt::Debug for AuthorizationResponse {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str("Answer(hidden)")
    }
}

/// The record of a login whose service was answered. Kept for a moment, so that a form that is submitted
/// twice has the effect of the first submission.
#[derive(Clone, Serialize, Deserialize)]
pub struct Answered {
    #[serde(flatten)]
    answer: AuthorizationResponse,
    /// The token of the form that was answered ([`crate::secret::Handle::form_token`]).
    #[serde(default)]
    form: String,
    /// The secret of the session that began, which the browser gets with each answer.
    #[serde(skip_serializing_if = "Option::is_none", default)]
    session: Option<String>,
}

impl Answered {
    /// The record of `answer` to the form whose token is `form`, with the secret of the session that
    /// began.
    #[must_use]
    pub fn new(answer: AuthorizationResponse, form: &str, session: Option<&BearerSecret>) -> Self {
        Self {
            answer,
            form: form.to_owned(),
            session: session.map(BearerSecret::reveal),
        }
    }

    /// The answer to the service.
    #[must_use]
    pub const fn answer(&self) -> &AuthorizationResponse {
        &self.answer
    }

    /// Whether it answered the form whose token is `form`.
    #[must_use]
    pub fn is_for(&self, form: &str) -> bool {
        !form.is_empty() && self.form == form
    }

    /// The secret of the session that began, if one did.
    #[must_use]
    pub fn session(&self) -> Option<BearerSecret> {
        BearerSecret::parse(self.session.as_deref()?)
    }
}

impl std::fmt::Debug for Answered {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str("Answered(hidden)")
    }
}
