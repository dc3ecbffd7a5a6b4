//! The services a step may use, and nothing else.

use std::{collections::BTreeMap, sync::Arc, time::Duration};

use hub_core::{
    clock::{Clock, Timestamp},
    encoding::hex,
    entropy::{Entropy, draw},
    ids::{ClientId, IdpId, LoginId},
    seal::Sealer,
    ticket::{PathTicket, StateTicket, TicketSealer},
};
use hub_jose::{Algorithm, KeySet, Recipient, TokenType, verify};
use hub_outbound::{
    Cause, Endpoint, Failure, NetworkPolicy, Outbound, RemoteKeys, RemoteKeysError, RemoteRecipient,
};
use hub_templates::{Pages, RenderError};
use idp_adapters::Registered;
use serde_json::{Map, Value};
use sp_registry::{ClientAuthentication, ClientKeys, DataProvider, ServiceProvider};
use url::Url;

use crate::{
    audit::{Audit, AuditEntry, AuditError, Event, Origin, Refusals},
    config::Configuration,
    flow::public::discovery,
    pages::IdpList,
    rate_limit::RateLimits,
    session::upstream_sessions::ReportedIdps,
    store::{Records, Store, StoreError},
};

/// What is the same for every worker: parsed, prepared and kept at start.
#[derive(Debug)]
pub struct SharedState {
    /// The configuration.
    pub config: Configuration,
    /// The pages.
    pub pages: Pages,
    /// The entries of the choice page.
    pub idp_list: IdpList,
    /// Seals and opens tickets.
    pub tickets: TicketSealer,
    /// The discovery document.
    pub discovery: Vec<u8>,
    /// Where the present comes from.
    pub clock: Arc<dyn Clock>,
    /// Where secrets come from.
    pub entropy: Arc<dyn Entropy>,
    /// How long the service that ends a session, and gets the browser back, waits for its logout token.
    pub requester_pause: Duration,
    /// Where traces go, if anywhere.
    pub audit: Option<Audit>,
    /// Where requests of strangers that are refused are counted.
    pub refusals: Refusals,
    /// What strangers and clients may ask for, and how often.
    pub rate_limits: RateLimits,
    /// Of which identity providers an unusable `sid` was logged.
    pub reported_idps: ReportedIdps,
    client_keys: BTreeMap<ClientId, ServiceKeys>,
    recipients: BTreeMap<ClientId, ProviderKey>,
}

/// The public key of a data provider for which answers are encrypted.
#[derive(Debug)]
enum ProviderKey {
    Inline(Option<Recipient>),
    Remote(Box<RemoteRecipient>),
}

/// The public keys of a client that signs its assertions.
#[derive(Debug)]
enum ServiceKeys {
    Inline(KeySet),
    Remote(Box<RemoteKeys>),
}

impl SharedState {
    /// Prepares a site from its configuration.
    ///
    /// # Errors
    /// [`RenderError`] if a template is broken.
    pub fn new(
        config: Configuration,
        audit: Option<Audit>,
        clock: Arc<dyn Clock>,
        entropy: Arc<dyn Entropy>,
        requester_pause: Duration,
    ) -> Result<Self, RenderError> {
        let mut pages = Pages::new(&config.hub.name, &config.hub.base)?;
        if config.theme.contains_key("theme.css") {
            pages = pages.themed(config.theme.values().map(Vec::as_slice));
        }
        let idp_list = IdpList::prepare(&pages, &config.catalogue)?;
        let tickets = TicketSealer::new(config.keys.ticket.clone(), config.hub.login_lifetime);
        let discovery = discovery::document(&config);
        let client_keys = client_keys(&config);
        let refusals = Refusals::new(Arc::clone(&clock));
        let recipients = recipients(&config);
        let rate_limits = RateLimits::new(config.hub.limits, Arc::clone(&clock));
        Ok(Self {
            rate_limits,
            config,
            pages,
            idp_list,
            tickets,
            discovery,
            clock,
            entropy,
            requester_pause,
            audit,
            refusals,
            reported_idps: ReportedIdps::default(),
            client_keys,
            recipients,
        })
    }

    /// `token` encrypted for a data provider that registered a key for that: nothing if it did not, and
    /// nothing inside if the key cannot be had.
    pub async fn sealed_for(&self, provider: &DataProvider, token: &str) -> Option<Option<String>> {
        Some(match self.recipients.get(&provider.id)? {
            ProviderKey::Inline(recipient) => recipient.as_ref().and_then(|one| one.seal(token)),
            ProviderKey::Remote(remote) => {
                let recipient = remote.get(self.clock.now()).await.ok();
                recipient.and_then(|recipient| recipient.seal(token))
            }
        })
    }

