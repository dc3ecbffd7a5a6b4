//! `lethe check`: everything that a start would read, every fault at once.

use std::{collections::BTreeMap, io::Write, path::Path};

use crate::{
    config::{Configuration, Sources},
    process,
};

/// Writes every fault of the configuration to `out`, or what it amounts to; says whether it is good.
///
/// # Errors
/// When `out` cannot be written.
pub fn check(
    directory: &Path,
    environment: BTreeMap<String, String>,
    out: &mut impl Write,
) -> Result<bool, std::io::Error> {
    let read = Sources::from_directory(directory, environment)
        .and_then(|sources| Configuration::read(&sources));
    match read {
        Ok(config) => {
            writeln!(
                out,
                "good: {} identity providers, {} services, {} data providers, issuer {}, key check value {}",
                config.catalogue.iter().count(),
                config.registry.iter().count(),
                config.registry.data_providers().count(),
                config.hub.issuer,
                config.keys.subject.check_value(),
            )?;
            let warnings = config.warnings().into_iter();
            for warning in
                warnings.chain(process::file_limit_warning(config.hub.limits.connections))
            {
                writeln!(out, "warning: {warning}")?;
            }
            Ok(true)
        }
        Err(problems) => {
            for problem in &problems {
                writeln!(out, "{problem}")?;
            }
            writeln!(out, "{} faults", problems.len())?;
            Ok(false)
        }
    }
}
