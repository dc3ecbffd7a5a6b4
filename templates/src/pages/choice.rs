//! The choice page, on which the citizen chooses an identity provider.
//!
//! Filled by the server's choose-IdP step.

use serde::Serialize;

use crate::{Fragment, Page};

/// The choice page.
#[derive(Debug, Clone, Serialize)]
pub struct Choice {
    /// The service's name.
    pub service: String,
    /// Whether there is no identity provider to list.
    pub empty: bool,
    /// The identity providers in order, each an [`Entry`] rendered by [`crate::Pages::entry`].
    #[serde(skip)]
    pub idps: Vec<Fragment>,
    /// The notices of the operator.
    pub notices: Vec<String>,
    /// The search field, if there are many identity providers.
    pub filter: Option<Filter>,
    /// Whether some accounts are found by an e-mail address.
    pub by_email: bool,
    /// Whether the e-mail address of the search matched no identity provider.
    pub no_such_email: bool,
    /// The identity provider of the last login, which is the first of the list.
    pub remembered: Option<String>,
    /// The message about the last failed attempt.
    pub notice: Option<Notice>,
    /// The URL that cancels the login and returns to the service.
    pub cancel: String,
}

/// One identity provider.
#[derive(Debug, Clone, Serialize)]
pub struct Entry {
    /// The name of the identity provider.
    pub title: String,
    /// The URL that starts an attempt; `None` if it cannot be chosen.
    pub href: Option<String>,
    /// The assurance level in words.
    pub level: String,
    /// Why it cannot be chosen.
    pub reason: Option<String>,
}

/// The search field for identity providers.
#[derive(Debug, Clone, Serialize)]
pub struct Filter {
    /// The text that was searched.
    pub looked_for: String,
    /// Whether the search found nothing, so that all are listed.
    pub nothing: bool,
}

/// The message about a failed attempt.
#[derive(Debug, Clone, Serialize)]
pub struct Notice {
    /// The message in parts. The name of the identity provider is a separate part.
    pub what: Vec<String>,
    /// The public error code.
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
