//! The pages of the end: whether to sign out, and what was closed.

use serde::Serialize;

use crate::Page;

/// Sign out?
#[derive(Debug, Clone, Serialize)]
pub struct ConfirmLogout {
    /// Whether there is no session, only a sign-in that is not finished.
    pub unfinished: bool,
    /// The services that the citizen went to in this session.
    pub services: Vec<String>,
    /// Where the form goes.
    pub action: String,
    /// The form's page token.
    pub token: String,
    /// What the form carries on.
    pub fields: Vec<(String, String)>,
    /// The front page of the service that asked: the way not to.
    pub stay: Option<String>,
}

/// Signed out.
#[derive(Debug, Clone, Serialize)]
pub struct LoggedOut {
    /// The services that are told.
    pub told: Vec<String>,
    /// The services that keep their own session.
    pub untold: Vec<String>,
    /// The identity provider whose session was closed as well.
    pub idp_closed: Option<String>,
    /// The identity provider whose session is still open.
    pub idp_open: Option<String>,
    /// Whether anything is still open.
    pub open: bool,
    /// Back to the service: address and words.
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
