//! `lethe dp new`: a data provider's registry file, and its secret, once.

use std::{io::Write, path::Path};

use anyhow::bail;
use hub_core::{entropy::Entropy, secret::BearerSecret};
use hub_document::ConfigProblem;
use sp_registry::{Registry, SecretDigest};

use super::sp::{toml_text, write_new};

/// What `lethe dp new` is told.
#[derive(Debug, Clone)]
pub struct NewDataProvider {
    /// Its id.
    pub id: String,
    /// Its name.
    pub name: String,
    /// The address of its API.
    pub resource: String,
    /// Its scopes.
    pub scopes: Vec<String>,
}

/// Writes `data-providers/{id}.toml` under `directory`, an entry to build on, and prints the secret: the
/// only time it is seen. The file holds its digest.
///
/// # Errors
/// Faults of what was given, or a file that is there already.
pub fn new_data_provider(
    directory: &Path,
    provider: &NewDataProvider,
    entropy: &dyn Entropy,
    out: &mut impl Write,
) -> Result<(), anyhow::Error> {
    let secret = BearerSecret::draw(entropy).reveal();
    let text = entry(provider, &SecretDigest::of(&secret).to_string());
    if let Err(errors) = Registry::read_data_provider("", &text) {
        let list: Vec<String> = errors
            .iter()
            .map(|ConfigProblem { message, .. }| message.clone())
            .collect();
        bail!("that is no data provider:\n{}", list.join("\n"));
    }
    let path = write_new(directory, "data-providers", &provider.id, &text)?;
    writeln!(out, "{}", path.display())?;
    writeln!(out, "client_id     {}", provider.id)?;
    writeln!(out, "client_secret {secret}")?;
    writeln!(
        out,
        "The secret is shown this once: the file holds its digest. Write in words what each scope opens: \
         citizens read it."
    )?;
    Ok(())
}

fn entry(provider: &NewDataProvider, digest: &str) -> String {
    let host = url::Url::parse(&provider.resource).ok();
    let host = host
        .as_ref()
        .and_then(url::Url::host_str)
        .unwrap_or(&provider.id);
    let scopes = provider.scopes.iter().fold(String::new(), |all, scope| {
        let scope = toml_text(scope);
        format!("{all}\n[[scopes]]\nname = {scope}\n# In words, as citizens read it: {{ fr = \"...\", en = \"...\" }}\ntext = {scope}\n")
    });
    format!(
        "id = {}\nname = {}\n# production, once it holds files of real people; services of a sandbox reach test ones only.\n\
         environment = \"test\"\n# Services name it by this address; it is the aud of its tokens.\nresource = {}\n\
         # One person, one sub for each sector, and the sector nobody else's: choose it once, for good.\nsector = {}\n\
         # What it is told of the citizen, to find the file.\n\
         identity = [\"given_name\", \"family_name\", \"birthdate\", \"gender\", \"birthplace\", \"birthcountry\"]\n\n\
         [authentication]\nmethod = \"secret\"\nsecret_digests = [{}]\n{scopes}",
        toml_text(&provider.id),
        toml_text(&provider.name),
        toml_text(&provider.resource),
        toml_text(&format!("{}.{host}", provider.id)),
        toml_text(digest),
    )
}
