//! The audit stream: who did what in each login, for the law and for proof, as JSON lines.
//!
//! Each line carries the SHA-256 of the line before it, so that a removal shows ([`verify`]). A trace is
//! written before the act it tells of; where it cannot be written, the act does not happen.

mod event;
mod verify;

use std::{
    fmt,
    fs::{self, File, OpenOptions},
    io::{self, Read, Seek, SeekFrom, Write},
    net::SocketAddr,
    path::{Path, PathBuf},
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
use thiserror::Error;

pub use event::{AgreedData, Event};
pub use verify::{Report, verify};

/// How much of a file's end is looked at for its last line.
const LAST_LINE: u64 = 64 * 1024;

/// Where the stream goes.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Sink {
    /// To the end of a file.
    File(PathBuf),
    /// To standard output.
    Stdout,
}

/// A trace could not be written: what it tells of must not happen.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Error)]
#[error("the audit stream cannot be written")]
pub struct AuditFault;

/// Where a citizen's connection came from.
#[derive(Debug, Clone, Serialize)]
pub struct Origin {
    /// The address.
    pub address: String,
    /// The port, where it is known.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub port: Option<u16>,
}

impl From<SocketAddr> for Origin {
    fn from(address: SocketAddr) -> Self {
        Self {
            address: address.ip().to_string(),
            port: Some(address.port()),
        }
    }
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
    out: Box<dyn Write + Send>,
    id: String,
    seq: u64,
    /// The digest of the last line that was written whole.
    prev: String,
    /// Whether the last attempt may have left half a line.
    torn: bool,
}

impl Audit {
    /// Opens `sink` and writes that the stream begins.
    ///
    /// # Errors
    /// When it cannot be written.
    pub fn open(sink: &Sink, now: Timestamp, entropy: &dyn Entropy) -> io::Result<Self> {
        let (out, continues): (Box<dyn Write + Send>, _) = match sink {
            Sink::Stdout => (Box::new(io::stdout()), None),
            Sink::File(path) => {
                let last = last_line(path)?;
                let file = OpenOptions::new().create(true).append(true).open(path)?;
                (Box::new(file), last.map(|line| digest(&line)))
            }
        };
        let chain = Chain {
            out,
            id: hex(&draw::<8>(entropy)),
            seq: 0,
            prev: String::new(),
            // A file may end in half a line: a process that was killed left it.
            torn: matches!(sink, Sink::File(path) if ends_torn(path)),
        };
        let audit = Self {
            chain: Mutex::new(chain),
            failing: AtomicBool::new(false),
        };
        let event = Event::StreamOpened {
            version: env!("CARGO_PKG_VERSION"),
            continues,
        };
        audit.write(&bare(now, event))?;
        Ok(audit)
    }

    /// Writes one line.
    ///
    /// # Errors
    /// [`AuditFault`], logged here.
    pub fn record(&self, trace: &Trace<'_>) -> Result<(), AuditFault> {
        let written = self.write(trace);
        self.failing.store(written.is_err(), Ordering::Relaxed);
        written.map_err(|fault| {
            tracing::error!(%fault, "the audit stream cannot be written: nobody is signed in until it can");
            metrics::counter!("lethe_audit_failures_total").increment(1);
            AuditFault
        })
    }

    /// Whether lines can be written: after a failure, by trying.
    pub fn is_writable(&self, now: Timestamp) -> bool {
        !self.failing.load(Ordering::Relaxed)
            || self.record(&bare(now, Event::StreamResumed)).is_ok()
    }

    fn write(&self, trace: &Trace<'_>) -> io::Result<()> {
        let mut chain = self.chain.lock().unwrap_or_else(PoisonError::into_inner);
        let line = serde_json::to_vec(&Line {
            time: trace.at.rfc3339(),
            chain: &chain.id,
            seq: chain.seq,
            event: &trace.event,
            transaction: trace.transaction,
            origin: trace.origin,
            prev: &chain.prev,
        })?;
        let start: &[u8] = if chain.torn { b"\n" } else { b"" };
        chain.torn = true;
        let whole = [start, &line, b"\n"].concat();
        chain.out.write_all(&whole)?;
        chain.out.flush()?;
        chain.torn = false;
        chain.seq += 1;
        chain.prev = digest(&line);
        Ok(())
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

/// The last whole line of a file, without its end; nothing if it has none, or is no file yet.
fn last_line(path: &Path) -> io::Result<Option<Vec<u8>>> {
    let end = end_of(path)?;
    let whole = end.iter().rposition(|byte| *byte == b'\n');
    let lines = whole.and_then(|at| end.get(..at)).unwrap_or_default();
    let last = lines.rsplit(|byte| *byte == b'\n').next();
    Ok(last.filter(|line| !line.is_empty()).map(<[u8]>::to_vec))
}

fn ends_torn(path: &Path) -> bool {
    end_of(path).is_ok_and(|end| end.last().is_some_and(|byte| *byte != b'\n'))
}

/// The last bytes of a regular file; nothing of anything else.
fn end_of(path: &Path) -> io::Result<Vec<u8>> {
    let kept = match fs::metadata(path) {
        Err(fault) if fault.kind() == io::ErrorKind::NotFound => return Ok(Vec::new()),
        kept => kept?,
    };
    // A pipe would be waited for.
    if !kept.is_file() {
        return Ok(Vec::new());
    }
    let mut file = File::open(path)?;
    file.seek(SeekFrom::Start(kept.len().saturating_sub(LAST_LINE)))?;
    let mut end = Vec::new();
    file.read_to_end(&mut end)?;
    Ok(end)
}

impl fmt::Debug for Audit {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("Audit")
    }
}

#[cfg(test)]
mod tests;
