//! Randomness as an argument: every secret is drawn from a source that the caller passes in, so that
//! tests control it.

use std::fmt::Debug;

/// A source of cryptographic randomness.
pub trait Entropy: Send + Sync + Debug {
    /// Fills `buffer` with unpredictable bytes.
    fn fill(&self, buffer: &mut [u8]);
}

/// Draws `N` random bytes.
#[must_use]
pub fn draw<const N: usize>(entropy: &dyn Entropy) -> [u8; N] {
    let mut bytes = [0; N];
    entropy.fill(&mut bytes);
    bytes
}

/// The operating system's random generator.
#[derive(Clone, Copy, Debug, Default)]
pub struct SystemEntropy;

impl Entropy for SystemEntropy {
    /// Aborts the process if the system has no randomness: every later secret would be predictable.
    #[expect(
        clippy::disallowed_methods,
        reason = "the only place that reads system randomness"
    )]
    fn fill(&self, buffer: &mut [u8]) {
        if getrandom::fill(buffer).is_err() {
            std::process::abort();
        }
    }
}
