//! `[limits]` of `hub.toml`: what the hub gives to strangers, and to each client, at most.

use std::{num::NonZeroU32, time::Duration};

use hub_document::Section;

/// The limits of one node.
#[derive(Debug, Clone, Copy)]
pub struct Limits {
    /// Whether requests are counted at all. The limits on connections hold in any case.
    pub enabled: bool,
    /// Logins and logouts that one address may begin, a minute.
    pub logins_per_address: NonZeroU32,
    /// Requests of browsers at one address, a minute.
    pub requests_per_address: NonZeroU32,
    /// Wrong credentials of one client from one address, a minute.
    pub failures_per_address: NonZeroU32,
    /// Authenticated requests of one client, a minute.
    pub requests_per_client: NonZeroU32,
    /// The length of the IPv4 prefix that counts as one address.
    pub ipv4_prefix: u8,
    /// The length of the IPv6 prefix that counts as one address.
    pub ipv6_prefix: u8,
    /// How many connections may be open at the same time.
    pub connections: usize,
    /// How long the body of a request may take.
    pub body_timeout: Duration,
}

impl Default for Limits {
    fn default() -> Self {
        let per_minute = |number| NonZeroU32::new(number).unwrap_or(NonZeroU32::MAX);
        Self {
            enabled: true,
            logins_per_address: per_minute(1200),
            requests_per_address: per_minute(12_000),
            failures_per_address: per_minute(60),
            requests_per_client: per_minute(120_000),
            ipv4_prefix: 32,
            ipv6_prefix: 64,
            connections: 10_000,
            body_timeout: Duration::from_secs(10),
        }
    }
}

impl Limits {
    pub(super) fn read(section: &Section<'_>) -> Self {
        let default = Self::default();
        let per_minute = |key, default: NonZeroU32| {
            let number = section.number(key, 1..10_000_001, default.get().into());
            let number = u32::try_from(number).ok().and_then(NonZeroU32::new);
            number.unwrap_or(default)
        };
        let prefix = |key, bounds, default: u8| {
            u8::try_from(section.number(key, bounds, default.into())).unwrap_or(default)
        };
        let connections = section.number("connections", 16..1_000_001, 10_000);
        let body_timeout = section.number("body_timeout", 1..61, default.body_timeout.as_secs());
        Self {
            enabled: section.flag("enabled", default.enabled),
            logins_per_address: per_minute("logins_per_address", default.logins_per_address),
            requests_per_address: per_minute("requests_per_address", default.requests_per_address),
            failures_per_address: per_minute("failures_per_address", default.failures_per_address),
            requests_per_client: per_minute("requests_per_client", default.requests_per_client),
            ipv4_prefix: prefix("ipv4_prefix", 8..33, default.ipv4_prefix),
            ipv6_prefix: prefix("ipv6_prefix", 16..129, default.ipv6_prefix),
            connections: usize::try_from(connections).unwrap_or(usize::MAX),
            body_timeout: Duration::from_secs(body_timeout),
        }
    }
}
