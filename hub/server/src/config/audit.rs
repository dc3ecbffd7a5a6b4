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
        Some(Self {
            sink: sink?,
            key: AliasKey::new(key?),
            addresses,
        })
    }
}
