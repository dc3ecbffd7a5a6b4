//! The review page: what the service will receive, shown before it is released.
//!
//! Filled by the server's review step.

use serde::Serialize;

use crate::Page;

/// The review page, for information or consent.
#[expect(
    clippy::struct_excessive_bools,
    reason = "each is a condition of the template"
)]
#[derive(Debug, Clone, Serialize)]
pub struct Review {
    /// The name of the service.
    pub service: String,
    /// The organisation that runs the service, unless it has the same name.
    pub organisation: Option<String>,
    /// The identity provider that authenticated the citizen.
    pub idp: String,
    /// Whether it verified the identity or only recorded what the person declared.
    pub verified: bool,
    /// Whether any data is released.
    pub shares: bool,
    /// The data that is released; empty if the service requested no identity.
    pub items: Vec<Item>,
    /// The names of the released data that reveal the identity provider to the service, in one text;
    /// empty if there is none.
    pub tells: String,
    /// The data that data providers release.
    pub providers: Vec<ProviderPart>,
    /// What the service receives to sign the citizen in, in addition to the data: one text.
    pub sign_in: String,
    /// Whether a box must be ticked.
    pub consent: bool,
    /// Whether the form was submitted without the tick.
    pub unticked: bool,
    /// Whether the submitted form belonged to a page with other content.
    pub changed: bool,
    /// The ignored parts of the request, for the developers of a sandbox service.
    pub warnings: Vec<String>,
    /// The URL that the form is posted to.
    pub action: String,
    /// The anti-forgery token of the page.
    pub token: String,
    /// The anti-forgery token of this form, which proves what the citizen read.
    pub read: String,
    /// The URL to choose another account.
    pub again: String,
    /// The URL that cancels the login and returns to the service.
    pub cancel: String,
}

/// One released attribute.
#[derive(Debug, Clone, Serialize)]
pub struct Item {
    /// Its name in words.
    pub label: String,
    /// Its value, as sent.
    pub value: String,
}

/// The data that one data provider releases, and what it receives.
#[derive(Debug, Clone, Serialize)]
pub struct ProviderPart {
    /// The name of the data provider.
    pub name: String,
    /// The items that it releases.
    pub items: Vec<DataItem>,
    /// The names of the claims about the citizen that it receives, in one text; empty if none.
    pub identity: String,
    /// Whether it receives the name of the requesting service.
    pub receives_client_id: bool,
}

/// One item that a data provider releases.
#[derive(Debug, Clone, Serialize)]
pub struct DataItem {
    /// The description of the item.
    pub text: String,
    /// The name of the checkbox that accepts it, if the citizen may refuse it.
    pub field: Option<String>,
}

impl Page for Review {
    const NAME: &'static str = "review";

    #[expect(clippy::too_many_lines, reason = "a list of samples without branches")]
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
