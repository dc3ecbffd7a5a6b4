//! `lethe audit verify`: whether an audit stream is whole. `lethe audit link`: an escrow joins the sides of
//! one login.

use std::{
    fs::{self, File},
    io::{BufRead, BufReader, Write},
    path::{Path, PathBuf},
};

use anyhow::Context;
use hub_core::{
    clock::{Clock, SystemClock},
    entropy::SystemEntropy,
};
use serde_json::Value;

use crate::audit::{
    self,
    link::{EscrowKey, Link, record_opening},
};

/// Reads the stream in `file`, which goes on from the line whose digest is `after`, and writes to `out` what is wrong with it; says whether it is whole.
///
/// # Errors
/// When the file cannot be read, or `out` not written.
pub fn verify_audit(
    file: &Path,
    after: Option<&str>,
    out: &mut impl Write,
) -> Result<bool, anyhow::Error> {
    let name = file.display();
    let stream = File::open(file).with_context(|| format!("cannot read {name}"))?;
    let report = audit::verify(BufReader::new(stream), after)?;
    for line in &report.torn {
        writeln!(
            out,
            "{name}:{line}: half a line, of a write that failed; the chain goes on after it"
        )?;
    }
    for (line, problem) in &report.problems {
        writeln!(out, "{name}:{line}: {problem}")?;
    }
    for line in &report.begins {
        writeln!(
            out,
            "{name}:{line}: a file begins here, and nothing says that the lines before it are all there"
        )?;
    }
    let whole = report.problems.is_empty();
    writeln!(
        out,
        "{}: {} lines of {} chains, {} faults; the digest of the last line is {}",
        if whole { "whole" } else { "broken" },
        report.lines,
        report.chains,
        report.problems.len(),
        report.last
    )?;
    Ok(whole)
}

/// What an escrow asks for.
#[derive(Debug)]
pub struct Opening<'a> {
    /// The file with the private key.
    pub key: &'a Path,
    /// The name of the login, on either side.
    pub login: &'a str,
    /// The reference of the case.
    pub case: &'a str,
    /// The file in which the opening is written down.
    pub record: &'a Path,
    /// The files of the audit stream.
    pub files: &'a [PathBuf],
}

/// Writes to `out` the link of one login, and the lines of both its sides; says whether there is one. The
/// opening is written down first.
///
/// # Errors
/// When a file cannot be read, the key is none, or the opening cannot be written down.
pub fn open_link(opening: &Opening<'_>, out: &mut impl Write) -> Result<bool, anyhow::Error> {
    let key = fs::read(opening.key).context("the key cannot be read")?;
    let key = EscrowKey::from_pem(&key).context("the key is not a private P-256 key in PEM")?;
    let mut found: Option<Link> = None;
    each_line(opening.files, |line| {
        let link = || key.open(line).filter(|link| link.is_of(opening.login));
        found = found.take().or_else(link);
        Ok(())
    })?;
    let written = record_opening(
        opening.record,
        (opening.login, opening.case, found.is_some()),
        SystemClock.now(),
        &SystemEntropy,
    );
    written.context("the opening cannot be written down, so nothing is shown")?;
    let Some(link) = found else {
        writeln!(out, "no link of this login that this key opens")?;
        return Ok(false);
    };
    writeln!(out, "{}", serde_json::to_string(&link)?)?;
    each_line(opening.files, |line| {
        let read: Option<Value> = serde_json::from_str(line).ok();
        let login = read.as_ref().and_then(|line| line.get("login"));
        if login
            .and_then(Value::as_str)
            .is_some_and(|login| link.is_of(login))
        {
            writeln!(out, "{line}")?;
        }
        Ok(())
    })?;
    Ok(true)
}

fn each_line(
    files: &[PathBuf],
    mut take: impl FnMut(&str) -> Result<(), anyhow::Error>,
) -> Result<(), anyhow::Error> {
    for file in files {
        let name = file.display();
        let stream = File::open(file).with_context(|| format!("cannot read {name}"))?;
        for line in BufReader::new(stream).lines() {
            take(&line.with_context(|| format!("cannot read {name}"))?)?;
        }
    }
    Ok(())
}
