//! A configuration file read with every fault at once: each with its line and a remedy.
//!
//! A reader asks a [`Section`] for its keys by name; what it asked for is what exists, so a key that
//! nobody asked for is a fault, with the nearest known key as the remedy. A document may stand upon
//! another, whose values count where it says nothing.

mod section;

use std::{cell::RefCell, fmt, ops::Range};

use toml::de::DeTable;

pub use section::Section;

/// Something wrong in a configuration file.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord)]
pub struct Fault {
    /// The file, relative to the configuration directory.
    pub file: String,
    /// The line, from 1; 0 for a fault of the whole file.
    pub line: usize,
    /// What is wrong and how to mend it.
    pub message: String,
}

impl Fault {
    /// A fault of a whole file.
    #[must_use]
    pub fn of_file(file: &str, message: impl Into<String>) -> Self {
        Self {
            file: file.to_owned(),
            line: 0,
            message: message.into(),
        }
    }
}

impl fmt::Display for Fault {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self.line {
            0 => write!(f, "{}: {}", self.file, self.message),
            line => write!(f, "{}:{line}: {}", self.file, self.message),
        }
    }
}

/// One file under reading, and the faults found so far.
#[derive(Debug)]
pub struct Document {
    file: String,
    text: String,
    faults: RefCell<Vec<Fault>>,
}

impl Document {
    /// Reads the TOML `text` of `file` with `read`, and returns what it made, or every fault.
    ///
    /// # Errors
    /// All faults, by line: of syntax, unknown keys, and whatever `read` found wrong.
    pub fn read<T>(
        file: &str,
        text: &str,
        read: impl FnOnce(&Section<'_>) -> Option<T>,
    ) -> Result<T, Vec<Fault>> {
        Self::read_upon("", file, text, read)
    }

    /// The same, standing upon the TOML text `foundation`: a key that `text` does not have is taken
    /// from there. Tables are joined key by key, except those whose keys are data, which replace.
    ///
    /// # Errors
    /// As [`Document::read`]. What is wrong with the foundation is reported of the whole file.
    pub fn read_upon<T>(
        foundation: &str,
        file: &str,
        text: &str,
        read: impl FnOnce(&Section<'_>) -> Option<T>,
    ) -> Result<T, Vec<Fault>> {
        let document = Self {
            file: file.to_owned(),
            text: text.to_owned(),
            faults: RefCell::default(),
        };
        let (table, errors) = DeTable::parse_recoverable(&document.text);
        for error in &errors {
            document.report(error.span().unwrap_or_default(), error.message());
        }
        let (under, _) = DeTable::parse_recoverable(foundation);
        let root = Section::new(
            &document,
            (table.get_ref(), Some(under.get_ref())),
            0..0,
            String::new(),
        );
        let made = read(&root);
        root.finish();
        drop(root);
        let mut faults = document.faults.take();
        faults.sort();
        match made {
            Some(made) if faults.is_empty() => Ok(made),
            _ if faults.is_empty() => Err(vec![Fault::of_file(file, "incomplete")]),
            _ => Err(faults),
        }
    }

    /// The text under `key` at the top of the TOML `text`, if there is one: to know what a document
    /// stands upon before it is read.
    #[must_use]
    pub fn peek(text: &str, key: &str) -> Option<String> {
        let (table, _) = DeTable::parse_recoverable(text);
        let value = table.get_ref().get(key)?;
        value.get_ref().as_str().map(str::to_owned)
    }

    fn report(&self, at: Range<usize>, message: impl Into<String>) {
        let line = self
            .text
            .bytes()
            .take(at.start)
            .filter(|byte| *byte == b'\n')
            .count()
            + 1;
        let fault = Fault {
            file: self.file.clone(),
            line,
            message: message.into(),
        };
        self.faults.borrow_mut().push(fault);
    }
}
