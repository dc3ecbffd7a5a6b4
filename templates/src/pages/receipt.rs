//! The receipt: which data was released to whom, when and on which legal basis.
//!
//! Filled by the server's review step.

use serde::Serialize;

use crate::Page;

/// The page with the receipt, which the citizen can print or download before they continue.
#[derive(Debug, Clone, Serialize)]
pub struct Receipt {
    /// The name of the service.
    pub service: String,
    /// The organisation that runs the service.
    pub organisation: String,
    /// The time of the agreement in UTC, as text.
    pub time: String,
    /// The legal basis, in words.
    pub basis: String,
    /// The names of the released data, without values.
    pub data: Vec<String>,
    /// The data that data providers release.
    pub providers: Vec<ReceiptPart>,
    /// The transaction id.
    pub transaction: String,
    /// The receipt signed by the hub, as a JWT.
    pub signed: String,
    /// The digest of the text that the citizen read.
    pub digest: String,
    /// The receipt as readable text, percent-encoded for a `data:` URL.
    pub readable: String,
    /// The anti-forgery token of the form that was submitted.
    pub read: String,
    /// The URL that the form is posted to.
    pub action: String,
    /// The anti-forgery token of the page.
    pub token: String,
}

/// The data that one data provider releases.
#[derive(Debug, Clone, Serialize)]
pub struct ReceiptPart {
    /// The name of the data provider.
    pub name: String,
    /// The names of the data, in words.
    pub data: Vec<String>,
    /// The legal basis, in words.
    pub basis: String,
    /// The names of the claims about the citizen that it receives; empty if none.
    pub told: String,
}

/// The accessibility statement.
#[derive(Debug, Clone, Serialize)]
pub struct Accessibility {
    /// The contact of the operator.
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
