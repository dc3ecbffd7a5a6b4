//! `lethe receipt verify`: whether a hub signed a receipt, and what it says. Asks nobody.

use std::{
    collections::BTreeMap,
    fs,
    io::Write,
    path::{Path, PathBuf},
};

use anyhow::{Context, bail};
use hub_core::{clock::Timestamp, encoding::base64url};
use hub_jose::{Algorithm, KeySet, TokenType, verify};
use serde_json::{Map, Value};
use sha2::{Digest, Sha256};

use crate::config::{Configuration, Sources};

/// Where the keys are that may have signed a receipt.
#[derive(Debug)]
pub enum ReceiptKeys {
    /// In a configuration directory.
    Config(PathBuf),
    /// In a JWK set, as a hub publishes it at `/jwks`.
    Jwks(PathBuf),
}

/// Verifies the receipt in `file` with `keys` and writes to `out` what it says, or what is wrong.
///
/// Returns whether it is genuine. The file holds the receipt alone, or is the readable file with the receipt in
/// it.
///
/// # Errors
/// When a file cannot be read or is of the wrong kind, or `out` cannot be written.
pub fn verify_receipt(
    file: &Path,
    keys: &ReceiptKeys,
    environment: BTreeMap<String, String>,
    out: &mut impl Write,
) -> Result<bool, anyhow::Error> {
    let text =
        fs::read_to_string(file).with_context(|| format!("cannot read {}", file.display()))?;
    let is_token = |word: &&str| word.starts_with("eyJ") && word.split('.').count() == 3;
    let token = text.split_whitespace().find(is_token);
    let token = token.with_context(|| {
        let file = file.display();
        format!("{file} holds no signed receipt: expected a JWT, three parts joined by dots")
    })?;
    let typ = TokenType::Exactly("receipt+jwt");
    let verified = match keys {
        ReceiptKeys::Jwks(path) => {
            let name = path.display();
            let set = fs::read(path).with_context(|| format!("cannot read {name}"))?;
            let set = KeySet::from_jwks(&set).with_context(|| name.to_string())?;
            verify(token, &set, &Algorithm::ALL, typ)
        }
        ReceiptKeys::Config(directory) => {
            let config = configuration(directory, environment)?;
            verify(token, config.keys.signing.own(), &Algorithm::ALL, typ)
        }
    };
    let claims = match verified {
        Ok(claims) => claims,
        Err(error) => {
            writeln!(out, "not genuine: {error}")?;
            return Ok(false);
        }
    };
    if !has_its_digest(&claims) {
        writeln!(out, "not genuine: text_digest is not the digest of text")?;
        return Ok(false);
    }
    write_contents(&claims, out)?;
    Ok(true)
}

fn configuration(
    directory: &Path,
    environment: BTreeMap<String, String>,
) -> Result<Configuration, anyhow::Error> {
    let read = Sources::from_directory(directory, environment)
        .and_then(|sources| Configuration::read(&sources));
    match read {
        Ok(config) => Ok(config),
        Err(errors) => {
            let errors: Vec<String> = errors.iter().map(ToString::to_string).collect();
            bail!("the configuration cannot be read:\n{}", errors.join("\n"))
        }
    }
}

/// The recipe: SHA-256 of the lines of `text` joined by line feeds, as UTF-8, in base64url without padding.
fn has_its_digest(claims: &Map<String, Value>) -> bool {
    let lines = claims.get("text").and_then(Value::as_array);
    let lines: Option<Vec<&str>> =
        lines.and_then(|lines| lines.iter().map(Value::as_str).collect());
    let digest = lines.map(|lines| base64url(&Sha256::digest(lines.join("\n"))));
    digest.is_some() && digest.as_deref() == claims.get("text_digest").and_then(Value::as_str)
}

fn write_contents(claims: &Map<String, Value>, out: &mut impl Write) -> Result<(), anyhow::Error> {
    let text = |name: &str| claims.get(name).and_then(Value::as_str).unwrap_or_default();
    let list = |value: Option<&Value>| {
        let entries = value.and_then(Value::as_array).into_iter().flatten();
        let entries: Vec<&str> = entries.filter_map(Value::as_str).collect();
        entries.join(", ")
    };
    let at = claims
        .get("iat")
        .and_then(Value::as_i64)
        .unwrap_or_default();
    writeln!(out, "genuine: signed by a key of this set")?;
    writeln!(out, "issuer        {}", text("iss"))?;
    writeln!(out, "number        {}", text("jti"))?;
    writeln!(out, "time          {}", Timestamp::from_unix(at))?;
    writeln!(
        out,
        "service       {} ({})",
        text("service"),
        text("client_id")
    )?;
    writeln!(out, "organisation  {}", text("organisation"))?;
    writeln!(out, "legal basis   {}", text("basis"))?;
    writeln!(out, "data          {}", list(claims.get("data")))?;
    let providers = claims.get("data_providers").and_then(Value::as_array);
    for provider in providers.into_iter().flatten() {
        let of = |name: &str| {
            provider
                .get(name)
                .and_then(Value::as_str)
                .unwrap_or_default()
        };
        let (name, basis) = (of("name"), of("basis"));
        writeln!(
            out,
            "from          {name} ({basis}): {}",
            list(provider.get("data"))
        )?;
    }
    writeln!(out, "text read (digest {}):", text("text_digest"))?;
    for line in claims
        .get("text")
        .and_then(Value::as_array)
        .into_iter()
        .flatten()
    {
        writeln!(out, "  {}", line.as_str().unwrap_or_default())?;
    }
    Ok(())
}
