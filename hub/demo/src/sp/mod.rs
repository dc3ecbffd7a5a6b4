//! A demonstration service: a sign-in button, and a page that shows what the service received.
//!
//! Called by `world.rs` and the tests.

mod data;
mod endpoints;

pub use data::DataNeeds;

use std::{
    collections::BTreeMap,
    net::{SocketAddr, TcpListener},
    sync::{Arc, Mutex},
};

use actix_web::{
    App, HttpResponse, HttpServer,
    dev::Server,
    web::{self, Data},
};
use hub_core::{
    clock::Clock,
    encoding::{base64url, hex},
    entropy::{Entropy, draw},
};
use sha2::{Digest, Sha256};

use crate::shared::http_client;

/// The properties of one service.
#[derive(Debug, Clone, Copy)]
pub struct ServicePlan {
    /// Its client id.
    pub client_id: &'static str,
    /// The name in French and English.
    pub name: [&'static str; 2],
    /// The organisation that runs it, in French and English.
    pub organisation: [&'static str; 2],
    /// `public` or `private`.
    pub kind: &'static str,
    /// The text of its front page.
    pub what: &'static str,
    /// The scopes that it requests.
    pub scope: &'static str,
    /// The level for requests without `acr_values`: `eidas1` to `eidas3`.
    pub level: &'static str,
    /// The application that citizens can make there with data of a data provider; empty if none.
    pub applies: &'static str,
}

#[derive(Debug)]
struct State {
    plan: ServicePlan,
    issuer: String,
    own: String,
    secret: String,
    needs: Option<DataNeeds>,
    waiting: Mutex<BTreeMap<String, Waiting>>,
    sessions: Mutex<BTreeMap<String, SignedIn>>,
    http: reqwest::Client,
    clock: Arc<dyn Clock>,
    entropy: Arc<dyn Entropy>,
}

/// A sign-in in progress, stored by its `state`.
#[derive(Debug)]
struct Waiting {
    nonce: String,
    verifier: String,
}

/// The session of a signed-in citizen, stored by the value of the cookie.
#[derive(Debug, Clone)]
struct SignedIn {
    sub: String,
    sid: String,
    id_token: String,
    data: Option<data::DataAccess>,
}

/// One running service.
#[derive(Debug, Clone)]
pub struct DemoService {
    plan: ServicePlan,
    secret: String,
    needs: Option<DataNeeds>,
    address: SocketAddr,
}

impl DemoService {
    /// Creates a service that will serve on `listener`.
    ///
    /// # Errors
    /// If the listener has no address.
    pub fn new(
        plan: ServicePlan,
        listener: &TcpListener,
        entropy: &dyn Entropy,
    ) -> Result<Self, std::io::Error> {
        let secret = base64url(&draw::<32>(entropy));
        Ok(Self {
            plan,
            secret,
            needs: None,
            address: listener.local_addr()?,
        })
    }

    /// Adds what the service requests of a data provider when a citizen makes an application.
    #[must_use]
    pub fn needs(self, needs: DataNeeds) -> Self {
        Self {
            needs: Some(needs),
            ..self
        }
    }

    /// Starts the server, as a service of the hub at `issuer`.
    ///
    /// # Errors
    /// If the listener cannot be used.
    pub fn serve(
        &self,
        listener: TcpListener,
        issuer: &str,
        clock: Arc<dyn Clock>,
        entropy: Arc<dyn Entropy>,
    ) -> Result<Server, anyhow::Error> {
        let http = http_client()?;
        let state = Data::new(State {
            plan: self.plan,
            issuer: issuer.to_owned(),
            own: self.url(),
            secret: self.secret.clone(),
            needs: self.needs.clone(),
            waiting: Mutex::default(),
            sessions: Mutex::default(),
            http,
            clock,
            entropy,
        });
        let server = HttpServer::new(move || {
            App::new()
                .app_data(state.clone())
                .route("/", web::get().to(endpoints::front))
                .route("/favicon.ico", web::get().to(HttpResponse::NoContent))
                .route("/sign-in", web::get().to(endpoints::sign_in))
                .route("/sign-out", web::get().to(endpoints::sign_out))
                .route("/backchannel", web::post().to(endpoints::backchannel))
                .route("/apply", web::get().to(data::apply))
                .route("/data", web::get().to(data::show))
                .route("/revoke", web::post().to(data::revoke))
                .route("/callback", web::get().to(endpoints::callback))
        });
        Ok(server
            .workers(1)
            .disable_signals()
            .shutdown_timeout(1)
            .listen(listener)?
            .run())
    }

    /// Returns its properties.
    #[must_use]
    pub const fn plan(&self) -> ServicePlan {
        self.plan
    }

    /// Returns the client secret at the hub.
    #[must_use]
    pub fn secret(&self) -> &str {
        &self.secret
    }

    /// Returns the URL of its front page, without a slash at the end.
    #[must_use]
    pub fn url(&self) -> String {
        format!("http://{}", self.address)
    }

    /// Returns the entry in the hub's configuration, `services/{client_id}.toml`.
    #[must_use]
    pub fn entry(&self) -> String {
        let ServicePlan {
            client_id,
            name: [fr, en],
            organisation: [body_fr, body_en],
            kind,
            scope,
            level,
            ..
        } = self.plan;
        let url = self.url();
        let needs = self.needs.as_ref();
        let more = needs.map_or(&[][..], |needs| &needs.scopes);
        let scopes: Vec<String> = scope
            .split(' ')
            .chain(more.iter().map(String::as_str))
            .map(|scope| format!("\"{scope}\""))
            .collect();
        let digest: [u8; 32] = Sha256::digest(self.secret.as_bytes()).into();
        let digest = hex(&digest);
        format!(
            "client_id = \"{client_id}\"\nname = {{ fr = \"{fr}\", en = \"{en}\" }}\n\
             organisation = {{ fr = \"{body_fr}\", en = \"{body_en}\" }}\neligibility = \"public-mission\"\n\
             status = \"sandbox\"\nkind = \"{kind}\"\nservice_url = \"{url}/\"\n\
             redirect_uris = [\"{url}/callback\"]\npost_logout_redirect_uris = [\"{url}/\"]\n\
             backchannel_logout_uri = \"{url}/backchannel\"\nsector = \"{client_id}.example\"\n\
             scopes = [{}]\ndefault_level = \"{level}\"\n\
             {data}id_token_claims = [\"sid\", \"sub_basis\", \"previous_subs\"]\n\n\
             [authentication]\nmethod = \"secret\"\nsecret_digests = [\"sha256:{digest}\"]\n",
            scopes.join(", "),
            data = needs.map_or_else(String::new, data_lines),
        )
    }
}

/// Returns the lines of an entry for what the service requests of a data provider.
fn data_lines(needs: &DataNeeds) -> String {
    let (details, optional) = (needs.details.map(|(_, types)| types), &needs.optional);
    let types: Vec<String> = details.iter().map(|name| format!("\"{name}\"")).collect();
    let optional: Vec<String> = optional.iter().map(|name| format!("\"{name}\"")).collect();
    format!(
        "authorization_details_types = [{}]\noptional = [{}]\n",
        types.join(", "),
        optional.join(", ")
    )
}
