//! A text in several languages, as operators write names.

use std::collections::BTreeMap;

use unicode_normalization::{UnicodeNormalization, char::is_combining_mark};

/// A text in one or more languages.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Localised {
    texts: BTreeMap<String, String>,
}

impl Localised {
    /// A text that is the same in every language.
    #[must_use]
    pub fn everywhere(text: &str) -> Self {
        Self {
            texts: BTreeMap::from([(String::new(), text.to_owned())]),
        }
    }

    /// Texts by language (`fr`, `en`); nothing if there is none.
    #[must_use]
    pub fn by_language(texts: impl IntoIterator<Item = (String, String)>) -> Option<Self> {
        let texts: BTreeMap<_, _> = texts.into_iter().collect();
        (!texts.is_empty()).then_some(Self { texts })
    }

    /// Every text.
    pub fn all(&self) -> impl Iterator<Item = &str> {
        self.texts.values().map(String::as_str)
    }

    /// The text in `language`, else in French, else in any.
    #[must_use]
    pub fn get(&self, language: &str) -> &str {
        [language, "fr"]
            .iter()
            .find_map(|wanted| self.texts.get(*wanted))
            .or_else(|| self.texts.values().next())
            .map_or("", String::as_str)
    }
}

/// `text` for looking it up: without accents, in lower case.
#[must_use]
pub fn plain(text: &str) -> String {
    text.nfkd()
        .filter(|c| !is_combining_mark(*c))
        .flat_map(char::to_lowercase)
        .collect()
}
