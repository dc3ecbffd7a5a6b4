//! A problem in a configuration file, and its place.
//!
//! Created by this crate and by the readers that use it; shown by `lethe check` and at startup.

use std::fmt;

/// A problem in a configuration file.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord)]
pub struct ConfigProblem {
    /// The file, relative to the configuration directory.
    pub file: String,
    /// The line, from 1; 0 for a problem of the whole file.
    pub line: usize,
    /// What is wrong and how to correct it.
    pub message: String,
}

impl ConfigProblem {
    /// Creates a problem of a whole file.
    #[must_use]
    pub fn of_file(file: &str, message: impl Into<String>) -> Self {
        Self {
            file: file.to_owned(),
            line: 0,
            message: message.into(),
        }
    }
}

impl fmt::Display for ConfigProblem {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self.line {
            0 => write!(f, "{}: {}", self.file, self.message),
            line => write!(f, "{}:{line}: {}", self.file, self.message),
        }
    }
}
