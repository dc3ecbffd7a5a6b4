//! The choice page: which account to sign in with.

use serde::Serialize;

use crate::Page;

/// Which identity provider?
#[derive(Debug, Clone, Serialize)]
pub struct Choice {
    /// The service's name.
    pub service: String,
    /// The identity providers, in order.
    pub idps: Vec<Entry>,
    /// How the last attempt ended.
    pub notice: Option<Notice>,
    /// The address that gives up and returns to the service.
    pub cancel: String,
}

/// One identity provider.
#[derive(Debug, Clone, Serialize)]
pub struct Entry {
    /// Its name.
    pub title: String,
    /// The address that leaves for it; none if it cannot be chosen.
    pub href: Option<String>,
    /// Its level in words.
    pub level: String,
    /// Why it cannot be chosen.
    pub reason: Option<String>,
}

/// How an attempt ended.
#[derive(Debug, Clone, Serialize)]
pub struct Notice {
    /// What happened, naming the identity provider.
    pub what: String,
    /// The public code.
    pub code: String,
    /// The incident id.
    pub incident: String,
}

impl Page for Choice {
    const NAME: &'static str = "choice";

    fn samples() -> Vec<Self> {
        let open = |title: &str, level: &str| Entry {
            title: title.into(),
            href: Some("/login/AAAAAAAAAAAAAAAAAAAAAA/idp/post".into()),
            level: level.into(),
            reason: None,
        };
        let closed = Entry {
            title: "Banque <Z>".into(),
            href: None,
            level: "Niveau faible".into(),
            reason: Some("Niveau insuffisant pour ce service".into()),
        };
        let plain = Self {
            service: "Mairie de Nouméa".into(),
            idps: vec![
                open("La Poste", "Niveau substantiel"),
                open("Santé", "Niveau faible"),
                closed,
            ],
            notice: None,
            cancel: "/login/AAAAAAAAAAAAAAAAAAAAAA/cancel".into(),
        };
        let notice = Notice {
            what: "La Poste ne répond pas.".into(),
            code: "L3002".into(),
            incident: "6f1d0c6e-0000-4000-8000-000000000000".into(),
        };
        vec![
            Self {
                notice: Some(notice),
                ..plain.clone()
            },
            Self {
                idps: vec![],
                ..plain.clone()
            },
            plain,
        ]
    }
}
