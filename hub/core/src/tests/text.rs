//! Which characters are accepted in text from outside.

use proptest::prelude::*;
use serde_json::{Value, json};

use super::TODAY;
use crate::{
    identity::PivotIdentity,
    scope::Claim,
    text::{block, is_plain, line},
};

/// One or more characters of every class that is refused.
const REFUSED: [char; 28] = [
    '\0',
    '\n',
    '\r',
    '\t',
    '\u{1b}',
    '\u{7f}',
    '\u{85}',
    '\u{61c}',
    '\u{200b}',
    '\u{200e}',
    '\u{200f}',
    '\u{2028}',
    '\u{2029}',
    '\u{202a}',
    '\u{202e}',
    '\u{2060}',
    '\u{2066}',
    '\u{2069}',
    '\u{feff}',
    '\u{34f}',
    '\u{115f}',
    '\u{3164}',
    '\u{2800}',
    '\u{fe0f}',
    '\u{fff9}',
    '\u{e000}',
    '\u{e0041}',
    '\u{ffff}',
];

/// The claims whose value is free text, each with a valid value.
const FREE_TEXT: [(Claim, &str); 8] = [
    (Claim::GivenName, "Angela"),
    (Claim::GivenNameArray, "Angela"),
    (Claim::FamilyName, "DUBOIS"),
    (Claim::PreferredUsername, "ROY"),
    (Claim::Login, "angela.d"),
    (Claim::Email, "angela@example.org"),
    (Claim::GivenNameOriginal, "Ελένη"),
    (Claim::FamilyNameOriginal, "Παπαδοπούλου"),
];

fn read(claim: Claim, text: &str) -> (bool, bool) {
    let value = if claim == Claim::GivenNameArray {
        json!([text])
    } else {
        json!(text)
    };
    let claims = json!({claim.name(): value});
    let reading = PivotIdentity::read(claims.as_object().unwrap(), TODAY);
    let is_read = reading.identity != PivotIdentity::default();
    let is_reported = reading.errors.iter().any(|error| error.claim == claim);
    (is_read, is_reported)
}

#[test]
fn a_claim_with_an_invisible_character_is_refused_and_reported() {
    for (claim, good) in FREE_TEXT {
        assert_eq!(read(claim, good), (true, false), "{claim:?}");
        for bad in REFUSED {
            let middle = good.chars().count() / 2;
            let mut text: Vec<char> = good.chars().collect();
            text.insert(middle, bad);
            let text: String = text.into_iter().collect();

            assert_eq!(read(claim, &text), (false, true), "{claim:?} {bad:?}");
        }
    }
}

#[test]
fn a_name_with_a_mail_header_is_refused() {
    let name = "Ange\0la\r\nX-Evil: 1";

    for claim in [
        Claim::GivenName,
        Claim::FamilyName,
        Claim::PreferredUsername,
    ] {
        assert_eq!(read(claim, name), (false, true), "{claim:?}");
    }
}

#[test]
fn a_name_has_at_least_one_letter() {
    for text in [
        "\u{200b}", "\u{2800}", "\u{3164}", "-", "'", "42", "’-’", "\u{301}", "!?", "\u{ad}",
        // A modifier letter, a vowel sign, a point, a circled letter, a number made of letters.
        "\u{2bc}", "\u{93e}", "\u{5b0}", "Ⓐ", "Ⅷ",
    ] {
        for claim in [Claim::GivenName, Claim::GivenNameArray, Claim::FamilyName] {
            assert_eq!(read(claim, text), (false, true), "{claim:?} {text:?}");
        }
    }
    for text in [
        "X",
        "É",
        "李",
        "Ελένη",
        "Jean_E010015",
        "’t Hart",
        "N’Diaye-O’Neil",
        "J.-P.",
    ] {
        assert_eq!(read(Claim::FamilyName, text), (true, false), "{text}");
    }
}

#[test]
fn the_marks_of_a_name_follow_its_letters_and_are_few() {
    let marks = |count: usize| format!("A{}", "\u{35b}".repeat(count));
    for text in [
        "\u{35b}DUBOIS".to_owned(),
        "\u{301}\u{301}\u{301}".to_owned(),
        marks(7),
        marks(200),
    ] {
        assert_eq!(read(Claim::FamilyName, &text), (false, true), "{text:?}");
    }
    for text in [marks(6).as_str(), "Nguyễn", "e\u{301}", "שָׁלוֹם", "Đặng"] {
        assert_eq!(read(Claim::FamilyName, text), (true, false), "{text:?}");
    }
    assert_eq!(read(Claim::FamilyName, &"X".repeat(256)), (true, false));
    assert_eq!(read(Claim::FamilyName, &"X".repeat(300)), (false, true));
    assert_eq!(read(Claim::FamilyName, &"é".repeat(300)), (false, true));
}

#[test]
fn an_address_with_an_invisible_character_is_malformed() {
    let outcome = |member: &str, text: &str| {
        let claims = json!({"address": {"locality": "Nouméa", member: text}});
        let reading = PivotIdentity::read(claims.as_object().unwrap(), TODAY);
        (
            reading.identity.contact.address.is_some(),
            reading.errors.len(),
        )
    };
    for member in [
        "formatted",
        "street_address",
        "locality",
        "region",
        "postal_code",
        "country",
    ] {
        assert_eq!(outcome(member, "12, rue X\nbâtiment B"), (true, 0));
        for bad in ["\u{202e}", "\u{200b}", "\0", "\u{7}", "\u{2028}"] {
            assert_eq!(
                outcome(member, &format!("rue {bad}X")),
                (false, 1),
                "{member} {bad:?}"
            );
        }
        assert_eq!(outcome(member, &"x".repeat(1001)), (false, 1));
    }
}

#[test]
fn joiners_that_correct_spelling_uses_are_removed() {
    assert_eq!(line("محمد\u{200c}علی").as_deref(), Some("محمدعلی"));
    assert_eq!(line("Du\u{ad}bois").as_deref(), Some("Dubois"));
    assert_eq!(line(" D’AUBIGNE\u{301} ").as_deref(), Some("D’AUBIGNÉ"));
}

#[test]
fn a_block_keeps_line_breaks_and_no_other_invisible_character() {
    assert_eq!(block(" a\r\n\tb \n").as_deref(), Some("a\nb"));
    assert_eq!(block("a\u{202e}\nb"), None);
    assert!(is_plain("a\r\n\tb") && !is_plain("a\u{200d}") && !is_plain("a\u{feff}"));
}

proptest! {
    #[test]
    fn what_is_accepted_has_only_visible_characters(text in "\\PC{0,40}|.{0,40}") {
        if let Some(accepted) = line(&text) {
            prop_assert!(!accepted.chars().any(|c| c.is_control() || REFUSED.contains(&c)));
            prop_assert_eq!(line(&accepted), Some(accepted.clone()));
        }
    }

    #[test]
    fn reading_a_contact_never_panics(text in ".{0,60}") {
        let address: Value = json!({"formatted": text, "country": text});
        let claims = json!({"email": text, "phone_number": text, "login": text, "address": address});
        let reading = PivotIdentity::read(claims.as_object().unwrap(), TODAY);
        if let Some(email) = reading.identity.contact.email {
            prop_assert!(!email.contains(['<', '>', '"', ',', ' ', '\r', '\n']));
        }
    }
}
