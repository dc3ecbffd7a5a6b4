//! Reading one file as a whole.

use toml::de::DeTable;

use crate::{problem::ConfigProblem, section::Section, source::Source};

/// A TOML document.
#[derive(Debug, Clone, Copy)]
pub struct Document;

impl Document {
    /// Reads the TOML `text` of `file` with `read`, and returns what it made, or every fault.
    ///
    /// # Errors
    /// All faults, by line: of syntax, unknown keys, and whatever `read` found wrong.
    pub fn read<T>(
        file: &str,
        text: &str,
        read: impl FnOnce(&Section<'_>) -> Option<T>,
    ) -> Result<T, Vec<ConfigProblem>> {
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
    ) -> Result<T, Vec<ConfigProblem>> {
        let source = Source::new(file, text);
        let (table, errors) = DeTable::parse_recoverable(source.text());
        for error in &errors {
            source.report(error.span().unwrap_or_default(), error.message());
        }
        let (under, _) = DeTable::parse_recoverable(foundation);
        let root = Section::new(
            &source,
            (table.get_ref(), Some(under.get_ref())),
            0..0,
            String::new(),
        );
        let made = read(&root);
        root.finish();
        let problems = source.take_faults();
        match made {
            Some(made) if problems.is_empty() => Ok(made),
            _ if problems.is_empty() => Err(vec![ConfigProblem::of_file(file, "incomplete")]),
            _ => Err(problems),
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
}
