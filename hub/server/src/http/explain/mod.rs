//! The long form of an error, for the developers of a sandbox service: what was received, what was
//! expected, and where to read on.
//!
//! A production service gets the short form alone. Nothing here repeats a secret, a token, a code or
//! something about a person: of those the length is told. Other text that was received is cut, and reduced
//! to the characters that an `error_description` may have (RFC 6749 section 4.1.2.1).

mod authorization;
mod credentials;
mod token;

use sp_registry::{ServiceProvider, Status};

use crate::http::Parameters;

pub use authorization::{refusal, warnings};
pub use credentials::credentials;
pub use token::token_error;

/// How many characters of a received text are repeated.
const LONGEST: usize = 200;

/// Whether the developers of `service` read the long form.
#[must_use]
pub fn applies_to(service: &ServiceProvider) -> bool {
    service.status == Status::Sandbox
}

/// `text` as it may be repeated.
#[must_use]
pub fn quoted(text: &str) -> String {
    let shown = |c: char| {
        let allowed = matches!(c, ' '..='~') && c != '"' && c != '\\';
        if allowed { c } else { '?' }
    };
    let quoted: String = text.chars().take(LONGEST).map(shown).collect();
    match (quoted.is_empty(), text.chars().nth(LONGEST)) {
        (true, _) => "nothing".to_owned(),
        (false, None) => quoted,
        (false, Some(_)) => format!("{quoted}..."),
    }
}

/// The value of `name` as it may be repeated.
fn value_of(sent: &Parameters, name: &str) -> String {
    quoted(sent.only(name).unwrap_or_default())
}

/// How long the value of `name` is: what is told of a value that must not be repeated.
fn length_of(sent: &Parameters, name: &str) -> String {
    match sent.only(name) {
        None => "nothing".to_owned(),
        Some(value) => format!("{} characters", value.chars().count()),
    }
}

/// The names of the parameters that came more than once.
fn duplicates(sent: &Parameters) -> String {
    let twice: std::collections::BTreeSet<&str> = sent
        .names()
        .filter(|name| sent.all(name).count() > 1)
        .collect();
    quoted(&twice.into_iter().collect::<Vec<_>>().join(" "))
}

/// The long form.
fn long(short: &str, received: &str, expected: &str, section: &str) -> String {
    format!("{short}; received: {received}; expected: {expected}; see INTEGRATING, {section}")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn received_text_is_cut_and_has_no_character_that_an_error_may_not_have() {
        assert_eq!(quoted("openid health"), "openid health");
        assert_eq!(quoted(""), "nothing");
        assert_eq!(quoted("a\"b\\c\r\n\u{e9}<i>"), "a?b?c???<i>");
        assert_eq!(quoted(&"x".repeat(201)).len(), 203);
    }
}
