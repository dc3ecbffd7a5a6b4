//! `hub.toml`.

use std::{net::SocketAddr, time::Duration};

use hub_core::session::SessionRules;
use hub_document::{ConfigProblem, Document, Section};
use hub_outbound::Outbound;
use hub_templates::Language;
use url::Url;

use super::{
    AuditSettings, KeyFiles, Limits, Notice, Register, Sources, SubjectSettings, TrustedProxies,
};
use crate::{mail::Mailer, store::RedisAddress};

/// What `hub.toml` says.
#[derive(Debug)]
pub struct HubSettings {
    /// The issuer, exactly as services will compare it, without a slash at the end.
    pub issuer: String,
    /// The path of the issuer, empty or `/api/v2`: every endpoint lies under it.
    pub base: String,
    /// Whether cookies are `Secure` with a `__Host-` name: always, but on a plain-http loopback.
    pub secure_cookies: bool,
    /// The operator's name for the hub, on every page.
    pub name: String,
    /// How citizens reach the operator: an address or a page.
    pub support: Option<String>,
    /// Where it listens.
    pub listen: SocketAddr,
    /// Where the probes and metrics listen, if anywhere.
    pub operations: Option<SocketAddr>,
    /// How many worker threads; one for each core if unset.
    pub workers: Option<usize>,
    /// Where records are kept.
    pub store: StoreAddress,
    /// The language of those whose own we do not have.
    pub language: Language,
    /// How long a citizen may take.
    pub login_lifetime: Duration,
    /// How citizens are told by mail of a sign-in on a new device, if they are.
    pub mail: Option<Mailer>,
    /// What citizens read above the choice.
    pub notices: Vec<Notice>,
    /// From how many IdPs on the choice page has a box to look for one.
    pub search_from: usize,
    /// How long sessions last, where single sign-on is on.
    pub session: Option<SessionRules>,
    /// What strangers get, at most.
    pub limits: Limits,
    /// The reverse proxies in front, if there are any.
    pub proxies: Option<TrustedProxies>,
    /// The audit stream, if there is one.
    pub audit: Option<AuditSettings>,
    /// Where the keys are.
    pub keys: KeyFiles,
    /// What a `sub` is made of.
    pub subject: SubjectSettings,
    /// The register of persons, if there is one.
    pub register: Option<Register>,
    /// How old a copy of somebody's keys or discovery document may be while it cannot be fetched again.
    pub max_copy_age: Duration,
}

/// Where records are kept.
#[derive(Debug, Clone)]
pub enum StoreAddress {
    /// In this process: one node only.
    Memory,
    /// In Redis.
    Redis(RedisAddress),
}

impl HubSettings {
    /// Reads `hub.toml`.
    ///
    /// # Errors
    /// Every fault of the file.
    pub fn read(sources: &Sources, outbound: &Outbound) -> Result<Self, Vec<ConfigProblem>> {
        Document::read("hub.toml", sources.file("hub.toml"), |root| {
            settings(root, sources, outbound)
        })
    }
}

