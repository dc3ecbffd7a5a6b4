//! The registry of service providers and data providers.
//!
//! Every rule is checked when a file is read, and every problem is reported at once; so an entry that
//! exists is valid. Called by the server's configuration; used by its login steps and API endpoints.

mod agreement;
mod application;
mod closed_schema;
mod credentials;
mod data_provider;
mod data_provider_file;
mod eligibility;
mod file;
mod profile;
mod sectors;
mod service_provider;

use std::collections::BTreeMap;

use hub_core::{ids::ClientId, ticket::IdFingerprint};
use hub_document::ConfigProblem;

pub use agreement::Agreement;
pub use credentials::{ClientAuthentication, ClientKeys, SecretDigest};
pub use data_provider::{
    AccessTokenFormat, DataProvider, DetailsType, Environment, IntrospectionFormat, ScopeEntry,
    type_of,
};
pub use eligibility::{Eligibility, IdpRule, Kind, Status};
pub use profile::{DataTokens, Lifetimes, Policy, Profile, UserinfoFormat};
pub use service_provider::{Contact, ServiceProvider};

/// All registered services and data providers.
#[derive(Debug, Default)]
pub struct Registry {
    services: BTreeMap<ClientId, ServiceProvider>,
    fingerprints: BTreeMap<IdFingerprint, ClientId>,
    data_providers: BTreeMap<ClientId, DataProvider>,
}

impl Registry {
    /// Creates a registry of `services` and `data_providers`, each with the name of its file.
    ///
    /// # Errors
    /// A problem for each client id, scope, type or resource that two files share, and for each sector
    /// that two organisations share without an explicit decision.
    pub fn new(
        services: Vec<(String, ServiceProvider)>,
        data_providers: Vec<(String, DataProvider)>,
    ) -> Result<Self, Vec<ConfigProblem>> {
        let mut registry = Self::default();
        let mut problems = duplicates(&services, &data_providers);
        problems.extend(sectors::shared_in_error(&services));
        for (_, provider) in data_providers {
            registry
                .data_providers
                .insert(provider.id.clone(), provider);
        }
        for (file, service) in services {
            let id = service.client_id.clone();
            let taken = registry.data_providers.contains_key(&id);
            if taken || registry.services.contains_key(&id) {
                let message =
                    format!("the client id `{id}` is in another file already: change one");
                problems.push(ConfigProblem::of_file(&file, message));
            }
            registry.fingerprints.insert(id.fingerprint(), id.clone());
            registry.services.insert(id, service);
        }
        if problems.is_empty() {
            Ok(registry)
        } else {
            Err(problems)
        }
    }

    /// Reads one `services/*.toml`, which may name scopes and types of `providers`.
    ///
    /// # Errors
    /// Every problem of the file, with line and remedy.
    pub fn read_service(
        file: &str,
        text: &str,
        providers: &[&DataProvider],
    ) -> Result<ServiceProvider, Vec<ConfigProblem>> {
        file::read(file, text, providers)
    }

    /// Reads one `data-providers/*.toml`.
    ///
    /// # Errors
    /// Every problem of the file, with line and remedy.
    pub fn read_data_provider(file: &str, text: &str) -> Result<DataProvider, Vec<ConfigProblem>> {
        data_provider_file::read(file, text)
    }

    /// Returns the service with that client id.
    #[must_use]
    pub fn find(&self, id: &ClientId) -> Option<&ServiceProvider> {
        self.services.get(id)
    }

    /// Returns the service that a path ticket names.
    #[must_use]
    pub fn by_fingerprint(&self, fingerprint: &IdFingerprint) -> Option<&ServiceProvider> {
        self.find(self.fingerprints.get(fingerprint)?)
    }

    /// Returns every service, ordered by client id.
    pub fn iter(&self) -> impl Iterator<Item = &ServiceProvider> {
        self.services.values()
    }

    /// Returns the data provider with that id.
    #[must_use]
    pub fn data_provider(&self, id: &ClientId) -> Option<&DataProvider> {
        self.data_providers.get(id)
    }

    /// Returns every data provider, ordered by id.
    pub fn data_providers(&self) -> impl Iterator<Item = &DataProvider> {
        self.data_providers.values()
    }

    /// Returns the data providers that `service` may use, ordered by id.
    pub fn data_providers_for<'r>(
        &'r self,
        service: &'r ServiceProvider,
    ) -> impl Iterator<Item = &'r DataProvider> {
        self.data_providers().filter(|one| service.may_ask(one))
    }
}

/// Returns a problem for each value that must be unique and is in two files.
///
/// Scopes and types may be the same in the two environments.
fn duplicates(
    services: &[(String, ServiceProvider)],
    providers: &[(String, DataProvider)],
) -> Vec<ConfigProblem> {
    let mut seen: BTreeMap<String, &String> = BTreeMap::new();
    for (file, service) in services {
        // Services may share a sector, see `sectors`; a data provider may not.
        seen.insert(format!("sector `{}`", service.sector.as_str()), file);
    }
    let mut problems = Vec::new();
    for (file, provider) in providers {
        let own = [
            format!("id `{}`", provider.id),
            format!("resource `{}`", provider.resource),
            format!("sector `{}`", provider.sector.as_str()),
        ];
        let environment = match provider.environment {
            Environment::Production => "",
            Environment::Test => " for tests",
        };
        let scopes = provider.scopes.iter();
        let scopes = scopes.map(|entry| format!("scope `{}`{environment}", entry.name));
        let types = provider.details.iter();
        let types =
            types.map(|entry| format!("authorization_details type `{}`{environment}", entry.name));
        for named in own.into_iter().chain(scopes).chain(types) {
            if let Some(other) = seen.get(&named) {
                let message = format!("the {named} is in {other} already: change one");
                problems.push(ConfigProblem::of_file(file, message));
            }
            seen.insert(named, file);
        }
    }
    problems
}

#[cfg(test)]
mod tests;
