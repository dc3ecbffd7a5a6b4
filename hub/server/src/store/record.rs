//! Typed records over a vault: what goes in is sealed, what comes out was opened with the secret that
//! found it.

use std::{sync::Arc, time::Duration};

use hub_core::{
    entropy::{Entropy, draw},
    seal::Sealer,
    secret::{Handle, Locator},
};
use serde::de::DeserializeOwned;

use super::{
    Store, StoreError,
    padding::{Record, padded},
};

/// How often a change is tried against other writers of the same record: each round one of them
/// succeeds.
const MOST_ATTEMPTS: usize = 64;

/// The hub's records.
#[derive(Debug, Clone)]
pub struct Records {
    store: Arc<dyn Store>,
    sealer: Sealer,
    entropy: Arc<dyn Entropy>,
}

/// The bytes of a record as one request read or wrote them. Each write seals anew, so that equal bytes mean that
/// nobody wrote in between.
#[derive(Clone, PartialEq, Eq)]
pub struct Version(Vec<u8>);

impl std::fmt::Debug for Version {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str("Version(hidden)")
    }
}

impl Records {
    /// Records in `store`, sealed by `sealer`.
    #[must_use]
    pub fn new(store: Arc<dyn Store>, sealer: Sealer, entropy: Arc<dyn Entropy>) -> Self {
        Self {
            store,
            sealer,
            entropy,
        }
    }

    /// Keeps `record` for `life`.
    ///
    /// # Errors
    /// [`StoreError`].
    pub async fn put<R: Record>(
        &self,
        handle: &Handle,
        record: &R,
        life: Duration,
    ) -> Result<(), StoreError> {
        self.store
            .put(&handle.locator(), &self.seal(handle, record)?, life)
            .await
    }

    /// The record of `handle`; nothing if it is gone, or not one that this handle opens.
    ///
    /// # Errors
    /// [`StoreError`].
    pub async fn open<R: DeserializeOwned>(
        &self,
        handle: &Handle,
    ) -> Result<Option<R>, StoreError> {
        let stored = self.store.open(&handle.locator()).await?;
        Ok(stored.and_then(|stored| self.unseal(handle, &stored)))
    }

    /// The record of `handle` with its version, for [`Self::replace`] and [`Self::remove`]. Returns `None` if
    /// there is no record, or none that this handle opens and this version of the hub understands.
    ///
    /// # Errors
    /// [`StoreError`].
    pub async fn read<R: DeserializeOwned>(
        &self,
        handle: &Handle,
    ) -> Result<Option<(R, Version)>, StoreError> {
        let stored = self.store.open(&handle.locator()).await?;
        Ok(stored.and_then(|stored| Some((self.unseal(handle, &stored)?, Version(stored)))))
    }

    /// Replaces the record of `handle` by `record` for `life` if it is still `version`. Returns the new version,
    /// or `None` if another request has changed or removed the record.
    ///
    /// # Errors
    /// [`StoreError`].
    pub async fn replace<R: Record>(
        &self,
        handle: &Handle,
        version: &Version,
        (record, life): (&R, Duration),
    ) -> Result<Option<Version>, StoreError> {
        let sealed = self.seal(handle, record)?;
        let (at, new) = (handle.locator(), Some((sealed.as_slice(), life)));
        let expected = Some(version.0.as_slice());
        let is_replaced = self.store.compare_and_set(&at, expected, new).await?;
        Ok(is_replaced.then_some(Version(sealed)))
    }

    /// Removes the record of `handle` if it is still `version`. Says whether it was removed.
    ///
    /// # Errors
    /// [`StoreError`].
    pub async fn remove(&self, handle: &Handle, version: &Version) -> Result<bool, StoreError> {
        let expected = Some(version.0.as_slice());
        self.store
            .compare_and_set(&handle.locator(), expected, None)
            .await
    }

    /// Whether [`Self::revoke`] was called for `at`, and its time has not passed.
    ///
    /// # Errors
    /// [`StoreError`].
    pub async fn is_revoked(&self, at: &Locator) -> Result<bool, StoreError> {
        let stored = self.store.open(at).await?;
        Ok(stored.is_some_and(|stored| stored.is_empty()))
    }

    /// Whether anything lies at `at`, a revocation included.
    ///
    /// # Errors
    /// [`StoreError`].
    pub async fn is_marked(&self, at: &Locator) -> Result<bool, StoreError> {
        Ok(self.store.open(at).await?.is_some())
    }

    /// Takes the record of `handle` and leaves `record` in its place, in one act.
    ///
    /// # Errors
    /// [`StoreError`].
    pub async fn replace_existing<R: Record + DeserializeOwned>(
        &self,
        handle: &Handle,
        record: &R,
        life: Duration,
    ) -> Result<Option<R>, StoreError> {
        let sealed = self.seal(handle, record)?;
        let stored = self
            .store
            .replace_existing(&handle.locator(), &sealed, life)
            .await?;
        Ok(stored.and_then(|stored| self.unseal(handle, &stored)))
    }

