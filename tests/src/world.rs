//! The world around one hub: the demonstration's identity providers, services of the tests' own, a
//! clock that stands still.

use std::{
    collections::BTreeMap,
    net::{SocketAddr, TcpListener},
    path::{Path, PathBuf},
    sync::{Arc, OnceLock},
};

use actix_web::dev::ServerHandle;
use anyhow::Context;
use hub::{
    app::{Application, Dependencies},
    config::{Configuration, Sources},
    store::Store,
};
use hub_core::entropy::SystemEntropy;
use hub_demo::{Addresses, DemoIdp, IdpPlan};
use hub_jose::{Algorithm, generate};
use serde_json::Value;
use url::Url;

use crate::{Answer, Browser, DataProvider, RelyingParty, Returned, TestClock, services};

/// The options of a world.
#[derive(Debug, Default)]
pub struct WorldOptions {
    /// `memory`, or a Redis address.
    pub redis: Option<String>,
    /// A store in place of the configured one.
    pub store: Option<Arc<dyn Store>>,
    /// The clock; a fresh one if absent.
    pub clock: Option<Arc<TestClock>>,
    /// The path of the issuer.
    pub base: &'static str,
    /// Identity providers beside the demonstration's.
    pub idps: Vec<IdpPlan>,
    /// Whether single sign-on is on.
    pub sessions: bool,
    /// The file of the audit stream, if there is one.
    pub audit: Option<PathBuf>,
    /// Changes to the configuration's files, by name: the first text is replaced by the second.
    pub edits: Vec<(&'static str, &'static str, &'static str)>,
}

/// The former name of [`WorldOptions`].
pub type Opening = WorldOptions;

/// A running world. It ends with the test.
#[derive(Debug)]
pub struct World {
    /// The hub's issuer.
    pub issuer: String,
    /// Everybody's clock.
    pub clock: Arc<TestClock>,
    /// Where the demonstration's parties are.
    pub addresses: Addresses,
    handles: Vec<ServerHandle>,
    pub(crate) setup: Setup,
}

/// What the hub of a world was started from.
#[derive(Debug)]
pub(crate) struct Setup {
    pub(crate) files: BTreeMap<String, String>,
    pub(crate) held: BTreeMap<String, Vec<u8>>,
    pub(crate) store: Option<Arc<dyn Store>>,
    pub(crate) address: SocketAddr,
}

impl Setup {
    /// Starts the hub on `listener`.
    pub(crate) fn start(
        &self,
        listener: TcpListener,
        clock: Arc<TestClock>,
    ) -> Result<ServerHandle, anyhow::Error> {
        let sources = Sources::held(self.files.clone(), self.held.clone());
        let config = Configuration::read(&sources).map_err(|errors| {
            let list: Vec<String> = errors.iter().map(ToString::to_string).collect();
            anyhow::anyhow!("{}", list.join("\n"))
        })?;
        let dependencies = Dependencies {
            clock,
            entropy: Arc::new(SystemEntropy),
            store: self.store.clone(),
            requester_pause: std::time::Duration::ZERO,
        };
        let running = Application::build(config, listener, dependencies)?.start()?;
        let handle = running.handle();
        actix_web::rt::spawn(running.until_stopped());
        Ok(handle)
    }
}

/// The keys of every test's hub: making an RSA key takes its time, so it is made once.
fn keys() -> &'static BTreeMap<String, Vec<u8>> {
    static KEYS: OnceLock<BTreeMap<String, Vec<u8>>> = OnceLock::new();
    KEYS.get_or_init(|| {
        let pem = |algorithm| generate(algorithm).unwrap_or_default();
        BTreeMap::from([
            ("keys/signing-es256.pem".to_owned(), pem(Algorithm::Es256)),
            ("keys/signing-rs256.pem".to_owned(), pem(Algorithm::Rs256)),
            ("keys/client-es256.pem".to_owned(), pem(Algorithm::Es256)),
            ("keys/encryption-p256.pem".to_owned(), pem(Algorithm::Es256)),
            ("keys/encryption-rsa.pem".to_owned(), pem(Algorithm::Rs256)),
        ])
    })
}

impl World {
    /// A world with everything as usual.
    ///
    /// # Errors
    /// When something cannot be started.
    pub fn open() -> Result<Self, anyhow::Error> {
        Self::open_with(WorldOptions::default())
    }

