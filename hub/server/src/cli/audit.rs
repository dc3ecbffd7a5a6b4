//! `lethe audit verify`: whether an audit stream is whole.

use std::{
    fs::File,
    io::{BufReader, Write},
    path::Path,
};

use anyhow::Context;

use crate::audit;

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
    for (line, fault) in &report.faults {
        writeln!(out, "{name}:{line}: {fault}")?;
    }
    for line in &report.begins {
        writeln!(
            out,
            "{name}:{line}: a file begins here, and nothing says that the lines before it are all there"
        )?;
    }
    let whole = report.faults.is_empty();
    writeln!(
        out,
        "{}: {} lines of {} chains, {} faults; the digest of the last line is {}",
        if whole { "whole" } else { "broken" },
        report.lines,
        report.chains,
        report.faults.len(),
        report.last
    )?;
    Ok(whole)
}
