//! Telephone numbers: every spelling of a number becomes its E.164 form.
//!
//! Called by `identity/claims.rs`.

use phonenumber::{Mode, country};

/// The maximum length of the text. A number has at most 15 digits (E.164); the remainder allows
/// separators.
const LONGEST: usize = 40;

/// A region whose national telephone numbers can be parsed, by its ISO 3166-1 alpha-2 code.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct PhoneRegion(country::Id);

impl PhoneRegion {
    /// Parses a code such as `FR` or `NC`.
    ///
    /// # Errors
    /// The expected form of the code.
    pub fn parse(code: &str) -> Result<Self, &'static str> {
        const WANTED: &str =
            "expected the ISO 3166-1 alpha-2 code of a region with telephone numbers, \"FR\"";
        code.parse().map(Self).map_err(|_unknown| WANTED)
    }
}

/// Returns the E.164 form of a telephone number: `+`, the country code and the national number.
///
/// A number without `+` is a national number of `region`. Returns `None` if it has no country, is not a
/// number that the numbering plan of its country assigns, or has anything but digits and separators: letters
/// and extensions are not part of a number.
#[must_use]
pub fn phone_number(text: &str, region: Option<PhoneRegion>) -> Option<String> {
    let text = text.trim();
    let (plus, rest) = match text.strip_prefix('+') {
        Some(rest) => ("+", rest),
        None => ("", text),
    };
    let digits: String = rest.chars().filter(|c| !is_separator(*c)).collect();
    let plain = digits.bytes().all(|c| c.is_ascii_digit());
    if text.len() > LONGEST || !plain || (plus.is_empty() && region.is_none()) {
        return None;
    }
    let region = region.map(|PhoneRegion(id)| id);
    let number = phonenumber::parse(region, plus.to_owned() + &digits).ok()?;
    number
        .is_valid()
        .then(|| number.format().mode(Mode::E164).to_string())
}

/// Whether `c` may separate groups of digits.
const fn is_separator(c: char) -> bool {
    matches!(
        c,
        ' ' | '.' | '-' | '/' | '(' | ')' | '\u{a0}' | '\u{202f}' | '\u{2010}'..='\u{2013}'
    )
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::{PhoneRegion, phone_number};

    fn national(text: &str, region: &str) -> Option<String> {
        phone_number(text, Some(PhoneRegion::parse(region).unwrap()))
    }

    #[test]
    fn every_spelling_of_a_number_gives_the_same_e164_form() {
        for spelling in [
            "+33612345678",
            "+33 6 12 34 56 78",
            "+33 (0)6.12.34.56.78",
            "+33-6-12-34-56-78",
            "+33\u{a0}6\u{202f}12 34 56 78",
            "+33 6\u{2011}12\u{2013}34 56 78",
        ] {
            assert_eq!(
                phone_number(spelling, None).as_deref(),
                Some("+33612345678"),
                "{spelling}"
            );
        }
        for spelling in ["06 12 34 56 78", "0033 6 12 34 56 78", "+33 6 12 34 56 78"] {
            assert_eq!(
                national(spelling, "FR").as_deref(),
                Some("+33612345678"),
                "{spelling}"
            );
        }
        assert_eq!(national("25.12.34", "NC").as_deref(), Some("+687251234"));
        assert_eq!(national("+687 251234", "FR").as_deref(), Some("+687251234"));
        assert_eq!(
            national("06 1234 5678", "IT").as_deref(),
            Some("+390612345678")
        );
    }

    #[test]
    fn a_number_without_a_country_or_outside_its_numbering_plan_is_refused() {
        for wrong in [
            "",
            "+",
            "0612345678",
            "33612345678",
            "+33 6 12 34 56",
            "+33 6 12 34 56 78 99",
            "+999 123 456 789",
            "+687 00 00 00",
            "+33 6 12 34 56 78 ext. 12",
            "+33612345678;ext=3",
            "+1 800 FLOWERS",
            "+٣٣٦١٢٣٤٥٦٧٨",
            "++33612345678",
            "+33612345678+33612345679",
            "+33 6 12 34 56 78\r\nX: 1",
            "tel:+33612345678",
            "+33                                    612345678",
        ] {
            assert_eq!(phone_number(wrong, None), None, "{wrong}");
            assert_ne!(phone_number("+33612345678", None), None);
        }
        // A number of Guadeloupe is not a number of metropolitan France.
        assert_eq!(national("0690 12 34 56", "FR"), None);
        assert_eq!(
            national("0690 12 34 56", "GP").as_deref(),
            Some("+590690123456")
        );
    }

    #[test]
    fn a_region_is_parsed_from_its_iso_code() {
        for wrong in ["", "fr", "FRA", "France", "ZZ", "33"] {
            assert!(PhoneRegion::parse(wrong).is_err(), "{wrong}");
        }
        for code in ["FR", "NC", "PF", "GP", "WF", "PM"] {
            assert!(PhoneRegion::parse(code).is_ok(), "{code}");
        }
    }

    proptest! {
        #[test]
        fn parsing_never_panics_and_an_e164_number_parses_to_itself(
            text in "\\+?[0-9 .()/-]{0,24}|.{0,50}", region in "FR|NC|US|IT|GB|AR|MX"
        ) {
            for read in [phone_number(&text, None), national(&text, &region)].into_iter().flatten() {
                prop_assert!(read.starts_with('+') && read.len() <= 16, "{}", read);
                prop_assert_eq!(phone_number(&read, None), Some(read));
            }
        }
    }
}
