//! A document fetched from somebody else: kept for a while, and fetched by one caller at a time. When it
//! cannot be fetched again the last good one is used, up to an age: a key that its owner withdrew must not
//! be trusted for as long as somebody keeps the hub from reading that.

use std::{
    future::Future,
    sync::{Arc, PoisonError, RwLock},
    time::Duration,
};

use hub_core::clock::Timestamp;
use tokio::sync::Mutex;

/// How long a document is taken as it is.
const FRESH: Duration = Duration::from_secs(3600);
/// How long nobody tries again after a failure.
const AFTER_FAILURE: Duration = Duration::from_secs(5);
/// How long nobody asks again for a key that was not there (a cool-down against forged `kid`s).
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
    /// A document of which a copy is used up to `max_age` while it cannot be fetched again.
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

    /// The same, taken as it is for `fresh` rather than an hour.
    #[must_use]
    pub fn fresh_for(self, fresh: Duration) -> Self {
        Self { fresh, ..self }
    }

    /// The document, fetched with `fetch` if there is none or it is old. Nobody waits for a refresh
    /// while an older document will do.
    ///
    /// # Errors
    /// That of `fetch`, or `unavailable` if no fetch is made so soon after a failure.
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
        // Somebody else may have fetched it while we waited for our turn.
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

    /// The document fetched anew, unless it was renewed a moment ago.
    ///
    /// # Errors
    /// That of `fetch`, or `unavailable` if no fetch is made so soon after the last renewal.
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

    /// The last document that was fetched, however old, without fetching: not to be trusted.
    pub fn peek(&self) -> Option<Arc<T>> {
        let kept = self.kept.read().unwrap_or_else(PoisonError::into_inner);
        kept.as_ref().map(|kept| Arc::clone(&kept.value))
    }

    /// The copy and its age; `None` for one that is too old.
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

    fn good(value: u8) -> Ready<Result<u8, &'static str>> {
        ready(Ok(value))
    }

    fn bad() -> Ready<Result<u8, &'static str>> {
        ready(Err("down"))
    }

    /// A fetch that fails the test if anybody waits for it.
    async fn untouched() -> Result<u8, &'static str> {
        poll_fn(|_| panic!("fetched although it need not be")).await
    }

    #[tokio::test]
    async fn a_fresh_document_is_not_fetched_again() {
        let cached = Cached::new(DAY);
        cached.get(at(0), "", good(1)).await.unwrap();

        assert_eq!(*cached.get(at(3599), "", untouched()).await.unwrap(), 1);
        assert_eq!(*cached.get(at(3600), "", good(2)).await.unwrap(), 2);
    }

    #[tokio::test]
    async fn the_last_good_document_is_kept_while_its_owner_is_down() {
        let cached = Cached::new(DAY);
        cached.get(at(0), "", good(1)).await.unwrap();

        assert_eq!(*cached.get(at(4000), "", bad()).await.unwrap(), 1);
        assert_eq!(*cached.get(at(4001), "", untouched()).await.unwrap(), 1);
        assert_eq!(*cached.get(at(4005), "", good(2)).await.unwrap(), 2);
    }

    #[tokio::test]
    async fn a_copy_that_is_too_old_is_not_used() {
        let cached = Cached::new(DAY);
        cached.get(at(0), "", good(1)).await.unwrap();

        assert_eq!(*cached.get(at(86_399), "", bad()).await.unwrap(), 1);
        assert_eq!(cached.get(at(86_405), "", bad()).await, Err("down"));
        assert_eq!(cached.get(at(86_406), "old", bad()).await, Err("old"));
        assert_eq!(cached.renew(at(86_406), "", bad()).await, Err("down"));
        assert_eq!(
            cached.renew(at(86_407), "again", good(2)).await,
            Err("again")
        );
        assert_eq!(*cached.get(at(86_410), "", good(2)).await.unwrap(), 2);
    }

    #[tokio::test]
    async fn after_a_failure_nobody_tries_again_for_five_seconds() {
        let cached = Cached::new(DAY);

        assert_eq!(cached.get(at(0), "again", bad()).await, Err("down"));
        assert_eq!(cached.get(at(4), "again", untouched()).await, Err("again"));
        assert_eq!(*cached.get(at(5), "", good(1)).await.unwrap(), 1);
    }

    #[tokio::test]
    async fn a_renewal_is_granted_every_thirty_seconds() {
        let cached = Cached::new(DAY);
        cached.get(at(0), "", good(1)).await.unwrap();

        assert_eq!(*cached.renew(at(1), "", good(2)).await.unwrap(), 2);
        assert_eq!(*cached.renew(at(30), "", untouched()).await.unwrap(), 2);
        assert_eq!(*cached.renew(at(31), "", good(3)).await.unwrap(), 3);
    }
}
