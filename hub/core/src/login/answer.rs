//! The authorization response, which the citizen's browser carries to the service.
//!
//! The login steps of the server build it, and its HTTP layer sends it.

use serde::{Deserialize, Serialize};

use crate::{
    oauth_error::OAuthError,
    redirect_uri::VerifiedRedirect,
    secret::{BearerSecret, BrowserBinding},
};

/// How the browser carries the response parameters.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum ResponseMode {
    /// As a form that the browser posts (OAuth 2.0 Form Post Response Mode).
    FormPost,
    /// In the query of a redirect (OAuth 2.0 Multiple Response Types 2.1).
    Query,
}

/// An authorization response: the redirect URI and its parameters.
///
/// It cannot be built without a [`VerifiedRedirect`], so the hub never redirects to an unregistered
/// address.
#[derive(Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct AuthorizationResponse {
    redirect: VerifiedRedirect,
    mode: ResponseMode,
    parameters: Vec<(String, String)>,
}

impl AuthorizationResponse {
    /// Builds a successful response (RFC 6749 4.1.2); `issuer` adds the `iss` parameter of RFC 9207.
    #[must_use]
    pub fn code(
        (redirect, mode): (VerifiedRedirect, ResponseMode),
        state: Option<&str>,
        code: &str,
        issuer: Option<&str>,
    ) -> Self {
        Self::new((redirect, mode), &[("code", code)], state, issuer)
    }

    /// Builds an error response (RFC 6749 4.1.2.1); `issuer` adds the `iss` parameter of RFC 9207.
    #[must_use]
    pub fn refusal(
        (redirect, mode): (VerifiedRedirect, ResponseMode),
        state: Option<&str>,
        (error, description): (OAuthError, &str),
        issuer: Option<&str>,
    ) -> Self {
        let fields = [("error", error.code()), ("error_description", description)];
        Self::new((redirect, mode), &fields, state, issuer)
    }

    fn new(
        (redirect, mode): (VerifiedRedirect, ResponseMode),
        fields: &[(&str, &str)],
        state: Option<&str>,
        issuer: Option<&str>,
    ) -> Self {
        let parameters = fields
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

    /// Returns how the browser carries the parameters.
    #[must_use]
    pub const fn mode(&self) -> ResponseMode {
        self.mode
    }

    /// Returns the redirect URI.
    #[must_use]
    pub fn address(&self) -> &str {
        self.redirect.as_str()
    }

    /// Returns the parameters, in order.
    #[must_use]
    pub fn parameters(&self) -> &[(String, String)] {
        &self.parameters
    }

    /// Returns the redirect URI with the parameters in its query.
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
        f.write_str("AuthorizationResponse(hidden)")
    }
}

/// The record of a login whose authorization response was sent.
///
/// It is kept for a short time, so that a form submitted twice gets the same response twice.
#[derive(Clone, Serialize, Deserialize)]
pub struct Answered {
    #[serde(flatten)]
    answer: AuthorizationResponse,
    /// The anti-forgery token of the form that was submitted ([`crate::secret::Handle::form_token`]).
    #[serde(default)]
    form: String,
    /// The secret of the new single sign-on session, which the cookie of each response carries.
    #[serde(skip_serializing_if = "Option::is_none", default)]
    session: Option<String>,
    /// The browser that gets the answer.
    #[serde(skip_serializing_if = "Option::is_none", default)]
    binding: Option<BrowserBinding>,
}

impl Answered {
    /// Records `answer`, sent for the form whose token is `form`, with the secret of the new session, for the
    /// browser of `binding`. Without a binding no browser can open the record.
    #[must_use]
    pub fn new(
        answer: AuthorizationResponse,
        form: &str,
        session: Option<&BearerSecret>,
        binding: Option<&BrowserBinding>,
    ) -> Self {
        Self {
            answer,
            form: form.to_owned(),
            session: session.map(BearerSecret::reveal),
            binding: binding.cloned(),
        }
    }

    /// Returns the authorization response.
    #[must_use]
    pub const fn answer(&self) -> &AuthorizationResponse {
        &self.answer
    }

    /// The browser that gets the answer.
    #[must_use]
    pub const fn binding(&self) -> Option<&BrowserBinding> {
        self.binding.as_ref()
    }

    /// Whether the response was sent for the form whose token is `form`.
    #[must_use]
    pub fn is_for(&self, form: &str) -> bool {
        !form.is_empty() && self.form == form
    }

    /// Returns the secret of the session that began with this login, if one did.
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
