//! The one binary, `lethe`. It alone reads the environment.

use std::{collections::BTreeMap, io::Write, path::PathBuf, process::ExitCode};

use anyhow::Context;
use clap::{ArgGroup, Parser, Subcommand, builder::PossibleValuesParser};
use hub::{
    cli::{self, ClientLibrary, DemoForm, DemoKeeping, NewDataProvider, NewService, ReceiptKeys},
    telemetry::{self, LogForm},
};
use hub_core::entropy::SystemEntropy;

/// Lethe, the identity hub that forgets.
#[derive(Parser)]
#[command(version, about, arg_required_else_help = true)]
struct Lethe {
    #[command(subcommand)]
    command: Command,
}

#[derive(Subcommand)]
enum Command {
    /// Run the whole world on this machine: a hub, identity providers, services. Nothing to install.
    Demo {
        /// The hub's port; the others follow it. 0 takes any free ones.
        #[arg(long, default_value_t = 3000)]
        port: u16,
        /// Print the addresses as JSON.
        #[arg(long)]
        json: bool,
        /// Where records are kept: a Redis address, or memory.
        #[arg(long, default_value = "memory")]
        store: String,
        /// Write the audit stream to this file.
        #[arg(long)]
        audit: Option<PathBuf>,
        /// Try out a data provider: its entry, as `lethe dp new` writes it.
        #[arg(long)]
        data_provider: Option<PathBuf>,
    },
    /// Run the hub on a configuration directory.
    Serve {
        /// The directory with hub.toml, idps/, services/ and data-providers/.
        #[arg(long)]
        config: PathBuf,
    },
    /// Read a configuration as a start would, and report every fault at once.
    Check {
        /// The directory with hub.toml, idps/, services/ and data-providers/.
        #[arg(long)]
        config: PathBuf,
    },
    /// Make a service's sub again from an identity: JSON on standard input, for support and migration.
    Sub {
        /// The directory with hub.toml, idps/, services/ and data-providers/.
        #[arg(long)]
        config: PathBuf,
        /// The service's client id.
        #[arg(long)]
        service: String,
    },
    /// The hub's keys.
    #[command(subcommand)]
    Keys(KeysCommand),
    /// Services (SP).
    #[command(subcommand)]
    Sp(SpCommand),
    /// Data providers (DP).
    #[command(subcommand)]
    Dp(DpCommand),
    /// Print a fresh secret and its digest, for an entry whose secret changes.
    Secret,
    /// The receipts that citizens and services keep.
    #[command(subcommand)]
    Receipt(ReceiptCommand),
    /// The audit stream.
    #[command(subcommand)]
    Audit(AuditCommand),
}

#[derive(Subcommand)]
enum DpCommand {
    /// Write a data provider's entry, to build on, and print its secret once.
    New {
        /// The configuration directory.
        #[arg(long)]
        config: PathBuf,
        /// Its id.
        id: String,
        /// Its name, as citizens read it.
        #[arg(long)]
        name: String,
        /// The address of its API.
        #[arg(long)]
        resource: String,
        /// A scope of its own; repeat for more.
        #[arg(long = "scope", required = true)]
        scopes: Vec<String>,
    },
}

#[derive(Subcommand)]
enum ReceiptCommand {
    /// Say whether a hub signed a receipt, and what the receipt says. Needs no network.
    #[command(group = ArgGroup::new("keys").required(true))]
    Verify {
        /// The receipt as downloaded: receipt.jwt, or the readable receipt.txt.
        file: PathBuf,
        /// The hub's keys, as it publishes them at /jwks.
        #[arg(long, group = "keys")]
        jwks: Option<PathBuf>,
        /// The configuration directory of the hub, for its operator.
        #[arg(long, group = "keys")]
        config: Option<PathBuf>,
    },
}

#[derive(Subcommand)]
enum AuditCommand {
    /// Say whether a stream is whole: no line removed, changed or moved.
    Verify {
        /// The file that the hub wrote.
        file: PathBuf,
        /// The digest of the line before the first, where older files are gone.
        #[arg(long)]
        after: Option<String>,
    },
    /// As the escrow: join the two sides of one login, and write down that this was done.
    Link {
        /// The private key of the escrow, in PEM.
        #[arg(long)]
        key: PathBuf,
        /// The reference of the case, written down with the opening.
        #[arg(long)]
        case: String,
        /// The file in which each opening is written down; `lethe audit verify` reads it.
        #[arg(long, default_value = "links-opened.jsonl")]
        record: PathBuf,
        /// The login, as `login` names it on a line of either side.
        login: String,
        /// The files of the audit stream.
        #[arg(required = true)]
        files: Vec<PathBuf>,
    },
}

#[derive(Subcommand)]
enum KeysCommand {
    /// Make every key that a new hub needs, under keys/. Never touches keys that are there.
    New {
        /// The configuration directory.
        #[arg(long)]
        config: PathBuf,
        /// Make this one alone, for a hub that has the others.
        #[arg(long)]
        only: Option<String>,
    },
}

