//! A breaker: an IdP that keeps failing is left alone for a while, so that it costs its own users a
//! clear answer at once, and nobody else anything.

use std::sync::atomic::{AtomicI64, AtomicU32, Ordering};
use std::time::Duration;

use hub_core::clock::Timestamp;

const FAILURES: u32 = 5;
const PAUSE: Duration = Duration::from_secs(20);

/// Counts failures in a row.
#[derive(Debug, Default)]
pub(crate) struct Breaker {
    failures: AtomicU32,
    open_until: AtomicI64,
}

impl Breaker {
    /// Whether a call may be made. When a pause ends, the next failure opens it again at once.
    pub(crate) fn lets_through(&self, now: Timestamp) -> bool {
        now.unix() >= self.open_until.load(Ordering::Relaxed)
    }

    /// A call was answered.
    pub(crate) fn succeeded(&self) {
        self.failures.store(0, Ordering::Relaxed);
    }

    /// A call was not answered.
    pub(crate) fn failed(&self, now: Timestamp) {
        if self.failures.fetch_add(1, Ordering::Relaxed) + 1 >= FAILURES {
            self.open_until
                .store(now.plus(PAUSE).unix(), Ordering::Relaxed);
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn at(seconds: i64) -> Timestamp {
        Timestamp::from_unix(seconds)
    }

    #[test]
    fn five_failures_in_a_row_open_it_for_twenty_seconds() {
        let breaker = Breaker::default();
        (0..4).for_each(|_| breaker.failed(at(100)));
        assert!(breaker.lets_through(at(100)));

        breaker.failed(at(100));

        assert!(!breaker.lets_through(at(119)));
        assert!(breaker.lets_through(at(120)));
    }

    #[test]
    fn after_the_pause_one_failure_opens_it_again() {
        let breaker = Breaker::default();
        (0..5).for_each(|_| breaker.failed(at(100)));

        breaker.failed(at(120));

        assert!(!breaker.lets_through(at(121)));
    }

    #[test]
    fn an_answer_in_between_starts_the_count_again() {
        let breaker = Breaker::default();
        (0..4).for_each(|_| breaker.failed(at(100)));
        breaker.succeeded();

        breaker.failed(at(101));

        assert!(breaker.lets_through(at(101)));
    }
}
