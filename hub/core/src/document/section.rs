//! One table of a document, asked for its keys by name.

use std::{
    cell::{Cell, RefCell},
    collections::BTreeSet,
    fmt,
    ops::Range,
};

use serde_json::{Map, Value};
use toml::de::{DeTable, DeValue};

use super::Document;
use crate::{
    localised::Localised,
    text::{block, is_plain},
};

const INVISIBLE: &str = "has a character that cannot be seen (a control character, a bidirectional control \
                         or a character without width): type the text again, without it";

/// A table of a document.
#[derive(Debug)]
pub struct Section<'d> {
    document: &'d Document,
    table: &'d DeTable<'d>,
    under: Option<&'d DeTable<'d>>,
    at: Range<usize>,
    name: String,
    asked: RefCell<BTreeSet<&'static str>>,
    open: Cell<bool>,
}

impl<'d> Section<'d> {
    pub(super) const fn new(
        document: &'d Document,
        (table, under): (&'d DeTable<'d>, Option<&'d DeTable<'d>>),
        at: Range<usize>,
        name: String,
    ) -> Self {
        let asked = RefCell::new(BTreeSet::new());
        Self {
            document,
            table,
            under,
            at,
            name,
            asked,
            open: Cell::new(false),
        }
    }

    /// A text that may be absent. A wrong type or a text that `parse` refuses is reported.
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

    /// Parses one text of the value `key` at the place `at`. Texts end on pages, so that a character that
    /// nobody sees is reported.
    fn parse<T, E: fmt::Display>(
        &self,
        text: &str,
        (at, key): (Range<usize>, &str),
        parse: impl FnOnce(&str) -> Result<T, E>,
    ) -> Option<T> {
        if !is_plain(text) {
            self.fault(at, key, &INVISIBLE);
            return None;
        }
        parse(text)
            .map_err(|error| self.fault(at, key, &error))
            .ok()
    }

    /// A text that has to be there.
    pub fn required<T, E: fmt::Display>(
        &self,
        key: &'static str,
        parse: impl FnOnce(&str) -> Result<T, E>,
    ) -> Option<T> {
        self.require(key);
        self.optional(key, parse)
    }

    /// A list of texts; empty when absent. Each refused entry is reported at its own line.
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

    /// A text, or a list of texts; empty when absent.
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

    /// `true` or `false`, or `default` when absent.
    pub fn flag(&self, key: &'static str, default: bool) -> bool {
        let Some((value, at)) = self.find(key) else {
            return default;
        };
        value.as_bool().unwrap_or_else(|| {
            self.refuse::<()>(at, key, "true or false");
            default
        })
    }

    /// A whole number within `bounds`, or `default` when absent.
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
            .map_err(|error| self.fault(at, key, &error))
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

    /// A table of data under `key`, as JSON; nothing when absent.
    pub fn json(&self, key: &'static str) -> Option<Map<String, Value>> {
        let (value, at) = self.find(key)?;
        match json(value) {
            Value::Object(members) => Some(members),
            Value::Array(_)
            | Value::Bool(_)
            | Value::Null
            | Value::Number(_)
            | Value::String(_) => self.refuse(at, key, "a table"),
        }
    }