    /// The claims of a client assertion, if the client's own key signed it.
    ///
    /// # Errors
    /// [`RemoteKeysError`]: its keys cannot be had, or none of them signed it.
    pub async fn assertion_claims(
        &self,
        client: &ClientId,
        assertion: &str,
    ) -> Result<Map<String, Value>, RemoteKeysError> {
        let (allowed, typ) = (Algorithm::ALL, TokenType::Assertion);
        match self.client_keys.get(client) {
            None => {
                let cause = Cause::Check("no keys are registered");
                Err(RemoteKeysError::Unreachable(Failure::new(
                    Endpoint::Keys,
                    cause,
                )))
            }
            Some(ServiceKeys::Inline(keys)) => Ok(verify(assertion, keys, &allowed, typ)?),
            Some(ServiceKeys::Remote(keys)) => {
                let now = self.clock.now();
                keys.verify(assertion, &allowed, typ, now).await
            }
        }
    }
}

/// The keys of services and data providers that sign their assertions.
fn client_keys(config: &Configuration) -> BTreeMap<ClientId, ServiceKeys> {
    let keys = |(id, authentication): (&ClientId, &ClientAuthentication)| {
        let keys = match authentication {
            ClientAuthentication::PrivateKeyJwt(ClientKeys::Inline(jwks)) => {
                ServiceKeys::Inline(KeySet::from_jwks(jwks.as_bytes()).unwrap_or_default())
            }
            ClientAuthentication::PrivateKeyJwt(ClientKeys::At(url)) => {
                let outbound: Outbound = config.outbound.clone();
                let keys = RemoteKeys::new(outbound, network_policy(url), url.clone(), KEYS_LIMIT);
                ServiceKeys::Remote(Box::new(keys))
            }
            ClientAuthentication::None | ClientAuthentication::Secret(_) => return None,
        };
        Some((id.clone(), keys))
    };
    let services = config.registry.iter();
    let services = services.map(|one| (&one.client_id, &one.authentication));
    let providers = config.registry.data_providers();
    let providers = providers.map(|one| (&one.id, &one.authentication));
    services.chain(providers).filter_map(keys).collect()
}

/// The keys for which answers to data providers are encrypted.
fn recipients(config: &Configuration) -> BTreeMap<ClientId, ProviderKey> {
    let key = |provider: &DataProvider| {
        let key = match provider.encryption.as_ref()? {
            ClientKeys::Inline(jwks) => ProviderKey::Inline(Recipient::from_jwks(jwks.as_bytes())),
            ClientKeys::At(url) => {
                let outbound = config.outbound.clone();
                let key =
                    RemoteRecipient::new(outbound, network_policy(url), url.clone(), KEYS_LIMIT);
                ProviderKey::Remote(Box::new(key))
            }
        };
        Some((provider.id.clone(), key))
    };
    config.registry.data_providers().filter_map(key).collect()
}

/// Plain http is registered for the loopback only; see sp-registry.
fn network_policy(url: &Url) -> NetworkPolicy {
    if url.scheme() == "http" {
        NetworkPolicy::AllowPrivate
    } else {
        NetworkPolicy::PublicOnly
    }
}

const KEYS_LIMIT: Duration = Duration::from_secs(5);

/// One worker's hub: the site, and its own connection to the store.
#[derive(Debug, Clone)]
pub struct Hub {
    /// What every worker shares.
    pub shared: Arc<SharedState>,
    /// The records.
    pub records: Records,
    /// The store under them.
    pub store: Arc<dyn Store>,
}

impl Hub {
    /// A hub on `shared` that keeps its records in `store`.
    #[must_use]
    pub fn new(shared: Arc<SharedState>, store: Arc<dyn Store>) -> Self {
        let sealer = Sealer::new(shared.config.keys.pepper.clone());
        let records = Records::new(Arc::clone(&store), sealer, Arc::clone(&shared.entropy));
        Self {
            shared,
            records,
            store,
        }
    }

    /// The present.
    #[must_use]
    pub fn now(&self) -> Timestamp {
        self.shared.clock.now()
    }

    /// Where secrets come from.
    #[must_use]
    pub fn entropy(&self) -> &dyn Entropy {
        self.shared.entropy.as_ref()
    }

    /// The issuer.
    #[must_use]
    pub fn issuer(&self) -> &str {
        &self.shared.config.hub.issuer
    }

    /// A path of the hub, as a page or a redirect writes it.
    #[must_use]
    pub fn path(&self, rest: &str) -> String {
        format!("{}{rest}", self.shared.config.hub.base)
    }

