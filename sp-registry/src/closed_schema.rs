//! Whether a JSON Schema is closed: it accepts no member that it does not name.
//!
//! A citizen agrees to what a page shows, and the page can show known members only. Called by
//! `data_provider_file.rs`.

use serde_json::{Map, Value};

/// Returns the first path in `schema` that accepts an object with unnamed members, such as
/// `$.period.from`.
///
/// Returns `None` for a closed schema. A keyword that combines schemas (`allOf`, `anyOf`, `$ref`, ...)
/// only restricts the schema further, so it is ignored.
#[must_use]
pub(crate) fn first_open_path(schema: &Value) -> Option<String> {
    open_path(schema, "$")
}

fn open_path(schema: &Value, path: &str) -> Option<String> {
    let Value::Object(keywords) = schema else {
        // `false` accepts no value and `true` every value.
        return (schema != &Value::Bool(false)).then(|| path.to_owned());
    };
    if keywords.contains_key("const") || keywords.contains_key("enum") {
        return None;
    }
    let Some(types) = types(keywords) else {
        return Some(path.to_owned());
    };
    let object = types
        .contains(&"object")
        .then(|| open_object(keywords, path));
    let array = types.contains(&"array").then(|| open_array(keywords, path));
    object.flatten().or(array.flatten())
}

fn open_object(keywords: &Map<String, Value>, path: &str) -> Option<String> {
    let is_closed = ["additionalProperties", "unevaluatedProperties"]
        .iter()
        .any(|keyword| keywords.get(*keyword) == Some(&Value::Bool(false)));
    if !is_closed || keywords.contains_key("patternProperties") {
        return Some(path.to_owned());
    }
    let members = keywords.get("properties").and_then(Value::as_object);
    let mut members = members.into_iter().flatten();
    members.find_map(|(name, schema)| open_path(schema, &format!("{path}.{name}")))
}

fn open_array(keywords: &Map<String, Value>, path: &str) -> Option<String> {
    let path = format!("{path}[]");
    let Some(items) = keywords.get("items") else {
        return Some(path);
    };
    let first = keywords.get("prefixItems").and_then(Value::as_array);
    let mut all = first.into_iter().flatten().chain([items]);
    all.find_map(|schema| open_path(schema, &path))
}

fn types(keywords: &Map<String, Value>) -> Option<Vec<&str>> {
    match keywords.get("type")? {
        Value::String(one) => Some(vec![one.as_str()]),
        Value::Array(many) => Some(many.iter().filter_map(Value::as_str).collect()),
        Value::Null | Value::Bool(_) | Value::Number(_) | Value::Object(_) => None,
    }
}
