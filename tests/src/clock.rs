//! A clock that moves when told.

use std::{
    sync::atomic::{AtomicI64, Ordering},
    time::Duration,
};

use hub_core::clock::{Clock, Timestamp};

/// Stands still at 2026-11-21 until told otherwise.
#[derive(Debug)]
pub struct TestClock(AtomicI64);

impl Default for TestClock {
    fn default() -> Self {
        Self(AtomicI64::new(1_795_219_200))
    }
}

impl TestClock {
    /// Moves on.
    pub fn pass(&self, span: Duration) {
        let seconds = i64::try_from(span.as_secs()).unwrap_or(0);
        self.0.fetch_add(seconds, Ordering::Relaxed);
    }
}

impl Clock for TestClock {
    fn now(&self) -> Timestamp {
        Timestamp::from_unix(self.0.load(Ordering::Relaxed))
    }
}
