//! Two nodes with different identity keys would give one person two `sub`s: they cannot serve together.

use std::time::Duration;

use hub_core::secret::Locator;
use sha2::{Digest, Sha256};

use super::{Store, StoreError};

/// How long a node's word holds: nodes repeat it while they run, so a change of keys needs all of them
/// stopped for this long.
const LIFE: Duration = Duration::from_secs(300);

/// Compares the key check value of this node with that of the nodes already running, through the
/// store; the first to come sets it. The value itself is public.
///
/// # Errors
/// [`StoreError`].
pub async fn same_keys(store: &dyn Store, check_value: &str) -> Result<bool, StoreError> {
    let at = Locator::from_bytes(Sha256::digest(b"lethe/key-check").into());
    match store
        .put_if_absent(&at, check_value.as_bytes(), LIFE)
        .await?
    {
        None => Ok(true),
        Some(other) if other == check_value.as_bytes() => {
            store.put(&at, check_value.as_bytes(), LIFE).await?;
            Ok(true)
        }
        Some(_) => Ok(false),
    }
}
