//! A demonstration identity provider: OpenID Connect with its own sign-in page and, for tests, injected
//! faults. Called by `world.rs` and the tests.

mod dialect;
mod endpoints;
mod failing;
mod fault_injection;
mod logout;
mod password;
mod tokens;

use std::{
    collections::BTreeMap,
    net::{SocketAddr, TcpListener},
    sync::{Arc, Mutex, MutexGuard, OnceLock, PoisonError},
    time::Duration,
};

use actix_web::{
    App, HttpResponse, HttpServer,
    dev::Server,
    web::{self, Data},
};
use hub_core::{
    clock::Clock,
    encoding::base64url,
    entropy::{Entropy, draw},
};
use hub_jose::{Algorithm, Keyring, Recipient, SigningKey};

use crate::{Person, shared::private_key};

pub use dialect::Dialect;
pub use fault_injection::FaultInjection;

/// The properties of one identity provider.
#[derive(Debug, Clone, Copy)]
pub struct IdpPlan {
    /// The id at the hub.
    pub id: &'static str,
    /// The name.
    pub title: &'static str,
    /// The colour of its page.
    pub colour: &'static str,
    /// The assurance level, `eidas1` to `eidas3`.
    pub level: &'static str,
    /// The value of `pivot` in the hub's entry: what it promises about the civil status.
    pub pivot: &'static str,
    /// The signature algorithm.
    pub algorithm: Algorithm,
    /// The value of `userinfo` in the hub's entry. The ID tokens are encrypted if UserInfo is.
    pub userinfo: &'static str,
    /// The kind of claims that it sends.
    pub dialect: Dialect,
    /// Whether the hub checks its identities in the register of persons.
    pub register_check: bool,
}

/// A code that was not redeemed yet.
#[derive(Debug, Clone)]
struct Waiting {
    person: Arc<Person>,
    redirect_uri: String,
    nonce: String,
    challenge: String,
    /// Whether the request asked for a new authentication.
    fresh_requested: bool,
}

#[derive(Debug)]
struct State {
    plan: IdpPlan,
    issuer: String,
    client_secret: String,
    keys: Keyring,
    unpublished_keys: Keyring,
    codes: Mutex<BTreeMap<String, Waiting>>,
    tokens: Mutex<BTreeMap<String, Arc<Person>>>,
    hub_key: Mutex<Option<Recipient>>,
    hub: OnceLock<String>,
    /// The recipient of each mail, and the token in it.
    mails: Mutex<Vec<(String, String)>>,
    /// The changed passwords, by user name.
    passwords: Mutex<BTreeMap<String, String>>,
    /// The user names that were just authenticated by a mail, by the value of the browser's cookie.
    proofs: Mutex<BTreeMap<String, String>>,
    fault_injection: Mutex<Option<FaultInjection>>,
    seen: Mutex<Vec<String>>,
    clock: Arc<dyn Clock>,
    entropy: Arc<dyn Entropy>,
}

impl State {
    fn secret(&self) -> String {
        base64url(&draw::<16>(self.entropy.as_ref()))
    }

    fn fault_injection(&self) -> Option<FaultInjection> {
        *lock(&self.fault_injection)
    }

    /// Returns the hub's issuer.
    fn hub(&self) -> &str {
        self.hub.get().map_or("", String::as_str)
    }

    /// Returns the injected fault for `person`: the provider's, else the person's own.
    fn fault_injection_for(&self, person: &Person) -> Option<FaultInjection> {
        self.fault_injection().or(person.trouble)
    }
}

fn lock<T>(mutex: &Mutex<T>) -> MutexGuard<'_, T> {
    mutex.lock().unwrap_or_else(PoisonError::into_inner)
}

/// One running identity provider.
#[derive(Debug, Clone)]
pub struct DemoIdp {
    state: Arc<State>,
    address: SocketAddr,
}

impl DemoIdp {
    /// Creates an identity provider that will serve on `listener`.
    ///
    /// # Errors
    /// If a key cannot be generated or the listener has no address.
    pub fn new(
        plan: IdpPlan,
        listener: &TcpListener,
        clock: Arc<dyn Clock>,
        entropy: Arc<dyn Entropy>,
    ) -> Result<Self, anyhow::Error> {
        let ring = |whose: &str| -> Result<Keyring, anyhow::Error> {
            let pem = private_key(&format!("{whose} {}", plan.id), plan.algorithm)?;
            Ok(Keyring::new(vec![SigningKey::with_algorithm(
                &pem,
                plan.algorithm,
            )?]))
        };
        let address = listener.local_addr()?;
        let state = State {
            issuer: format!("http://{address}"),
            client_secret: base64url(&draw::<32>(entropy.as_ref())),
            keys: ring("idp")?,
            unpublished_keys: ring("unpublished")?,
            codes: Mutex::default(),
            tokens: Mutex::default(),
            hub_key: Mutex::default(),
            hub: OnceLock::new(),
            mails: Mutex::default(),
            passwords: Mutex::default(),
            proofs: Mutex::default(),
            fault_injection: Mutex::default(),
            seen: Mutex::default(),
            plan,
            clock,
            entropy,
        };
        Ok(Self {
            state: Arc::new(state),
            address,
        })
    }

