//! The error page: what happened, what to do, one button, then a technical box.

use serde::Serialize;

use crate::Page;

/// Something went wrong.
#[derive(Debug, Clone, Serialize)]
pub struct ErrorPage {
    /// What happened, in a few words.
    pub title: String,
    /// What happened, in a sentence.
    pub what: String,
    /// What to do about it.
    pub remedy: String,
    /// The service that the citizen was on the way to, if that is known.
    pub service: Option<String>,
    /// Where to go on: an address and the words on the button.
    pub next_link: Option<(String, String)>,
    /// The service's support, as registered.
    pub support: Option<String>,
    /// For the service's developers, in a sandbox: what was sent, and what is registered.
    pub details: Vec<(String, String)>,
    /// How the hub's own people are reached.
    pub operator: Option<String>,
    /// The public code.
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
