//! The calls of the last minute, and how many of them failed.

use hub_core::clock::Timestamp;

/// Calls are counted over one minute, in parts of ten seconds: the oldest part is dropped as a new one begins.
const PART_SECONDS: i64 = 10;
/// How many parts the window has.
const PARTS: i64 = 6;
/// The fewest failures within the window that open the breaker: two or three are chance.
const FEWEST_FAILURES: u32 = 5;
/// The share of failures among the calls of the window that opens the breaker, as one in so many.
const SHARE: u32 = 2;

/// Counts of calls by time.
#[derive(Debug, Default)]
pub(super) struct Window([Part; 6]);

#[derive(Debug, Default, Clone, Copy)]
struct Part {
    /// The number of the part's time since the epoch, in units of its length.
    number: i64,
    calls: u32,
    failures: u32,
}

impl Window {
    /// Counts one call, and returns whether the failures are too many now.
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
