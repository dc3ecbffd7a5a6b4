//! A demonstration data provider: the API of a fictitious tax administration, which introspects every
//! token at the hub.
//!
//! Called by `world.rs` and the tests.

mod endpoints;

use std::{
    net::{SocketAddr, TcpListener},
    sync::Arc,
};

use actix_web::{
    App, HttpServer,
    dev::Server,
    web::{self, Data},
};
use hub_core::{
    encoding::{base64url, hex},
    entropy::{Entropy, draw},
};
use sha2::{Digest, Sha256};

use crate::shared::http_client;

/// The client id at the hub.
pub(crate) const ID: &str = "impots";

#[derive(Debug)]
struct State {
    issuer: String,
    secret: Arc<str>,
    http: reqwest::Client,
}

/// A fictitious tax administration.
#[derive(Debug, Clone)]
pub struct DemoDataProvider {
    secret: Arc<str>,
    address: SocketAddr,
}

impl DemoDataProvider {
    /// Creates a data provider that will serve on `listener`.
    ///
    /// # Errors
    /// If the listener has no address.
    pub fn new(listener: &TcpListener, entropy: &dyn Entropy) -> Result<Self, std::io::Error> {
        Ok(Self {
            secret: base64url(&draw::<32>(entropy)).into(),
            address: listener.local_addr()?,
        })
    }

    /// Starts the server, as a data provider of the hub at `issuer`.
    ///
    /// # Errors
    /// If the listener cannot be used.
    pub fn serve(&self, listener: TcpListener, issuer: &str) -> Result<Server, anyhow::Error> {
        let http = http_client()?;
        let state = Data::new(State {
            issuer: issuer.to_owned(),
            secret: Arc::clone(&self.secret),
            http,
        });
        let server = HttpServer::new(move || {
            App::new()
                .app_data(state.clone())
                .route("/", web::get().to(endpoints::front))
                .route("/v1/taxes", web::get().to(endpoints::taxes))
        });
        Ok(server
            .workers(1)
            .disable_signals()
            .shutdown_timeout(1)
            .listen(listener)?
            .run())
    }

    /// Returns the client id at the hub.
    #[must_use]
    pub const fn id(&self) -> &'static str {
        ID
    }

    /// Returns the name in French and English.
    #[must_use]
    pub const fn name(&self) -> [&'static str; 2] {
        [
            "le Centre des impôts de Port-Lagon",
            "the Port-Lagon tax office",
        ]
    }

    /// Returns the client secret at the hub.
    #[must_use]
    pub fn secret(&self) -> &str {
        &self.secret
    }

    /// Returns the URL of the API, which is its `resource` at the hub.
    #[must_use]
    pub fn url(&self) -> String {
        format!("http://{}", self.address)
    }

    /// Returns the entry in the hub's configuration, `data-providers/impots.toml`.
    #[must_use]
    pub fn entry(&self) -> String {
        let digest: [u8; 32] = Sha256::digest(self.secret.as_bytes()).into();
        let [fr, en] = self.name();
        format!(
            include_str!("entry.toml.txt"),
            fr = fr,
            en = en,
            url = self.url(),
            digest = hex(&digest),
        )
    }
}
