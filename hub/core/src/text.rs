//! Text from outside: which characters may reach a page, a token or a mail.
//!
//! Invisible characters can hide a line break in a mail header, reverse the reading order of a page, or make
//! two different names look alike. They fall into two classes:
//!
//! - **Refused**: control characters, line and paragraph separators, bidirectional controls, and every
//!   other character without a visible form (Unicode general category `Other`, property
//!   `Default_Ignorable_Code_Point`, and the blank pattern U+2800). A text that contains one is refused as a
//!   whole. It is not repaired, because the result would be a text that no person wrote.
//! - **Removed**: U+200C, U+200D and U+00AD. Correct spelling in several scripts uses them, and they change
//!   only how the adjacent letters are drawn.
//!
//! Called by `identity` for claims and by `hub-document` for configuration texts.

use icu_properties::{
    CodePointMapData, CodePointSetData,
    props::{DefaultIgnorableCodePoint, GeneralCategory, GeneralCategoryGroup},
};
use unicode_normalization::UnicodeNormalization;

/// Returns `text` on one line, in NFC, without surrounding blanks and without joiners. Returns `None` if a
/// character is in the refused class.
#[must_use]
pub fn line(text: &str) -> Option<String> {
    let clean: String = text.nfc().filter(|c| !is_joiner(*c)).collect();
    let clean = clean.trim();
    clean.chars().all(is_visible).then(|| clean.to_owned())
}

/// Returns `text` with every line as [`line()`] returns it. Returns `None` if a character other than a line
/// break or a tabulation is in the refused class.
#[must_use]
pub fn block(text: &str) -> Option<String> {
    let lines: Option<Vec<String>> = text
        .lines()
        .map(|one| line(&one.replace('\t', " ")))
        .collect();
    Some(lines?.join("\n").trim().to_owned())
}

/// Whether `text` has only visible characters, line breaks and tabulations, and no joiners.
///
/// For text that is kept unchanged.
#[must_use]
pub fn is_plain(text: &str) -> bool {
    text.chars()
        .all(|c| matches!(c, '\n' | '\r' | '\t') || is_visible(c))
}

/// Whether `c` changes only how the adjacent letters are drawn.
const fn is_joiner(c: char) -> bool {
    matches!(c, '\u{200c}' | '\u{200d}' | '\u{ad}')
}

/// Whether `c` is visible or takes visible space.
fn is_visible(c: char) -> bool {
    let category = CodePointMapData::<GeneralCategory>::new().get(c);
    let separates_lines = matches!(
        category,
        GeneralCategory::LineSeparator | GeneralCategory::ParagraphSeparator
    );
    !separates_lines
        && c != '\u{2800}'
        && !GeneralCategoryGroup::Other.contains(category)
        && !CodePointSetData::new::<DefaultIgnorableCodePoint>().contains(c)
}
