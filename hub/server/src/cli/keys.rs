//! `lethe keys new`: the keys of a new hub, where `hub.toml` looks for them by default.

use std::{
    fs::{self, OpenOptions},
    io::Write,
    path::Path,
};

use anyhow::{Context, bail};
use hub_core::{
    encoding::base64url,
    entropy::{Entropy, draw},
};
use hub_jose::{Algorithm, generate};

/// Writes `keys/` under `directory`, or the one key of it that is named `only`. Keys that are there already are never touched: a `sub` would
/// change with them.
///
/// # Errors
/// When a key is there already, or a file cannot be written.
pub fn new_keys(
    directory: &Path,
    only: Option<&str>,
    entropy: &dyn Entropy,
    out: &mut impl Write,
) -> Result<(), anyhow::Error> {
    let folder = directory.join("keys");
    fs::create_dir_all(&folder).with_context(|| format!("cannot make {}", folder.display()))?;
    let pem = |algorithm| generate(algorithm).context("the cryptographic library failed");
    let secret = || (base64url(&draw::<32>(entropy)) + "\n").into_bytes();
    let keys = [
        ("signing-es256.pem", pem(Algorithm::Es256)?),
        ("signing-rs256.pem", pem(Algorithm::Rs256)?),
        ("client-es256.pem", pem(Algorithm::Es256)?),
        ("encryption-p256.pem", pem(Algorithm::Es256)?),
        ("encryption-rsa.pem", pem(Algorithm::Rs256)?),
        ("pepper", secret()),
        ("ticket", secret()),
        ("person", secret()),
        ("subject", secret()),
        ("audit", secret()),
    ];
    let wanted = |name: &str| only.is_none_or(|only| only == name);
    let keys: Vec<_> = keys.into_iter().filter(|(name, _)| wanted(name)).collect();
    if keys.is_empty() {
        bail!("there is no key of that name: run it without --only to see the names");
    }
    if let Some((name, _)) = keys.iter().find(|(name, _)| folder.join(name).exists()) {
        bail!(
            "{} is there already: keys are never overwritten",
            folder.join(name).display()
        );
    }
    for (name, bytes) in keys {
        write_private(&folder.join(name), &bytes)?;
        writeln!(out, "{}", folder.join(name).display())?;
    }
    writeln!(
        out,
        "Keep `person` and `subject` for good, and in a second place: every `sub` is made with them."
    )?;
    Ok(())
}

/// A file that its owner alone may read.
fn write_private(path: &Path, bytes: &[u8]) -> Result<(), anyhow::Error> {
    let mut options = OpenOptions::new();
    options.write(true).create_new(true);
    #[cfg(unix)]
    std::os::unix::fs::OpenOptionsExt::mode(&mut options, 0o600);
    let mut file = options
        .open(path)
        .with_context(|| format!("cannot make {}", path.display()))?;
    file.write_all(bytes)
        .with_context(|| format!("cannot write {}", path.display()))
}
