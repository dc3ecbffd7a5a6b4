//! The HTTP client of every party of the tests.

use std::{sync::OnceLock, time::Duration};

use anyhow::Context;
use reqwest::{Client, redirect::Policy};

/// A client that follows no redirect, keeps no cookie and opens a new connection for each request.
///
/// There is one in a process: each new client reads every certificate authority of the machine again.
/// A connection kept open would be dead after a restart of the hub.
///
/// # Errors
/// When TLS cannot be set up.
pub(crate) fn http_client() -> Result<Client, anyhow::Error> {
    static CLIENT: OnceLock<Option<Client>> = OnceLock::new();
    let build = || {
        let client = Client::builder()
            .redirect(Policy::none())
            .timeout(Duration::from_secs(20))
            .pool_max_idle_per_host(0)
            .no_proxy();
        client.build().ok()
    };
    let client = CLIENT.get_or_init(build).clone();
    client.context("TLS cannot be set up")
}