    /// The service of that id.
    #[must_use]
    pub fn service(&self, id: &ClientId) -> Option<&ServiceProvider> {
        self.shared.config.registry.find(id)
    }

    /// The issuer as RFC 9207's `iss`, for a service that gets it.
    #[must_use]
    pub fn issuer_for(&self, service: &ServiceProvider) -> Option<&str> {
        service.policy.iss_parameter.then(|| self.issuer())
    }

    /// A secret id for a login or a logout. It is kept in sealed records only, and in no log, page or token:
    /// whoever knew it and the audit key could tell which service and which identity provider it joins.
    #[must_use]
    pub fn new_transaction(&self) -> String {
        hex(&draw::<16>(self.entropy()))
    }

    /// The number of the login `transaction` for citizens and services: its pseudonym on the lines about the
    /// service. Without an audit stream there is nothing to find by it, and it is the id itself.
    #[must_use]
    pub fn receipt_number(&self, transaction: &str) -> String {
        let audit = self.shared.config.hub.audit.as_ref();
        audit.map_or_else(
            || transaction.to_owned(),
            |audit| audit.key.service_login(transaction),
        )
    }

    /// Writes down that `event` happened in `transaction`; nothing to do without an audit stream.
    ///
    /// # Errors
    /// [`AuditError`]: what it tells of must not happen.
    pub fn audit(&self, transaction: &str, event: Event<'_>) -> Result<(), AuditError> {
        self.audit_from(None, transaction, event)
    }

    /// Writes down that something ended, as far as that can be written: what ends access is never refused.
    /// A failure is logged, and the probe says so.
    pub fn audit_best_effort(&self, transaction: &str, event: Event<'_>) {
        self.audit_best_effort_from(None, transaction, event);
    }

    /// The same, of a citizen's connection from `origin`.
    pub fn audit_best_effort_from(
        &self,
        origin: Option<&Origin>,
        transaction: &str,
        event: Event<'_>,
    ) {
        if self.audit_from(origin, transaction, event).is_err() {
            tracing::warn!("an event could not be written to the audit stream");
        }
    }

    /// As [`Hub::audit`], of a citizen's connection from `origin`.
    ///
    /// # Errors
    /// [`AuditError`].
    pub fn audit_from(
        &self,
        origin: Option<&Origin>,
        transaction: &str,
        event: Event<'_>,
    ) -> Result<(), AuditError> {
        let Some(audit) = &self.shared.audit else {
            return Ok(());
        };
        audit.record(&AuditEntry {
            at: self.now(),
            transaction,
            origin,
            event,
        })
    }

    /// The IdPs that `service` may use, in the order of the choice page.
    pub fn idps_for<'a>(
        &'a self,
        service: &'a ServiceProvider,
    ) -> impl Iterator<Item = &'a Registered> {
        self.shared
            .config
            .catalogue
            .iter()
            .filter(|idp| may_use(service, idp))
    }

    /// A ticket for the addresses of the hub's own pages, for a login of `client`.
    ///
    /// # Errors
    /// [`StoreError::Sealing`] if the cryptographic library fails.
    pub fn path_ticket(&self, login: LoginId, client: &ClientId) -> Result<String, StoreError> {
        let ticket = PathTicket {
            login,
            client: client.fingerprint(),
            made_at: self.now(),
        };
        let sealed = self.shared.tickets.seal_path(&ticket, self.entropy());
        sealed.map_err(|_error| StoreError::Sealing)
    }

    /// A `state` for the IdP `idp`: for `attempt` of a login, or for a logout, which has no attempt. It
    /// says nothing of the service.
    ///
    /// # Errors
    /// [`StoreError::Sealing`] if the cryptographic library fails.
    pub fn state_ticket(
        &self,
        login: LoginId,
        idp: Option<&IdpId>,
        attempt: Option<[u8; 16]>,
    ) -> Result<String, StoreError> {
        let ticket = StateTicket {
            login,
            attempt: attempt.unwrap_or_default(),
            idp: idp.map(IdpId::fingerprint).unwrap_or_default(),
            made_at: self.now(),
        };
        let sealed = self.shared.tickets.seal_state(&ticket, self.entropy());
        sealed.map_err(|_error| StoreError::Sealing)
    }
}

/// Whether `service` may send its citizens to `idp`, as both are registered.
#[must_use]
pub fn may_use(service: &ServiceProvider, idp: &Registered) -> bool {
    service.may_use(&idp.id, idp.environment == idp_adapters::Environment::Test)
}