    fn enter<T>(
        &self,
        tables: (&'d DeTable<'d>, Option<&'d DeTable<'d>>),
        at: Range<usize>,
        name: String,
        read: impl FnOnce(&Section<'_>) -> Option<T>,
    ) -> Option<T> {
        let section = Section::new(self.document, tables, at, name);
        let made = read(&section);
        section.finish();
        made
    }

    /// A text, or a table of texts by language, that has to be there.
    pub fn localised(&self, key: &'static str) -> Option<Localised> {
        self.require(key);
        match self.find(key)? {
            (DeValue::Table(_), _) => self.section(key, |section| section.languages()),
            (value, at) => match value.as_str() {
                Some(text) if !text.trim().is_empty() => {
                    let text = block(text).or_else(|| {
                        self.fault(at, key, &INVISIBLE);
                        None
                    });
                    text.map(|text| Localised::everywhere(&text))
                }
                _ => self.refuse(at, key, "a text, or a table of texts by language"),
            },
        }
    }

    /// This table as texts by language, at least one.
    #[must_use]
    pub fn languages(&self) -> Option<Localised> {
        let shown = |(language, text): (String, String)| match block(&text) {
            Some(text) => Some((language, text)),
            None => {
                self.blame(&language, INVISIBLE);
                None
            }
        };
        let entries = self.entries();
        let texts: Vec<_> = entries.into_iter().filter_map(shown).collect();
        let texts = Localised::by_language(texts);
        if texts.is_none() {
            let message = "give a text for at least one language, fr = \"...\"";
            self.document
                .report(self.at.clone(), format!("`{}`: {message}", self.name));
        }
        texts
    }

    /// Every entry of this table as `(key, text)`: for tables whose keys are data, such as languages
    /// or an IdP's own `acr` values. An entry that is no text is reported.
    pub fn entries(&self) -> Vec<(String, String)> {
        self.open.set(true);
        let read = |(key, value): (
            &toml::Spanned<std::borrow::Cow<'_, str>>,
            &toml::Spanned<DeValue<'_>>,
        )| {
            let text = value
                .get_ref()
                .as_str()
                .or_else(|| self.refuse(value.span(), key.get_ref(), "a text in quotes"))?;
            Some((key.get_ref().clone().into_owned(), text.to_owned()))
        };
        self.table.iter().filter_map(read).collect()
    }

    /// Reports a fault of the value under `key`, or of the section where it is absent.
    pub fn blame(&self, key: &str, message: &str) {
        let at = self
            .table
            .get(key)
            .map_or_else(|| self.at.clone(), toml::Spanned::span);
        self.document
            .report(at, format!("`{}`: {message}", self.path(key)));
    }

    /// Whether `key` is there at all; a table that is there and faulty has its own faults reported.
    #[must_use]
    pub fn has(&self, key: &str) -> bool {
        let under = self.under.and_then(|under| under.get(key));
        self.table.get(key).or(under).is_some()
    }

    fn require(&self, key: &'static str) {
        if !self.has(key) {
            self.asked.borrow_mut().insert(key);
            let message = format!("`{}` is missing: add it", self.path(key));
            self.document.report(self.at.clone(), message);
        }
    }

    fn find(&self, key: &'static str) -> Option<(&'d DeValue<'d>, Range<usize>)> {
        self.asked.borrow_mut().insert(key);
        if let Some(value) = self.table.get(key) {
            return Some((value.get_ref(), value.span()));
        }
        // The foundation is another text: its faults are reported of the section that lacks the key.
        let value = self.under?.get(key)?;
        Some((value.get_ref(), self.at.clone()))
    }

    fn fault(&self, at: Range<usize>, key: &str, error: &impl fmt::Display) {
        self.document
            .report(at, format!("`{}`: {error}", self.path(key)));
    }

    fn refuse<T>(&self, at: Range<usize>, key: &str, wanted: &str) -> Option<T> {
        self.fault(at, key, &format_args!("expected {wanted}"));
        None
    }

    fn path(&self, key: &str) -> String {
        if self.name.is_empty() {
            key.to_owned()
        } else {
            format!("{}.{key}", self.name)
        }
    }

    pub(super) fn finish(&self) {
        if self.open.get() {
            return;
        }
        let asked = self.asked.borrow();
        for key in self
            .table
            .keys()
            .filter(|key| !asked.contains(key.get_ref().as_ref()))
        {
            let name = key.get_ref().as_ref();
            let nearest = asked
                .iter()
                .map(|known| (strsim::damerau_levenshtein(known, name), *known))
                .min()
                .filter(|(distance, _)| *distance <= 3);
            let remedy = match nearest {
                Some((_, known)) => format!("did you mean `{known}`?"),
                None => "remove it".to_owned(),
            };
            self.fault(key.span(), name, &format_args!("unknown key: {remedy}"));
        }
    }
}

fn json(value: &DeValue<'_>) -> Value {
    match value {
        DeValue::String(text) => Value::from(text.as_ref()),
        DeValue::Boolean(flag) => Value::from(*flag),
        DeValue::Integer(digits) => {
            i64::from_str_radix(digits.as_str(), digits.radix()).map_or(Value::Null, Value::from)
        }
        DeValue::Float(digits) => digits
            .as_str()
            .parse::<f64>()
            .map_or(Value::Null, Value::from),
        DeValue::Datetime(moment) => Value::from(moment.to_string()),
        DeValue::Array(entries) => entries.iter().map(|entry| json(entry.get_ref())).collect(),
        DeValue::Table(table) => table
            .iter()
            .map(|(key, value)| (key.get_ref().clone().into_owned(), json(value.get_ref())))
            .collect(),
    }
}
