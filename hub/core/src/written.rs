//! One written form for each attribute, independent of the IdP: an IdP's own form would tell the service
//! which IdP was used.
//!
//! `docs/IDENTITY.md` has the rules. Person keys are derived from the folded names and not from these
//! forms. Called by `release.rs`.

use serde_json::{Map, Value};

use crate::identity::{Country, fold};

/// The members that an address always has, in the order of the lines of `formatted`.
const MEMBERS: [&str; 5] = [
    "street_address",
    "postal_code",
    "locality",
    "region",
    "country",
];

/// Names of France in addresses, as [`fold`] writes them.
const FRANCE: [&str; 15] = [
    "FRANCE",
    "FRA",
    "GUADELOUPE",
    "GUYANE",
    "GUYANEFRANCAISE",
    "LAREUNION",
    "MARTINIQUE",
    "MAYOTTE",
    "NOUVELLECALEDONIE",
    "POLYNESIEFRANCAISE",
    "REUNION",
    "SAINTBARTHELEMY",
    "SAINTMARTIN",
    "SAINTPIERREETMIQUELON",
    "WALLISETFUTUNA",
];

/// Returns an e-mail address in lower case.
///
/// Some IdPs keep addresses in lower case and others keep the capitals that were typed. RFC 5321 section
/// 2.4 advises against mailboxes that differ in case alone.
#[must_use]
pub fn email(address: &str) -> String {
    address.to_lowercase()
}

/// Returns a birth name or usage name in capitals, as the French civil status writes it.
#[must_use]
pub fn family_name(name: &str) -> String {
    separated(name).to_uppercase()
}

/// Returns given names with an upper-case letter at the beginning of each part and lower case elsewhere.
///
/// A part begins after a blank, a hyphen or an apostrophe.
#[must_use]
pub fn given_names(names: &str) -> String {
    let separated = separated(names);
    let mut written = String::with_capacity(separated.len());
    for part in separated.split_inclusive([' ', '-', '\'']) {
        let mut letters = part.chars();
        written.extend(letters.next().into_iter().flat_map(char::to_uppercase));
        // `İ` becomes `i` and a combining dot, which no other spelling of the name has.
        written.push_str(&letters.as_str().to_lowercase().replace("i\u{307}", "i"));
    }
    written
}

/// Returns an address (OpenID Connect Core 5.1.1) that has all six members, in capitals without commas.
///
/// Each member is on one line, except `formatted`, which joins the others. If only `formatted` is known,
/// it becomes the `street_address`. The country is its ISO 3166-1 alpha-2 code if it has one; the
/// overseas parts of France are `FR`. Returns `None` if every member is empty.
#[must_use]
pub fn address(known: &Map<String, Value>) -> Option<Map<String, Value>> {
    let mut values = MEMBERS.map(|name| member(known, name));
    if values.iter().all(String::is_empty) {
        let [street, ..] = &mut values;
        *street = member(known, "formatted");
    }
    let [street, code, locality, region, country] = &mut values;
    if code.chars().all(|c| c.is_ascii_digit() || c == ' ') {
        code.retain(|c| c != ' ');
    }
    *country = country_code(country);
    let lines = [
        street.clone(),
        format!("{code} {locality}").trim().to_owned(),
        region.clone(),
        country.clone(),
    ];
    let lines: Vec<String> = lines.into_iter().filter(|line| !line.is_empty()).collect();
    let members = MEMBERS.iter().zip(&values);
    let members = members.map(|(name, value)| ((*name).to_owned(), value.as_str().into()));
    (!lines.is_empty()).then(|| {
        members
            .chain([("formatted".to_owned(), lines.join("\n").into())])
            .collect()
    })
}

/// Returns a member of an address on one line.
fn member(known: &Map<String, Value>, name: &str) -> String {
    let text = known.get(name).and_then(Value::as_str).unwrap_or_default();
    let text = separated(&text.replace([',', ';'], " "));
    let words: Vec<&str> = text.split_whitespace().collect();
    let words = words.iter().map(|word| word.trim_end_matches('.'));
    words.collect::<Vec<_>>().join(" ").to_uppercase()
}

/// Returns the country of an address in capitals, as ISO 3166-1 alpha-2 if it is known.
fn country_code(country: &str) -> String {
    let france = fold(country).is_ok_and(|folded| FRANCE.contains(&folded.as_str()));
    if france {
        return "FR".to_owned();
    }
    Country::parse(country).map_or_else(|| country.to_owned(), |code| code.as_str().to_owned())
}

