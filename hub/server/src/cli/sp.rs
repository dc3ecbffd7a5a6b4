//! `lethe sp new`: a service's registry file, and its secret, once.

use std::{
    fs::OpenOptions,
    io::Write,
    path::{Path, PathBuf},
};

use anyhow::{Context, bail};
use hub_core::{entropy::Entropy, secret::BearerSecret};
use hub_document::{ConfigProblem, Document};
use serde_json::json;
use sp_registry::{DataProvider, Registry, SecretDigest};

use super::client_library::{ClientLibrary, front_page};

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
    /// Where answers may go. May be empty if `library` says it.
    pub redirect_uris: Vec<String>,
    /// The scopes it may ask.
    pub scopes: Vec<String>,
    /// The client library it uses.
    pub library: Option<&'static ClientLibrary>,
    /// The `alg` of its tokens: `RS256` or `ES256`.
    pub signing: String,
}

impl NewService {
    /// This service with the redirect address of its library, if it was given none.
    fn with_redirect(&self) -> Result<Self, anyhow::Error> {
        let mut service = self.clone();
        match self.library {
            Some(library) => library.check_signing(&self.signing)?,
            None if self.redirect_uris.is_empty() => {
                let names: Vec<&str> = ClientLibrary::ALL.iter().map(|one| one.name).collect();
                bail!(
                    "give --redirect, or --client with one of {}",
                    names.join(", ")
                );
            }
            None => {}
        }
        if let (Some(library), true) = (self.library, self.redirect_uris.is_empty()) {
            service.redirect_uris = vec![library.redirect_uri(&self.service_url)?];
        }
        Ok(service)
    }

    /// Whether it keeps a secret.
    fn is_public(&self) -> bool {
        self.library.is_some_and(|library| library.public)
    }

    /// Where answers go, in the configuration of its library.
    fn redirect_uri(&self) -> &str {
        self.redirect_uris.first().map_or("", String::as_str)
    }
}

/// Writes `services/{client_id}.toml` under `directory`: a sandbox entry to build on.
///
/// Prints the secret, the only time it is seen (the file holds its digest), and the configuration of the client
/// library.
///
/// # Errors
/// Faults of what was given, or a file that is there already.
pub fn new_service(
    directory: &Path,
    service: &NewService,
    entropy: &dyn Entropy,
    out: &mut impl Write,
) -> Result<(), anyhow::Error> {
    let service = service.with_redirect()?;
    let secret = BearerSecret::draw(entropy).reveal();
    let file = format!("services/{}.toml", service.client_id);
    let text = entry(&service, &SecretDigest::of(&secret).to_string())?;
    let providers = providers(directory);
    let known: Vec<&DataProvider> = providers.iter().collect();
    if let Err(errors) = Registry::read_service(&file, &text, &known) {
        let list: Vec<String> = errors
            .iter()
            .map(|ConfigProblem { message, .. }| message.clone())
            .collect();
        bail!("that is no service:\n{}", list.join("\n"));
    }
    let recipe = match service.library {
        Some(library) => Some(recipe(library, &service, &issuer(directory)?, &secret)?),
        None => None,
    };
    let path = write_new(directory, "services", &service.client_id, &text)?;
    writeln!(out, "{}", path.display())?;
    writeln!(out, "client_id     {}", service.client_id)?;
    if !service.is_public() {
        writeln!(out, "client_secret {secret}")?;
        writeln!(
            out,
            "The secret is shown this once: the file holds its digest."
        )?;
    }
    if let Some(recipe) = recipe {
        write!(out, "\n{recipe}")?;
    }
    Ok(())
}

/// The issuer that `hub.toml` says.
fn issuer(directory: &Path) -> Result<String, anyhow::Error> {
    let text = std::fs::read_to_string(directory.join("hub.toml")).unwrap_or_default();
    Document::peek(&text, "issuer")
        .context("the client's configuration needs the issuer: write hub.toml first")
}

/// The configuration of `library` for `service` at the hub `issuer`: each file after a line `--- NAME`.
///
/// # Errors
/// If `service` has an address that is none.
pub fn recipe(
    library: &ClientLibrary,
    service: &NewService,
    issuer: &str,
    secret: &str,
) -> Result<String, anyhow::Error> {
    let url = front_page(&service.service_url)?;
    let redirect_uri = service.redirect_uri();
    let values = json!({
        "issuer": issuer,
        "client_id": service.client_id,
        "secret": secret,
        "scope": service.scopes.join(" "),
        "scope_list": service.scopes.join(", "),
        "signing": service.signing,
        "es256": service.signing == "ES256",
        "base_url": url.as_str().trim_end_matches('/'),
        "redirect_uri": redirect_uri,
        "post_logout_redirect_uri":
            library.post_logout_redirect_uri(&service.service_url, redirect_uri)?,
    });
    Ok(hub_templates::fill(library.name, library.recipe, &values)?)
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

/// The service's entry, as TOML.
fn entry(service: &NewService, digest: &str) -> Result<String, anyhow::Error> {
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
    let authentication = if service.is_public() {
        "method = \"none\"\n".to_owned()
    } else {
        format!("method = \"secret\"\nsecret_digests = [{}]\n", text(digest))
    };
    Ok(format!(
        "client_id = {}\nname = {}\norganisation = {}\neligibility = \"administration\"\n\
         status = \"sandbox\"\nkind = \"public\"\nservice_url = {}\nredirect_uris = {}\n{}\
         # One person, one sub for each sector: choose it once, for good.\nsector = {}\nscopes = {}\n\
         signing_alg = {}\n\n[authentication]\n{authentication}",
        text(&service.client_id),
        text(&service.name),
        text(&service.organisation),
        text(&service.service_url),
        list(&service.redirect_uris),
        of_library(service)?,
        text(host),
        list(&service.scopes),
        text(&service.signing),
    ))
}

/// The lines of an entry that its client library needs.
fn of_library(service: &NewService) -> Result<String, anyhow::Error> {
    let Some(library) = service.library else {
        return Ok(String::new());
    };
    let redirect = service.redirect_uri();
    let after_logout = library.post_logout_redirect_uri(&service.service_url, redirect)?;
    let backchannel = library.backchannel_logout_uri(redirect);
    let backchannel = backchannel.map_or_else(String::new, |uri| {
        format!("backchannel_logout_uri = {}\n", toml_text(&uri))
    });
    Ok(format!(
        "post_logout_redirect_uris = [{}]\n{backchannel}{}",
        toml_text(&after_logout),
        library.entry
    ))
}

/// A TOML basic string; JSON's strings are a subset of them.
pub(super) fn toml_text(text: &str) -> String {
    serde_json::Value::from(text).to_string()
}
