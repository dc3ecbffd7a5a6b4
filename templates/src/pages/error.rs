//! The error page: what happened, what to do, one button, and a technical box.
//!
//! Filled by the server's `http` module.

use serde::Serialize;

use crate::Page;

/// The error page.
#[derive(Debug, Clone, Serialize)]
pub struct ErrorPage {
    /// The title, in a few words.
    pub title: String,
    /// What happened, in one sentence.
    pub what: String,
    /// What the citizen can do.
    pub remedy: String,
    /// The name of the service of the login, if it is known.
    pub service: Option<String>,
    /// The next step: a URL and the text of its button.
    pub next_link: Option<(String, String)>,
    /// The contact of the service's support, as registered.
    pub support: Option<String>,
    /// For the developers of a sandbox service: what was sent, and what is registered.
    pub details: Vec<(String, String)>,
    /// The contact of the hub's operator.
    pub operator: Option<String>,
    /// The public error code.
    pub code: String,
    /// The incident id.
    pub incident: String,
}

impl Page for ErrorPage {
    const NAME: &'static str = "error";

    fn samples() -> Vec<Self> {
        let bare = Self {
            title: "Adresse de retour inconnue".into(),
            what: "Le service a demandé un retour vers une adresse qu’il n’a pas déclarée.".into(),
            remedy: "Prévenez le service.".into(),
            service: None,
            next_link: None,
            support: None,
            operator: Some("help@hub.example".into()),
            details: vec![],
            code: "L2003".into(),
            incident: "6f1d0c6e-0000-4000-8000-000000000000".into(),
        };
        let full = Self {
            service: Some("Mairie de Nouméa".into()),
            next_link: Some((
                "https://town-hall.example/".into(),
                "Retourner à Mairie".into(),
            )),
            support: Some("aide@town-hall.example".into()),
            operator: Some("help@hub.example".into()),
            details: vec![
                (
                    "Reçu".into(),
                    "https://town-hall.example/Callback?<x>".into(),
                ),
                (
                    "Déclaré".into(),
                    "https://town-hall.example/callback".into(),
                ),
            ],
            ..bare.clone()
        };
        vec![bare, full]
    }
}
