//! Steps of the servers and files that a test starts for itself.

use std::fs::File;

use hub::audit::Report;
use serde_json::Value;

use super::{done, run};
use crate::{AuditFile, Held, Listener, MailServer, RedisServer};

impl AuditFile {
    /// Makes a named pipe; returns it with the end that reads from it.
    #[must_use]
    #[track_caller]
    pub fn open_pipe() -> (Self, File) {
        done(Self::pipe())
    }

    /// Makes a folder with one audit file for each side.
    #[must_use]
    #[track_caller]
    pub fn in_folder() -> Self {
        done(Self::folder())
    }

    /// The events of one side in the folder: `service`, `idp` or `person`.
    #[must_use]
    #[track_caller]
    pub fn events_of(&self, side: &str) -> Vec<Value> {
        done(self.side(side))
    }

    /// Opens another end of the pipe that reads from it.
    #[must_use]
    #[track_caller]
    pub fn open_reader(&self) -> File {
        done(self.reader())
    }

    /// The contents of the file.
    #[must_use]
    #[track_caller]
    pub fn contents(&self) -> String {
        done(self.text())
    }

    /// The events in the file.
    #[must_use]
    #[track_caller]
    pub fn events(&self) -> Vec<Value> {
        done(self.lines())
    }

    /// The last event in the file.
    #[must_use]
    #[track_caller]
    pub fn last_event(&self) -> Value {
        done(self.last())
    }

    /// Verifies the chain of the file.
    #[must_use]
    #[track_caller]
    pub fn verification(&self) -> Report {
        done(self.report())
    }
}

impl Listener {
    /// Starts a server that answers with each of `statuses` in turn, and then with 200.
    #[must_use]
    #[track_caller]
    pub fn start(statuses: &[u16]) -> Self {
        done(Self::open(statuses))
    }

    /// Waits for `count` requests; returns their bodies.
    #[track_caller]
    pub fn wait_for(&self, count: usize) -> impl Future<Output = Vec<String>> {
        run(self.hear(count))
    }
}

impl MailServer {
    /// Starts a mail server.
    #[must_use]
    #[track_caller]
    pub fn start() -> Self {
        done(Self::open())
    }

    /// Waits for `count` mails.
    #[track_caller]
    pub fn wait_for_mails(&self, count: usize) -> impl Future<Output = Vec<String>> {
        run(self.wait_for(count))
    }
}

impl RedisServer {
    /// Starts a Redis server.
    #[must_use]
    #[track_caller]
    pub fn run() -> Self {
        done(Self::start())
    }

    /// Starts the stopped server again, empty.
    #[track_caller]
    pub fn start_again(&mut self) {
        done(self.resume());
    }

    /// Every record in the server.
    #[must_use]
    #[track_caller]
    pub fn records(&self) -> Vec<Held> {
        done(self.dump())
    }

    /// The number of commands that the server has run.
    #[must_use]
    #[track_caller]
    pub fn command_count(&self) -> u64 {
        done(self.commands())
    }

    /// Runs one command; returns the raw response.
    #[must_use]
    #[track_caller]
    pub fn execute(&self, words: &[&str]) -> Vec<u8> {
        done(self.command(words))
    }
}
