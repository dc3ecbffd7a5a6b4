//! Normalisation `pivot-v1`: it maps every spelling of a name to one spelling.
//!
//! Called by `subject/basis.rs`, which derives person keys from the result.

use thiserror::Error;
use unicode_normalization::{UnicodeNormalization, char::is_combining_mark};

/// The name has a character that folds to no letter from A to Z.
///
/// No person key is derived from such a name: skipping the character could give two persons the same
/// key.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Error)]
#[error("the name cannot be folded to A-Z")]
pub struct Unusable;

/// Folds `name` to the letters A to Z.
///
/// The name is decomposed, special letters are spelt out, and letters become upper case. Marks, blanks,
/// hyphens, apostrophes, dots and underscores are removed.
///
/// # Errors
/// [`Unusable`] if another character is left (digits, other scripts), or no letter at all.
pub fn fold(name: &str) -> Result<String, Unusable> {
    let mut folded = String::with_capacity(name.len());
    for c in name
        .nfkd()
        .filter(|c| !is_combining_mark(*c) && !is_separator(*c))
    {
        match special(c) {
            Some(letters) => folded.push_str(letters),
            None => folded.extend(c.to_uppercase()),
        }
    }
    let usable = !folded.is_empty() && folded.bytes().all(|c| c.is_ascii_uppercase());
    usable.then_some(folded).ok_or(Unusable)
}

/// Letters that decomposition and upper case do not change (upper case makes `ß` SS and `ı` I).
const fn special(c: char) -> Option<&'static str> {
    Some(match c {
        'Æ' | 'æ' => "AE",
        'Œ' | 'œ' => "OE",
        'ẞ' => "SS",
        'Ø' | 'ø' => "O",
        'Đ' | 'đ' | 'Ð' | 'ð' => "D",
        'Þ' | 'þ' => "TH",
        'Ł' | 'ł' => "L",
        'Ħ' | 'ħ' => "H",
        'Ŧ' | 'ŧ' => "T",
        'Ŋ' | 'ŋ' => "N",
        'Ə' | 'ə' => "E",
        _ => return None,
    })
}

fn is_separator(c: char) -> bool {
    let hyphen = matches!(
        c,
        '-' | '\u{ad}' | '\u{58a}' | '\u{1806}' | '\u{2010}'..='\u{2015}' | '\u{2212}'
    );
    let apostrophe = matches!(
        c,
        '\'' | '`' | '\u{b4}' | '\u{2b9}'..='\u{2bf}' | '\u{2018}'..='\u{201b}' | '\u{2032}' | '\u{2035}'
    );
    let dot = matches!(
        c,
        '.' | '\u{b7}' | '\u{2027}' | '\u{22c5}' | '\u{30fb}' | '_'
    );
    c.is_whitespace() || hyphen || apostrophe || dot
}
