//! `lethe demo`: the whole world on the loopback, in one process, with nothing to install.

use std::{
    collections::BTreeMap,
    io::Write,
    net::{SocketAddr, TcpListener},
    path::{Path, PathBuf},
    sync::Arc,
};

use anyhow::Context;
use hub_core::{clock::SystemClock, entropy::SystemEntropy};
use hub_demo::{Addresses, DataNeeds, PEOPLE, World};
use serde_json::json;
use sp_registry::{Environment, Registry};

use crate::{
    app::{Application, Dependencies},
    config::{Configuration, Sources},
};

/// How many people are printed.
const SHOWN: usize = 8;

/// How the addresses are printed.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Form {
    /// One JSON object, for programs.
    Json,
    /// For people.
    Text,
}

/// Where the demonstration keeps what it has to keep.
#[derive(Debug, Clone)]
pub struct Keeping {
    /// `memory`, or a Redis address.
    pub store: String,
    /// The file of the audit stream, if there shall be one.
    pub audit: Option<PathBuf>,
    /// The entry of a data provider to try out.
    pub data_provider: Option<PathBuf>,
}

/// Runs the demonstration on the ports from `port` on, or on any free ones with 0, and prints to `out`
/// where everybody is.
///
/// # Errors
/// When a port is taken.
pub async fn demo(
    port: u16,
    keeping: &Keeping,
    form: Form,
    out: &mut impl Write,
) -> Result<(), anyhow::Error> {
    let at = SocketAddr::from(([127, 0, 0, 1], port));
    let listener = TcpListener::bind(at)
        .with_context(|| format!("port {port} is taken: choose another with --port"))?;
    let issuer = format!("http://{}", listener.local_addr()?);
    let first = if port == 0 { 0 } else { port + 1 };
    let world =
        World::bind(first, Arc::new(SystemClock), Arc::new(SystemEntropy)).with_context(|| {
            format!(
                "the ports {first} to {} are needed",
                first.saturating_add(7)
            )
        })?;

    let tried = keeping.data_provider.as_deref().map(on_trial).transpose()?;
    let world = match &tried {
        Some((_, legal_basis)) => {
            let port = if port == 0 { 0 } else { first + 8 };
            world.trying(port, legal_basis.clone())?
        }
        None => world,
    };
    let mut files: BTreeMap<String, String> = world.entries();
    files.extend(tried.map(|(entry, _)| ("data-providers/on-trial.toml".to_owned(), entry)));
    let hub = format!(
        "issuer = \"{issuer}\"\nlisten = \"{}\"\nstore = \"{}\"\n\n\
         [session]\n{}{}",
        listener.local_addr()?,
        keeping.store,
        world.register_section(),
        audit_section(keeping.audit.as_deref()),
    );
    files.insert("hub.toml".to_owned(), hub);
    let sources = Sources::held(files, world.secrets()?);
    let config = Configuration::read(&sources).map_err(|errors| {
        let list: Vec<String> = errors.iter().map(ToString::to_string).collect();
        anyhow::anyhow!(
            "the demonstration's configuration is broken:\n{}",
            list.join("\n")
        )
    })?;
    let running = Application::build(config, listener, Dependencies::default())?.start()?;

    let addresses = world.addresses();
    let servers = world.start(&issuer)?;
    let handles: Vec<_> = servers.iter().map(actix_web::dev::Server::handle).collect();
    for server in servers {
        actix_web::rt::spawn(server);
    }
    match form {
        Form::Json => print_json(&issuer, &addresses, out)?,
        Form::Text => print_text(&issuer, &addresses, out)?,
    }
    out.flush()?;
    running.until_stopped().await?;
    for handle in handles {
        handle.stop(false).await;
    }
    Ok(())
}

