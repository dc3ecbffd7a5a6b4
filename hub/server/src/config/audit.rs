//! `[audit]` of `hub.toml`: the audit stream.

use std::sync::Arc;

use hub_core::{encoding::fixed_from_base64url, subject::AuditKey};
use hub_document::Section;
use hub_jose::Recipient;

use super::{Sources, keys::reference};
use crate::audit::Output;

/// The audit stream, and what it tells of connections.
#[derive(Debug)]
pub struct AuditSettings {
    /// Where it goes.
    pub output: Output,
    /// The key of the aliases of persons and of the pseudonyms of logins.
    pub key: AuditKey,
    /// The public key of the escrow that may join the sides of a login, if there is one.
    pub escrow: Option<Arc<Recipient>>,
    /// For how many months the operator keeps the lines, as the about page says it; the hub deletes none.
    pub retention_months: Option<u64>,
    /// Whether citizens' addresses and ports are recorded.
    pub addresses: bool,
}

impl AuditSettings {
    pub(super) fn read(section: &Section<'_>, sources: &Sources) -> Option<Self> {
        let output = section.required("output", |text| match text.strip_prefix("file:") {
            Some(path) if !path.is_empty() => Ok(Output::File(sources.path(path))),
            None if text == "stdout" => Ok(Output::Stdout),
            _ => match text.strip_prefix("folder:") {
                Some(path) if !path.is_empty() => Ok(Output::Folder(sources.path(path))),
                _ => Err("expected folder:PATH, file:PATH or stdout"),
            },
        });
        let given = section.optional("key", reference);
        let key = given.unwrap_or_else(|| "file:keys/audit".to_owned());
        let key = sources.resolve_text(&key).and_then(|text| {
            fixed_from_base64url(&text).ok_or_else(|| {
                "expected 32 bytes in base64url: `lethe keys new --only audit` writes them".into()
            })
        });
        let key = key
            .map_err(|message| section.add_problem("key", &message))
            .ok();
        let escrow = section.optional("escrow", reference);
        let escrow = escrow.and_then(|reference| {
            let pem = sources.resolve_public(&reference);
            let key = pem.and_then(|pem| {
                Recipient::from_public_pem(&pem).ok_or_else(|| {
                    "expected the public key of the escrow, P-256 in PEM: \
                     `openssl pkey -in PRIVATE -pubout` writes it; the private key never comes here"
                        .to_owned()
                })
            });
            let key = key.map_err(|message| section.add_problem("escrow", &message));
            key.ok().map(Arc::new)
        });
        let retention_months = section.number("retention_months", 0..601, 0);
        let addresses = section.flag("addresses", false);
        Some(Self {
            output: output?,
            key: AuditKey::new(key?),
            escrow,
            retention_months: Some(retention_months).filter(|months| *months > 0),
            addresses,
        })
    }
}
