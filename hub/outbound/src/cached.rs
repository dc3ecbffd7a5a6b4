//! A document of another party, cached and fetched by one caller at a time.
//!
//! If it cannot be fetched again, the last copy is used up to a maximum age: otherwise an attacker who
//! blocks the hub's requests could keep a withdrawn key in use. Called by `remote_keys.rs` and by the
//! discovery of the IdP adapters.

use std::{
    future::Future,
    sync::{Arc, PoisonError, RwLock},
    time::Duration,
};

use hub_core::clock::Timestamp;
use tokio::sync::Mutex;

/// How long a document is used without fetching it again.
const FRESH: Duration = Duration::from_secs(3600);
/// How long no fetch is tried after a failure.
const AFTER_FAILURE: Duration = Duration::from_secs(5);
/// The minimum time between two fetches for an unknown key. It limits the effect of forged `kid`s.
const BETWEEN_RENEWALS: Duration = Duration::from_secs(30);

#[derive(Debug)]
struct Kept<T> {
    value: Arc<T>,
    fetched_at: Timestamp,
}

/// One fetched document.
#[derive(Debug)]
pub struct Cached<T> {
    kept: RwLock<Option<Kept<T>>>,
    last_try: Mutex<Option<Timestamp>>,
    last_renewal: Mutex<Option<Timestamp>>,
    fresh: Duration,
    max_age: Duration,
}

impl<T> Cached<T> {
    /// Creates a cache whose copy is used up to `max_age` while the document cannot be fetched again.
    #[must_use]
    pub fn new(max_age: Duration) -> Self {
        Self {
            kept: RwLock::default(),
            last_try: Mutex::default(),
            last_renewal: Mutex::default(),
            fresh: FRESH,
            max_age,
        }
    }

    /// Sets the time for which the document is not fetched again, one hour by default.
    #[must_use]
    pub fn fresh_for(self, fresh: Duration) -> Self {
        Self { fresh, ..self }
    }

    /// Returns the document; fetches it with `fetch` if there is no copy or an old one.
    ///
    /// No caller waits for a fetch while an older copy can be used.
    ///
    /// # Errors
    /// The error of `fetch`, or `unavailable` if the last failure is less than five seconds ago.
    pub async fn get<E>(
        &self,
        now: Timestamp,
        unavailable: E,
        fetch: impl Future<Output = Result<T, E>>,
    ) -> Result<Arc<T>, E> {
        let old = match self.usable(now) {
            Some((value, age)) if age < self.fresh => return Ok(value),
            old => old.map(|(value, _)| value),
        };
        let mut last_try = match (&old, self.last_try.try_lock()) {
            (_, Ok(turn)) => turn,
            (Some(value), Err(_)) => return Ok(Arc::clone(value)),
            (None, Err(_)) => self.last_try.lock().await,
        };
        // Another caller may have fetched it during the wait for the lock.
        if let Some((value, age)) = self.usable(now)
            && age < self.fresh
        {
            return Ok(value);
        }
        if last_try.is_some_and(|at| now.since(at) < AFTER_FAILURE) {
            return old.ok_or(unavailable);
        }
        *last_try = Some(now);
        match fetch.await {
            Ok(value) => Ok(self.keep(value, now)),
            Err(error) => old.ok_or(error),
        }
    }

    /// Fetches the document again, unless it was renewed less than 30 seconds ago.
    ///
    /// # Errors
    /// The error of `fetch`, or `unavailable` if there is no copy and the last renewal is too recent.
    pub async fn renew<E>(
        &self,
        now: Timestamp,
        unavailable: E,
        fetch: impl Future<Output = Result<T, E>>,
    ) -> Result<Arc<T>, E> {
        let mut last_renewal = self.last_renewal.lock().await;
        if last_renewal.is_some_and(|at| now.since(at) < BETWEEN_RENEWALS) {
            let kept = self.usable(now).map(|(value, _)| value);
            return kept.ok_or(unavailable);
        }
        *last_renewal = Some(now);
        Ok(self.keep(fetch.await?, now))
    }