/// Returns `name` with one form of blank, hyphen and apostrophe: one space between words, no space
/// around a hyphen, and no space after an apostrophe within a word.
fn separated(name: &str) -> String {
    let mut written = String::with_capacity(name.len());
    for c in name.chars() {
        let c = match c {
            '\u{2010}'..='\u{2015}' | '\u{2212}' | '\u{58a}' => '-',
            '`'
            | '\u{b4}'
            | '\u{2b9}'..='\u{2bf}'
            | '\u{2018}'..='\u{201b}'
            | '\u{2032}'
            | '\u{2035}' => '\'',
            c if c.is_whitespace() => ' ',
            c => c,
        };
        let mut before = written.chars().rev();
        let (last, other) = (before.next(), before.next());
        let elided = last == Some('\'') && other.is_some_and(char::is_alphabetic);
        match (last, c) {
            (None | Some(' ' | '-'), ' ') | (Some('-'), '-') => {}
            (_, ' ') if elided => {}
            (Some(' '), '-') => {
                written.pop();
                if !written.ends_with('-') {
                    written.push('-');
                }
            }
            _ => written.push(c),
        }
    }
    written.trim_end().to_owned()
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::{address, family_name, given_names};

    #[test]
    fn a_family_name_is_written_in_capitals_with_one_form_of_each_separator() {
        for spelling in ["d’aubigné", "D'Aubigné", " D‘ AUBIGNÉ ", "d` aubigné"] {
            assert_eq!(family_name(spelling), "D'AUBIGNÉ", "{spelling}");
        }
        for spelling in [
            "Dupont--Durand",
            "DUPONT - DURAND",
            "dupont\u{2011}durand",
            "Dupont -- Durand",
        ] {
            assert_eq!(family_name(spelling), "DUPONT-DURAND", "{spelling}");
        }
        for (spelling, written) in [
            ("van ’t Hart", "VAN 'T HART"),
            ("le\u{a0} roy", "LE ROY"),
            ("McDonald", "MCDONALD"),
            ("Weiß", "WEISS"),
        ] {
            assert_eq!(family_name(spelling), written);
        }
    }

    #[test]
    fn given_names_have_one_capital_in_each_part() {
        for spelling in ["ANGELA CLAIRE", "angela claire", "Angela  Claire"] {
            assert_eq!(given_names(spelling), "Angela Claire", "{spelling}");
        }
        for (spelling, written) in [
            ("JEAN-PIERRE", "Jean-Pierre"),
            ("n’golo", "N'Golo"),
            ("HALİL İBRAHİM", "Halil İbrahim"),
            ("ÉLODIE", "Élodie"),
        ] {
            assert_eq!(given_names(spelling), written);
        }
    }

    #[test]
    fn an_address_always_has_the_same_members() {
        let one = json!({"street_address": "12, rue de la Paix", "postal_code": "98800",
                         "locality": "Nouméa", "country": "France"});
        let two = json!({"street_address": "12,  RUE DE LA PAIX", "postal_code": "98800", "region": "",
                         "locality": "NOUMÉA", "country": "FR", "formatted": "anything"});
        let formatted = json!({"formatted": "12, rue de la Paix\n98800 Nouméa"});
        let written = |known: &serde_json::Value| address(known.as_object().unwrap()).unwrap();

        assert_eq!(written(&one), written(&two));
        assert_eq!(
            written(&one)["formatted"],
            "12 RUE DE LA PAIX\n98800 NOUMÉA\nFR"
        );
        assert!(written(&formatted).keys().eq(written(&one).keys()));
        assert_eq!(written(&one).len(), 6);
        let empty = json!({"formatted": " \n", "country": ","});
        assert_eq!(address(empty.as_object().unwrap()), None);
    }

    #[test]
    fn an_address_has_the_same_form_from_every_idp() {
        let one = json!({"street_address": "12, rue de l’Anse\nBât. B", "postal_code": "98 800",
                         "locality": "NOUMÉA", "country": "Nouvelle-Calédonie"});
        let two = json!({"street_address": "12 RUE DE L'ANSE  BÂT B", "postal_code": "98800",
                         "locality": "Nouméa", "country": "NC"});
        let written = |known: &serde_json::Value| address(known.as_object().unwrap()).unwrap();

        assert_eq!(written(&one), written(&two));
        for (country, code) in [
            ("FRA", "FR"),
            ("france", "FR"),
            ("JP", "JP"),
            ("Japon", "JAPON"),
        ] {
            let known = json!({"locality": "X", "country": country});
            assert_eq!(written(&known)["country"], code, "{country}");
        }
        assert_eq!(
            written(&json!({"postal_code": "SW1A 1AA"}))["postal_code"],
            "SW1A 1AA"
        );
    }
}
