//! Names, in the spelling of the IdP.
//!
//! Called by `identity/claims.rs`.

use icu_properties::{
    CodePointMapData,
    props::{GeneralCategory, GeneralCategoryGroup},
};
use serde::{Deserialize, Serialize};

use crate::text::line;

const LONGEST: usize = 256;

/// The maximum number of marks after one letter. Correct spelling has up to four in some scripts; dozens
/// of marks would cover the lines above and below on a page.
const MOST_MARKS: usize = 6;

/// A name on one line, in NFC, of 1 to 256 characters, with at least one letter.
#[derive(Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(transparent)]
pub struct Name(String);

impl Name {
    /// Parses a name.
    ///
    /// Returns `None` if it has no letter, begins with a mark, has more than 6 marks in a row, has a
    /// character that [`line()`] refuses, or is longer than 256 characters.
    #[must_use]
    pub fn parse(text: &str) -> Option<Self> {
        // At most four bytes a character: the check comes first, so that an overlong text costs no work.
        if text.len() > LONGEST * 4 {
            return None;
        }
        let name = line(text)?;
        let is_valid = name.chars().any(is_letter) && name.chars().count() <= LONGEST;
        (is_valid && has_few_marks(&name)).then_some(Self(name))
    }

    /// Returns the name.
    #[must_use]
    pub fn as_str(&self) -> &str {
        &self.0
    }
}

/// All given names of the civil status, in order; a compound name (`Jean-Pierre`) is one entry.
#[derive(Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(transparent)]
pub struct GivenNames(Vec<Name>);

impl GivenNames {
    /// Parses `given_name`: names separated by blanks.
    #[must_use]
    pub fn parse(text: &str) -> Option<Self> {
        Self::from_list(Name::parse(text)?.0.split_whitespace())
    }

    /// Parses `given_name_array`: one name in each entry.
    #[must_use]
    pub fn from_list<'a>(names: impl IntoIterator<Item = &'a str>) -> Option<Self> {
        let names: Vec<Name> = names.into_iter().map(Name::parse).collect::<Option<_>>()?;
        let length: usize = names.iter().map(|name| name.0.chars().count() + 1).sum();
        (!names.is_empty() && length <= LONGEST + 1).then_some(Self(names))
    }

    /// Returns the names, one by one.
    pub fn iter(&self) -> impl Iterator<Item = &str> {
        self.0.iter().map(Name::as_str)
    }

    /// Returns the names in one text, separated by single blanks.
    #[must_use]
    pub fn joined(&self) -> String {
        self.iter().collect::<Vec<_>>().join(" ")
    }
}

/// Whether `c` is a letter by itself. [`char::is_alphabetic`] also accepts vowel signs, circled letters
/// and some apostrophes.
fn is_letter(c: char) -> bool {
    let letters = GeneralCategoryGroup::CasedLetter.union(GeneralCategoryGroup::OtherLetter);
    letters.contains(CodePointMapData::<GeneralCategory>::new().get(c))
}

/// Whether every mark of `name` follows a letter, and no letter has too many marks.
fn has_few_marks(name: &str) -> bool {
    let categories = CodePointMapData::<GeneralCategory>::new();
    let mut marks = MOST_MARKS;
    name.chars().all(|c| {
        marks = if GeneralCategoryGroup::Mark.contains(categories.get(c)) {
            marks + 1
        } else {
            0
        };
        marks <= MOST_MARKS
    })
}

impl std::fmt::Debug for Name {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str("Name(hidden)")
    }
}

impl std::fmt::Debug for GivenNames {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str("GivenNames(hidden)")
    }
}
