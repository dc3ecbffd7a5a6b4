//! The review page: what the service will receive, before it does.

use serde::Serialize;

use crate::Page;

/// Information, or consent.
#[expect(
    clippy::struct_excessive_bools,
    reason = "what the template chooses between"
)]
#[derive(Debug, Clone, Serialize)]
pub struct Review {
    /// The service's name.
    pub service: String,
    /// The body that runs it, unless that has the same name.
    pub organisation: Option<String>,
    /// The identity provider that vouched.
    pub idp: String,
    /// Whether it checked the identity, rather than took it down.
    pub verified: bool,
    /// Whether anything is shared at all.
    pub shares: bool,
    /// Exactly what is released; empty if the service asked for no identity.
    pub items: Vec<Item>,
    /// The names of what is released and tells the service which identity provider vouched, in one text;
    /// empty if nothing does.
    pub tells: String,
    /// What data providers hand over.
    pub providers: Vec<ProviderPart>,
    /// What the service receives beside the data, to sign the citizen in: in words, in one text.
    pub sign_in: String,
    /// Whether a box has to be ticked.
    pub consent: bool,
    /// Whether the form came back without the tick.
    pub unticked: bool,
    /// Whether the form that came back was of another page than this.
    pub changed: bool,
    /// What of the request was ignored, for the developers of a sandbox service.
    pub warnings: Vec<String>,
    /// Where the form goes.
    pub action: String,
    /// The form's page token.
    pub token: String,
    /// The token of this form: what is agreed to is what was read.
    pub read: String,
    /// The address that chooses another account.
    pub again: String,
    /// The address that gives up and returns to the service.
    pub cancel: String,
}

/// One piece of data.
#[derive(Debug, Clone, Serialize)]
pub struct Item {
    /// Its name in words.
    pub label: String,
    /// Its value, as sent.
    pub value: String,
}

/// What one data provider hands over, and what it is told.
#[derive(Debug, Clone, Serialize)]
pub struct ProviderPart {
    /// Its name.
    pub name: String,
    /// What it hands over.
    pub items: Vec<DataItem>,
    /// The names of what it is told of the citizen, in one text; empty if it is told nothing.
    pub identity: String,
    /// Whether it is told which service asks.
    pub receives_client_id: bool,
}

/// One thing that a data provider hands over.
#[derive(Debug, Clone, Serialize)]
pub struct DataItem {
    /// What, in words.
    pub text: String,
    /// The name of the box that says yes to it, if the citizen may refuse it.
    pub field: Option<String>,
}

impl Page for Review {
    const NAME: &'static str = "review";

    #[expect(clippy::too_many_lines, reason = "a list of samples, without a branch")]
    fn samples() -> Vec<Self> {
        let item = |label: &str, value: &str| Item {
            label: label.into(),
            value: value.into(),
        };
        let information = Self {
            service: "Mairie de Nouméa".into(),
            organisation: Some("Ville de Nouméa".into()),
            idp: "La Poste".into(),
            verified: true,
            shares: true,
            tells: String::new(),
            providers: vec![],
            items: vec![
                item("Prénoms", "Angela Claire Louise"),
                item("Nom de naissance", "<b>D’AUBIGNÉ</b>"),
                item("Date de naissance", "24 août 1962"),
            ],
            sign_in: "un identifiant qui n’existe que pour ce service, le niveau de garantie"
                .into(),
            consent: false,
            unticked: false,
            changed: false,
            warnings: vec![],
            action: "/login/AAAAAAAAAAAAAAAAAAAAAA/review".into(),
            token: "t".into(),
            read: "47DEQpj8HBSa".into(),
            again: "/login/AAAAAAAAAAAAAAAAAAAAAA".into(),
            cancel: "/login/AAAAAAAAAAAAAAAAAAAAAA/cancel".into(),
        };
        let consent = Self {
            consent: true,
            unticked: true,
            warnings: vec!["scope: ignored, because unknown: <b>health".into()],
            ..information.clone()
        };
        let telling = Self {
            tells: "Identifiant de compte".into(),
            ..information.clone()
        };
        let anonymous = Self {
            shares: false,
            items: vec![],
            ..information.clone()
        };
        let data = Self {
            providers: vec![ProviderPart {
                name: "Direction des impôts".into(),
                items: vec![
                    DataItem {
                        text: "Revenu fiscal de référence".into(),
                        field: None,
                    },
                    DataItem {
                        text: "Nombre de parts".into(),
                        field: Some("data:impots:parts".into()),
                    },
                ],
                identity: "Prénoms, Nom de naissance".into(),
                receives_client_id: true,
            }],
            ..consent.clone()
        };
        let changed = Self {
            changed: true,
            ..information.clone()
        };
        vec![telling, information, consent, anonymous, data, changed]
    }
}
