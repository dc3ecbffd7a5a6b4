//! Records in this process: for the demonstration, for tests, and for a single small node.

use std::{
    collections::{BTreeMap, BTreeSet},
    sync::{Arc, Mutex, MutexGuard, PoisonError},
    time::Duration,
};

use async_trait::async_trait;
use hub_core::{
    clock::{Clock, Timestamp},
    secret::Locator,
};

use super::{Store, StoreError};

/// How many records there may be. Past that the store refuses: forgetting a live login to make room
/// would be worse.
const MOST: usize = 200_000;
/// How many expired records one write clears away.
const SWEEP: usize = 8;

/// A vault in memory.
#[derive(Debug, Clone)]
pub struct MemoryStore {
    shelves: Arc<Mutex<Shelves>>,
    clock: Arc<dyn Clock>,
}

#[derive(Debug, Default)]
struct Shelves {
    records: BTreeMap<Locator, (Timestamp, Vec<u8>)>,
    by_end: BTreeSet<(Timestamp, Locator)>,
}

impl Shelves {
    fn live(&self, at: &Locator, now: Timestamp) -> Option<&Vec<u8>> {
        self.records
            .get(at)
            .filter(|(ends, _)| now < *ends)
            .map(|(_, bytes)| bytes)
    }

    fn insert(
        &mut self,
        at: &Locator,
        bytes: &[u8],
        (now, life): (Timestamp, Duration),
    ) -> Result<(), StoreError> {
        self.sweep(now);
        self.remove(at);
        if self.records.len() >= MOST {
            return Err(StoreError::Full);
        }
        let ends = now.plus(life);
        self.records.insert(*at, (ends, bytes.to_vec()));
        self.by_end.insert((ends, *at));
        Ok(())
    }

    fn remove(&mut self, at: &Locator) {
        if let Some((ends, _)) = self.records.remove(at) {
            self.by_end.remove(&(ends, *at));
        }
    }

    fn sweep(&mut self, now: Timestamp) {
        for _ in 0..SWEEP {
            match self.by_end.first() {
                Some(&(ends, at)) if ends <= now => self.remove(&at),
                _ => return,
            }
        }
    }
}

impl MemoryStore {
    /// An empty vault on `clock`.
    #[must_use]
    pub fn new(clock: Arc<dyn Clock>) -> Self {
        Self {
            shelves: Arc::default(),
            clock,
        }
    }

    fn shelves(&self) -> MutexGuard<'_, Shelves> {
        self.shelves.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

#[async_trait]
impl Store for MemoryStore {
    async fn put(&self, at: &Locator, bytes: &[u8], life: Duration) -> Result<(), StoreError> {
        self.shelves().insert(at, bytes, (self.clock.now(), life))
    }

    async fn open(&self, at: &Locator) -> Result<Option<Vec<u8>>, StoreError> {
        Ok(self.shelves().live(at, self.clock.now()).cloned())
    }

    async fn replace_existing(
        &self,
        at: &Locator,
        bytes: &[u8],
        life: Duration,
    ) -> Result<Option<Vec<u8>>, StoreError> {
        let now = self.clock.now();
        let mut shelves = self.shelves();
        let old = shelves.live(at, now).cloned();
        if old.is_some() {
            shelves.insert(at, bytes, (now, life))?;
        }
        Ok(old)
    }

    async fn remove(&self, at: &Locator) -> Result<(), StoreError> {
        self.shelves().remove(at);
        Ok(())
    }

    async fn put_if_absent(
        &self,
        at: &Locator,
        bytes: &[u8],
        life: Duration,
    ) -> Result<Option<Vec<u8>>, StoreError> {
        let now = self.clock.now();
        let mut shelves = self.shelves();
        let there = shelves.live(at, now).cloned();
        if there.is_none() {
            shelves.insert(at, bytes, (now, life))?;
        }
        Ok(there)
    }

    async fn compare_and_set(
        &self,
        at: &Locator,
        expected: Option<&[u8]>,
        new: Option<(&[u8], Duration)>,
    ) -> Result<bool, StoreError> {
        let now = self.clock.now();
        let mut shelves = self.shelves();
        let is_expected = shelves.live(at, now).map(Vec::as_slice) == expected;
        if is_expected {
            match new {
                Some((bytes, life)) => shelves.insert(at, bytes, (now, life))?,
                None => shelves.remove(at),
            }
        }
        Ok(is_expected)
    }

    async fn ping(&self) -> Result<(), StoreError> {
        Ok(())
    }
}
