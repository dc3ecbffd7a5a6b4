//! Requests refused to clients that proved nothing: counted, and logged within a limit.
//!
//! They never reach the audit stream: anybody can send them, as many as they like, and a full disk there
//! stops every login. Each endpoint has a limit of its own, so that a flood at one hides nothing at another.

use std::{
    fmt,
    num::NonZeroU32,
    sync::{
        Arc,
        atomic::{AtomicU64, Ordering},
    },
};

use governor::{
    Quota, RateLimiter, clock, middleware::NoOpMiddleware, nanos::Nanos,
    state::keyed::HashMapStateStore,
};
use hub_core::clock::Clock;

/// How many lines each endpoint may write at once.
const BURST: NonZeroU32 = NonZeroU32::new(60).unwrap();
/// How many it may write each second after that.
const EACH_SECOND: NonZeroU32 = NonZeroU32::new(1).unwrap();

/// A request that was refused to a client that proved nothing.
#[derive(Debug, Clone, Copy)]
pub struct Refused<'a> {
    /// The pattern of the endpoint's path.
    pub endpoint: &'a str,
    /// The error code that was answered, from a closed list.
    pub error: &'a str,
    /// Why, for the operator: from a closed list, never a value that was sent.
    pub cause: &'a str,
    /// The registered client that the request claimed to be of, if any.
    pub claimed: Option<&'a str>,
    /// The incident id of the request.
    pub incident: &'a str,
}

/// Counts and logs refused requests.
pub struct Refusals {
    limiter: RateLimiter<String, HashMapStateStore<String>, HubClock, NoOpMiddleware<Nanos>>,
    unlogged: AtomicU64,
}

impl Refusals {
    /// Counts from now on; the limit follows `clock`.
    #[must_use]
    pub fn new(clock: Arc<dyn Clock>) -> Self {
        let quota = Quota::per_second(EACH_SECOND).allow_burst(BURST);
        Self {
            limiter: RateLimiter::hashmap_with_clock(quota, HubClock(clock)),
            unlogged: AtomicU64::new(0),
        }
    }

    /// Counts `refused`, and logs it unless its endpoint has written its share. The next line that is
    /// written says in `unlogged` how many were not.
    pub fn record(&self, refused: &Refused<'_>) {
        let (endpoint, error) = (refused.endpoint.to_owned(), refused.error.to_owned());
        metrics::counter!("lethe_refusals_total", "endpoint" => endpoint.clone(), "error" => error)
            .increment(1);
        let Some(unlogged) = self.turn(&endpoint) else {
            return;
        };
        tracing::info!(
            endpoint = refused.endpoint,
            error = refused.error,
            cause = refused.cause,
            claimed = refused.claimed,
            incident = refused.incident,
            unlogged,
            "request refused"
        );
    }

    /// Logs, within the same limits, why the client that showed the registered id `client` failed to
    /// authenticate; the client itself is told no more than that it did.
    pub fn log_client(&self, client: &str, cause: &str) {
        if let Some(unlogged) = self.turn("client authentication") {
            tracing::warn!(
                client.id = client,
                cause,
                unlogged,
                "client authentication failed"
            );
        }
    }

    /// Whether a line may be written about `what`: then how many were not since the last one.
    fn turn(&self, what: &str) -> Option<u64> {
        if self.limiter.check_key(&what.to_owned()).is_err() {
            self.unlogged.fetch_add(1, Ordering::Relaxed);
            metrics::counter!("lethe_refusals_unlogged_total").increment(1);
            return None;
        }
        Some(self.unlogged.swap(0, Ordering::Relaxed))
    }
}

/// The hub's clock, for the limiter.
#[derive(Clone)]
struct HubClock(Arc<dyn Clock>);

impl clock::Clock for HubClock {
    type Instant = Nanos;

    fn now(&self) -> Nanos {
        let seconds = u64::try_from(self.0.now().unix()).unwrap_or_default();
        Nanos::new(seconds.saturating_mul(1_000_000_000))
    }
}

impl fmt::Debug for Refusals {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("Refusals")
    }
}
