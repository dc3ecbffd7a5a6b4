//! The claims of known kinds of identity providers. The values are fictitious; the names and forms
//! follow the published documentation of each.
//!
//! Called by `idp/tokens.rs` and `idp/endpoints.rs`.

use hub_core::encoding::base64url;
use serde_json::{Map, Value, json};
use sha2::{Digest, Sha256};

use crate::Person;

/// The kind of claims that a demonstration identity provider sends.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Dialect {
    /// A connector to eIDAS nodes: names of the eIDAS attribute profile, divided between ID token and
    /// UserInfo.
    Eidas,
    /// FranceConnect, version 2: the identity in UserInfo only; unknown parameters are refused.
    FranceConnect,
    /// A Keycloak realm with attribute mappers.
    Keycloak,
    /// NC Connect, version 3: no country of birth, and the birth place as text.
    NcConnect,
    /// ProConnect, version 2: people in their profession.
    ProConnect,
    /// The hub's own claims.
    Standard,
}

impl Dialect {
    /// Returns the name of the preset in the hub's entry.
    #[must_use]
    pub const fn preset(self) -> &'static str {
        match self {
            Self::Eidas => "eidas",
            Self::FranceConnect => "franceconnect",
            Self::Keycloak => "keycloak",
            Self::NcConnect => "nc-connect",
            Self::ProConnect => "proconnect",
            Self::Standard => "generic",
        }
    }

    /// Whether unknown parameters are refused, including those of PKCE.
    pub(super) const fn is_strict(self) -> bool {
        matches!(self, Self::FranceConnect | Self::ProConnect)
    }

    /// Returns the claims about `person` in the ID token: all for Keycloak, the identifying ones for a
    /// connector.
    pub(super) fn id_token_claims(self, person: &Person) -> Map<String, Value> {
        let mut claims = self.claims(person);
        claims.retain(|name, _| match self {
            Self::Keycloak => true,
            Self::Eidas => is_in_connectors_id_token(name),
            Self::FranceConnect | Self::NcConnect | Self::ProConnect | Self::Standard => false,
        });
        claims
    }

    /// Returns the claims about `person` in UserInfo: all, except those that a connector sends in the ID
    /// token.
    pub(super) fn userinfo_claims(self, person: &Person) -> Map<String, Value> {
        let mut claims = self.claims(person);
        claims.retain(|name, _| self != Self::Eidas || !is_in_connectors_id_token(name));
        claims
    }

    /// Converts one of the hub's levels to an `acr` value.
    pub(super) fn acr(self, level: &str) -> String {
        match self {
            Self::Eidas => {
                let eu = match level {
                    "eidas1" => "low",
                    "eidas2" => "substantial",
                    _ => "high",
                };
                format!("http://eidas.europa.eu/LoA/{eu}")
            }
            Self::Keycloak | Self::NcConnect => "1".to_owned(),
            Self::FranceConnect | Self::ProConnect | Self::Standard => level.to_owned(),
        }
    }

    /// Returns the claims about `person` except `sub`.
    fn claims(self, person: &Person) -> Map<String, Value> {
        let own = person.claims();
        let civil = &person.civil_status;
        let kind_claims = match self {
            Self::FranceConnect | Self::Standard => return own,
            Self::Keycloak => json!({
                "preferred_username": person.username, "name": civil.given_names.join(" "),
            }),
            Self::NcConnect => json!({
                "login": person.username, "preferred_username": person.username,
                "first_name": civil.given_names.first(), "verified": 2,
                "birthplace": "NOUMÉA", "birthcountry": null,
            }),
            Self::ProConnect => json!({
                "given_name": civil.given_names.first(), "usual_name": civil.family_name,
                "uid": person.username, "siret": "00000000000000",
                "family_name": null, "gender": null, "birthdate": null, "birthplace": null,
                "birthcountry": null, "preferred_username": null,
            }),
            Self::Eidas => return eidas(person),
        };
        let mut claims = own;
        for (name, value) in kind_claims.as_object().cloned().unwrap_or_default() {
            if value.is_null() {
                claims.remove(&name);
            } else {
                claims.insert(name, value);
            }
        }
        claims
    }
}

fn is_in_connectors_id_token(name: &str) -> bool {
    name == "person_identifier" || name.starts_with("current_")
}

fn eidas(person: &Person) -> Map<String, Value> {
    let civil = &person.civil_status;
    let gender = match civil.gender.as_str() {
        "female" => "Female",
        "male" => "Male",
        _ => "Unspecified",
    };
    let digest = Sha256::digest(&person.username);
    let mut claims = json!({
        "person_identifier": format!("GR/FR/{}", base64url(&digest)),
        "current_given_name": civil.given_names.join(" "),
        "current_family_name": civil.family_name,
        "date_of_birth": civil.birthdate,
        "gender": gender,
        "place_of_birth": "Somewhere",
    });
    if let (Some((given, family)), Some(members)) = (&person.original, claims.as_object_mut()) {
        members.insert("current_given_name_original".into(), given.join(" ").into());
        members.insert(
            "current_family_name_original".into(),
            family.as_str().into(),
        );
    }
    claims.as_object().cloned().unwrap_or_default()
}
