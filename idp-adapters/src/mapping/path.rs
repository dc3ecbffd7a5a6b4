//! Where a claim is: its name, or names from object to object.

use serde_json::{Map, Value};

/// The place of a claim.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Path(String);

impl Path {
    /// Reads a place of 1 to 200 characters: `birthdate`, `place_of_birth.country`.
    ///
    /// # Errors
    /// What was expected.
    pub fn parse(text: &str) -> Result<Self, &'static str> {
        let good = (1..=200).contains(&text.len()) && !text.chars().any(char::is_whitespace);
        good.then(|| Self(text.to_owned()))
            .ok_or("expected the name of a claim, a dot leading into an object")
    }

    /// What is there. A claim whose whole name has dots, such as an address, goes before one inside an
    /// object; `null` and an empty text are not there.
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

    /// What is there, if it has a text.
    #[must_use]
    pub fn find_text(&self, claims: &Map<String, Value>) -> Option<String> {
        text(self.find(claims)?)
    }
}

/// A text, a number or a flag as text.
pub(super) fn text(value: &Value) -> Option<String> {
    match value {
        Value::String(text) => Some(text.trim().to_owned()),
        Value::Number(number) => Some(number.to_string()),
        Value::Bool(flag) => Some(flag.to_string()),
        Value::Array(_) | Value::Null | Value::Object(_) => None,
    }
}
