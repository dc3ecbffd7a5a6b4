//! The file that is read, and the faults found in it so far.

use std::{cell::RefCell, ops::Range};

use crate::fault::Fault;

/// One file, and the faults found in it so far.
#[derive(Debug)]
pub(crate) struct Source {
    file: String,
    text: String,
    faults: RefCell<Vec<Fault>>,
}

impl Source {
    pub(crate) fn new(file: &str, text: &str) -> Self {
        Self {
            file: file.to_owned(),
            text: text.to_owned(),
            faults: RefCell::default(),
        }
    }

    pub(crate) fn text(&self) -> &str {
        &self.text
    }

    /// Takes the faults found, in the order of their lines.
    pub(crate) fn take_faults(&self) -> Vec<Fault> {
        let mut faults = self.faults.take();
        faults.sort();
        faults
    }

    /// Adds a fault at the line on which the range `at` of the text starts.
    pub(crate) fn report(&self, at: Range<usize>, message: impl Into<String>) {
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
