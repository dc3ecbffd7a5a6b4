//! Wires the hub and runs it: one worker a core, each with its own connection to the store.

use std::{net::TcpListener, num::NonZeroUsize, sync::Arc, time::Duration};

use actix_web::{
    App,
    dev::{Server, ServerHandle},
    middleware::{Condition, DefaultHeaders, from_fn},
    web::{Data, PathConfig, PayloadConfig},
};
use anyhow::Context;
use hub_core::{
    clock::{Clock, SystemClock},
    entropy::{Entropy, SystemEntropy},
};
use metrics_exporter_prometheus::PrometheusHandle;
use tracing_actix_web::TracingLogger;

use crate::{
    audit::Audit,
    config::{Configuration, StoreAddress},
    http::{connection, rate_limit},
    hub::{Hub, SharedState},
    process, router,
    store::{MemoryStore, RedisStore, Store, same_keys},
    telemetry::RequestSpan,
};

const LARGEST_BODY: usize = 16 * 1024;
/// How long running requests may take to finish when the hub is told to stop.
const SHUTDOWN_SECONDS: u64 = 10;

/// The time in which a browser comes back to the service that ends a session, by the IdP's page. A service that ends
/// its own session before that has no session to finish the logout in: a Keycloak shows an error then.
const REQUESTER_PAUSE: Duration = Duration::from_secs(30);

/// How many connections the operations listener keeps open.
const MOST_OPERATORS: usize = 256;

/// What the hub takes from outside: time, chance and, in tests, a store of their own.
#[derive(Debug)]
pub struct Dependencies {
    /// Where the present comes from.
    pub clock: Arc<dyn Clock>,
    /// Where secrets come from.
    pub entropy: Arc<dyn Entropy>,
    /// A store to use in place of the configured one.
    pub store: Option<Arc<dyn Store>>,
    /// How long the service that ends a session, and gets the browser back, waits for its logout token.
    pub requester_pause: Duration,
}

impl Default for Dependencies {
    fn default() -> Self {
        Self {
            clock: Arc::new(SystemClock),
            entropy: Arc::new(SystemEntropy),
            store: None,
            requester_pause: REQUESTER_PAUSE,
        }
    }
}

/// A hub, wired and bound.
#[derive(Debug)]
pub struct Application {
    shared: Arc<SharedState>,
    stores: Stores,
    listener: TcpListener,
    operations: Option<(TcpListener, PrometheusHandle)>,
}

/// How a worker gets its vault.
#[derive(Debug, Clone)]
enum Stores {
    Each(crate::store::RedisAddress),
    Shared(Arc<dyn Store>),
}

impl Stores {
    fn one(&self) -> Arc<dyn Store> {
        match self {
            Self::Each(address) => Arc::new(RedisStore::new(address.clone())),
            Self::Shared(store) => Arc::clone(store),
        }
    }
}

impl Application {
    /// Prepares a hub that will answer on `listener`.
    ///
    /// # Errors
    /// When a page template is broken, or the audit stream cannot be written.
    pub fn build(
        config: Configuration,
        listener: TcpListener,
        dependencies: Dependencies,
    ) -> Result<Self, anyhow::Error> {
        let Dependencies {
            clock,
            entropy,
            store,
            requester_pause,
        } = dependencies;
        let stores = match (store, &config.hub.store) {
            (Some(store), _) => Stores::Shared(store),
            (None, StoreAddress::Memory) => {
                Stores::Shared(Arc::new(MemoryStore::new(Arc::clone(&clock))))
            }
            (None, StoreAddress::Redis(address)) => Stores::Each(address.clone()),
        };
        let audit = config.hub.audit.as_ref();
        let audit = audit.map(|settings| {
            let keys = (settings.key.clone(), settings.escrow.clone());
            Audit::open(&settings.output, keys, clock.now(), entropy.as_ref())
                .with_context(|| format!("the audit stream cannot be written: {}", settings.output))
        });
        let shared = Arc::new(SharedState::new(
            config,
            audit.transpose()?,
            clock,
            entropy,
            requester_pause,
        )?);
        Ok(Self {
            shared,
            stores,
            listener,
            operations: None,
        })
    }

    /// Answers probes and metrics on `listener` as well.
    #[must_use]
    pub fn with_operations(mut self, listener: TcpListener, recorder: PrometheusHandle) -> Self {
        self.operations = Some((listener, recorder));
        self
    }

