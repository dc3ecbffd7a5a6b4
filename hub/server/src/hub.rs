//! The services a step may use, and nothing else.

use std::{collections::BTreeMap, sync::Arc};

use hub_core::{
    clock::{Clock, Timestamp},
    entropy::Entropy,
    ids::{ClientId, LoginId},
    seal::Sealer,
    ticket::{Reference, Ticket, TicketOffice},
};
use hub_jose::{Algorithm, KeySet, TokenType, verify};
use hub_templates::{Pages, RenderFault};
use idp_adapters::{Outbound, Reach, Registered, RemoteKeys};
use serde_json::{Map, Value};
use sp_registry::{Authentication, ClientKeys, ServiceProvider};

use crate::{
    config::Configuration,
    flow::discovery,
    http::IdpList,
    store::{Records, StoreError, Vault},
};

/// What is the same for every worker: parsed, prepared and kept at start.
#[derive(Debug)]
pub struct Site {
    /// The configuration.
    pub config: Configuration,
    /// The pages.
    pub pages: Pages,
    /// The entries of the choice page.
    pub idp_list: IdpList,
    /// Makes and reads return tickets.
    pub tickets: TicketOffice,
    /// The discovery document.
    pub discovery: Vec<u8>,
    /// Where the present comes from.
    pub clock: Arc<dyn Clock>,
    /// Where secrets come from.
    pub entropy: Arc<dyn Entropy>,
    client_keys: BTreeMap<ClientId, ServiceKeys>,
}

/// The public keys of a service that signs its assertions.
#[derive(Debug)]
enum ServiceKeys {
    Inline(KeySet),
    Remote(Box<RemoteKeys>),
}

impl Site {
    /// Prepares a site from its configuration.
    ///
    /// # Errors
    /// [`RenderFault`] if a template is broken.
    pub fn new(
        config: Configuration,
        clock: Arc<dyn Clock>,
        entropy: Arc<dyn Entropy>,
    ) -> Result<Self, RenderFault> {
        let mut pages = Pages::new(&config.hub.name, &config.hub.base)?;
        if config.theme.contains_key("theme.css") {
            pages = pages.themed(config.theme.values().map(Vec::as_slice));
        }
        let idp_list = IdpList::prepare(&pages, &config.catalogue)?;
        let tickets = TicketOffice::new(config.keys.ticket.clone());
        let discovery = discovery::document(&config);
        let client_keys = client_keys(&config);
        Ok(Self {
            config,
            pages,
            idp_list,
            tickets,
            discovery,
            clock,
            entropy,
            client_keys,
        })
    }

    /// The claims of a client assertion, if the service's own key signed it.
    pub async fn assertion_claims(
        &self,
        client: &ClientId,
        assertion: &str,
    ) -> Option<Map<String, Value>> {
        let allowed = Algorithm::ALL;
        match self.client_keys.get(client)? {
            ServiceKeys::Inline(keys) => {
                verify(assertion, keys, &allowed, TokenType::Assertion).ok()
            }
            ServiceKeys::Remote(keys) => keys
                .verify(assertion, &allowed, TokenType::Assertion, self.clock.now())
                .await
                .ok(),
        }
    }
}

fn client_keys(config: &Configuration) -> BTreeMap<ClientId, ServiceKeys> {
    let keys = |service: &ServiceProvider| {
        let keys = match &service.authentication {
            Authentication::PrivateKeyJwt(ClientKeys::Inline(jwks)) => {
                ServiceKeys::Inline(KeySet::from_jwks(jwks.as_bytes()).unwrap_or_default())
            }
            Authentication::PrivateKeyJwt(ClientKeys::At(url)) => {
                // Plain http is registered for the loopback only; see sp-registry.
                let reach = if url.scheme() == "http" {
                    Reach::Everywhere
                } else {
                    Reach::Internet
                };
                let outbound: Outbound = config.outbound.clone();
                ServiceKeys::Remote(Box::new(RemoteKeys::new(
                    outbound,
                    reach,
                    url.clone(),
                    KEYS_LIMIT,
                )))
            }
            Authentication::None | Authentication::Secret(_) => return None,
        };
        Some((service.client_id.clone(), keys))
    };
    config.registry.iter().filter_map(keys).collect()
}

