//! Whether a stream is whole: every line there, in order, unchanged.
//!
//! The chain has no key, so that anybody can check it; whoever can write the file can make a new one. That
//! shows in the digests that the hub puts into its log now and then, and in what was shipped elsewhere.

use std::{
    collections::BTreeMap,
    io::{self, BufRead},
};

use serde::Deserialize;

use super::digest;

/// What was found in a stream.
#[derive(Debug, Default, PartialEq, Eq)]
pub struct Report {
    /// How many lines were read.
    pub lines: usize,
    /// How many chains, one for each start of a hub, they belong to.
    pub chains: usize,
    /// Lines cut off when a write failed: nothing of them counts, and the chain goes on after them.
    pub torn: Vec<usize>,
    /// Lines with which a file begins, though lines of other files stand before it here.
    pub begins: Vec<usize>,
    /// What is wrong, each with the number of its line.
    pub problems: Vec<(usize, String)>,
    /// The digest of the last line.
    pub last: String,
}

#[derive(Deserialize)]
struct Line {
    chain: String,
    seq: u64,
    prev: String,
    #[serde(default)]
    continues: Option<String>,
}

/// The last line of `text` that is one of a stream, without its end.
pub(super) fn last_line(text: &[u8]) -> Option<&[u8]> {
    let mut lines = text.rsplit(|byte| *byte == b'\n');
    lines.find(|line| serde_json::from_slice::<Line>(line).is_ok())
}

/// Reads a stream from its first line, or, where older files are gone, from the line after the one whose
/// digest is `after`.
///
/// # Errors
/// When it cannot be read.
pub fn verify(stream: impl BufRead, after: Option<&str>) -> io::Result<Report> {
    let mut report = Report {
        last: after.unwrap_or_default().to_owned(),
        ..Report::default()
    };
    // Of each chain: the next number, and the digest of the last line.
    let mut chains: BTreeMap<String, (u64, String)> = BTreeMap::new();
    let mut running = String::new();
    for (line, number) in stream.split(b'\n').zip(1..) {
        let line = line?;
        report.lines = number;
        let Ok(read) = serde_json::from_slice::<Line>(&line) else {
            report.torn.push(number);
            continue;
        };
        if number == 1 && after == Some(&read.prev) {
            chains.insert(read.chain.clone(), (read.seq, read.prev.clone()));
            running.clone_from(&read.chain);
        }
        let mut add_problem = |what: &str| report.problems.push((number, what.to_owned()));
        let known = chains.get(&read.chain);
        let (next, prev) = known.map_or((0, ""), |(next, prev)| (*next, prev));
        if read.seq != next {
            add_problem(
                "lines of its chain before this one are gone, or files are in another order (see --after)",
            );
        } else if read.prev != prev {
            add_problem("the line of its chain before this one was changed");
        } else if known.is_some() && read.chain != running {
            add_problem("its chain goes on after another has begun: lines were put in between");
        } else if known.is_none() {
            match read.continues {
                Some(continues) if continues != report.last => {
                    add_problem("lines before this start are gone or changed");
                }
                None if !report.last.is_empty() => report.begins.push(number),
                Some(_) | None => {}
            }
        }
        report.last = digest(&line);
        running.clone_from(&read.chain);
        chains.insert(read.chain, (read.seq + 1, report.last.clone()));
    }
    report.chains = chains.len();
    Ok(report)
}
