//! A configuration file read with every fault at once: each with its line and a remedy.
//!
//! A reader asks a [`Section`] for its keys by name; what it asked for is what exists, so a key that
//! nobody asked for is a fault, with the nearest known key as the remedy.

use std::{
    cell::{Cell, RefCell},
    collections::BTreeSet,
    fmt,
    ops::Range,
};

use toml::de::{DeTable, DeValue};

use crate::localised::Localised;

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
        let document = Self {
            file: file.to_owned(),
            text: text.to_owned(),
            faults: RefCell::default(),
        };
        let (table, errors) = DeTable::parse_recoverable(&document.text);
        for error in &errors {
            document.report(error.span().unwrap_or_default(), error.message());
        }
        let root = Section::new(&document, table.get_ref(), 0..0, String::new());
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

/// A table of a document.
#[derive(Debug)]
pub struct Section<'d> {
    document: &'d Document,
    table: &'d DeTable<'d>,
    at: Range<usize>,
    name: String,
    asked: RefCell<BTreeSet<&'static str>>,
    open: Cell<bool>,
}

impl<'d> Section<'d> {
    const fn new(
        document: &'d Document,
        table: &'d DeTable<'d>,
        at: Range<usize>,
        name: String,
    ) -> Self {
        let asked = RefCell::new(BTreeSet::new());
        Self {
            document,
            table,
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
            parse(text)
                .map_err(|error| self.fault(entry.span(), key, &error))
                .ok()
        };
        entries.iter().filter_map(read).collect()
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
        let section = Section::new(self.document, table, at, self.path(key));
        let made = read(&section);
        section.finish();
        made
    }

    /// A text, or a table of texts by language, that has to be there.
    pub fn localised(&self, key: &'static str) -> Option<Localised> {
        self.require(key);
        match self.find(key)? {
            (DeValue::Table(_), _) => self.section(key, |section| {
                let texts = Localised::by_language(section.entries());
                if texts.is_none() {
                    self.blame(key, "give a text for at least one language, fr = \"...\"");
                }
                texts
            }),
            (value, at) => match value.as_str() {
                Some(text) if !text.trim().is_empty() => Some(Localised::everywhere(text)),
                _ => self.refuse(at, key, "a text, or a table of texts by language"),
            },
        }
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
        self.table.get(key).is_some()
    }

    fn require(&self, key: &'static str) {
        if self.table.get(key).is_none() {
            self.asked.borrow_mut().insert(key);
            let message = format!("`{}` is missing: add it", self.path(key));
            self.document.report(self.at.clone(), message);
        }
    }

    fn find(&self, key: &'static str) -> Option<(&'d DeValue<'d>, Range<usize>)> {
        self.asked.borrow_mut().insert(key);
        let value = self.table.get(key)?;
        Some((value.get_ref(), value.span()))
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

    fn finish(&self) {
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
