//! Whether a stream is whole: every line there, in order, unchanged.

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
    /// What is wrong, each with the number of its line.
    pub faults: Vec<(usize, String)>,
}

#[derive(Deserialize)]
struct Line {
    chain: String,
    seq: u64,
    prev: String,
    #[serde(default)]
    continues: Option<String>,
}

/// Reads a stream from its first line.
///
/// # Errors
/// When it cannot be read.
pub fn verify(stream: impl BufRead) -> io::Result<Report> {
    let mut report = Report::default();
    // Of each chain: the next number, and the digest of the last line.
    let mut chains: BTreeMap<String, (u64, String)> = BTreeMap::new();
    let mut last = String::new();
    for (line, number) in stream.split(b'\n').zip(1..) {
        let line = line?;
        report.lines = number;
        let Ok(read) = serde_json::from_slice::<Line>(&line) else {
            report.torn.push(number);
            continue;
        };
        let mut blame = |what: &str| report.faults.push((number, what.to_owned()));
        let known = chains.get(&read.chain);
        let (next, prev) = known.map_or((0, ""), |(next, prev)| (*next, prev));
        if read.seq != next {
            blame("lines of its chain before this one are gone");
        } else if read.prev != prev {
            blame("the line of its chain before this one was changed");
        } else if known.is_none() && read.continues.unwrap_or_default() != last {
            blame("lines before this start are gone or changed");
        }
        last = digest(&line);
        chains.insert(read.chain, (read.seq + 1, last.clone()));
    }
    report.chains = chains.len();
    Ok(report)
}
