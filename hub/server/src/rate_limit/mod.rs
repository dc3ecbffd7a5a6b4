//! Rate limits of one node: for strangers by address, for clients that have proven who they are by client.
//!
//! Two rules keep a limit from becoming a weapon. A client's own budget is spent only by requests that the
//! client has authenticated, so that a stranger who sends its `client_id` takes nothing from it. And failures
//! of authentication are counted for an address and a client together, so that they stop guesses from that
//! address alone.

mod budget;

use std::{
    collections::BTreeMap,
    hash::{BuildHasher, Hash, RandomState},
    net::IpAddr,
    sync::{Arc, Mutex, PoisonError},
    time::Duration,
};

use hub_core::{
    clock::{Clock, Timestamp},
    ids::ClientId,
};
use ipnet::IpNet;
use thiserror::Error;

use crate::config::Limits;
use budget::Budget;

/// How many pairs of address and client may be shut out at the same time.
const MOST_SHUT_OUT: usize = 10_000;

/// Too many requests: try again later (RFC 6585 section 4).
#[derive(Debug, Clone, Copy, PartialEq, Eq, Error)]
#[error("too many requests: try again in {retry_after} seconds")]
pub struct TooMany {
    /// In how many seconds, at least one.
    pub retry_after: u64,
}

/// What a request of a browser costs.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Cost {
    /// It begins a login or a logout: a record in the store.
    Begin,
    /// Any other step.
    Step,
}

/// The budgets of this node.
#[derive(Debug)]
pub struct RateLimits {
    limits: Limits,
    clock: Arc<dyn Clock>,
    hasher: RandomState,
    begins: Budget,
    steps: Budget,
    failures: Budget,
    clients: Budget,
    /// Until when an address may not try a client's credentials again.
    shut_out: Mutex<BTreeMap<u64, Timestamp>>,
}

impl RateLimits {
    /// Budgets as configured, all of them full.
    #[must_use]
    pub fn new(limits: Limits, clock: Arc<dyn Clock>) -> Self {
        let budget = |per_minute| Budget::new(per_minute, Arc::clone(&clock));
        Self {
            begins: budget(limits.logins_per_address),
            steps: budget(limits.requests_per_address),
            failures: budget(limits.failures_per_address),
            clients: budget(limits.requests_per_client),
            shut_out: Mutex::default(),
            hasher: RandomState::new(),
            limits,
            clock,
        }
    }

    /// Takes a request of a browser at `address` from its budget.
    ///
    /// # Errors
    /// [`TooMany`].
    pub fn browser(&self, address: IpAddr, cost: Cost) -> Result<(), TooMany> {
        if !self.limits.enabled {
            return Ok(());
        }
        let key = self.key(self.network(address));
        if cost == Cost::Begin {
            counted("login", self.begins.take(key))?;
        }
        counted("request", self.steps.take(key))
    }

    /// Takes a request that `client` has authenticated from its budget.
    ///
    /// # Errors
    /// [`TooMany`].
    pub fn client(&self, client: &ClientId) -> Result<(), TooMany> {
        if !self.limits.enabled {
            return Ok(());
        }
        counted("client", self.clients.take(self.key(client.as_str())))
    }

    /// Whether credentials of `client` from `address` are looked at: not for a while after too many wrong ones
    /// from there. `None` is any client that the hub does not know.
    ///
    /// # Errors
    /// [`TooMany`].
    pub fn may_authenticate(
        &self,
        address: Option<IpAddr>,
        client: Option<&ClientId>,
    ) -> Result<(), TooMany> {
        let Some(address) = address.filter(|_| self.limits.enabled) else {
            return Ok(());
        };
        let key = self.key((self.network(address), client.map(ClientId::as_str)));
        let now = self.clock.now();
        let shut_out = self.shut_out.lock().unwrap_or_else(PoisonError::into_inner);
        let left = shut_out.get(&key).map(|until| until.since(now));
        drop(shut_out);
        match left.filter(|left| !left.is_zero()) {
            None => Ok(()),
            Some(left) => counted(
                "failure",
                Err(TooMany {
                    retry_after: left.as_secs(),
                }),
            ),
        }
    }

    /// Counts wrong credentials of `client`, or a wrong token (`None`), from `address`.
    ///
    /// # Errors
    /// [`TooMany`] if these were too many.
    pub fn failed(
        &self,
        address: Option<IpAddr>,
        client: Option<&ClientId>,
    ) -> Result<(), TooMany> {
        let Some(address) = address.filter(|_| self.limits.enabled) else {
            return Ok(());
        };
        let key = self.key((self.network(address), client.map(ClientId::as_str)));
        let outcome = self.failures.take(key);
        if let Err(TooMany { retry_after }) = outcome {
            self.shut_out(key, Duration::from_secs(retry_after));
        }
        counted("failure", outcome)
    }

    fn shut_out(&self, key: u64, span: Duration) {
        let now = self.clock.now();
        let mut shut_out = self.shut_out.lock().unwrap_or_else(PoisonError::into_inner);
        if shut_out.len() >= MOST_SHUT_OUT {
            shut_out.retain(|_, until| *until > now);
        }
        if shut_out.len() < MOST_SHUT_OUT {
            shut_out.insert(key, now.plus(span));
        }
    }

    /// The network that shares a budget: one household or server has a whole /64 of IPv6.
    fn network(&self, address: IpAddr) -> IpNet {
        let prefix = match address {
            IpAddr::V4(_) => self.limits.ipv4_prefix,
            IpAddr::V6(_) => self.limits.ipv6_prefix,
        };
        IpNet::new(address, prefix).map_or_else(|_too_long| address.into(), |net| net.trunc())
    }

    /// Addresses and clients are kept as keyed hashes, all of one size.
    fn key(&self, of: impl Hash) -> u64 {
        self.hasher.hash_one(of)
    }
}

fn counted(kind: &'static str, outcome: Result<(), TooMany>) -> Result<(), TooMany> {
    if outcome.is_err() {
        metrics::counter!("lethe_requests_limited_total", "kind" => kind).increment(1);
    }
    outcome
}
