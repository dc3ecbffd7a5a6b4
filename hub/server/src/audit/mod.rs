//! The audit stream: who did what in each login, for the law and for proof, as JSON lines.
//!
//! Each line carries the SHA-256 of the line before it, so that a removal shows ([`verify`]). A line is
//! written before the act it tells of; where it cannot be written, the act does not happen.
//!
//! The lines have sides ([`Side`]): about the service, about the identity provider, about the person. Each
//! side names a login by a pseudonym of its own, or not at all, so that the whole stream does not say which
//! service belongs to which identity provider or person. What joins them is the [`link`], encrypted for an
//! escrow, and only where one is configured.

mod event;
pub mod link;
mod output;
mod refused;
mod side;
mod stream;
mod verify;

use std::{fmt, io, net::IpAddr, sync::Arc};

use hub_core::{clock::Timestamp, encoding::base64url, entropy::Entropy, subject::AuditKey};
use hub_jose::Recipient;
use serde::Serialize;
use sha2::{Digest, Sha256};
use stream::{Entry, Stream};
use thiserror::Error;

pub use event::{AgreedData, Event};
pub use output::Output;
pub use refused::{Refusals, Refused};
pub use side::Side;
pub use verify::{Report, verify};

/// A trace could not be written: what it tells of must not happen.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Error)]
#[error("the audit stream cannot be written")]
pub struct AuditError;

/// Where a citizen's connection came from.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize)]
pub struct Origin {
    /// The address.
    pub address: IpAddr,
    /// The port, where it is known.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub port: Option<u16>,
}

/// One line to be.
#[derive(Debug)]
pub struct AuditEntry<'a> {
    /// When it happened.
    pub at: Timestamp,
    /// The secret id of the login, or other transaction, that it belongs to; empty if to none that is known.
    /// It is never written: the line has a pseudonym of its side.
    pub transaction: &'a str,
    /// Where the citizen's connection came from, if that is recorded.
    pub origin: Option<&'a Origin>,
    /// What happened.
    pub event: Event<'a>,
}

/// The streams of a hub.
pub struct Audit {
    service: Arc<Stream>,
    idp: Arc<Stream>,
    person: Arc<Stream>,
    key: AuditKey,
    escrow: Option<Arc<Recipient>>,
}

impl Audit {
    /// Opens `output` and writes that the stream begins, or that each of its three streams does. Logins get
    /// their pseudonyms under `key`; links are encrypted for `escrow`.
    ///
    /// # Errors
    /// When it cannot be written.
    pub fn open(
        output: &Output,
        (key, escrow): (AuditKey, Option<Arc<Recipient>>),
        now: Timestamp,
        entropy: &dyn Entropy,
    ) -> io::Result<Self> {
        let open = |side: Side| {
            Ok::<_, io::Error>(Arc::new(Stream::open(&output.of(side)?, now, entropy)?))
        };
        let service = open(Side::Service)?;
        let (idp, person) = match output {
            Output::Folder(_) => (open(Side::Idp)?, open(Side::Person)?),
            Output::File(_) | Output::Stdout => (Arc::clone(&service), Arc::clone(&service)),
        };
        Ok(Self {
            service,
            idp,
            person,
            key,
            escrow,
        })
    }

    /// Writes one line, and the sealed link of the login after a line that says who signs in.
    ///
    /// # Errors
    /// [`AuditError`], logged here.
    pub fn record(&self, trace: &AuditEntry<'_>) -> Result<(), AuditError> {
        let written = self
            .write(trace)
            .and_then(|()| match self.sealed_link(trace) {
                Some(link) => self.write(&AuditEntry {
                    event: Event::LinkSealed { link: link? },
                    ..*trace
                }),
                None => Ok(()),
            });
        written.map_err(|error| {
            tracing::error!(%error, "the audit stream cannot be written: logins stop until it can");
            metrics::counter!("lethe_audit_failures_total").increment(1);
            AuditError
        })
    }

    /// Whether lines can be written: after a failure, by trying.
    #[must_use]
    pub fn is_writable(&self, now: Timestamp) -> bool {
        let streams = [&self.service, &self.idp, &self.person];
        // Each is tried, so that each finds out.
        let writable = streams.map(|stream| stream.is_writable(now));
        writable.iter().all(|writable| *writable)
    }

    fn write(&self, trace: &AuditEntry<'_>) -> io::Result<()> {
        let side = trace.event.side();
        let known = Some(trace.transaction).filter(|transaction| !transaction.is_empty());
        let (stream, login) = match side {
            Side::Service => (&self.service, known.map(|id| self.key.service_login(id))),
            Side::Idp => (&self.idp, known.map(|id| self.key.idp_login(id))),
            Side::Person => (&self.person, None),
        };
        stream.write(&Entry {
            time: side.time(trace.at).rfc3339(),
            event: &trace.event,
            login,
            // On one side alone: else the address would join the sides.
            origin: trace.origin.filter(|_| side == Side::Service),
        })
    }

    /// What joins the sides of a login, for the escrow; `None` without one, and for other events than those
    /// that say who signs in.
    fn sealed_link(&self, trace: &AuditEntry<'_>) -> Option<io::Result<String>> {
        let escrow = self.escrow.as_ref()?;
        let person = trace.event.person()?;
        let link = link::Link {
            service_login: self.key.service_login(trace.transaction),
            idp_login: self.key.idp_login(trace.transaction),
            person: person.to_owned(),
        };
        Some(link.seal(escrow))
    }
}

/// The SHA-256 of a line without its end, in base64url.
fn digest(line: &[u8]) -> String {
    base64url(&Sha256::digest(line))
}

impl fmt::Debug for Audit {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("Audit")
    }
}

#[cfg(test)]
mod tests;
