//! One stream of lines: a sink, and the chain of digests through it.

use std::{
    io,
    sync::{
        Mutex, PoisonError,
        atomic::{AtomicBool, Ordering},
    },
};

use hub_core::{
    clock::Timestamp,
    encoding::hex,
    entropy::{Entropy, draw},
};
use serde::Serialize;

use super::{
    Event, Origin, digest,
    output::{self, Out, Output, Written},
    verify,
};

/// After how many lines the digest of the last one goes to the log: what is kept elsewhere shows what was
/// cut off here.
const LINES_TO_A_MARK: u64 = 1000;

/// What a line says, apart from its place in the chain.
#[derive(Serialize)]
pub(super) struct Entry<'a> {
    pub(super) time: String,
    #[serde(flatten)]
    pub(super) event: &'a Event<'a>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(super) login: Option<String>,
    #[serde(flatten)]
    pub(super) origin: Option<&'a Origin>,
}

impl<'a> Entry<'a> {
    /// An entry about the stream itself.
    const fn bare(time: String, event: &'a Event<'a>) -> Self {
        Self {
            time,
            event,
            login: None,
            origin: None,
        }
    }
}

#[derive(Serialize)]
struct Line<'a> {
    chain: &'a str,
    seq: u64,
    #[serde(flatten)]
    entry: &'a Entry<'a>,
    prev: &'a str,
}

/// An open stream.
pub(super) struct Stream {
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

impl Stream {
    /// Opens `output` and writes that the stream begins.
    ///
    /// # Errors
    /// When it cannot be written.
    pub(super) fn open(output: &Output, now: Timestamp, entropy: &dyn Entropy) -> io::Result<Self> {
        let end = output::end_of(output)?;
        let chain = Chain {
            out: Out::open(output)?,
            id: hex(&draw::<8>(entropy)),
            seq: 0,
            prev: String::new(),
            // A process that was killed may have left half a line.
            torn: end.last().is_some_and(|byte| *byte != b'\n'),
            late: None,
        };
        let stream = Self {
            chain: Mutex::new(chain),
            failing: AtomicBool::new(false),
        };
        let event = Event::StreamOpened {
            version: env!("CARGO_PKG_VERSION"),
            continues: verify::last_line(&end).map(digest),
        };
        stream.append(&Entry::bare(now.rfc3339(), &event))?;
        Ok(stream)
    }

    /// Writes one line; after a failure, a line before it that says that there was one.
    ///
    /// # Errors
    /// When it cannot be written.
    pub(super) fn write(&self, entry: &Entry<'_>) -> io::Result<()> {
        let resumed = if self.failing.load(Ordering::Relaxed) {
            self.append(&Entry::bare(entry.time.clone(), &Event::StreamResumed))
        } else {
            Ok(())
        };
        let written = resumed.and_then(|()| self.append(entry));
        self.failing.store(written.is_err(), Ordering::Relaxed);
        written
    }

    /// Whether lines can be written: after a failure, by trying.
    pub(super) fn is_writable(&self, now: Timestamp) -> bool {
        if self.failing.load(Ordering::Relaxed) {
            let resumed = self.append(&Entry::bare(now.rfc3339(), &Event::StreamResumed));
            self.failing.store(resumed.is_err(), Ordering::Relaxed);
        }
        !self.failing.load(Ordering::Relaxed)
    }

    fn append(&self, entry: &Entry<'_>) -> io::Result<()> {
        let mut chain = self.chain.lock().unwrap_or_else(PoisonError::into_inner);
        chain.settle()?;
        let line = serde_json::to_vec(&Line {
            chain: &chain.id,
            seq: chain.seq,
            entry,
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
            Written::Not { torn, error } => {
                self.torn = torn;
                Err(error)
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
