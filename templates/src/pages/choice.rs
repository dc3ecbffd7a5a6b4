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
    /// What the operator has to say.
    pub notices: Vec<String>,
    /// The box to look for one, where there are many.
    pub filter: Option<Filter>,
    /// Whether there are accounts that are found by an e-mail address.
    pub by_email: bool,
    /// Whether an address led to none of them.
    pub no_such_email: bool,
    /// The identity provider of the last time, which is the first of the list.
    pub remembered: Option<String>,
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

/// The box to look for an identity provider.
#[derive(Debug, Clone, Serialize)]
pub struct Filter {
    /// What was looked for.
    pub looked_for: String,
    /// Whether nothing was found, so that all are listed.
    pub nothing: bool,
}

/// How an attempt ended.
#[derive(Debug, Clone, Serialize)]
pub struct Notice {
    /// What happened, in parts: the name of the identity provider is a part of its own.
    pub what: Vec<String>,
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
            notices: vec![],
            filter: None,
            by_email: false,
            no_such_email: false,
            remembered: None,
            notice: None,
            cancel: "cancel".into(),
        };
        let notice = Notice {
            what: vec!["La Poste".into(), " ne répond pas.".into()],
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
            Self {
                notices: vec!["Maintenance dimanche.".into()],
                filter: Some(Filter {
                    looked_for: "poste".into(),
                    nothing: true,
                }),
                by_email: true,
                no_such_email: true,
                remembered: Some("La Poste".into()),
                ..plain.clone()
            },
            plain,
        ]
    }
}
