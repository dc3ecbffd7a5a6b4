//! One table of a document, whose keys the reader asks for by name.
//!
//! Called by the readers of the configuration; reports problems to `source.rs`.

mod data;
mod tables;
mod texts;
mod values;

use std::{
    cell::{Cell, RefCell},
    collections::BTreeSet,
    fmt,
    ops::Range,
};

use toml::de::{DeTable, DeValue};

use crate::source::Source;

const INVISIBLE: &str = "has a character that cannot be seen (a control character, a bidirectional control \
                         or a character without width): type the text again, without it";

/// A table of a document.
#[derive(Debug)]
pub struct Section<'d> {
    source: &'d Source,
    table: &'d DeTable<'d>,
    defaults: Option<&'d DeTable<'d>>,
    at: Range<usize>,
    name: String,
    requested: RefCell<BTreeSet<&'static str>>,
    keys_are_data: Cell<bool>,
}

impl<'d> Section<'d> {
    pub(crate) const fn new(
        source: &'d Source,
        (table, defaults): (&'d DeTable<'d>, Option<&'d DeTable<'d>>),
        at: Range<usize>,
        name: String,
    ) -> Self {
        let requested = RefCell::new(BTreeSet::new());
        Self {
            source,
            table,
            defaults,
            at,
            name,
            requested,
            keys_are_data: Cell::new(false),
        }
    }

    /// Reports a problem of the value under `key`, or of the section if the key is absent.
    pub fn add_problem(&self, key: &str, message: &str) {
        let at = self
            .table
            .get(key)
            .map_or_else(|| self.at.clone(), toml::Spanned::span);
        self.source
            .report(at, format!("`{}`: {message}", self.path(key)));
    }

    /// Whether `key` is present, even with an invalid value. The problems of an invalid value are
    /// reported where it is read.
    #[must_use]
    pub fn has(&self, key: &str) -> bool {
        let defaults = self.defaults.and_then(|defaults| defaults.get(key));
        self.table.get(key).or(defaults).is_some()
    }

    fn require(&self, key: &'static str) {
        if !self.has(key) {
            self.requested.borrow_mut().insert(key);
            let message = format!("`{}` is missing: add it", self.path(key));
            self.source.report(self.at.clone(), message);
        }
    }

    fn find(&self, key: &'static str) -> Option<(&'d DeValue<'d>, Range<usize>)> {
        self.requested.borrow_mut().insert(key);
        if let Some(value) = self.table.get(key) {
            return Some((value.get_ref(), value.span()));
        }
        // The defaults are another text: a problem in them is reported for the section that lacks the
        // key.
        let value = self.defaults?.get(key)?;
        Some((value.get_ref(), self.at.clone()))
    }

    fn problem(&self, at: Range<usize>, key: &str, error: &impl fmt::Display) {
        self.source
            .report(at, format!("`{}`: {error}", self.path(key)));
    }

    fn refuse<T>(&self, at: Range<usize>, key: &str, wanted: &str) -> Option<T> {
        self.problem(at, key, &format_args!("expected {wanted}"));
        None
    }

    fn path(&self, key: &str) -> String {
        if self.name.is_empty() {
            key.to_owned()
        } else {
            format!("{}.{key}", self.name)
        }
    }

    pub(crate) fn finish(&self) {
        if self.keys_are_data.get() {
            return;
        }
        let requested = self.requested.borrow();
        for key in self
            .table
            .keys()
            .filter(|key| !requested.contains(key.get_ref().as_ref()))
        {
            let name = key.get_ref().as_ref();
            let nearest = requested
                .iter()
                .map(|known| (strsim::damerau_levenshtein(known, name), *known))
                .min()
                .filter(|(distance, _)| *distance <= 3);
            let remedy = match nearest {
                Some((_, known)) => format!("did you mean `{known}`?"),
                None => "remove it".to_owned(),
            };
            self.problem(key.span(), name, &format_args!("unknown key: {remedy}"));
        }
    }
}
