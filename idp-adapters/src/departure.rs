//! How the browser leaves the hub for an identity provider.

use std::fmt;

use hub_core::clock::Timestamp;
use serde::{Deserialize, Serialize};

/// A request to end the IdP's own session (OpenID Connect RP-Initiated Logout 1.0 section 2).
pub struct EndSession<'a> {
    /// The last id token of the session, if it was kept.
    pub id_token: Option<&'a str>,
    /// The hub's address that the browser returns to.
    pub return_to: &'a str,
    /// The `state` that it brings back: a state ticket of the hub.
    pub state: &'a str,
    /// The present.
    pub now: Timestamp,
}

/// How the browser leaves the hub for an IdP. Always from a page of the hub: a redirect would tell the page
/// that began the chain which IdP it is.
#[derive(Clone, PartialEq, Eq, Serialize, Deserialize)]
pub enum Departure {
    /// By a form that is posted.
    Form {
        /// Where the form is posted.
        url: String,
        /// The form's fields: names and values.
        fields: Vec<(String, String)>,
    },
    /// By a link to this address.
    Redirect(String),
}

/// Tokens and tickets are never logged.
impl fmt::Debug for EndSession<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("EndSession(hidden)")
    }
}

/// Tokens and tickets are never logged.
impl fmt::Debug for Departure {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::Form { .. } => "Form(hidden)",
            Self::Redirect(_) => "Redirect(hidden)",
        })
    }
}