    /// A world as `options` say.
    ///
    /// # Errors
    /// When something cannot be started.
    pub fn open_with(options: WorldOptions) -> Result<Self, anyhow::Error> {
        let clock = options.clock.unwrap_or_default();
        let demo =
            hub_demo::World::bind_with(&options.idps, 0, clock.clone(), Arc::new(SystemEntropy))?;
        let listener = TcpListener::bind(SocketAddr::from(([127, 0, 0, 1], 0)))?;
        let address = listener.local_addr()?;
        let issuer = format!("http://{address}{}", options.base);

        let mut files = demo.entries();
        let store = options.redis.as_deref().unwrap_or("memory");
        let hub = format!(
            "issuer = \"{issuer}\"\nlisten = \"{address}\"\nstore = \"{store}\"\nworkers = 2\n{}{}",
            if options.sessions {
                "\n[session]\n"
            } else {
                ""
            },
            demo.register_section()
        ) + &audit_section(options.audit.as_deref());
        files.insert("hub.toml".to_owned(), hub);
        files.extend(services::entries());
        files.extend(DataProvider::entries());
        for (file, from, to) in options.edits {
            edit(&mut files, file, (from, to))?;
        }
        let mut held = demo.secrets()?;
        held.extend(keys().clone());
        let setup = Setup {
            files,
            held,
            store: options.store,
            address,
        };
        let addresses = demo.addresses();
        let mut handles = vec![setup.start(listener, clock.clone())?];
        for server in demo.start(&issuer)? {
            handles.push(server.handle());
            actix_web::rt::spawn(server);
        }
        Ok(Self {
            issuer,
            clock,
            addresses,
            handles,
            setup,
        })
    }

    /// Stops the hub and starts it again at the same address, with `secrets` in place of the keys of
    /// those names and `edits` as of [`WorldOptions::edits`].
    ///
    /// # Errors
    /// When it does not start.
    pub async fn restart(
        &mut self,
        secrets: &[(&str, Vec<u8>)],
        edits: &[(&str, &str, &str)],
    ) -> Result<(), anyhow::Error> {
        for (name, secret) in secrets {
            self.setup.held.insert((*name).to_owned(), secret.clone());
        }
        for (file, from, to) in edits {
            edit(&mut self.setup.files, file, (from, to))?;
        }
        if let Some(hub) = self.handles.first() {
            hub.stop(false).await;
        }
        let listener = TcpListener::bind(self.setup.address)?;
        let hub = self.setup.start(listener, self.clock.clone())?;
        if let Some(handle) = self.handles.first_mut() {
            *handle = hub;
        }
        Ok(())
    }

    /// The secret behind `file:NAME` in the hub's configuration.
    #[must_use]
    pub fn secret(&self, name: &str) -> Vec<u8> {
        self.setup.held.get(name).cloned().unwrap_or_default()
    }

    /// An address of the hub.
    ///
    /// # Errors
    /// When `path` makes no address.
    pub fn url(&self, path: &str) -> Result<Url, anyhow::Error> {
        Ok(Url::parse(&format!("{}{path}", self.issuer))?)
    }

    /// The identity provider of that id.
    ///
    /// # Errors
    /// When there is none.
    pub fn idp(&self, id: &str) -> Result<&DemoIdp, anyhow::Error> {
        let found = self.addresses.idps.iter().find(|idp| idp.plan().id == id);
        found.with_context(|| format!("no IdP {id}"))
    }

    /// A service of the tests.
    ///
    /// # Errors
    /// When the HTTP client cannot be set up.
    pub fn service(&self, client_id: &'static str) -> Result<RelyingParty, anyhow::Error> {
        RelyingParty::new(client_id, &self.issuer, self.clock.clone())
    }

    /// A data provider of the tests.
    ///
    /// # Errors
    /// When the HTTP client cannot be set up.
    pub fn data_provider(&self, id: &'static str) -> Result<DataProvider, anyhow::Error> {
        DataProvider::new(id, &self.issuer, self.clock.clone())
    }

    /// The citizen signs in at Boussole for `sp`'s request with `changes`, ticks the boxes of `ticks` and
    /// goes on; the token answer.
    ///
    /// # Errors
    /// When any step fails.
    pub async fn tokens(
        &self,
        sp: &RelyingParty,
        changes: &[(&str, &str)],
        ticks: &[&str],
    ) -> Result<Value, anyhow::Error> {
        let code = self.code(sp, changes, ticks).await?;
        let (status, tokens) = sp.token(&sp.token_fields(&code)).await?;
        anyhow::ensure!(status == 200, "{status} {tokens}");
        Ok(tokens)
    }

