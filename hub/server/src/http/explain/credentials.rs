//! The long form of a failed client authentication.

use actix_web::http::header::{AUTHORIZATION, HeaderMap};
use hub_core::ids::ClientId;
use sp_registry::ClientAuthentication;

use super::{applies_to, quoted};
use crate::{
    http::{CredentialFailure, Parameters, claimed_id},
    hub::Hub,
};

/// Who an unproven request says it is.
enum Claimed<'h> {
    /// A sandbox service or a test data provider, registered with this authentication.
    Developer(&'h ClientAuthentication),
    /// No client id.
    Nobody,
    /// Somebody in production, or suspended: the short form.
    Production,
    /// An id that is not registered.
    Unknown(ClientId),
}

/// The long form of `failure`; `None` where the short form has to do.
///
/// An id that is not registered is called so on a hub for developers alone, which is one whose issuer is on
/// the loopback: elsewhere the answer to it is that to a production service, so that nobody can find out
/// which ids exist.
#[must_use]
pub fn credentials(
    hub: &Hub,
    (headers, sent): (&HeaderMap, &Parameters),
    failure: CredentialFailure,
) -> Option<String> {
    let claimed = claimed(hub, claimed_id(headers, sent));
    let is_local = !hub.shared.config.hub.secure_cookies;
    let received = received(headers, sent);
    describe(&claimed, is_local, &received, failure)
}

fn claimed(hub: &Hub, id: Option<ClientId>) -> Claimed<'_> {
    let Some(id) = id else {
        return Claimed::Nobody;
    };
    let registry = &hub.shared.config.registry;
    match (registry.find(&id), registry.data_provider(&id)) {
        (Some(service), _) if applies_to(service) => Claimed::Developer(&service.authentication),
        (None, Some(provider)) if provider.environment == sp_registry::Environment::Test => {
            Claimed::Developer(&provider.authentication)
        }
        (None, None) => Claimed::Unknown(id),
        _ => Claimed::Production,
    }
}

fn describe(
    claimed: &Claimed<'_>,
    is_local: bool,
    received: &str,
    failure: CredentialFailure,
) -> Option<String> {
    let (failure, expected) = match claimed {
        Claimed::Developer(authentication) => (failure.to_string(), method(authentication)),
        Claimed::Nobody if is_local => (failure.to_string(), "a client_id and its proof"),
        Claimed::Unknown(id) if is_local => {
            let id = quoted(id.as_str());
            (
                format!("client_id {id} is not registered"),
                "a registered client_id",
            )
        }
        Claimed::Nobody | Claimed::Production | Claimed::Unknown(_) => return None,
    };
    Some(format!(
        "client authentication failed: {failure}; received: {received}; expected: {expected}; see INTEGRATING, A service"
    ))
}

const fn method(authentication: &ClientAuthentication) -> &'static str {
    match authentication {
        ClientAuthentication::None => {
            "client_id in the form and no proof (a public client, with PKCE)"
        }
        ClientAuthentication::PrivateKeyJwt(_) => {
            "client_assertion (private_key_jwt), signed with a registered key, aud the issuer or the \
             endpoint, exp within 10 minutes, jti new"
        }
        ClientAuthentication::Secret(_) => {
            "client_secret_basic or client_secret_post, with the secret whose SHA-256 is registered"
        }
    }
}

/// How the request tried to prove who it is; no value of it.
fn received(headers: &HeaderMap, sent: &Parameters) -> String {
    let ways = [
        (
            headers.contains_key(AUTHORIZATION),
            "an Authorization header",
        ),
        (sent.has("client_secret"), "client_secret in the form"),
        (sent.has("client_assertion"), "client_assertion"),
        (sent.has("client_id"), "client_id in the form"),
    ];
    let ways: Vec<&str> = ways
        .into_iter()
        .filter_map(|(is_there, way)| is_there.then_some(way))
        .collect();
    if ways.is_empty() {
        "no client_id and no proof".to_owned()
    } else {
        ways.join(" and ")
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_id_that_is_not_registered_is_told_apart_on_a_loopback_hub_only() {
        let unknown = Claimed::Unknown("nobody".parse().unwrap());
        let failure = CredentialFailure::UnknownClient;
        for claimed in [&unknown, &Claimed::Production, &Claimed::Nobody] {
            assert_eq!(describe(claimed, false, "client_id", failure), None);
        }
        assert_eq!(
            describe(&Claimed::Production, true, "client_id", failure),
            None
        );
        let told = describe(&unknown, true, "client_id", failure).unwrap();
        assert!(told.contains("nobody is not registered"), "{told}");
    }
}
