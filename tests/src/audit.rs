//! An audit stream of a test's own, to look into.

use std::{
    fs,
    io::{BufReader, Read},
    path::PathBuf,
    process::Command,
};

use anyhow::Context;
use hub::audit::{Report, verify};
use hub_core::{
    encoding::hex,
    entropy::{SystemEntropy, draw},
};
use serde_json::Value;

/// A file, or a pipe, that a hub writes its traces to. It is gone with the test.
#[derive(Debug)]
pub struct AuditFile(PathBuf);

impl AuditFile {
    /// A file that is not there yet.
    #[must_use]
    pub fn new() -> Self {
        let name = format!("lethe-audit-{}", hex(&draw::<8>(&SystemEntropy)));
        Self(std::env::temp_dir().join(name))
    }

    /// A pipe, and the end that reads from it: when that is dropped, nothing can be written any more.
    ///
    /// # Errors
    /// When the pipe cannot be made.
    pub fn pipe() -> Result<(Self, fs::File), anyhow::Error> {
        let pipe = Self::new();
        let made = Command::new("mkfifo").arg(&pipe.0).status()?;
        anyhow::ensure!(made.success(), "mkfifo failed");
        let reader = pipe.reader()?;
        Ok((pipe, reader))
    }

    /// A folder, with a file for each side.
    ///
    /// # Errors
    /// When it cannot be made.
    pub fn folder() -> Result<Self, anyhow::Error> {
        let folder = Self::new();
        fs::create_dir(&folder.0)?;
        Ok(folder)
    }

    /// The lines of one side in the folder: `service`, `idp` or `person`.
    ///
    /// # Errors
    /// When they cannot be read.
    pub fn side(&self, side: &str) -> Result<Vec<Value>, anyhow::Error> {
        let text = fs::read_to_string(self.0.join(format!("{side}.jsonl")))?;
        let lines = text.lines().map(serde_json::from_str);
        Ok(lines.collect::<Result<_, _>>()?)
    }

    /// An end of the pipe that reads from it.
    ///
    /// # Errors
    /// When the pipe cannot be opened.
    pub fn reader(&self) -> Result<fs::File, anyhow::Error> {
        // For writing as well: else it would wait for the hub.
        let mut options = fs::OpenOptions::new();
        let opened = options.read(true).write(true).open(&self.0);
        opened.context("the pipe cannot be opened")
    }

    /// Reads what is in the pipe, and leaves it to nobody.
    ///
    /// # Errors
    /// When the pipe cannot be read.
    pub fn empty(mut reader: &fs::File) -> Result<(), anyhow::Error> {
        let mut some = vec![0; 64 * 1024];
        let _read = reader.read(&mut some)?;
        Ok(())
    }

    /// Where it is.
    #[must_use]
    pub fn path(&self) -> PathBuf {
        self.0.clone()
    }

    /// Its text.
    ///
    /// # Errors
    /// When it cannot be read.
    pub fn text(&self) -> Result<String, anyhow::Error> {
        Ok(fs::read_to_string(&self.0)?)
    }

    /// Its lines.
    ///
    /// # Errors
    /// When it cannot be read, or a line is no JSON.
    pub fn lines(&self) -> Result<Vec<Value>, anyhow::Error> {
        let text = self.text()?;
        let lines = text.lines().map(serde_json::from_str);
        Ok(lines.collect::<Result<_, _>>()?)
    }

    /// The last line.
    ///
    /// # Errors
    /// When there is none.
    pub fn last(&self) -> Result<Value, anyhow::Error> {
        self.lines()?.pop().context("an empty stream")
    }

    /// Whether it is whole.
    ///
    /// # Errors
    /// When it cannot be read.
    pub fn report(&self) -> Result<Report, anyhow::Error> {
        Ok(verify(BufReader::new(fs::File::open(&self.0)?), None)?)
    }
}

impl Default for AuditFile {
    fn default() -> Self {
        Self::new()
    }
}

impl Drop for AuditFile {
    fn drop(&mut self) {
        // A test that made none has none to remove.
        let _removed = fs::remove_file(&self.0).is_ok() || fs::remove_dir_all(&self.0).is_ok();
    }
}
