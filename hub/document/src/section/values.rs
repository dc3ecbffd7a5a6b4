//! Values of a section: texts, lists, flags and numbers.
//!
//! Called by the readers of the configuration.

use std::{fmt, ops::Range};

use hub_core::text::is_plain;
use toml::de::DeValue;

use super::{INVISIBLE, Section};

impl Section<'_> {
    /// Reads an optional text.
    ///
    /// A wrong type, or a text that `parse` refuses, is reported.
    pub fn optional<T, E: fmt::Display>(
        &self,
        key: &'static str,
        parse: impl FnOnce(&str) -> Result<T, E>,
    ) -> Option<T> {
        let (value, at) = self.find(key)?;
        let Some(text) = value.as_str() else {
            return self.refuse(at, key, "a text in quotes");
        };
        self.parse(text, (at, key), parse)
    }

    /// Parses one text of the value `key` at the range `at`. Texts are shown on pages, so invisible
    /// characters are reported.
    fn parse<T, E: fmt::Display>(
        &self,
        text: &str,
        (at, key): (Range<usize>, &str),
        parse: impl FnOnce(&str) -> Result<T, E>,
    ) -> Option<T> {
        if !is_plain(text) {
            self.problem(at, key, &INVISIBLE);
            return None;
        }
        parse(text)
            .map_err(|error| self.problem(at, key, &error))
            .ok()
    }

    /// Reads a required text.
    pub fn required<T, E: fmt::Display>(
        &self,
        key: &'static str,
        parse: impl FnOnce(&str) -> Result<T, E>,
    ) -> Option<T> {
        self.require(key);
        self.optional(key, parse)
    }

    /// Reads a list of texts, empty if absent. Each refused entry is reported at its own line.
    pub fn list<T, E: fmt::Display>(
        &self,
        key: &'static str,
        parse: impl Fn(&str) -> Result<T, E>,
    ) -> Vec<T> {
        let Some((value, at)) = self.find(key) else {
            return Vec::new();
        };
        let Some(entries) = value.as_array() else {
            self.refuse::<()>(at, key, "a list of texts, [\"...\"]");
            return Vec::new();
        };
        let read = |entry: &toml::Spanned<DeValue<'_>>| {
            let Some(text) = entry.get_ref().as_str() else {
                return self.refuse(entry.span(), key, "a list of texts, [\"...\"]");
            };
            self.parse(text, (entry.span(), key), &parse)
        };
        entries.iter().filter_map(read).collect()
    }

    /// Reads a text or a list of texts, empty if absent.
    pub fn list_or_text<T, E: fmt::Display>(
        &self,
        key: &'static str,
        parse: impl Fn(&str) -> Result<T, E>,
    ) -> Vec<T> {
        match self.find(key) {
            Some((DeValue::String(_), _)) => self.optional(key, parse).into_iter().collect(),
            Some((DeValue::Array(_), _)) => self.list(key, parse),
            Some((_, at)) => {
                self.refuse::<()>(at, key, "a text, or a list of texts");
                Vec::new()
            }
            None => Vec::new(),
        }
    }

    /// Reads `true` or `false`; returns `default` if absent.
    pub fn flag(&self, key: &'static str, default: bool) -> bool {
        let Some((value, at)) = self.find(key) else {
            return default;
        };
        value.as_bool().unwrap_or_else(|| {
            self.refuse::<()>(at, key, "true or false");
            default
        })
    }

    /// Reads a whole number within `bounds` (the end excluded); returns `default` if absent.
    pub fn number(&self, key: &'static str, bounds: Range<u64>, default: u64) -> u64 {
        let Some((value, at)) = self.find(key) else {
            return default;
        };
        let number = value
            .as_integer()
            .and_then(|digits| u64::from_str_radix(digits.as_str(), digits.radix()).ok())
            .filter(|number| bounds.contains(number));
        number.unwrap_or_else(|| {
            let wanted = format!("a whole number from {} to {}", bounds.start, bounds.end - 1);
            self.refuse::<()>(at, key, &wanted);
            default
        })
    }
}
