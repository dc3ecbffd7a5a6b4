//! What all demonstration worlds of one process share, because it takes long to create.
//!
//! Called by the other files of the demonstration.

use std::{
    collections::BTreeMap,
    sync::{Mutex, OnceLock, PoisonError},
    time::Duration,
};

use anyhow::Context;
use hub_jose::{Algorithm, generate};
use reqwest::Client;

/// Returns the private key named `name`, in PKCS#8 PEM.
///
/// Each key is generated once in a process: two RSA keys for each identity provider took most of the
/// startup time of a world, and a demonstration's keys protect no data.
///
/// # Errors
/// If the cryptographic library fails.
pub(crate) fn private_key(name: &str, algorithm: Algorithm) -> Result<Vec<u8>, anyhow::Error> {
    static KEYS: Mutex<BTreeMap<(String, Algorithm), Vec<u8>>> = Mutex::new(BTreeMap::new());
    let at = (name.to_owned(), algorithm);
    let mut keys = KEYS.lock().unwrap_or_else(PoisonError::into_inner);
    if let Some(key) = keys.get(&at) {
        return Ok(key.clone());
    }
    let key = generate(algorithm)?;
    keys.insert(at, key.clone());
    Ok(key)
}

/// Returns the HTTP client of the demonstration's services and data provider.
///
/// There is one in a process, because each new client reads all certificate authorities of the system.
///
/// # Errors
/// If TLS cannot be set up.
pub(crate) fn http_client() -> Result<Client, anyhow::Error> {
    static CLIENT: OnceLock<Option<Client>> = OnceLock::new();
    let build = || {
        let client = Client::builder()
            .redirect(reqwest::redirect::Policy::none())
            .timeout(Duration::from_secs(5))
            .no_proxy();
        client.build().ok()
    };
    let client = CLIENT.get_or_init(build).clone();
    client.context("TLS cannot be set up")
}
