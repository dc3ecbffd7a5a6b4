//! A demonstration identity provider: OpenID Connect with a sign-in page of its own, and, for tests,
//! every way of misbehaving.

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

/// What one identity provider is.
#[derive(Debug, Clone, Copy)]
pub struct IdpPlan {
    /// Its id at the hub.
    pub id: &'static str,
    /// Its name.
    pub title: &'static str,
    /// The colour of its page.
    pub colour: &'static str,
    /// Its level, `eidas1` to `eidas3`.
    pub level: &'static str,
    /// What it promises of the civil status, as the hub's entry says it.
    pub pivot: &'static str,
    /// What it signs with.
    pub algorithm: Algorithm,
    /// The form of its userinfo, as the hub's entry says it; its id tokens are encrypted if this is.
    pub userinfo: &'static str,
    /// Whose claims it speaks in.
    pub dialect: Dialect,
    /// Whether the hub asks the register of persons about what it says.
    pub register_check: bool,
}

/// A code that waits to be redeemed.
#[derive(Debug, Clone)]
struct Waiting {
    person: Arc<Person>,
    redirect_uri: String,
    nonce: String,
    challenge: String,
    /// Whether the request asked to authenticate the person now.
    asked_fresh: bool,
}

#[derive(Debug)]
struct State {
    plan: IdpPlan,
    issuer: String,
    client_secret: String,
    keys: Keyring,
    stranger: Keyring,
    codes: Mutex<BTreeMap<String, Waiting>>,
    tokens: Mutex<BTreeMap<String, Arc<Person>>>,
    hub_key: Mutex<Option<Recipient>>,
    hub: OnceLock<String>,
    /// To whom, and the token in it.
    mails: Mutex<Vec<(String, String)>>,
    /// Passwords that were changed, by user name.
    passwords: Mutex<BTreeMap<String, String>>,
    /// Who has just proven who they are, by what their browser keeps.
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

    /// The hub's issuer.
    fn hub(&self) -> &str {
        self.hub.get().map_or("", String::as_str)
    }

    /// What goes wrong for `person`: with everybody, or with them.
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
    /// An identity provider that will answer on `listener`.
    ///
    /// # Errors
    /// When no key can be made or the listener has no address.
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
            stranger: ring("stranger to")?,
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

    /// Starts answering, as an identity provider of the hub at `issuer`.
    ///
    /// # Errors
    /// When the listener cannot be used.
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

    /// What it is.
    #[must_use]
    pub fn plan(&self) -> IdpPlan {
        self.state.plan
    }

    /// Its issuer.
    #[must_use]
    pub fn issuer(&self) -> &str {
        &self.state.issuer
    }

    /// The hub's secret there.
    #[must_use]
    pub fn client_secret(&self) -> &str {
        &self.state.client_secret
    }

    /// Where it answers.
    #[must_use]
    pub const fn address(&self) -> SocketAddr {
        self.address
    }

    /// From now on it misbehaves, or stops doing so.
    pub fn misbehave(&self, fault_injection: Option<FaultInjection>) {
        *lock(&self.state.fault_injection) = fault_injection;
    }

    /// From now on it encrypts for the hub, whose JWK set this is.
    pub fn encrypt_for(&self, jwks: &[u8]) {
        *lock(&self.state.hub_key) = Recipient::from_jwks(jwks);
    }

    /// Its word that a session of its own has ended, with `changes` to the claims: a `null` takes one
    /// away. Nothing if it cannot be signed.
    #[must_use]
    pub fn logout_token(&self, changes: serde_json::Value) -> Option<String> {
        tokens::logout_token(&self.state, changes)
    }

    /// Every request it has seen so far, as it came: method, target, headers and, of a token request or a
    /// posted logout, the body.
    #[must_use]
    pub fn seen(&self) -> Vec<String> {
        lock(&self.state.seen).clone()
    }

    /// Its entry in the hub's configuration, `idps/{id}.toml`; the secret is behind
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
