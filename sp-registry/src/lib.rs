//! Service providers as registered. An entry that exists is valid: every rule is checked when its file
//! is read, and every fault is reported at once.

mod agreement;
mod credentials;
mod eligibility;
mod file;
mod profile;
mod service_provider;

use std::collections::BTreeMap;

use hub_core::{document::Fault, ids::ClientId, ticket::Reference};

pub use agreement::Agreement;
pub use credentials::{Authentication, ClientKeys, SecretDigest};
pub use eligibility::{Eligibility, IdpRule, Kind, Status};
pub use profile::{Lifetimes, Policy, Profile, UserinfoFormat};
pub use service_provider::{Contact, ServiceProvider};

/// Every registered service.
#[derive(Debug, Default)]
pub struct Registry {
    services: BTreeMap<ClientId, ServiceProvider>,
    references: BTreeMap<Reference, ClientId>,
}

impl Registry {
    /// A registry of `services`, each with the name of the file it comes from.
    ///
    /// # Errors
    /// A fault for each client id that two files share.
    pub fn new(services: Vec<(String, ServiceProvider)>) -> Result<Self, Vec<Fault>> {
        let mut registry = Self::default();
        let mut faults = Vec::new();
        for (file, service) in services {
            let id = service.client_id.clone();
            if registry.services.contains_key(&id) {
                let message =
                    format!("the client id `{id}` is in another file already: change one");
                faults.push(Fault::of_file(&file, message));
            }
            registry.references.insert(id.reference(), id.clone());
            registry.services.insert(id, service);
        }
        if faults.is_empty() {
            Ok(registry)
        } else {
            Err(faults)
        }
    }

    /// Reads one `services/*.toml`.
    ///
    /// # Errors
    /// Every fault of the file, with line and remedy.
    pub fn read_service(file: &str, text: &str) -> Result<ServiceProvider, Vec<Fault>> {
        file::read(file, text)
    }

    /// The service with that client id.
    #[must_use]
    pub fn find(&self, id: &ClientId) -> Option<&ServiceProvider> {
        self.services.get(id)
    }

    /// The service that a return ticket names.
    #[must_use]
    pub fn by_reference(&self, reference: &Reference) -> Option<&ServiceProvider> {
        self.find(self.references.get(reference)?)
    }

    /// Every service, by client id.
    pub fn iter(&self) -> impl Iterator<Item = &ServiceProvider> {
        self.services.values()
    }
}

#[cfg(test)]
mod tests;
