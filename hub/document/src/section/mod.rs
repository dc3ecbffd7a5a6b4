//! One table of a document, asked for its keys by name.

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
    under: Option<&'d DeTable<'d>>,
    at: Range<usize>,
    name: String,
    asked: RefCell<BTreeSet<&'static str>>,
    open: Cell<bool>,
}

impl<'d> Section<'d> {
    pub(crate) const fn new(
        source: &'d Source,
        (table, under): (&'d DeTable<'d>, Option<&'d DeTable<'d>>),
        at: Range<usize>,
        name: String,
    ) -> Self {
        let asked = RefCell::new(BTreeSet::new());
        Self {
            source,
            table,
            under,
            at,
            name,
            asked,
            open: Cell::new(false),
        }
    }

    /// Reports a fault of the value under `key`, or of the section where it is absent.
    pub fn add_problem(&self, key: &str, message: &str) {
        let at = self
            .table
            .get(key)
            .map_or_else(|| self.at.clone(), toml::Spanned::span);
        self.source
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
            self.source.report(self.at.clone(), message);
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
            self.problem(key.span(), name, &format_args!("unknown key: {remedy}"));
        }
    }
}
