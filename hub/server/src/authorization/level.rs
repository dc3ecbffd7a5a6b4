//! The level to reach: asked by `acr_values`, by an essential `acr`, or registered.

use hub_core::{
    acr::{Level, Vocabulary},
    oauth_error::OAuthError,
};
use idp_adapters::State;
use sp_registry::ServiceProvider;

use super::{ClaimsParameter, Refusal};
use crate::hub::Hub;

/// The first satisfiable level in the order asked. None known: the service's default. Known, but out
/// of every IdP's reach: refused. Never below the service's minimum.
pub(super) fn choose(
    hub: &Hub,
    service: &ServiceProvider,
    acr_values: Option<&str>,
    claims: &ClaimsParameter,
) -> Result<(Level, Vocabulary), Refusal> {
    let unmet = (
        OAuthError::UnmetAuthenticationRequirements,
        "no identity provider of this client reaches the level asked",
    );
    let read = |value: &str| Level::from_acr(value);
    let asked: Vec<(Level, Vocabulary)> = match &claims.essential_acr {
        Some(values) => values.iter().filter_map(|value| read(value)).collect(),
        None => acr_values
            .unwrap_or_default()
            .split_ascii_whitespace()
            .filter_map(read)
            .collect(),
    };
    // OpenID Connect Core 5.5.1.1: an essential `acr` that cannot be met fails the request.
    if claims.essential_acr.is_some() && asked.is_empty() {
        return Err(unmet);
    }
    let default = (service.default_level, Vocabulary::Eidas);
    let wanted = if asked.is_empty() {
        vec![default]
    } else {
        asked
    };
    wanted
        .into_iter()
        .map(|(level, vocabulary)| (level.max(service.minimum_level), vocabulary))
        .find(|(level, _)| is_reachable(hub, service, *level))
        .ok_or(unmet)
}

fn is_reachable(hub: &Hub, service: &ServiceProvider, level: Level) -> bool {
    hub.idps_for(service)
        .any(|idp| idp.highest.satisfies(level) && idp.state == State::Active)
}
