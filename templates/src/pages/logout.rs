//! The pages of a logout: the confirmation, and the result.
//!
//! Filled by the server's logout steps.

use serde::Serialize;

use crate::Page;

/// The page that asks whether to sign out.
#[derive(Debug, Clone, Serialize)]
pub struct ConfirmLogout {
    /// Whether there is no session, only an unfinished login.
    pub unfinished: bool,
    /// The services that the citizen visited in this session.
    pub services: Vec<String>,
    /// The URL that the form is posted to.
    pub action: String,
    /// The anti-forgery token of the form.
    pub token: String,
    /// The names and values of the form's hidden fields.
    pub fields: Vec<(String, String)>,
    /// The front page of the service that requested the logout, for citizens who stay signed in.
    pub stay: Option<String>,
}

/// The page after a logout.
#[derive(Debug, Clone, Serialize)]
pub struct LoggedOut {
    /// The services that are notified of the logout.
    pub told: Vec<String>,
    /// The services that keep their own session.
    pub untold: Vec<String>,
    /// The identity provider whose session was ended too.
    pub idp_closed: Option<String>,
    /// The identity provider whose session is still open.
    pub idp_open: Option<String>,
    /// Whether any session is still open.
    pub open: bool,
    /// The link back to the service: URL and text.
    pub next_link: Option<(String, String)>,
}

impl Page for ConfirmLogout {
    const NAME: &'static str = "confirm_logout";

    fn samples() -> Vec<Self> {
        let signed_in = Self {
            unfinished: false,
            services: vec!["Mairie de Nouméa".into(), "Mutuelle du Récif".into()],
            action: "/session/end".into(),
            token: "token".into(),
            fields: vec![("client_id".into(), "mairie".into())],
            stay: Some("https://mairie.example/".into()),
        };
        vec![
            Self {
                unfinished: true,
                services: vec![],
                stay: None,
                ..signed_in.clone()
            },
            signed_in,
        ]
    }
}

impl Page for LoggedOut {
    const NAME: &'static str = "logged_out";

    fn samples() -> Vec<Self> {
        let nothing_open = Self {
            told: vec!["Mutuelle du Récif".into()],
            untold: vec![],
            idp_closed: Some("La Poste".into()),
            idp_open: None,
            open: false,
            next_link: Some(("https://mairie.example/".into(), "Retour".into())),
        };
        vec![
            Self {
                told: vec![],
                untold: vec!["Bibliothèque".into()],
                idp_closed: None,
                idp_open: Some("La Poste".into()),
                open: true,
                next_link: None,
            },
            nothing_open,
        ]
    }
}
