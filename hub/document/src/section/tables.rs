//! Tables within a section.

use std::{fmt, ops::Range};

use toml::de::{DeTable, DeValue};

use super::Section;

impl<'d> Section<'d> {
    /// A table that may be absent, read by `read`; its unknown keys are reported.
    pub fn section<T>(
        &self,
        key: &'static str,
        read: impl FnOnce(&Section<'_>) -> Option<T>,
    ) -> Option<T> {
        let (value, at) = self.find(key)?;
        let Some(table) = value.as_table() else {
            return self.refuse(at, key, "a table, [section]");
        };
        let under = self
            .under
            .and_then(|under| under.get(key)?.get_ref().as_table());
        let under = under.filter(|under| !std::ptr::eq(*under, table));
        self.enter((table, under), at, self.path(key), read)
    }

    /// One text or several, read by `texts`, or a table of its own, read by `table`; either may be
    /// absent. Nothing of a table that this document stands upon is joined to it.
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

    /// Tables under one key, `[[key]]`, each read by `read`; none when absent.
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
        let made = read(&section);
        section.finish();
        made
    }
}
