//! The path of a claim: its name, or names of nested objects.
//!
//! Called by the mapping rules and the trust policy.

use serde_json::{Map, Value};

/// The path of a claim.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Path(String);

impl Path {
    /// Parses a path of 1 to 200 characters: `birthdate`, `place_of_birth.country`.
    ///
    /// # Errors
    /// The expected form.
    pub fn parse(text: &str) -> Result<Self, &'static str> {
        let is_valid = (1..=200).contains(&text.len()) && !text.chars().any(char::is_whitespace);
        is_valid
            .then(|| Self(text.to_owned()))
            .ok_or("expected a claim name, with a dot before each nested name")
    }

    /// Returns the value at the path.
    ///
    /// A claim whose name contains dots, such as a URL, takes precedence over a nested member. `null`
    /// and an empty text count as absent.
    #[must_use]
    pub fn find<'c>(&self, claims: &'c Map<String, Value>) -> Option<&'c Value> {
        let inside = || {
            let mut names = self.0.split('.');
            let first = claims.get(names.next()?)?;
            names.try_fold(first, |value, name| value.get(name))
        };
        let found = claims.get(&self.0).or_else(inside)?;
        let empty = found.is_null() || found.as_str().is_some_and(|text| text.trim().is_empty());
        (!empty).then_some(found)
    }

    /// Returns the value at the path as text, if it is a text, a number or a flag.
    #[must_use]
    pub fn find_text(&self, claims: &Map<String, Value>) -> Option<String> {
        text(self.find(claims)?)
    }
}

/// Converts a text, a number or a flag to text.
pub(super) fn text(value: &Value) -> Option<String> {
    match value {
        Value::String(text) => Some(text.trim().to_owned()),
        Value::Number(number) => Some(number.to_string()),
        Value::Bool(flag) => Some(flag.to_string()),
        Value::Array(_) | Value::Null | Value::Object(_) => None,
    }
}
