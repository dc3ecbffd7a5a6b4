//! `[limits]` of `hub.toml`: what the hub gives to strangers, at most.

use std::time::Duration;

use hub_core::document::Section;

/// The limits of one node.
#[derive(Debug, Clone, Copy)]
pub struct Limits {
    /// How many connections may be open at the same time.
    pub connections: usize,
    /// How long the body of a request may take.
    pub body_timeout: Duration,
}

impl Default for Limits {
    fn default() -> Self {
        Self {
            connections: 10_000,
            body_timeout: Duration::from_secs(10),
        }
    }
}

impl Limits {
    pub(super) fn read(section: &Section<'_>) -> Self {
        let default = Self::default();
        let connections = section.number("connections", 16..1_000_001, 10_000);
        let body_timeout = section.number("body_timeout", 1..61, default.body_timeout.as_secs());
        Self {
            connections: usize::try_from(connections).unwrap_or(usize::MAX),
            body_timeout: Duration::from_secs(body_timeout),
        }
    }
}
