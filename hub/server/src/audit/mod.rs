//! The audit stream: who did what in each login, for the law and for proof, as JSON lines.
//!
//! Each line carries the SHA-256 of the line before it, so that a removal shows ([`verify`]). A trace is
//! written before the act it tells of; where it cannot be written, the act does not happen.

mod event;
mod sink;
mod verify;

use std::{
    fmt, io,
    net::IpAddr,
    sync::{
        Mutex, PoisonError,
        atomic::{AtomicBool, Ordering},
    },
};

use hub_core::{
    clock::Timestamp,
    encoding::{base64url, hex},
    entropy::{Entropy, draw},
};
use serde::Serialize;
use sha2::{Digest, Sha256};
use sink::{Out, Written};
use thiserror::Error;

pub use event::{AgreedData, Event};
pub use sink::Sink;
pub use verify::{Report, verify};

/// After how many lines the digest of the last one goes to the log: what is kept elsewhere shows what was
/// cut off here.
const LINES_TO_A_MARK: u64 = 1000;

/// A trace could not be written: what it tells of must not happen.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Error)]
#[error("the audit stream cannot be written")]
pub struct AuditFault;

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
pub struct Trace<'a> {
    /// When it happened.
    pub at: Timestamp,
    /// The login, or other transaction, that it belongs to; empty if to none that is known.
    pub transaction: &'a str,
    /// Where the citizen's connection came from, if that is recorded.
    pub origin: Option<&'a Origin>,
    /// What happened.
    pub event: Event<'a>,
}

#[derive(Serialize)]
struct Line<'a> {
    time: String,
    chain: &'a str,
    seq: u64,
    #[serde(flatten)]
    event: &'a Event<'a>,
    #[serde(skip_serializing_if = "str::is_empty")]
    transaction: &'a str,
    #[serde(flatten)]
    origin: Option<&'a Origin>,
    prev: &'a str,
}

/// An open stream.
pub struct Audit {
    chain: Mutex<Chain>,
    failing: AtomicBool,
}

struct Chain {
    out: Out,
    id: String,
    seq: u64,
    /// The digest of the last line that was written whole.
    prev: String,
    /// Whether the last attempt may have left half a line.
    torn: bool,
    /// The digest of a line of which nobody knows yet whether it was written.
    late: Option<String>,
}

impl Audit {
    /// Opens `sink` and writes that the stream begins.
    ///
    /// # Errors
    /// When it cannot be written.
    pub fn open(sink: &Sink, now: Timestamp, entropy: &dyn Entropy) -> io::Result<Self> {
        let end = sink::end_of(sink)?;
        let chain = Chain {
            out: Out::open(sink)?,
            id: hex(&draw::<8>(entropy)),
            seq: 0,
            prev: String::new(),
            // A process that was killed may have left half a line.
            torn: end.last().is_some_and(|byte| *byte != b'\n'),
            late: None,
        };
        let audit = Self {
            chain: Mutex::new(chain),
            failing: AtomicBool::new(false),
        };
        let event = Event::StreamOpened {
            version: env!("CARGO_PKG_VERSION"),
            continues: verify::last_line(&end).map(digest),
        };
        audit.write(&bare(now, event))?;
        Ok(audit)
    }

    /// Writes one line.
    ///
    /// # Errors
    /// [`AuditFault`], logged here.
    pub fn record(&self, trace: &Trace<'_>) -> Result<(), AuditFault> {
        let resumed = if self.failing.load(Ordering::Relaxed) {
            // The stream says itself where it has a gap.
            self.write(&bare(trace.at, Event::StreamResumed))
        } else {
            Ok(())
        };
        let written = resumed.and_then(|()| self.write(trace));
        self.failing.store(written.is_err(), Ordering::Relaxed);
        written.map_err(|fault| {
            tracing::error!(%fault, "the audit stream cannot be written: nobody is signed in until it can");
            metrics::counter!("lethe_audit_failures_total").increment(1);
            AuditFault
        })
    }

    /// Whether lines can be written: after a failure, by trying.
    pub fn is_writable(&self, now: Timestamp) -> bool {
        if self.failing.load(Ordering::Relaxed) {
            let resumed = self.write(&bare(now, Event::StreamResumed));
            self.failing.store(resumed.is_err(), Ordering::Relaxed);
        }
        !self.failing.load(Ordering::Relaxed)
    }

    fn write(&self, trace: &Trace<'_>) -> io::Result<()> {
        let mut chain = self.chain.lock().unwrap_or_else(PoisonError::into_inner);
        chain.settle()?;
        let line = serde_json::to_vec(&Line {
            time: trace.at.rfc3339(),
            chain: &chain.id,
            seq: chain.seq,
            event: &trace.event,
            transaction: trace.transaction,
            origin: trace.origin,
            prev: &chain.prev,
        })?;
        let torn = chain.torn;
        let written = chain.out.write(&line, torn);
        chain.take(written, digest(&line))
    }
}

impl Chain {
    /// What became of a line that was late.
    fn settle(&mut self) -> io::Result<()> {
        let Some(late) = self.late.take() else {
            return Ok(());
        };
        match self.out.late() {
            // It is there, although what it tells of did not happen: too much rather than too little.
            Written::Whole => self.take(Written::Whole, late),
            Written::Not { torn, .. } => {
                self.torn = torn;
                Ok(())
            }
            Written::Late => self.take(Written::Late, late),
        }
    }

    /// Goes on from a line whose digest is `digest`.
    fn take(&mut self, written: Written, digest: String) -> io::Result<()> {
        match written {
            Written::Whole => {
                self.torn = false;
                self.seq += 1;
                self.prev = digest;
                if self.seq % LINES_TO_A_MARK == 1 {
                    tracing::info!(chain = self.id, seq = self.seq, last = self.prev, "audit");
                }
                Ok(())
            }
            Written::Not { torn, fault } => {
                self.torn = torn;
                Err(fault)
            }
            Written::Late => {
                self.late = Some(digest);
                Err(io::Error::new(
                    io::ErrorKind::TimedOut,
                    "nobody reads at the other end of the pipe",
                ))
            }
        }
    }
}

const fn bare(at: Timestamp, event: Event<'_>) -> Trace<'_> {
    Trace {
        at,
        transaction: "",
        origin: None,
        event,
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