/// The entry of a data provider to try out, and what the trial service asks of it: all of its scopes.
fn on_trial(file: &Path) -> Result<(String, DataNeeds), anyhow::Error> {
    let name = file.display().to_string();
    let entry = std::fs::read_to_string(file).with_context(|| format!("cannot read {name}"))?;
    let provider = Registry::read_data_provider(&name, &entry).map_err(|errors| {
        let list: Vec<String> = errors.iter().map(ToString::to_string).collect();
        anyhow::anyhow!("{}", list.join("\n"))
    })?;
    anyhow::ensure!(
        provider.environment == Environment::Test,
        "{name}: `environment` has to be test: everybody here is fictitious"
    );
    let scopes = provider.scopes.iter().map(|entry| entry.name.to_string());
    let legal_basis = DataNeeds {
        resource: provider.resource.clone(),
        scopes: scopes.collect(),
        details: None,
        optional: Vec::new(),
        call: None,
    };
    Ok((entry, legal_basis))
}

/// `[audit]` of the demonstration's hub; its key ends with it, like the others.
fn audit_section(file: Option<&Path>) -> String {
    let output = file.map(|file| {
        let output = serde_json::Value::from(format!("file:{}", file.display()));
        format!("\n[audit]\noutput = {output}\n")
    });
    output.unwrap_or_default()
}

fn print_json(
    issuer: &str,
    addresses: &Addresses,
    out: &mut impl Write,
) -> Result<(), std::io::Error> {
    let services: BTreeMap<_, _> = addresses
        .services
        .iter()
        .map(|one| (one.plan().client_id, one.url()))
        .collect();
    let idps: BTreeMap<_, _> = addresses
        .idps
        .iter()
        .map(|one| (one.plan().id, one.issuer().to_owned()))
        .collect();
    writeln!(
        out,
        "{}",
        json!({
            "issuer": issuer,
            "services": services,
            "idps": idps,
            "data_providers": {addresses.taxes.id(): addresses.taxes.url()},
            "data_provider_secrets": {addresses.taxes.id(): addresses.taxes.secret()},
        })
    )
}

fn print_text(
    issuer: &str,
    addresses: &Addresses,
    out: &mut impl Write,
) -> Result<(), std::io::Error> {
    writeln!(
        out,
        "Lethe, the hub that forgets: a demonstration. Everybody in it is fictitious."
    )?;
    writeln!(
        out,
        "It runs on this machine only, over plain http; its keys end with it.\n"
    )?;
    writeln!(out, "Open one of the services and sign in:")?;
    for service in &addresses.services {
        let plan = service.plan();
        let [name, _] = plan.name;
        writeln!(out, "  {:<30} {:<8} {}/", name, plan.kind, service.url())?;
    }
    writeln!(
        out,
        "\nThe hub:\n  {issuer}/.well-known/openid-configuration"
    )?;
    writeln!(out, "\nThe identity providers:")?;
    for idp in &addresses.idps {
        writeln!(
            out,
            "  {:<30} {:<8} {}",
            idp.plan().title,
            idp.plan().level,
            idp.issuer()
        )?;
    }
    let taxes = &addresses.taxes;
    let [name, _] = taxes.name();
    writeln!(
        out,
        "\nThe data provider, asked when a citizen applies for the town hall's reduced price:\n  \
         {name:<30} {:<8} {}\n  its secret at the hub: {}",
        taxes.id(),
        taxes.url(),
        taxes.secret()
    )?;
    writeln!(
        out,
        "\nSome of the people, with an account at each of them (all {} are on the sign-in pages, and \
         there you can be anybody else):",
        PEOPLE.len()
    )?;
    for person in PEOPLE.iter().take(SHOWN) {
        let civil = &person.civil_status;
        let who = format!("{} {}", civil.given_names.join(" "), civil.family_name);
        writeln!(
            out,
            "  {:<10} {:<10} {who}, {}",
            person.username, person.password, civil.birthdate
        )?;
    }
    writeln!(out, "\nStop with Ctrl+C.")
}
