//! The configuration: a directory of TOML files, read whole or not at all, every fault at once.

mod audit;
mod hub;
mod idps;
mod keys;
mod limits;
mod notices;
mod proxy;
mod register;
mod sources;
mod subject;
mod warnings;

use std::collections::BTreeMap;

use hub_core::ids::IdpId;
use hub_document::ConfigProblem;
use hub_jose::{Algorithm, Keyring, Recipient};
use hub_outbound::Outbound;
use idp_adapters::{Catalogue, Registered};
use sp_registry::{ClientKeys, DataProvider, IdpRule, Registry, ServiceProvider};

pub use audit::AuditSettings;
pub use hub::{HubSettings, StoreAddress};
pub use keys::{KeyFiles, Keys};
pub use limits::Limits;
pub use notices::Notice;
pub use proxy::{ClientHeader, TrustedProxies};
pub use register::{OnUnavailable, Register};
pub use sources::Sources;
pub use subject::SubjectSettings;

/// Everything that a start needs, and all of it valid.
#[derive(Debug)]
pub struct Configuration {
    /// `hub.toml`.
    pub hub: HubSettings,
    /// The keys that `hub.toml` names.
    pub keys: Keys,
    /// `idps/*.toml`.
    pub catalogue: Catalogue,
    /// `services/*.toml` and `data-providers/*.toml`.
    pub registry: Registry,
    /// The operator's theme, by file name.
    pub theme: BTreeMap<String, Vec<u8>>,
    /// The HTTP clients that the IdPs share.
    pub outbound: Outbound,
}

impl Configuration {
    /// Reads every file of `sources`.
    ///
    /// # Errors
    /// Every fault of every file.
    pub fn read(sources: &Sources) -> Result<Self, Vec<ConfigProblem>> {
        let mut problems = Vec::new();
        let outbound = Outbound::default();
        let hub = keep(HubSettings::read(sources, &outbound), &mut problems);
        let outbound = match &hub {
            Some(hub) => outbound.with_max_copy_age(hub.max_copy_age),
            None => outbound,
        };
        let keys = hub
            .as_ref()
            .and_then(|hub| keep(Keys::read(&hub.keys, &hub.subject, sources), &mut problems));
        let mut idps: Vec<(String, Registered)> = Vec::new();
        if let (Some(hub), Some(keys)) = (&hub, &keys) {
            let shared = idps::Shared {
                hub,
                keys,
                sources,
                outbound: &outbound,
            };
            for (file, text) in sources.folder("idps") {
                let idp = keep(idps::read(file, text, &shared), &mut problems);
                idps.extend(idp.map(|idp| (file.clone(), idp)));
            }
        }
        let signing = keys.as_ref().map(|keys| &*keys.signing);
        let register = hub.as_ref().and_then(|hub| hub.register.as_ref());
        let registry = registry(sources, &idps, (signing, register), &mut problems);
        match (hub, keys, registry) {
            (Some(hub), Some(keys), Some(registry)) if problems.is_empty() => {
                let catalogue = Catalogue::new(idps.into_iter().map(|(_, idp)| idp).collect());
                Ok(Self {
                    hub,
                    keys,
                    catalogue,
                    registry,
                    theme: sources.theme().clone(),
                    outbound,
                })
            }
            _ => {
                problems.sort();
                problems.dedup();
                Err(problems)
            }
        }
    }
}

/// `services/*.toml` and `data-providers/*.toml`.
fn registry(
    sources: &Sources,
    idps: &[(String, Registered)],
    (signing, register): (Option<&Keyring>, Option<&Register>),
    problems: &mut Vec<ConfigProblem>,
) -> Option<Registry> {
    let mut providers: Vec<(String, DataProvider)> = Vec::new();
    for (file, text) in sources.folder("data-providers") {
        let provider = keep(Registry::read_data_provider(file, text), problems);
        providers.extend(provider.map(|provider| (file.clone(), provider)));
    }
    let known: Vec<&DataProvider> = providers.iter().map(|(_, provider)| provider).collect();
    let mut services: Vec<(String, ServiceProvider)> = Vec::new();
    for (file, text) in sources.folder("services") {
        let service = keep(Registry::read_service(file, text, &known), problems);
        services.extend(service.map(|service| (file.clone(), service)));
    }
    problems.extend(disagreements(idps, &services));
    if let Some(register) = register {
        problems.extend(register.told_by_prompt_none(idps, &services));
    }
    let wants = services.iter();
    let wants = wants.map(|(file, service)| (file, &service.signing_alg));
    let provided = providers.iter();
    let provided = provided.map(|(file, provider)| (file, &provider.signing_alg));
    let keyless = providers
        .iter()
        .filter(|(_, provider)| !can_be_sealed_for(provider));
    for (file, _) in keyless {
        let message =
            "`encryption.jwks` has no key with use \"enc\" and alg ECDH-ES or RSA-OAEP-256";
        problems.push(ConfigProblem::of_file(file, message));
    }
    for (file, algorithm) in wants.chain(provided) {
        problems.extend(signing.and_then(|ring| unsignable(ring, file, algorithm)));
    }
    keep(Registry::new(services, providers), problems)
}

/// Whether answers can be encrypted for a data provider, as far as that can be told without asking it.
fn can_be_sealed_for(provider: &DataProvider) -> bool {
    match &provider.encryption {
        Some(ClientKeys::Inline(jwks)) => Recipient::from_jwks(jwks.as_bytes()).is_some(),
        Some(ClientKeys::At(_)) | None => true,
    }
}

/// The fault of an entry that wants tokens which no key signs.
fn unsignable(ring: &Keyring, file: &str, wanted: &str) -> Option<ConfigProblem> {
    let algorithm = Algorithm::parse(wanted);
    if algorithm.is_some_and(|algorithm| ring.can_sign(algorithm)) {
        return None;
    }
    let message = format!(
        "wants {wanted} tokens, and no such key is in keys.signing of hub.toml: add one with \
         `lethe keys new`"
    );
    Some(ConfigProblem::of_file(file, message))
}

fn keep<T>(outcome: Result<T, Vec<ConfigProblem>>, problems: &mut Vec<ConfigProblem>) -> Option<T> {
    outcome.map_err(|found| problems.extend(found)).ok()
}

/// What is right in each file and wrong between them.
fn disagreements(
    idps: &[(String, Registered)],
    services: &[(String, ServiceProvider)],
) -> Vec<ConfigProblem> {
    let mut problems = Vec::new();
    let mut seen: BTreeMap<&IdpId, &String> = BTreeMap::new();
    for (file, idp) in idps {
        if let Some(other) = seen.insert(&idp.id, file) {
            let message = format!("the IdP id `{}` is in {other} already: change one", idp.id);
            problems.push(ConfigProblem::of_file(file, message));
        }
    }
    for (file, service) in services {
        let listed = match &service.idps {
            IdpRule::All => None,
            IdpRule::Allow(listed) | IdpRule::Deny(listed) => Some(listed),
        };
        let named = listed.into_iter().flatten().chain(&service.hints);
        for unknown in named.filter(|id| !seen.contains_key(id)) {
            let message = format!("names the IdP `{unknown}`, which no file in idps/ has");
            problems.push(ConfigProblem::of_file(file, message));
        }
    }
    problems
}
