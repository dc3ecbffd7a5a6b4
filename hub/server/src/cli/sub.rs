//! `lethe sub`: what a service knows somebody by, made again from an identity that an operator is
//! entitled to see.

use std::{
    collections::BTreeMap,
    io::{Read, Write},
    path::Path,
};

use anyhow::{Context, bail};
use hub_core::{
    clock::{Clock, SystemClock},
    encoding::hex,
    identity::PivotIdentity,
    ids::ClientId,
    scope::Claim,
    subject::{Basis, EidasIdentifier, Evidence, PivotTrust, RegisterNumber, Source},
};
use serde_json::{Map, Value};

use crate::config::{Configuration, Sources};

/// The longest description of a person that is read.
const LONGEST: u64 = 64 * 1024;

/// Reads a person from `input` as JSON and writes their `sub` at the service `client_id`.
///
/// The person is described by the claims of the pivot identity, by `register_number` {`country`,
/// `scheme`, `number`}, by `eidas_identifier`, or by `issuer` and `sub` of an account: the first that a
/// login would use counts. Nothing of it is in an argument, where a shell's history would keep it.
///
/// # Errors
/// What is wrong with the configuration or the description; no value of it is in the message.
pub fn sub(
    directory: &Path,
    client_id: &str,
    environment: BTreeMap<String, String>,
    input: impl Read,
    out: &mut impl Write,
) -> Result<(), anyhow::Error> {
    let config = Sources::from_directory(directory, environment)
        .and_then(|sources| Configuration::read(&sources))
        .map_err(|errors| {
            let list: Vec<String> = errors.iter().map(ToString::to_string).collect();
            anyhow::anyhow!("the configuration has faults:\n{}", list.join("\n"))
        })?;
    let id: Option<ClientId> = client_id.parse().ok();
    let service = id.and_then(|id| config.registry.find(&id));
    let service = service.with_context(|| format!("no service `{client_id}` in services/"))?;

    let mut text = String::new();
    input.take(LONGEST).read_to_string(&mut text)?;
    let described: Map<String, Value> = serde_json::from_str(&text)
        .map_err(|_json| anyhow::anyhow!("expected one JSON object on standard input"))?;
    let (identity, evidence) = read(&described)?;

    let keys = &config.keys.subject;
    let basis = Basis::choose(&identity, &evidence, keys.rules());
    if evidence.source.issuer.is_empty() && matches!(basis, Basis::IdpAccount(_)) {
        bail!(
            "nothing here makes a key: a pivot needs given_name, family_name, birthdate, \
             birthcountry and, in France, birthplace, in letters that fold to A-Z; or give \
             register_number, eidas_identifier, or issuer and sub"
        );
    }
    let person = keys.person(&basis);
    let start: Vec<u8> = person.as_bytes().iter().take(8).copied().collect();
    let made_of = match basis {
        Basis::RegisterCheck(_) | Basis::VerifiedPivot(_) => {
            "verified_pivot or register_check: the same sub"
        }
        Basis::EidasIdentifier(_) | Basis::IdpAccount(_) | Basis::RegisterNumber(_) => {
            basis.name().as_str()
        }
    };
    writeln!(out, "sub_basis  {made_of}")?;
    writeln!(
        out,
        "person     {}... (the first 8 bytes of the person key)",
        hex(&start)
    )?;
    writeln!(out, "sector     {}", service.sector.as_str())?;
    writeln!(
        out,
        "sub        {}",
        keys.subject(&person, &service.sector).as_str()
    )?;
    Ok(())
}

/// The identity, and what speaks for it. Typed by an operator, a pivot counts as the register's own.
fn read(described: &Map<String, Value>) -> Result<(PivotIdentity, Evidence), anyhow::Error> {
    let own = ["register_number", "eidas_identifier", "issuer", "sub"];
    let known = |name: &String| Claim::parse(name).is_some() || own.contains(&name.as_str());
    if let Some(unknown) = described.keys().find(|name| !known(name)) {
        bail!("`{unknown}` is no part of a description: remove it");
    }
    let reading = PivotIdentity::read(described, SystemClock.now());
    if let Some(error) = reading.errors.first() {
        bail!("{error}");
    }
    let text = |map: &Map<String, Value>, name: &str| {
        let value = map.get(name).and_then(Value::as_str);
        value.unwrap_or_default().to_owned()
    };
    let register_number = match described.get("register_number") {
        None => None,
        Some(Value::Object(number)) => {
            let [country, scheme, number] =
                ["country", "scheme", "number"].map(|name| text(number, name));
            let read = RegisterNumber::new(&country, &scheme, &number);
            Some(read.context("register_number needs country, scheme and number")?)
        }
        Some(_) => bail!("register_number is {{\"country\", \"scheme\", \"number\"}}"),
    };
    let eidas = match described.get("eidas_identifier") {
        None => None,
        Some(value) => {
            let read = value.as_str().and_then(EidasIdentifier::parse);
            Some(read.context("eidas_identifier is XX/YY/id")?)
        }
    };
    let evidence = Evidence {
        source: Source {
            issuer: text(described, "issuer"),
            sub: text(described, "sub"),
        },
        trust: PivotTrust::Verified,
        pivot_counts: true,
        register_found: true,
        register_number,
        eidas,
    };
    Ok((reading.identity, evidence))
}