const KEYS_LIMIT: std::time::Duration = std::time::Duration::from_secs(5);

/// One worker's hub: the site, and its own connection to the store.
#[derive(Debug)]
pub struct Hub {
    /// What every worker shares.
    pub site: Arc<Site>,
    /// The records.
    pub records: Records,
    /// The store under them.
    pub vault: Arc<dyn Vault>,
}

impl Hub {
    /// A hub on `site` that keeps its records in `vault`.
    #[must_use]
    pub fn new(site: Arc<Site>, vault: Arc<dyn Vault>) -> Self {
        let sealer = Sealer::new(site.config.keys.pepper.clone());
        let records = Records::new(Arc::clone(&vault), sealer, Arc::clone(&site.entropy));
        Self {
            site,
            records,
            vault,
        }
    }

    /// The present.
    #[must_use]
    pub fn now(&self) -> Timestamp {
        self.site.clock.now()
    }

    /// Where secrets come from.
    #[must_use]
    pub fn entropy(&self) -> &dyn Entropy {
        self.site.entropy.as_ref()
    }

    /// The issuer.
    #[must_use]
    pub fn issuer(&self) -> &str {
        &self.site.config.hub.issuer
    }

    /// A path of the hub, as a page or a redirect writes it.
    #[must_use]
    pub fn path(&self, rest: &str) -> String {
        format!("{}{rest}", self.site.config.hub.base)
    }

    /// The service of that id.
    #[must_use]
    pub fn service(&self, id: &ClientId) -> Option<&ServiceProvider> {
        self.site.config.registry.find(id)
    }

    /// The issuer as RFC 9207's `iss`, for a service that gets it.
    #[must_use]
    pub fn issuer_for(&self, service: &ServiceProvider) -> Option<&str> {
        service.policy.iss_parameter.then(|| self.issuer())
    }

    /// The IdPs that `service` may use, in the order of the choice page.
    pub fn idps_for<'a>(
        &'a self,
        service: &'a ServiceProvider,
    ) -> impl Iterator<Item = &'a Registered> {
        self.site
            .config
            .catalogue
            .iter()
            .filter(|idp| may_use(service, idp))
    }

    /// A return ticket for a login of `client`.
    ///
    /// # Errors
    /// [`StoreError::Sealing`] when the cryptographic library fails.
    pub fn ticket(
        &self,
        login: LoginId,
        client: &ClientId,
        attempt: Option<(Reference, [u8; 16])>,
    ) -> Result<String, StoreError> {
        self.issue(login, client.reference(), attempt)
    }

    /// A ticket of no service: for a logout that nobody asked for but the citizen.
    ///
    /// # Errors
    /// [`StoreError::Sealing`] when the cryptographic library fails.
    pub fn anonymous_ticket(&self, login: LoginId) -> Result<String, StoreError> {
        self.issue(login, Reference::default(), None)
    }

    fn issue(
        &self,
        login: LoginId,
        client: Reference,
        attempt: Option<(Reference, [u8; 16])>,
    ) -> Result<String, StoreError> {
        let (idp, attempt) = attempt.unwrap_or_default();
        let ticket = Ticket {
            login,
            client,
            idp,
            attempt,
            made_at: self.now(),
        };
        self.site
            .tickets
            .issue(&ticket, self.entropy())
            .map_err(|_fault| StoreError::Sealing)
    }

    /// The service that a ticket was for.
    #[must_use]
    pub fn service_of(&self, ticket: &Ticket) -> Option<&ServiceProvider> {
        self.site.config.registry.by_reference(&ticket.client)
    }
}

/// Whether `service` may send its citizens to `idp`, as both are registered.
#[must_use]
pub fn may_use(service: &ServiceProvider, idp: &Registered) -> bool {
    service.may_use(&idp.id, idp.environment == idp_adapters::Environment::Test)
}