    /// Forgets what lies at `at`.
    ///
    /// # Errors
    /// [`StoreError`].
    pub async fn forget(&self, at: &Locator) -> Result<(), StoreError> {
        self.store.remove(at).await
    }

    /// Removes the record of `handle` in one act and returns it: of many callers, one gets it.
    ///
    /// # Errors
    /// [`StoreError`].
    pub async fn take<R: Record + DeserializeOwned>(
        &self,
        handle: &Handle,
    ) -> Result<Option<R>, StoreError> {
        self.update(handle, |_: Option<&R>| None).await
    }

    /// Keeps `record` for `life`, unless something is there already; says whether it is kept.
    ///
    /// # Errors
    /// [`StoreError`].
    pub async fn put_if_absent<R: Record>(
        &self,
        handle: &Handle,
        record: &R,
        life: Duration,
    ) -> Result<bool, StoreError> {
        let sealed = self.seal(handle, record)?;
        Ok(self
            .store
            .put_if_absent(&handle.locator(), &sealed, life)
            .await?
            .is_none())
    }

    /// Changes the record of `handle` atomically. `change` gets the record that is there and returns the
    /// new one with its life, or `None` for no record; it runs again if another writer came first.
    /// Returns the record that was replaced.
    ///
    /// # Errors
    /// [`StoreError`]; [`StoreError::Unavailable`] too if other writers always came first.
    pub async fn update<R: Record + DeserializeOwned>(
        &self,
        handle: &Handle,
        change: impl Fn(Option<&R>) -> Option<(R, Duration)>,
    ) -> Result<Option<R>, StoreError> {
        let at = handle.locator();
        for _ in 0..MOST_ATTEMPTS {
            let stored = self.store.open(&at).await?;
            let old = stored
                .as_deref()
                .and_then(|stored| self.unseal(handle, stored));
            let new = match change(old.as_ref()) {
                Some((record, life)) => Some((self.seal(handle, &record)?, life)),
                None if stored.is_none() => return Ok(None),
                None => None,
            };
            let new = new.as_ref().map(|(bytes, life)| (bytes.as_slice(), *life));
            if self
                .store
                .compare_and_set(&at, stored.as_deref(), new)
                .await?
            {
                return Ok(old);
            }
        }
        tracing::warn!("a record was not changed: other writers always came first");
        Err(StoreError::Unavailable)
    }

    /// Makes sure that nothing opens at `at` for `life`, whether it was there already or is only about
    /// to be claimed.
    ///
    /// # Errors
    /// [`StoreError`].
    pub async fn revoke(&self, at: &Locator, life: Duration) -> Result<(), StoreError> {
        self.store.put(at, &[], life).await
    }

    /// Notes that something was used, for as long as it could be used again; says whether this was the
    /// first time. The store sees a keyed hash only.
    ///
    /// While a previous pepper is configured, the mark is set under both: it was perhaps set before the
    /// change, or will be looked for by an instance that does not have the new pepper yet.
    ///
    /// # Errors
    /// [`StoreError`].
    pub async fn mark_used(
        &self,
        purpose: &str,
        parts: &[&str],
        life: Duration,
    ) -> Result<bool, StoreError> {
        // Not empty: a vault that has to repeat itself knows its own mark by these bytes.
        let own = draw::<16>(self.entropy.as_ref());
        let mut is_first = true;
        for at in self.sealer.keyed_locators(purpose, parts) {
            is_first &= self.store.put_if_absent(&at, &own, life).await?.is_none();
        }
        Ok(is_first)
    }

    /// Whether [`Self::mark_used`] noted a use of `parts`, under either pepper.
    ///
    /// # Errors
    /// [`StoreError`].
    pub async fn is_used(&self, purpose: &str, parts: &[&str]) -> Result<bool, StoreError> {
        for at in self.sealer.keyed_locators(purpose, parts) {
            if self.is_marked(&at).await? {
                return Ok(true);
            }
        }
        Ok(false)
    }

    /// The places that only whoever knows `parts` finds, and only with a server key: under the current
    /// pepper, then under the previous one if there is one.
    pub fn keyed_locators(
        &self,
        purpose: &str,
        parts: &[&str],
    ) -> impl Iterator<Item = Locator> + use<> {
        self.sealer.keyed_locators(purpose, parts)
    }

    fn seal<R: Record>(&self, handle: &Handle, record: &R) -> Result<Vec<u8>, StoreError> {
        let plain = padded(record).map_err(|_json| StoreError::Sealing)?;
        self.sealer
            .seal(handle, &plain, self.entropy.as_ref())
            .map_err(|_error| StoreError::Sealing)
    }

    fn unseal<R: DeserializeOwned>(&self, handle: &Handle, stored: &[u8]) -> Option<R> {
        let plain = self.sealer.open(handle, stored).ok()?;
        let record = serde_json::from_slice(&plain).ok();
        if record.is_none() {
            tracing::warn!("a record of another version was passed over");
        }
        record
    }
}