    /// Whether the nodes that already run have the same keys. A store that does not answer says
    /// nothing: the probe asks again.
    pub async fn has_the_keys_of_the_others(&self) -> bool {
        let check = self.shared.config.keys.subject.check_value();
        same_keys(self.stores.one().as_ref(), &check)
            .await
            .unwrap_or(true)
    }

    /// Starts answering.
    ///
    /// # Errors
    /// When a listener cannot be used.
    pub fn start(self) -> Result<Running, anyhow::Error> {
        let settings = &self.shared.config.hub;
        let (base, secure) = (settings.base.clone(), settings.secure_cookies);
        let limited = settings.limits.enabled && settings.proxies.is_some();
        let workers = settings.workers.or_else(|| {
            let cores = std::thread::available_parallelism();
            cores.ok().map(NonZeroUsize::get)
        });
        let workers = workers.unwrap_or(1);
        let connections = process::make_room_for(settings.limits.connections);
        let (shared, stores) = (Arc::clone(&self.shared), self.stores.clone());
        let application = move || {
            let hub = Data::new(Hub::new(Arc::clone(&shared), stores.one()));
            let base = base.clone();
            App::new()
                .app_data(hub)
                .app_data(PayloadConfig::new(LARGEST_BODY))
                .app_data(PathConfig::default().error_handler(router::unreadable_path))
                .wrap(Condition::new(
                    limited,
                    from_fn(rate_limit::limit_by_address),
                ))
                .wrap(headers(secure))
                .wrap(TracingLogger::<RequestSpan>::new())
                .configure(|routes| router::public(routes, &base))
        };
        let server = Server::build()
            .shutdown_timeout(SHUTDOWN_SECONDS)
            .workers(workers)
            .max_concurrent_connections(connections.div_ceil(workers));
        let server = connection::listen(server, self.listener, application)?.run();
        let operations = match self.operations {
            None => None,
            Some((listener, recorder)) => {
                let (shared, stores) = (self.shared, self.stores);
                let application = move || {
                    App::new()
                        .app_data(Data::new(Hub::new(Arc::clone(&shared), stores.one())))
                        .app_data(Data::new(recorder.clone()))
                        .configure(router::operations)
                };
                let server = Server::build()
                    .workers(1)
                    .max_concurrent_connections(MOST_OPERATORS)
                    .disable_signals();
                Some(connection::listen(server, listener, application)?.run())
            }
        };
        Ok(Running { server, operations })
    }
}

/// The policy of answers that are not pages: a file opened by itself (an operator's SVG) loads and runs
/// nothing. Pages set their own.
const POLICY: &str = "default-src 'none'; frame-ancestors 'none'; base-uri 'none'; sandbox";

/// What every answer says: nothing of where the browser came from, nothing to guess.
fn headers(secure: bool) -> DefaultHeaders {
    let headers = DefaultHeaders::new()
        // On redirects too: else an IdP would learn the service, and a service the IdP.
        .add(("referrer-policy", "no-referrer"))
        .add(("x-content-type-options", "nosniff"))
        // A page that opened the hub in a window, or an IdP, keeps no handle on that window: it can neither
        // navigate it nor watch it. On redirects too, which a browser checks as well.
        .add(("cross-origin-opener-policy", "same-origin"))
        .add(("content-security-policy", POLICY));
    if secure {
        headers.add((
            "strict-transport-security",
            "max-age=63072000; includeSubDomains",
        ))
    } else {
        headers
    }
}

/// A hub that answers.
#[expect(missing_debug_implementations, reason = "actix's servers have none")]
pub struct Running {
    server: Server,
    operations: Option<Server>,
}

impl Running {
    /// A handle to stop it with.
    #[must_use]
    pub fn handle(&self) -> ServerHandle {
        self.server.handle()
    }

    /// Answers until told to stop (SIGTERM, SIGINT): what runs is finished, what is new is refused.
    ///
    /// # Errors
    /// When the server fails.
    pub async fn until_stopped(self) -> Result<(), std::io::Error> {
        if let Some(operations) = self.operations {
            let handle = operations.handle();
            actix_web::rt::spawn(operations);
            let ended = self.server.await;
            handle.stop(true).await;
            return ended;
        }
        self.server.await
    }
}
