//! `lethe sp new`: a service's registry file, and its secret, once.

use std::{
    fs::OpenOptions,
    io::Write,
    path::{Path, PathBuf},
};

use anyhow::{Context, bail};
use hub_core::{document::Fault, entropy::Entropy, secret::BearerSecret};
use sp_registry::{DataProvider, Registry, SecretDigest};

/// What `lethe sp new` is told.
#[derive(Debug, Clone)]
pub struct NewService {
    /// Its client id.
    pub client_id: String,
    /// Its name.
    pub name: String,
    /// The body that runs it.
    pub organisation: String,
    /// Its front page.
    pub service_url: String,
    /// Where answers may go.
    pub redirect_uris: Vec<String>,
    /// The scopes it may ask.
    pub scopes: Vec<String>,
}

/// Writes `services/{client_id}.toml` under `directory`, a sandbox entry to build on, and prints the
/// secret: the only time it is seen. The file holds its digest.
///
/// # Errors
/// Faults of what was given, or a file that is there already.
pub fn new_service(
    directory: &Path,
    service: &NewService,
    entropy: &dyn Entropy,
    out: &mut impl Write,
) -> Result<(), anyhow::Error> {
    let secret = BearerSecret::draw(entropy).reveal();
    let file = format!("services/{}.toml", service.client_id);
    let text = entry(service, &SecretDigest::of(&secret).to_string());
    let providers = providers(directory);
    let known: Vec<&DataProvider> = providers.iter().collect();
    if let Err(faults) = Registry::read_service(&file, &text, &known) {
        let list: Vec<String> = faults
            .iter()
            .map(|Fault { message, .. }| message.clone())
            .collect();
        bail!("that is no service:\n{}", list.join("\n"));
    }
    let path = write_new(directory, "services", &service.client_id, &text)?;
    writeln!(out, "{}", path.display())?;
    writeln!(out, "client_id     {}", service.client_id)?;
    writeln!(out, "client_secret {secret}")?;
    writeln!(
        out,
        "The secret is shown this once: the file holds its digest."
    )?;
    Ok(())
}

/// The data providers whose scopes the service may name; what is wrong with a file is `lethe check`'s to
/// say.
fn providers(directory: &Path) -> Vec<DataProvider> {
    let files = std::fs::read_dir(directory.join("data-providers"));
    let texts = files.into_iter().flatten().flatten();
    let texts = texts.filter_map(|file| std::fs::read_to_string(file.path()).ok());
    texts
        .filter_map(|text| Registry::read_data_provider("", &text).ok())
        .collect()
}

/// Prints a fresh secret and the line with its digest, for a service or a data provider that changes its
/// own: two digests may stand side by side meanwhile.
///
/// # Errors
/// When `out` cannot be written.
pub fn new_secret(entropy: &dyn Entropy, out: &mut impl Write) -> Result<(), anyhow::Error> {
    let secret = BearerSecret::draw(entropy).reveal();
    writeln!(out, "client_secret  {secret}")?;
    writeln!(out, "secret_digests = [\"{}\"]", SecretDigest::of(&secret))?;
    Ok(())
}

/// Writes `text` as the new file of `id` in a folder of the configuration.
pub(super) fn write_new(
    directory: &Path,
    folder: &str,
    id: &str,
    text: &str,
) -> Result<PathBuf, anyhow::Error> {
    let plain = |c: char| c.is_ascii_alphanumeric() || "-_.".contains(c);
    if id.is_empty() || !id.chars().all(plain) {
        bail!("the id names a file: use letters, digits, hyphen, underscore and dot");
    }
    if !directory.is_dir() {
        bail!("there is no folder {}", directory.display());
    }
    let folder = directory.join(folder);
    std::fs::create_dir_all(&folder)?;
    let path = folder.join(format!("{id}.toml"));
    let mut options = OpenOptions::new();
    let opened = options.write(true).create_new(true).open(&path);
    let mut opened = opened.with_context(|| format!("cannot make {}", path.display()))?;
    opened.write_all(text.as_bytes())?;
    Ok(path)
}

fn entry(service: &NewService, digest: &str) -> String {
    let text = |text: &str| toml_text(text);
    let list = |texts: &[String]| {
        let quoted: Vec<String> = texts.iter().map(|one| toml_text(one)).collect();
        format!("[{}]", quoted.join(", "))
    };
    let host = url::Url::parse(&service.service_url).ok();
    let host = host
        .as_ref()
        .and_then(url::Url::host_str)
        .unwrap_or(&service.client_id);
    format!(
        "client_id = {}\nname = {}\norganisation = {}\neligibility = \"administration\"\n\
         status = \"sandbox\"\nkind = \"public\"\nservice_url = {}\nredirect_uris = {}\n\
         # One person, one sub for each sector: choose it once, for good.\nsector = {}\nscopes = {}\n\n\
         [authentication]\nmethod = \"secret\"\nsecret_digests = [{}]\n",
        text(&service.client_id),
        text(&service.name),
        text(&service.organisation),
        text(&service.service_url),
        list(&service.redirect_uris),
        text(host),
        list(&service.scopes),
        text(digest),
    )
}

/// A TOML basic string; JSON's strings are a subset of them.
pub(super) fn toml_text(text: &str) -> String {
    serde_json::Value::from(text).to_string()
}
