//! Unit tests, one file for each topic.

mod basis;
mod data;
mod email;
mod identity;
mod login;
mod redirect_uri;
mod release;
mod sealing;
mod small;
mod subject;
mod text;
mod tickets;
mod upstream_sid;

use crate::{
    clock::Timestamp,
    entropy::Entropy,
    subject::{Evidence, PivotTrust, Source},
};

/// A deterministic generator: consecutive bytes differ, and each run draws the same bytes.
#[derive(Debug, Default)]
pub(crate) struct Counting(std::sync::atomic::AtomicU64);

impl Entropy for Counting {
    fn fill(&self, buffer: &mut [u8]) {
        for byte in buffer {
            let n = self.0.fetch_add(1, std::sync::atomic::Ordering::Relaxed);
            *byte = u8::try_from(n.wrapping_mul(167) % 251).expect("below 251");
        }
    }
}

/// 2026-11-21T00:00:00Z.
pub(crate) const TODAY: Timestamp = Timestamp::from_unix(1_795_219_200);

/// The evidence for the account `42` at an IdP with this trust.
pub(crate) fn evidence(trust: PivotTrust, pivot_counts: bool) -> Evidence {
    Evidence {
        source: Source {
            issuer: "https://idp.example".into(),
            sub: "42".into(),
        },
        trust,
        pivot_counts,
        register_found: false,
        register_number: None,
        eidas: None,
    }
}
