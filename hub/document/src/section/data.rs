//! Tables whose keys are data and not names of settings.
//!
//! Called by the readers of the configuration.

use serde_json::{Map, Value};
use toml::de::DeValue;

use super::Section;

impl Section<'_> {
    /// Returns every entry of this table as `(key, text)`.
    ///
    /// For tables whose keys are data, such as languages or an IdP's own `acr` values. An entry that is
    /// not a text is reported.
    pub fn entries(&self) -> Vec<(String, String)> {
        self.keys_are_data.set(true);
        let read = |(key, value): (
            &toml::Spanned<std::borrow::Cow<'_, str>>,
            &toml::Spanned<DeValue<'_>>,
        )| {
            let text = value
                .get_ref()
                .as_str()
                .or_else(|| self.refuse(value.span(), key.get_ref(), "a text in quotes"))?;
            Some((key.get_ref().clone().into_owned(), text.to_owned()))
        };
        self.table.iter().filter_map(read).collect()
    }

    /// Returns the table under `key` as JSON, or `None` if it is absent.
    pub fn json(&self, key: &'static str) -> Option<Map<String, Value>> {
        let (value, at) = self.find(key)?;
        match json(value) {
            Value::Object(members) => Some(members),
            Value::Array(_)
            | Value::Bool(_)
            | Value::Null
            | Value::Number(_)
            | Value::String(_) => self.refuse(at, key, "a table"),
        }
    }
}

fn json(value: &DeValue<'_>) -> Value {
    match value {
        DeValue::String(text) => Value::from(text.as_ref()),
        DeValue::Boolean(flag) => Value::from(*flag),
        DeValue::Integer(digits) => {
            i64::from_str_radix(digits.as_str(), digits.radix()).map_or(Value::Null, Value::from)
        }
        DeValue::Float(digits) => digits
            .as_str()
            .parse::<f64>()
            .map_or(Value::Null, Value::from),
        DeValue::Datetime(moment) => Value::from(moment.to_string()),
        DeValue::Array(entries) => entries.iter().map(|entry| json(entry.get_ref())).collect(),
        DeValue::Table(table) => table
            .iter()
            .map(|(key, value)| (key.get_ref().clone().into_owned(), json(value.get_ref())))
            .collect(),
    }
}
