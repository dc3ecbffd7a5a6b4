//! Chance as an argument: every secret is drawn from a source that is handed in.

use std::fmt::Debug;

/// Where secrets come from.
pub trait Entropy: Send + Sync + Debug {
    /// Fills `buffer` with bytes nobody can guess.
    fn fill(&self, buffer: &mut [u8]);
}

/// `N` fresh bytes.
#[must_use]
pub fn draw<const N: usize>(entropy: &dyn Entropy) -> [u8; N] {
    let mut bytes = [0; N];
    entropy.fill(&mut bytes);
    bytes
}

/// The operating system's generator.
#[derive(Clone, Copy, Debug, Default)]
pub struct SystemEntropy;

impl Entropy for SystemEntropy {
    /// Ends the process when the system has no randomness: no secret made after that would be one.
    #[expect(clippy::disallowed_methods, reason = "the one excused place")]
    fn fill(&self, buffer: &mut [u8]) {
        if getrandom::fill(buffer).is_err() {
            std::process::abort();
        }
    }
}