fn settings(root: &Section<'_>, sources: &Sources, outbound: &Outbound) -> Option<HubSettings> {
    let issuer = root.required("issuer", issuer);
    let name = root
        .optional("name", name)
        .unwrap_or_else(|| "Lethe".to_owned());
    let support = root.section("contact", |section| section.optional("support", support));
    let listen = root.required("listen", address);
    let store = root.required("store", |text| store(text, sources));
    let language = root.optional("language", language).unwrap_or(Language::Fr);
    let login_lifetime = root.number("login_lifetime", 300..7201, 1800);
    let max_copy_age = root.number("max_copy_age", 3600..604_801, 86_400);
    let workers = root.number("workers", 0..257, 0);
    let operations = root.section("operations", |section| section.required("listen", address));
    let keys = root
        .section("keys", |section| Some(KeyFiles::read(section)))
        .unwrap_or_default();
    let mail = root.section("mail", |section| mail(section, sources));
    let notices = root.sections("notices", Notice::read);
    let search_from = root.number("search_from", 2..1000, 9);
    let session = root.section("session", |section| {
        Some(SessionRules {
            idle_timeout: Duration::from_secs(section.number("idle_timeout", 60..86_401, 1800)),
            max_lifetime: Duration::from_secs(section.number("max_lifetime", 60..86_401, 28_800)),
            persistent_cookie: section.flag("persistent_cookie", false),
        })
    });
    let register = root.section("register", |section| {
        Register::read(section, sources, outbound)
    });
    let subject = root.section("subject", |section| Some(SubjectSettings::read(section)));
    let limits = root.section("limits", |section| Some(Limits::read(section)));
    let proxies = root.section("proxy", TrustedProxies::read);
    let audit = root.section("audit", |section| AuditSettings::read(section, sources));
    let Issuer { text, base, secure } = issuer?;
    Some(HubSettings {
        issuer: text,
        base,
        secure_cookies: secure,
        name,
        support,
        listen: listen?,
        operations,
        workers: usize::try_from(workers).ok().filter(|workers| *workers > 0),
        store: store?,
        language,
        login_lifetime: Duration::from_secs(login_lifetime),
        mail,
        notices,
        search_from: usize::try_from(search_from).unwrap_or(usize::MAX),
        session,
        limits: limits.unwrap_or_default(),
        proxies,
        audit,
        keys,
        subject: subject.unwrap_or_default(),
        register,
        max_copy_age: Duration::from_secs(max_copy_age),
    })
}

struct Issuer {
    text: String,
    base: String,
    secure: bool,
}

/// OpenID Connect Discovery 2: an https address without query and fragment.
fn issuer(text: &str) -> Result<Issuer, &'static str> {
    const WANTED: &str = "expected https://host or https://host/path, without a slash at the end \
                          (http:// on the loopback only)";
    let url = Url::parse(text).map_err(|_syntax| WANTED)?;
    let loopback = matches!(url.host_str(), Some("127.0.0.1" | "[::1]" | "localhost"));
    let secure = url.scheme() == "https";
    let plain = url.query().is_none() && url.fragment().is_none() && !text.ends_with('/');
    let base = url.path().trim_end_matches('/').to_owned();
    let clean = url.origin().ascii_serialization() + &base == text;
    (plain && clean && (secure || (url.scheme() == "http" && loopback)))
        .then(|| Issuer {
            text: text.to_owned(),
            base,
            secure,
        })
        .ok_or(WANTED)
}

fn name(text: &str) -> Result<String, &'static str> {
    let good = (1..=80).contains(&text.trim().chars().count());
    good.then(|| text.trim().to_owned())
        .ok_or("expected 1 to 80 characters")
}

fn mail(section: &Section<'_>, sources: &Sources) -> Option<Mailer> {
    let from = section.required("from", |text| Ok::<_, &str>(text.to_owned()));
    let direct = |text: &str| text.starts_with("smtp://") && !text.contains('@');
    section.required("server", |text| {
        // With a password in it, the address is a secret: by reference alone.
        let server = if direct(text) {
            text.to_owned()
        } else {
            sources.resolve_text(text)?
        };
        Mailer::new(&server, from.as_deref().unwrap_or_default())
    })
}

fn support(text: &str) -> Result<String, &'static str> {
    let good = (1..=200).contains(&text.trim().chars().count());
    good.then(|| text.trim().to_owned())
        .ok_or("expected 1 to 200 characters")
}

fn address(text: &str) -> Result<SocketAddr, &'static str> {
    text.parse()
        .map_err(|_syntax| "expected an IP address and a port, \"127.0.0.1:8080\"")
}

fn store(text: &str, sources: &Sources) -> Result<StoreAddress, String> {
    let direct = text == "memory" || text.contains("://");
    let address = if direct {
        text.to_owned()
    } else {
        sources.resolve_text(text)?
    };
    if address == "memory" {
        return Ok(StoreAddress::Memory);
    }
    Ok(StoreAddress::Redis(address.parse()?))
}

fn language(text: &str) -> Result<Language, &'static str> {
    Language::from_tag(text).ok_or("expected fr or en")
}
