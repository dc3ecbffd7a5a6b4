//! The choice page: which account to sign in with.

use serde::Serialize;

use crate::{Fragment, Page};

/// Which identity provider?
#[derive(Debug, Clone, Serialize)]
pub struct Choice {
    /// The service's name.
    pub service: String,
    /// Whether there is no identity provider to list.
    pub empty: bool,
    /// The identity providers, in order: each an [`Entry`] prepared by [`crate::Pages::entry`].
    #[serde(skip)]
    pub idps: Vec<Fragment>,
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

    fn fragments(&self) -> &[Fragment] {
        &self.idps
    }

    fn samples() -> Vec<Self> {
        let plain = Self {
            service: "Mairie de Nouméa".into(),
            empty: false,
            idps: vec![],
            notice: None,
            cancel: "cancel".into(),
        };
        let notice = Notice {
            what: "La Poste ne répond pas.".into(),
            code: "L3002".into(),
            incident: "6f1d0c6e000040008000000000000000".into(),
        };
        vec![
            Self {
                notice: Some(notice),
                ..plain.clone()
            },
            Self {
                empty: true,
                ..plain.clone()
            },
            plain,
        ]
    }
}
