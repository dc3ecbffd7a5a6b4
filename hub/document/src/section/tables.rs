//! Tables within a section.
//!
//! Called by the readers of the configuration.

use std::{fmt, ops::Range};

use toml::de::{DeTable, DeValue};

use super::Section;

impl<'d> Section<'d> {
    /// Reads the optional table under `key` with `read` and reports its unknown keys.
    pub fn section<T>(
        &self,
        key: &'static str,
        read: impl FnOnce(&Section<'_>) -> Option<T>,
    ) -> Option<T> {
        let (value, at) = self.find(key)?;
        let Some(table) = value.as_table() else {
            return self.refuse(at, key, "a table, [section]");
        };
        let defaults = self
            .defaults
            .and_then(|defaults| defaults.get(key)?.get_ref().as_table());
        let defaults = defaults.filter(|defaults| !std::ptr::eq(*defaults, table));
        self.enter((table, defaults), at, self.path(key), read)
    }

    /// Reads one or several texts with `texts`, or a table with `table`.
    ///
    /// Returns `None` if the key is absent. A table is not merged with a table of the defaults.
    pub fn texts_or_section<T, E: fmt::Display>(
        &self,
        key: &'static str,
        texts: impl FnOnce(&[String]) -> Result<T, E>,
        table: impl FnOnce(&Section<'_>) -> Option<T>,
    ) -> Option<T> {
        let (value, at) = self.find(key)?;
        if let DeValue::Table(alone) = value {
            return self.enter((alone, None), at, self.path(key), table);
        }
        let listed = self.list_or_text(key, |text| Ok::<_, &str>(text.to_owned()));
        if listed.is_empty() {
            return None;
        }
        texts(&listed)
            .map_err(|error| self.problem(at, key, &error))
            .ok()
    }

    /// Reads the tables under `key`, `[[key]]`, each with `read`. Returns an empty list if the key is
    /// absent.
    pub fn sections<T>(
        &self,
        key: &'static str,
        read: impl Fn(&Section<'_>) -> Option<T>,
    ) -> Vec<T> {
        let Some((value, at)) = self.find(key) else {
            return Vec::new();
        };
        let Some(entries) = value.as_array() else {
            self.refuse::<()>(at, key, "tables, [[section]]");
            return Vec::new();
        };
        let each = |(entry, number): (&'d toml::Spanned<DeValue<'d>>, usize)| {
            let Some(table) = entry.get_ref().as_table() else {
                return self.refuse(entry.span(), key, "tables, [[section]]");
            };
            let name = format!("{}[{number}]", self.path(key));
            self.enter((table, None), entry.span(), name, &read)
        };
        entries.iter().zip(1..).filter_map(each).collect()
    }

    fn enter<T>(
        &self,
        tables: (&'d DeTable<'d>, Option<&'d DeTable<'d>>),
        at: Range<usize>,
        name: String,
        read: impl FnOnce(&Section<'_>) -> Option<T>,
    ) -> Option<T> {
        let section = Section::new(self.source, tables, at, name);
        let result = read(&section);
        section.finish();
        result
    }
}
