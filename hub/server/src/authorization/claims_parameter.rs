//! The `claims` parameter (OpenID Connect Core 5.5).

use std::collections::BTreeSet;

use hub_core::{login::AskedClaim, oauth_error::OAuthError, scope::Claim};
use serde_json::{Map, Value};
use sp_registry::ServiceProvider;

use super::Refusal;

const LONGEST: usize = 4096;

/// What the parameter asks, within what the service is registered for.
#[derive(Debug, Default)]
pub(super) struct ClaimsParameter {
    /// Claims about the person, for userinfo.
    pub(super) about_person: BTreeSet<Claim>,
    /// Claims about the authentication, for the id token.
    pub(super) about_authentication: BTreeSet<AskedClaim>,
    /// The values of an essential `acr`.
    pub(super) essential_acr: Option<Vec<String>>,
    /// The `sub` it has to be about.
    pub(super) sub: Option<String>,
}

impl ClaimsParameter {
    /// Claims that are unknown or not registered are ignored, as voluntary claims are (section 5.5.1).
    /// No claim about the person goes into the id token.
    pub(super) fn read(sent: Option<&str>, service: &ServiceProvider) -> Result<Self, Refusal> {
        let Some(text) = sent else {
            return Ok(Self::default());
        };
        let malformed = (
            OAuthError::InvalidRequest,
            "claims is not the JSON it has to be",
        );
        if text.len() > LONGEST {
            return Err((OAuthError::InvalidRequest, "claims is too long"));
        }
        let all: Map<String, Value> = serde_json::from_str(text).map_err(|_json| malformed)?;
        let member = |name: &str| match all.get(name) {
            None | Some(Value::Null) => Ok(Map::new()),
            Some(Value::Object(member)) => Ok(member.clone()),
            Some(_) => Err(malformed),
        };
        let (userinfo, id_token) = (member("userinfo")?, member("id_token")?);

        let registered = service.claims();
        let about_person = userinfo
            .keys()
            .filter_map(|name| Claim::parse(name))
            .filter(|claim| registered.contains(claim))
            .collect();
        let about_authentication = [
            ("auth_time", AskedClaim::AuthTime),
            ("amr", AskedClaim::Amr),
        ]
        .into_iter()
        .filter(|(name, _)| id_token.contains_key(*name))
        .map(|(_, claim)| claim)
        .collect();
        let sub = [&id_token, &userinfo]
            .iter()
            .find_map(|member| member.get("sub")?.get("value")?.as_str())
            .map(str::to_owned);
        Ok(Self {
            about_person,
            about_authentication,
            essential_acr: id_token.get("acr").and_then(essential_values),
            sub,
        })
    }
}

/// The values of a claim that is asked as essential.
fn essential_values(asked: &Value) -> Option<Vec<String>> {
    if asked.get("essential") != Some(&Value::Bool(true)) {
        return None;
    }
    let values = match (asked.get("value"), asked.get("values")) {
        (Some(one), _) => vec![one.clone()],
        (None, Some(Value::Array(many))) => many.clone(),
        _ => return None,
    };
    Some(
        values
            .iter()
            .filter_map(Value::as_str)
            .map(str::to_owned)
            .collect(),
    )
}