    /// Starts the server, as an identity provider of the hub at `issuer`.
    ///
    /// # Errors
    /// If the listener cannot be used.
    pub fn serve(&self, listener: TcpListener, issuer: &str) -> Result<Server, std::io::Error> {
        self.state.hub.get_or_init(|| issuer.to_owned());
        let state = Data::from(Arc::clone(&self.state));
        let server = HttpServer::new(move || {
            App::new()
                .app_data(state.clone())
                .route(
                    "/.well-known/openid-configuration",
                    web::get().to(endpoints::discovery),
                )
                .route("/favicon.ico", web::get().to(HttpResponse::NoContent))
                .route("/jwks", web::get().to(endpoints::jwks))
                .route("/authorize", web::get().to(endpoints::authorize))
                .route("/sign-in", web::post().to(endpoints::sign_in))
                .route("/forgotten", web::get().to(password::ask))
                .route("/forgotten", web::post().to(password::send))
                .route("/mailbox", web::get().to(password::mailbox))
                .route("/reset", web::get().to(password::choose))
                .route("/reset", web::post().to(password::change))
                .route("/logout", web::get().to(logout::logout))
                .route("/logout", web::post().to(logout::posted_logout))
                .route("/token", web::post().to(endpoints::token))
                .route("/userinfo", web::get().to(endpoints::userinfo))
        });
        Ok(server
            .workers(1)
            .disable_signals()
            .shutdown_timeout(1)
            .keep_alive(Duration::from_secs(75))
            .listen(listener)?
            .run())
    }

    /// Returns its properties.
    #[must_use]
    pub fn plan(&self) -> IdpPlan {
        self.state.plan
    }

    /// Returns its issuer.
    #[must_use]
    pub fn issuer(&self) -> &str {
        &self.state.issuer
    }

    /// Returns the hub's client secret.
    #[must_use]
    pub fn client_secret(&self) -> &str {
        &self.state.client_secret
    }

    /// Returns the address that it serves on.
    #[must_use]
    pub const fn address(&self) -> SocketAddr {
        self.address
    }

    /// Sets or removes the injected fault, for all later requests.
    pub fn misbehave(&self, fault_injection: Option<FaultInjection>) {
        *lock(&self.state.fault_injection) = fault_injection;
    }

    /// Encrypts all later tokens with the hub's JWK set `jwks`.
    pub fn encrypt_for(&self, jwks: &[u8]) {
        *lock(&self.state.hub_key) = Recipient::from_jwks(jwks);
    }

    /// Returns a logout token, with `changes` to its claims: a `null` removes a claim. Returns `None` if it
    /// cannot be signed.
    #[must_use]
    pub fn logout_token(&self, changes: serde_json::Value) -> Option<String> {
        tokens::logout_token(&self.state, changes)
    }

    /// Returns every request so far, unchanged: method, target, headers and, for a token request or a
    /// posted logout, the body.
    #[must_use]
    pub fn seen(&self) -> Vec<String> {
        lock(&self.state.seen).clone()
    }

    /// Returns the entry in the hub's configuration, `idps/{id}.toml`, with the secret
    /// `file:secrets/{id}`.
    #[must_use]
    pub fn entry(&self, order: usize) -> String {
        let IdpPlan {
            id,
            title,
            level,
            pivot,
            userinfo,
            dialect,
            register_check,
            ..
        } = self.state.plan;
        let issuer = &self.state.issuer;
        let preset = dialect.preset();
        let method = if dialect.is_strict() {
            "client_secret_post"
        } else {
            "client_secret_basic"
        };
        let mut entry = format!(
            "id = \"{id}\"\npreset = \"{preset}\"\ntitle = \"{title}\"\nenvironment = \"test\"\n\
             position = {order}\nissuer = \"{issuer}\"\nclient_id = \"lethe\"\nuserinfo = \"{userinfo}\"\n\
             pivot = \"{pivot}\"\ntimeout = 2\nprivate_network = true\n\
             register_check = {register_check}\nend_session = \"post\"\nbackchannel_logout = true\n"
        );
        if userinfo == "encrypted" {
            entry.push_str("id_token = \"encrypted\"\n");
        }
        if dialect == Dialect::Standard {
            entry.push_str("scopes = [\"openid\", \"profile\", \"birth\", \"email\"]\n");
        }
        let rest = format!(
            "\n[authentication]\nmethod = \"{method}\"\nsecret = \"file:secrets/{id}\"\n\n\
             [levels]\nceiling = \"{level}\"\n"
        );
        entry.push_str(&rest);
        if dialect == Dialect::Standard {
            entry.push_str(
                "\n[levels.table]\neidas1 = \"eidas1\"\neidas2 = \"eidas2\"\neidas3 = \"eidas3\"\n",
            );
        }
        entry
    }
}
