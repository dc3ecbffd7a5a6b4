//! What the citizen keeps: which data went to whom, when and on which footing.

use serde::Serialize;

use crate::Page;

/// A receipt, to print or to download, before the citizen goes on.
#[derive(Debug, Clone, Serialize)]
pub struct Receipt {
    /// The service's name.
    pub service: String,
    /// The body that runs it.
    pub organisation: String,
    /// When, in words and UTC.
    pub time: String,
    /// On which footing, in words.
    pub basis: String,
    /// The names of the data, in words: never a value.
    pub data: Vec<String>,
    /// What data providers hand over.
    pub providers: Vec<ReceiptPart>,
    /// The transaction id.
    pub transaction: String,
    /// The same, signed by the hub: a JWT.
    pub signed: String,
    /// The digest of what the citizen read.
    pub digest: String,
    /// The same as a text to read, percent-encoded for a `data:` address.
    pub readable: String,
    /// The token of the form that was submitted.
    pub read: String,
    /// Where the form goes.
    pub action: String,
    /// The form's page token.
    pub token: String,
}

/// What one data provider hands over.
#[derive(Debug, Clone, Serialize)]
pub struct ReceiptPart {
    /// Its name.
    pub name: String,
    /// What, in words.
    pub data: Vec<String>,
    /// On which footing, in words.
    pub basis: String,
    /// The names of what it is told of the citizen; empty if nothing.
    pub told: String,
}

/// The accessibility statement.
#[derive(Debug, Clone, Serialize)]
pub struct Accessibility {
    /// How the operator is reached.
    pub contact: Option<String>,
}

impl Page for Receipt {
    const NAME: &'static str = "receipt";

    fn samples() -> Vec<Self> {
        let some = Self {
            service: "Mairie de Nouméa".into(),
            organisation: "Ville de Nouméa".into(),
            time: "2026-11-22 02:45 UTC".into(),
            basis: "Information".into(),
            data: vec!["Prénoms".into(), "Nom de naissance".into()],
            providers: vec![ReceiptPart {
                name: "Direction des impôts".into(),
                data: vec!["Revenu fiscal de référence".into()],
                basis: "Consentement".into(),
                told: "Prénoms, Nom de naissance".into(),
            }],
            transaction: "6f1d0c6e000040008000000000000000".into(),
            signed: "eyJhbGciOiJFUzI1NiJ9.e30.c2ln".into(),
            digest: "47DEQpj8HBSa-_TImW-5JCeuQeRkm5NMpJWZG3hSuFU".into(),
            readable: "Re%C3%A7u".into(),
            read: "read".into(),
            action: "review".into(),
            token: "token".into(),
        };
        vec![
            Self {
                data: vec![],
                providers: vec![],
                ..some.clone()
            },
            some,
        ]
    }
}

impl Page for Accessibility {
    const NAME: &'static str = "accessibility";

    fn samples() -> Vec<Self> {
        vec![
            Self { contact: None },
            Self {
                contact: Some("aide@hub.example".into()),
            },
        ]
    }
}
