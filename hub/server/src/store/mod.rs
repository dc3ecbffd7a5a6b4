//! The store: sealed records that lie where only a bearer secret finds them, for a limited time.
//!
//! [`Store`] is the port; [`MemoryStore`] and [`RedisStore`] obey the same laws. [`Records`] seals and opens, so
//! that no vault ever holds anything readable.

mod memory;
mod padding;
mod record;
mod redis;
mod same_keys;

use std::time::Duration;

use async_trait::async_trait;
use hub_core::secret::Locator;
use thiserror::Error;

pub use memory::MemoryStore;
pub use padding::Record;
pub use record::{Records, Version};
pub use redis::{RedisAddress, RedisStore};
pub use same_keys::same_keys;

/// The store did not do what was asked.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Error)]
pub enum StoreError {
    /// It is full, and refuses rather than forgets.
    #[error("the store is full")]
    Full,
    /// A record could not be sealed.
    #[error("a record could not be sealed")]
    Sealing,
    /// It does not answer.
    #[error("the store does not answer")]
    Unavailable,
}

/// A place for sealed bytes. Every act is atomic, touches one key, and leaves a time to live.
///
/// The bytes of [`Store::replace_existing`] and [`Store::put_if_absent`] have to be the caller's own (sealed, or drawn): an
/// implementation that repeats a command after a lost connection compares them with what it finds.
#[async_trait]
pub trait Store: Send + Sync + std::fmt::Debug {
    /// Lays `bytes` down at `at`, replacing what was there.
    async fn put(&self, at: &Locator, bytes: &[u8], life: Duration) -> Result<(), StoreError>;

    /// What lies at `at`.
    async fn open(&self, at: &Locator) -> Result<Option<Vec<u8>>, StoreError>;

    /// Takes what lies at `at` and leaves `bytes` in its place, in one act: of many callers, one gets
    /// it. Where nothing lies, nothing is left.
    async fn replace_existing(
        &self,
        at: &Locator,
        bytes: &[u8],
        life: Duration,
    ) -> Result<Option<Vec<u8>>, StoreError>;

    /// Takes what lies at `at` away.
    async fn remove(&self, at: &Locator) -> Result<(), StoreError>;

    /// Lays `bytes` down at `at` if nothing lies there; else returns what does.
    async fn put_if_absent(
        &self,
        at: &Locator,
        bytes: &[u8],
        life: Duration,
    ) -> Result<Option<Vec<u8>>, StoreError>;

    /// Replaces what lies at `at` by `new`, with its life, if it is still `expected`; `None` stands for
    /// an absent record. Says whether it was replaced.
    async fn compare_and_set(
        &self,
        at: &Locator,
        expected: Option<&[u8]>,
        new: Option<(&[u8], Duration)>,
    ) -> Result<bool, StoreError>;

    /// Whether the store answers.
    async fn ping(&self) -> Result<(), StoreError>;
}
