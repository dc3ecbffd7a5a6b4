//! One budget for each key, of so many requests a minute.

use std::{
    fmt,
    num::NonZeroU32,
    sync::{
        Arc,
        atomic::{AtomicI64, Ordering},
    },
    time::Duration,
};

use governor::{
    Quota, RateLimiter, clock::Clock as GovernorClock, middleware::NoOpMiddleware,
    state::keyed::HashMapStateStore,
};
use hub_core::clock::Clock;

use super::TooMany;

/// How many keys have a budget of their own. Beyond that, new keys share [`SHARED`] budgets, so that a flood from
/// ever new addresses cannot fill the memory.
const OWN: usize = 100_000;
/// How many budgets are shared when there are too many keys.
const SHARED: u64 = 4096;
/// How often budgets that are full again are forgotten, in seconds.
const SWEEP: i64 = 60;

/// Budgets by key.
pub(super) struct Budget {
    limiter: RateLimiter<u64, HashMapStateStore<u64>, Seconds, NoOpMiddleware<Duration>>,
    clock: Seconds,
    swept: AtomicI64,
}

/// The hub's clock, for the limiter.
#[derive(Clone)]
struct Seconds(Arc<dyn Clock>);

impl GovernorClock for Seconds {
    type Instant = Duration;

    fn now(&self) -> Duration {
        Duration::from_secs(u64::try_from(self.0.now().unix()).unwrap_or(0))
    }
}

impl Budget {
    /// For each key, `per_minute` requests at once, and as many again over a minute.
    pub(super) fn new(per_minute: NonZeroU32, clock: Arc<dyn Clock>) -> Self {
        let clock = Seconds(clock);
        let limiter = RateLimiter::hashmap_with_clock(Quota::per_minute(per_minute), clock.clone());
        Self {
            limiter,
            clock,
            swept: AtomicI64::new(i64::MIN),
        }
    }

    /// Takes one request from the budget of `key`.
    pub(super) fn take(&self, key: u64) -> Result<(), TooMany> {
        self.sweep();
        let key = if self.limiter.len() < OWN {
            key
        } else {
            key % SHARED
        };
        self.limiter.check_key(&key).map_err(|until| {
            let wait = until.wait_time_from(self.clock.now());
            let begun = u64::from(wait.subsec_nanos() > 0);
            TooMany {
                retry_after: (wait.as_secs() + begun).max(1),
            }
        })
    }

    fn sweep(&self) {
        let now = self.clock.0.now().unix();
        let swept = self.swept.load(Ordering::Relaxed);
        if now.saturating_sub(swept) < SWEEP {
            return;
        }
        let mine = self
            .swept
            .compare_exchange(swept, now, Ordering::Relaxed, Ordering::Relaxed);
        if mine.is_ok() {
            self.limiter.retain_recent();
            self.limiter.shrink_to_fit();
        }
    }

    /// How many budgets are kept.
    #[cfg(test)]
    pub(super) fn len(&self) -> usize {
        self.limiter.len()
    }
}

impl fmt::Debug for Budget {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "Budget({} keys)", self.limiter.len())
    }
}

#[cfg(test)]
mod tests {
    use std::sync::atomic::AtomicI64;

    use hub_core::clock::Timestamp;

    use super::*;

    #[derive(Debug, Default)]
    struct At(AtomicI64);

    impl Clock for At {
        fn now(&self) -> Timestamp {
            Timestamp::from_unix(self.0.load(Ordering::Relaxed))
        }
    }

    fn budget(per_minute: u32) -> (Budget, Arc<At>) {
        let clock = Arc::new(At(AtomicI64::new(1_000_000)));
        let per_minute = NonZeroU32::new(per_minute).unwrap();
        (Budget::new(per_minute, clock.clone()), clock)
    }

    #[test]
    fn a_budget_is_spent_at_once_or_over_time_and_says_when_there_is_more() {
        let (budget, clock) = budget(6);
        (0..6).for_each(|_| budget.take(1).unwrap());

        assert_eq!(budget.take(1), Err(TooMany { retry_after: 10 }));
        assert_eq!(budget.take(2), Ok(()));
        clock.0.fetch_add(9, Ordering::Relaxed);
        assert_eq!(budget.take(1), Err(TooMany { retry_after: 1 }));
        clock.0.fetch_add(1, Ordering::Relaxed);
        assert_eq!(budget.take(1), Ok(()));
    }

    #[test]
    fn the_memory_is_bounded_and_given_back() {
        let (budget, clock) = budget(600);
        for key in 0..300_000_u64 {
            budget
                .take(key.wrapping_mul(0x9E37_79B9_7F4A_7C15))
                .unwrap();
        }
        assert!(budget.len() <= OWN + 4096, "{}", budget.len());

        clock.0.fetch_add(120, Ordering::Relaxed);
        budget.take(1).unwrap();

        assert_eq!(budget.len(), 1);
    }
}
