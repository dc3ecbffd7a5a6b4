//! `[audit]` of `hub.toml`: the audit stream.

use hub_core::{document::Section, encoding::fixed_from_base64url, subject::AliasKey};

use super::{Sources, keys::reference};
use crate::audit::Sink;

/// The audit stream, and what it tells of connections.
#[derive(Debug)]
pub struct AuditSettings {
    /// Where it goes.
    pub sink: Sink,
    /// The key of the aliases of persons.
    pub key: AliasKey,
    /// Whether citizens' addresses and ports are recorded.
    pub addresses: bool,
    /// The header in which the operator's proxy says the address, if it does.
    pub address_header: Option<String>,
    /// The header in which it says the port.
    pub port_header: Option<String>,
}

impl AuditSettings {
    pub(super) fn read(section: &Section<'_>, sources: &Sources) -> Option<Self> {
        let sink = section.required("sink", |text| match text.strip_prefix("file:") {
            Some(path) if !path.is_empty() => Ok(Sink::File(sources.path(path))),
            None if text == "stdout" => Ok(Sink::Stdout),
            _ => Err("expected stdout or file:PATH"),
        });
        let given = section.optional("key", reference);
        let key = given.unwrap_or_else(|| "file:keys/audit".to_owned());
        let key = sources.resolve_text(&key).and_then(|text| {
            fixed_from_base64url(&text).ok_or_else(|| {
                "expected 32 bytes in base64url: `lethe keys new --only audit` writes them".into()
            })
        });
        let key = key.map_err(|message| section.blame("key", &message)).ok();
        let addresses = section.flag("addresses", false);
        let address_header = section.optional("address_header", header);
        let port_header = section.optional("port_header", header);
        Some(Self {
            sink: sink?,
            key: AliasKey::new(key?),
            addresses,
            address_header,
            port_header,
        })
    }
}

fn header(text: &str) -> Result<String, &'static str> {
    let good = (1..=100).contains(&text.len())
        && text.bytes().all(|c| c.is_ascii_alphanumeric() || c == b'-');
    good.then(|| text.to_ascii_lowercase())
        .ok_or("expected the name of a header that your proxy sets, as x-real-ip")
}
