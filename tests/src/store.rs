//! A store that fails when told.

use std::{
    sync::{
        Arc,
        atomic::{AtomicBool, AtomicUsize, Ordering},
    },
    time::Duration,
};

use async_trait::async_trait;
use hub::store::{Store, StoreError};
use hub_core::secret::Locator;
use tokio::sync::Notify;

/// When a [`FailingVault`] fails.
#[derive(Debug, Default)]
pub struct Outage {
    calls: AtomicUsize,
    fails_at: AtomicUsize,
    replacements_to_remove: AtomicUsize,
    holds: AtomicBool,
    replacements_to_hold: AtomicUsize,
    puts_to_hold: AtomicUsize,
    held: Notify,
    released: Notify,
}

impl Outage {
    /// Counts from now on, and fails at the `n`-th call, once; at none with 0.
    pub fn fail_at(&self, n: usize) {
        self.calls.store(0, Ordering::SeqCst);
        self.fails_at.store(n, Ordering::SeqCst);
    }

    /// How many calls there were since.
    #[must_use]
    pub fn calls(&self) -> usize {
        self.calls.load(Ordering::SeqCst)
    }

    /// Removes a record just before the `n`-th replacement by compare-and-set from now on, as another request would.
    pub fn remove_before_replacement(&self, n: usize) {
        self.replacements_to_remove.store(n, Ordering::SeqCst);
    }

    /// Holds the next removal by compare-and-set until [`Outage::release`].
    pub fn hold_removal(&self) {
        self.holds.store(true, Ordering::SeqCst);
    }

    /// Holds the `n`-th replacement by compare-and-set from now on, until [`Outage::release`].
    pub fn hold_replacement(&self, n: usize) {
        self.replacements_to_hold.store(n, Ordering::SeqCst);
    }

    /// Holds the `n`-th unconditional write from now on, until [`Outage::release`].
    pub fn hold_put(&self, n: usize) {
        self.puts_to_hold.store(n, Ordering::SeqCst);
    }

    /// Waits until a removal, a replacement or a write is held.
    pub async fn until_held(&self) {
        self.held.notified().await;
    }

    /// Lets what is held go on.
    pub fn release(&self) {
        self.released.notify_one();
    }

    async fn hold(&self) {
        self.held.notify_one();
        self.released.notified().await;
    }

    fn note(&self) -> Result<(), StoreError> {
        let call = self.calls.fetch_add(1, Ordering::SeqCst) + 1;
        if call == self.fails_at.load(Ordering::SeqCst) {
            return Err(StoreError::Unavailable);
        }
        Ok(())
    }
}

/// Counts down; says whether this was the last.
fn is_last(left: &AtomicUsize) -> bool {
    let count = |left: usize| left.checked_sub(1);
    left.fetch_update(Ordering::SeqCst, Ordering::SeqCst, count) == Ok(1)
}

/// A vault that passes everything on, but for an outage.
#[derive(Debug)]
pub struct FailingVault<V> {
    inner: V,
    outage: Arc<Outage>,
}

impl<V: Store> FailingVault<V> {
    /// `inner`, failing as `outage` says.
    pub const fn new(inner: V, outage: Arc<Outage>) -> Self {
        Self { inner, outage }
    }
}

#[async_trait]
impl<V: Store> Store for FailingVault<V> {
    async fn put(&self, at: &Locator, bytes: &[u8], life: Duration) -> Result<(), StoreError> {
        self.outage.note()?;
        if is_last(&self.outage.puts_to_hold) {
            self.outage.hold().await;
        }
        self.inner.put(at, bytes, life).await
    }

    async fn open(&self, at: &Locator) -> Result<Option<Vec<u8>>, StoreError> {
        self.outage.note()?;
        self.inner.open(at).await
    }

    async fn replace_existing(
        &self,
        at: &Locator,
        bytes: &[u8],
        life: Duration,
    ) -> Result<Option<Vec<u8>>, StoreError> {
        self.outage.note()?;
        self.inner.replace_existing(at, bytes, life).await
    }

    async fn remove(&self, at: &Locator) -> Result<(), StoreError> {
        self.outage.note()?;
        self.inner.remove(at).await
    }

    async fn put_if_absent(
        &self,
        at: &Locator,
        bytes: &[u8],
        life: Duration,
    ) -> Result<Option<Vec<u8>>, StoreError> {
        self.outage.note()?;
        self.inner.put_if_absent(at, bytes, life).await
    }

    async fn compare_and_set(
        &self,
        at: &Locator,
        expected: Option<&[u8]>,
        new: Option<(&[u8], Duration)>,
    ) -> Result<bool, StoreError> {
        self.outage.note()?;
        let replaces = expected.is_some() && new.is_some();
        if replaces && is_last(&self.outage.replacements_to_remove) {
            self.inner.remove(at).await?;
        }
        let holds_removal = new.is_none() && self.outage.holds.swap(false, Ordering::SeqCst);
        if holds_removal || (replaces && is_last(&self.outage.replacements_to_hold)) {
            self.outage.hold().await;
        }
        self.inner.compare_and_set(at, expected, new).await
    }

    async fn ping(&self) -> Result<(), StoreError> {
        self.outage.note()?;
        self.inner.ping().await
    }
}