    /// The same, as far as the code.
    ///
    /// # Errors
    /// When any step fails.
    pub async fn code(
        &self,
        sp: &RelyingParty,
        changes: &[(&str, &str)],
        ticks: &[&str],
    ) -> Result<String, anyhow::Error> {
        let mut browser = Browser::new()?;
        let start = sp.request(changes)?;
        let review = self
            .to_review(&mut browser, &start, "boussole", "angela")
            .await?;
        let ticked = ticks.iter();
        let form = ticked.fold(review.page.form()?.with("consent", "yes"), |form, tick| {
            form.with(tick, "yes")
        });
        let leave = browser.submit(&review, &form).await?;
        let next = leave.page.refresh();
        let next = next.with_context(|| format!("no way on in {}", leave.page.html()))?;
        Ok(Returned::from(&Url::parse(&next)?).get("code").to_owned())
    }

    /// The citizen signs in at the identity provider whose sign-in page `answer` is, and is sent back
    /// to the hub: the redirect is not followed yet.
    ///
    /// # Errors
    /// When something does not answer.
    pub async fn sign_in(
        &self,
        browser: &mut Browser,
        answer: &Answer,
        username: &str,
    ) -> Result<Answer, anyhow::Error> {
        let person = hub_demo::Person::named(username).context("nobody of that name")?;
        let form = answer.page.form()?;
        let form = form
            .with("username", &person.username)
            .with("password", &person.password);
        browser.submit(answer, &form).await
    }

    /// The citizen goes from `start` through the choice of `idp` to what the hub shows on return.
    ///
    /// # Errors
    /// When something does not answer or a page is not the one expected.
    pub async fn to_review(
        &self,
        browser: &mut Browser,
        start: &Url,
        idp: &str,
        username: &str,
    ) -> Result<Answer, anyhow::Error> {
        let answer = browser.get(start).await?;
        let choice = browser.follow(answer, "https://").await?;
        let departure = browser.click(&choice, &format!("idp/{idp}")).await?;
        let sign_in = browser.follow(departure, "https://").await?;
        let back = self.sign_in(browser, &sign_in, username).await?;
        browser.follow(back, "https://").await
    }

    /// The citizen signs in as `person` at `idp`, at the service whose request `start` is, and reads:
    /// the review page, or why not.
    ///
    /// # Errors
    /// When something does not answer.
    pub async fn outcome(
        &self,
        start: &Url,
        idp: &str,
        person: &str,
    ) -> Result<(Browser, Answer), anyhow::Error> {
        let mut browser = Browser::new()?;
        let answer = self.to_review(&mut browser, start, idp, person).await?;
        Ok((browser, answer))
    }

    /// The citizen agrees on the review page; returns where the browser goes next.
    ///
    /// # Errors
    /// When the page has no form or does not lead on.
    pub async fn agree(
        &self,
        browser: &mut Browser,
        review: &Answer,
    ) -> Result<Url, anyhow::Error> {
        let form = review.page.form()?.with("consent", "yes");
        let leave = browser.submit(review, &form).await?;
        let next = leave.page.refresh();
        let next = next.with_context(|| format!("no way on in {}", leave.page.html()))?;
        Ok(Url::parse(&next)?)
    }

    /// One whole login: returns where the browser arrives at the service.
    ///
    /// # Errors
    /// When any step fails.
    pub async fn log_in(
        &self,
        browser: &mut Browser,
        start: &Url,
        idp: &str,
        username: &str,
    ) -> Result<Url, anyhow::Error> {
        let review = self.to_review(browser, start, idp, username).await?;
        self.agree(browser, &review).await
    }
}

/// Replaces the first text by the second in `file`.
fn edit(
    files: &mut BTreeMap<String, String>,
    file: &str,
    (from, to): (&str, &str),
) -> Result<(), anyhow::Error> {
    let text = files
        .get_mut(file)
        .with_context(|| format!("no file {file}"))?;
    anyhow::ensure!(text.contains(from), "{file} has no {from}: {text}");
    *text = text.replace(from, to);
    Ok(())
}

/// `[audit]` of a hub that writes to `file`.
fn audit_section(file: Option<&Path>) -> String {
    let sink = file.map(|path| {
        let kind = if path.is_dir() { "folder" } else { "file" };
        format!("\n[audit]\noutput = \"{kind}:{}\"\n", path.display())
    });
    sink.unwrap_or_default()
}

impl Drop for World {
    fn drop(&mut self) {
        for handle in &self.handles {
            // Asked to stop without waiting: the runtime ends with the test.
            drop(handle.stop(false));
        }
    }
}