    /// Returns the last copy of any age, without fetching.
    ///
    /// The copy may be outdated, so it must not be trusted.
    pub fn peek(&self) -> Option<Arc<T>> {
        let kept = self.kept.read().unwrap_or_else(PoisonError::into_inner);
        kept.as_ref().map(|kept| Arc::clone(&kept.value))
    }

    /// Returns the copy and its age. Returns `None` if it is too old.
    fn usable(&self, now: Timestamp) -> Option<(Arc<T>, Duration)> {
        let kept = self.kept.read().unwrap_or_else(PoisonError::into_inner);
        kept.as_ref()
            .map(|kept| (Arc::clone(&kept.value), now.since(kept.fetched_at)))
            .filter(|(_, age)| *age < self.max_age)
    }

    fn keep(&self, value: T, now: Timestamp) -> Arc<T> {
        let value = Arc::new(value);
        let kept = Kept {
            value: Arc::clone(&value),
            fetched_at: now,
        };
        *self.kept.write().unwrap_or_else(PoisonError::into_inner) = Some(kept);
        value
    }
}

#[cfg(test)]
mod tests {
    use std::future::{Ready, poll_fn, ready};

    use super::*;

    const DAY: Duration = Duration::from_secs(86_400);

    fn at(seconds: i64) -> Timestamp {
        Timestamp::from_unix(seconds)
    }

    fn success(value: u8) -> Ready<Result<u8, &'static str>> {
        ready(Ok(value))
    }

    fn failure() -> Ready<Result<u8, &'static str>> {
        ready(Err("down"))
    }

    /// A fetch that fails the test if it is awaited.
    async fn never_fetched() -> Result<u8, &'static str> {
        poll_fn(|_| panic!("fetched without need")).await
    }

    #[tokio::test]
    async fn a_fresh_document_is_not_fetched_again() {
        let cached = Cached::new(DAY);
        cached.get(at(0), "", success(1)).await.unwrap();

        assert_eq!(*cached.get(at(3599), "", never_fetched()).await.unwrap(), 1);
        assert_eq!(*cached.get(at(3600), "", success(2)).await.unwrap(), 2);
    }

    #[tokio::test]
    async fn the_last_copy_is_used_while_the_document_cannot_be_fetched() {
        let cached = Cached::new(DAY);
        cached.get(at(0), "", success(1)).await.unwrap();

        assert_eq!(*cached.get(at(4000), "", failure()).await.unwrap(), 1);
        assert_eq!(*cached.get(at(4001), "", never_fetched()).await.unwrap(), 1);
        assert_eq!(*cached.get(at(4005), "", success(2)).await.unwrap(), 2);
    }

    #[tokio::test]
    async fn a_copy_that_is_too_old_is_not_used() {
        let cached = Cached::new(DAY);
        cached.get(at(0), "", success(1)).await.unwrap();

        assert_eq!(*cached.get(at(86_399), "", failure()).await.unwrap(), 1);
        assert_eq!(cached.get(at(86_405), "", failure()).await, Err("down"));
        assert_eq!(cached.get(at(86_406), "old", failure()).await, Err("old"));
        assert_eq!(cached.renew(at(86_406), "", failure()).await, Err("down"));
        assert_eq!(
            cached.renew(at(86_407), "again", success(2)).await,
            Err("again")
        );
        assert_eq!(*cached.get(at(86_410), "", success(2)).await.unwrap(), 2);
    }

    #[tokio::test]
    async fn after_a_failure_no_fetch_is_made_for_five_seconds() {
        let cached = Cached::new(DAY);

        assert_eq!(cached.get(at(0), "again", failure()).await, Err("down"));
        assert_eq!(
            cached.get(at(4), "again", never_fetched()).await,
            Err("again")
        );
        assert_eq!(*cached.get(at(5), "", success(1)).await.unwrap(), 1);
    }

    #[tokio::test]
    async fn a_renewal_is_made_at_most_every_thirty_seconds() {
        let cached = Cached::new(DAY);
        cached.get(at(0), "", success(1)).await.unwrap();

        assert_eq!(*cached.renew(at(1), "", success(2)).await.unwrap(), 2);
        assert_eq!(*cached.renew(at(30), "", never_fetched()).await.unwrap(), 2);
        assert_eq!(*cached.renew(at(31), "", success(3)).await.unwrap(), 3);
    }
}
