//! The end of the session at the identity provider.

use serde::Serialize;

use crate::Page;

/// The page that posts the request to end its session to the identity provider: by itself where scripts
/// run, by its button otherwise.
#[derive(Clone, Serialize)]
pub struct EndIdpSession {
    /// The identity provider's name.
    pub idp: String,
    /// Where the form is posted.
    pub action: String,
    /// The form's hidden fields: names and values.
    pub fields: Vec<(String, String)>,
    /// The way on for those who keep their session there.
    pub skip: String,
}

/// An id token is never logged.
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