#[derive(Subcommand)]
enum SpCommand {
    /// Write a service's entry, a sandbox to build on, and print its secret once.
    New {
        /// The configuration directory.
        #[arg(long)]
        config: PathBuf,
        /// Its client id.
        client_id: String,
        /// Its name, as citizens read it.
        #[arg(long)]
        name: String,
        /// The body that runs it; the name if absent.
        #[arg(long)]
        organisation: Option<String>,
        /// Its front page.
        #[arg(long)]
        url: String,
        /// The client library it uses: its entry fits, and its own configuration is printed.
        #[arg(long, value_parser = PossibleValuesParser::new(ClientLibrary::ALL.map(|one| one.name)))]
        client: Option<String>,
        /// An address that answers may go to; repeat for more. With --client, the library's own if absent.
        #[arg(long = "redirect")]
        redirects: Vec<String>,
        /// The algorithm of its tokens. ES256 is smaller and cheaper, where the client can.
        #[arg(long, default_value = "RS256", value_parser = ["RS256", "ES256"])]
        signing: String,
        /// A scope that it may ask, beside openid; repeat for more.
        #[arg(long = "scope")]
        scopes: Vec<String>,
    },
}

#[actix_web::main]
async fn main() -> ExitCode {
    match run(Lethe::parse().command).await {
        Ok(code) => code,
        Err(error) => {
            // Standard error may be closed: then nobody is left to tell.
            let _told = writeln!(std::io::stderr(), "lethe: {error:#}").is_ok();
            ExitCode::FAILURE
        }
    }
}

fn exit(good: bool) -> ExitCode {
    if good {
        ExitCode::SUCCESS
    } else {
        ExitCode::FAILURE
    }
}

#[expect(clippy::too_many_lines, reason = "one arm for each command")]
async fn run(command: Command) -> Result<ExitCode, anyhow::Error> {
    #[expect(
        clippy::disallowed_methods,
        reason = "the one place that reads the environment"
    )]
    let environment: BTreeMap<String, String> = std::env::vars().collect();
    let filter = |default| environment.get("LETHE_LOG").map_or(default, String::as_str);
    let mut out = std::io::stdout();
    match command {
        Command::Demo {
            port,
            json,
            store,
            audit,
            data_provider,
        } => {
            telemetry::log_to_stderr(filter("warn"), LogForm::Text)?;
            let form = if json { DemoForm::Json } else { DemoForm::Text };
            let keeping = DemoKeeping {
                store,
                audit,
                data_provider,
            };
            cli::demo(port, &keeping, form, &mut out).await?;
        }
        Command::Serve { config } => {
            telemetry::log_to_stderr(filter("info"), LogForm::Json)?;
            cli::serve(&config, environment).await?;
        }
        Command::Check { config } => {
            return Ok(exit(cli::check(&config, environment, &mut out)?));
        }
        Command::Sub { config, service } => {
            cli::sub(&config, &service, environment, std::io::stdin(), &mut out)?;
        }
        Command::Keys(KeysCommand::New { config, only }) => {
            cli::new_keys(&config, only.as_deref(), &SystemEntropy, &mut out)?;
        }
        Command::Secret => cli::new_secret(&SystemEntropy, &mut out)?,
        Command::Dp(command) => new_data_provider(command, &mut out)?,
        Command::Audit(AuditCommand::Verify { file, after }) => {
            let whole = cli::verify_audit(&file, after.as_deref(), &mut out)?;
            return Ok(exit(whole));
        }
        Command::Receipt(ReceiptCommand::Verify { file, jwks, config }) => {
            let keys = match (jwks, config) {
                (Some(jwks), _) => Some(ReceiptKeys::Jwks(jwks)),
                (None, config) => config.map(ReceiptKeys::Config),
            };
            let keys = keys.context("name the keys with --jwks or --config")?;
            let genuine = cli::verify_receipt(&file, &keys, environment, &mut out)?;
            return Ok(exit(genuine));
        }
        Command::Audit(AuditCommand::Link {
            key,
            case,
            record,
            login,
            files,
        }) => {
            let opening = cli::Opening {
                key: &key,
                login: &login,
                case: &case,
                record: &record,
                files: &files,
            };
            return Ok(exit(cli::open_link(&opening, &mut out)?));
        }
        Command::Sp(command) => new_service(command, &mut out)?,
    }
    Ok(ExitCode::SUCCESS)
}

fn new_data_provider(command: DpCommand, out: &mut impl Write) -> Result<(), anyhow::Error> {
    let DpCommand::New {
        config,
        id,
        name,
        resource,
        scopes,
    } = command;
    let provider = NewDataProvider {
        id,
        name,
        resource,
        scopes,
    };
    cli::new_data_provider(&config, &provider, &SystemEntropy, out)
}

fn new_service(command: SpCommand, out: &mut impl Write) -> Result<(), anyhow::Error> {
    let SpCommand::New {
        config,
        client_id,
        name,
        organisation,
        url,
        client,
        redirects,
        signing,
        scopes,
    } = command;
    let mut all = vec!["openid".to_owned()];
    all.extend(scopes.into_iter().filter(|scope| scope != "openid"));
    let service = NewService {
        client_id,
        organisation: organisation.unwrap_or_else(|| name.clone()),
        name,
        service_url: url,
        redirect_uris: redirects,
        scopes: all,
        library: client.as_deref().and_then(ClientLibrary::named),
        signing,
    };
    cli::new_service(&config, &service, &SystemEntropy, out)
}
