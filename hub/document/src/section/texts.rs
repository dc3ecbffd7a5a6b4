//! Texts by language.
//!
//! Called by the readers of the configuration.

use hub_core::{localised::Localised, text::block};
use toml::de::DeValue;

use super::{INVISIBLE, Section};

impl Section<'_> {
    /// Reads a required text, or a required table of texts by language.
    #[expect(
        clippy::redundant_closure_for_method_calls,
        reason = "the method is not generic over the lifetime of the section"
    )]
    pub fn localised(&self, key: &'static str) -> Option<Localised> {
        self.require(key);
        match self.find(key)? {
            (DeValue::Table(_), _) => self.section(key, |section| section.languages()),
            (value, at) => match value.as_str() {
                Some(text) if !text.trim().is_empty() => {
                    let text = block(text).or_else(|| {
                        self.problem(at, key, &INVISIBLE);
                        None
                    });
                    text.map(|text| Localised::everywhere(&text))
                }
                _ => self.refuse(at, key, "a text, or a table of texts by language"),
            },
        }
    }

    /// Reads this table as texts by language. At least one is required.
    #[must_use]
    pub fn languages(&self) -> Option<Localised> {
        let shown = |(language, text): (String, String)| {
            let shown = block(&text);
            if shown.is_none() {
                self.add_problem(&language, INVISIBLE);
            }
            Some((language, shown?))
        };
        let entries = self.entries();
        let texts: Vec<_> = entries.into_iter().filter_map(shown).collect();
        let texts = Localised::by_language(texts);
        if texts.is_none() {
            let message = "give a text for at least one language, fr = \"...\"";
            self.source
                .report(self.at.clone(), format!("`{}`: {message}", self.name));
        }
        texts
    }
}
