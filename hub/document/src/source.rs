//! The text of one file, and the problems found in it so far.
//!
//! Called by `document.rs` and `section`.

use std::{cell::RefCell, ops::Range};

use crate::problem::ConfigProblem;

/// The text of one file, and the problems found in it so far.
#[derive(Debug)]
pub(crate) struct Source {
    file: String,
    text: String,
    problems: RefCell<Vec<ConfigProblem>>,
}

impl Source {
    pub(crate) fn new(file: &str, text: &str) -> Self {
        Self {
            file: file.to_owned(),
            text: text.to_owned(),
            problems: RefCell::default(),
        }
    }

    pub(crate) fn text(&self) -> &str {
        &self.text
    }

    /// Takes the problems, in the order of their lines.
    pub(crate) fn take_problems(&self) -> Vec<ConfigProblem> {
        let mut problems = self.problems.take();
        problems.sort();
        problems
    }

    /// Adds a problem at the line on which the range `at` of the text starts.
    pub(crate) fn report(&self, at: Range<usize>, message: impl Into<String>) {
        let line = self
            .text
            .bytes()
            .take(at.start)
            .filter(|byte| *byte == b'\n')
            .count()
            + 1;
        let problem = ConfigProblem {
            file: self.file.clone(),
            line,
            message: message.into(),
        };
        self.problems.borrow_mut().push(problem);
    }
}
