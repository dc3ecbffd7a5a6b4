//! A text in several languages, as operators write it in the configuration.

use std::collections::BTreeMap;

use unicode_normalization::{UnicodeNormalization, char::is_combining_mark};

/// A text in one or more languages.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Localised {
    texts: BTreeMap<String, String>,
}

impl Localised {
    /// Creates a text that is the same in every language.
    #[must_use]
    pub fn everywhere(text: &str) -> Self {
        Self {
            texts: BTreeMap::from([(String::new(), text.to_owned())]),
        }
    }

    /// Creates a text from one text for each language (`fr`, `en`).
    ///
    /// Returns `None` if there is none.
    #[must_use]
    pub fn by_language(texts: impl IntoIterator<Item = (String, String)>) -> Option<Self> {
        let texts: BTreeMap<_, _> = texts.into_iter().collect();
        (!texts.is_empty()).then_some(Self { texts })
    }

    /// Returns the text of every language.
    pub fn all(&self) -> impl Iterator<Item = &str> {
        self.texts.values().map(String::as_str)
    }

    /// Returns the text in `language`; without it, the French one; without that, any.
    #[must_use]
    pub fn get(&self, language: &str) -> &str {
        [language, "fr"]
            .iter()
            .find_map(|wanted| self.texts.get(*wanted))
            .or_else(|| self.texts.values().next())
            .map_or("", String::as_str)
    }
}

/// Returns `text` without accents and in lower case, for searching.
#[must_use]
pub fn plain(text: &str) -> String {
    text.nfkd()
        .filter(|c| !is_combining_mark(*c))
        .flat_map(char::to_lowercase)
        .collect()
}
