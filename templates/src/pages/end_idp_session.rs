//! The page that ends the session at the identity provider.
//!
//! Filled by the server's end-session step.

use serde::Serialize;

use crate::Page;

/// The page that posts an end-session request to the identity provider.
///
/// A script posts it; without scripts, the citizen uses the button.
#[derive(Clone, Serialize)]
pub struct EndIdpSession {
    /// The name of the identity provider.
    pub idp: String,
    /// The URL that the form is posted to.
    pub action: String,
    /// The names and values of the form's hidden fields.
    pub fields: Vec<(String, String)>,
    /// The URL for citizens who keep the session there.
    pub skip: String,
}

/// Never logs the ID token.
impl std::fmt::Debug for EndIdpSession {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str("EndIdpSession(hidden)")
    }
}

impl Page for EndIdpSession {
    const NAME: &'static str = "end_idp_session";

    fn samples() -> Vec<Self> {
        vec![Self {
            idp: "La Poste".into(),
            action: "https://idp.example/logout".into(),
            fields: vec![("id_token_hint".into(), "\">".into())],
            skip: "/session/out?state=AAAA".into(),
        }]
    }
}
