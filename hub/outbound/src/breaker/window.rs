//! The number of calls and failures in the last minute.
//!
//! Called by the circuit breaker.

use hub_core::clock::Timestamp;

/// The length of a part of the window, in seconds. The oldest part is dropped when a new one begins.
const PART_SECONDS: i64 = 10;
/// The number of parts in the window.
const PARTS: i64 = 6;
/// The minimum number of failures that opens the breaker. Two or three may be coincidence.
const FEWEST_FAILURES: u32 = 5;
/// The breaker opens if at least one call in this many failed.
const SHARE: u32 = 2;

/// Counts of calls by time.
#[derive(Debug, Default)]
pub(super) struct Window([Part; 6]);

#[derive(Debug, Default, Clone, Copy)]
struct Part {
    /// The start of the part, in units of its length since the epoch.
    number: i64,
    calls: u32,
    failures: u32,
}

impl Window {
    /// Counts one call. Returns whether the breaker must open.
    pub(super) fn count(&mut self, failed: bool, now: Timestamp) -> bool {
        let number = now.unix().div_euclid(PART_SECONDS);
        let place = usize::try_from(number.rem_euclid(PARTS)).unwrap_or(0);
        if let Some(part) = self.0.get_mut(place) {
            if part.number != number {
                *part = Part {
                    number,
                    ..Part::default()
                };
            }
            part.calls = part.calls.saturating_add(1);
            part.failures = part.failures.saturating_add(u32::from(failed));
        }
        let recent = self.0.iter().filter(|part| number - part.number < PARTS);
        let (calls, failures) = recent.fold((0_u32, 0_u32), |(calls, failures), part| {
            (
                calls.saturating_add(part.calls),
                failures.saturating_add(part.failures),
            )
        });
        failures >= FEWEST_FAILURES && failures.saturating_mul(SHARE) >= calls
    }
}
