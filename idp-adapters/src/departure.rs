//! The ways in which the browser is sent to an identity provider.
//!
//! Created by the adapters; rendered by the server's pages.

use std::fmt;

use hub_core::clock::Timestamp;
use serde::{Deserialize, Serialize};

/// A request to end the IdP's own session (OpenID Connect RP-Initiated Logout 1.0 section 2).
pub struct EndSession<'a> {
    /// The last ID token of the session, if it was kept.
    pub id_token: Option<&'a str>,
    /// The hub's URL to which the browser returns (`post_logout_redirect_uri`).
    pub return_to: &'a str,
    /// The `state` parameter: a state ticket of the hub.
    pub state: &'a str,
    /// The present time.
    pub now: Timestamp,
}

/// How the browser is sent to an IdP, always from a page of the hub.
///
/// A redirect would reveal the IdP to the page that started the redirect chain.
#[derive(Clone, PartialEq, Eq, Serialize, Deserialize)]
pub enum Departure {
    /// As a form that is posted.
    Form {
        /// The URL that the form is posted to.
        url: String,
        /// The names and values of the form's fields.
        fields: Vec<(String, String)>,
    },
    /// By a link to this URL.
    Redirect(String),
}

/// Never logs tokens or tickets.
impl fmt::Debug for EndSession<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("EndSession(hidden)")
    }
}

/// Never logs tokens or tickets.
impl fmt::Debug for Departure {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::Form { .. } => "Form(hidden)",
            Self::Redirect(_) => "Redirect(hidden)",
        })
    }
}
