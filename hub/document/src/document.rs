//! Parsing of one TOML file as a whole.
//!
//! Called by the readers of the configuration in the server, the registry and the IdP adapters; calls
//! `section`.

use toml::de::DeTable;

use crate::{problem::ConfigProblem, section::Section, source::Source};

/// A TOML document.
#[derive(Debug, Clone, Copy)]
pub struct Document;

impl Document {
    /// Reads the TOML `text` of `file` with `read`. Returns its result, or every problem of the file.
    ///
    /// # Errors
    /// All problems, by line: syntax errors, unknown keys, and the values that `read` refused.
    pub fn read<T>(
        file: &str,
        text: &str,
        read: impl FnOnce(&Section<'_>) -> Option<T>,
    ) -> Result<T, Vec<ConfigProblem>> {
        Self::read_upon("", file, text, read)
    }

    /// Reads `text` like [`Document::read`], with the TOML text `foundation` as defaults.
    ///
    /// A key that `text` does not have is taken from `foundation`. Tables are merged key by key, except
    /// tables whose keys are data: these replace the default.
    ///
    /// # Errors
    /// As [`Document::read`]. A problem in `foundation` is reported for the section that lacks the key.
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
        let (defaults, _) = DeTable::parse_recoverable(foundation);
        let root = Section::new(
            &source,
            (table.get_ref(), Some(defaults.get_ref())),
            0..0,
            String::new(),
        );
        let result = read(&root);
        root.finish();
        let problems = source.take_problems();
        match result {
            Some(value) if problems.is_empty() => Ok(value),
            _ if problems.is_empty() => Err(vec![ConfigProblem::of_file(file, "incomplete")]),
            _ => Err(problems),
        }
    }

    /// Returns the text value of the top-level `key` in the TOML `text`, if there is one.
    ///
    /// Used to find the name of a document's defaults before the document is read.
    #[must_use]
    pub fn peek(text: &str, key: &str) -> Option<String> {
        let (table, _) = DeTable::parse_recoverable(text);
        let value = table.get_ref().get(key)?;
        value.get_ref().as_str().map(str::to_owned)
    }
}
