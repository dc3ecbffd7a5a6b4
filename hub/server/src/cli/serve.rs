//! `lethe serve`: the hub on a configuration directory.

use std::{collections::BTreeMap, net::TcpListener, path::Path};

use anyhow::{Context, bail};

use crate::{
    app::{Application, Dependencies},
    config::{Configuration, Sources},
    process, telemetry,
};

/// Runs the hub until it is told to stop.
///
/// # Errors
/// Faults of the configuration, an address that cannot be bound, or keys other than those of the nodes
/// that already run.
pub async fn serve(
    directory: &Path,
    environment: BTreeMap<String, String>,
) -> Result<(), anyhow::Error> {
    let config = Sources::from_directory(directory, environment)
        .and_then(|sources| Configuration::read(&sources));
    let config = match config {
        Ok(config) => config,
        Err(problems) => {
            let list: Vec<String> = problems.iter().map(ToString::to_string).collect();
            bail!(
                "the configuration has {} faults:\n{}",
                list.len(),
                list.join("\n")
            );
        }
    };
    forbid_core_dumps();
    warn(&config);
    warn_of_agreements(&config);
    let listen = config.hub.listen;
    let operations = config.hub.operations;
    let listener =
        TcpListener::bind(listen).with_context(|| format!("cannot listen on {listen}"))?;
    let mut application = Application::build(config, listener, Dependencies::default())?;
    if let Some(address) = operations {
        let listener =
            TcpListener::bind(address).with_context(|| format!("cannot listen on {address}"))?;
        application = application.with_operations(listener, telemetry::count()?);
    }
    if !application.has_the_keys_of_the_others().await {
        bail!(
            "the hub that runs on this store has other identity keys (keys.person, keys.subject): \
             give this node the same, or stop all nodes for five minutes to change them"
        );
    }
    tracing::info!(%listen, "the hub answers");
    application.start()?.until_stopped().await?;
    tracing::info!("the hub has stopped");
    Ok(())
}

/// Where the operating system refuses, the hub goes on: it is no worse than before.
fn forbid_core_dumps() {
    if let Err(problem) = process::forbid_core_dumps() {
        tracing::warn!(%problem, "core dumps cannot be forbidden");
    }
}

/// Says what `lethe check` would warn of.
fn warn(config: &Configuration) {
    let warnings = config.warnings().into_iter();
    for warning in warnings.chain(process::file_limit_warning(config.hub.limits.connections)) {
        tracing::warn!("{warning}");
    }
}

/// Agreements that end within 60 days are announced at each start.
fn warn_of_agreements(config: &Configuration) {
    use hub_core::clock::{Clock, SystemClock};
    let now = SystemClock.now();
    for service in config.registry.iter() {
        if let Some(agreement) = &service.agreement {
            let days = agreement.days_left(now);
            if days <= 60 {
                tracing::warn!(service.id = %service.client_id, days, "an agreement ends");
            }
        }
    }
}
