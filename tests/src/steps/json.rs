//! Members of a JSON value, for assertions.

use anyhow::Context;
use serde_json::{Map, Value};

use super::done;

/// Reads a JSON value of a known type.
pub trait JsonExt {
    /// The string.
    #[track_caller]
    fn text(&self) -> &str;

    /// The object's members.
    #[track_caller]
    fn members(&self) -> &Map<String, Value>;

    /// The array's items.
    #[track_caller]
    fn items(&self) -> &Vec<Value>;
}

impl JsonExt for Value {
    #[track_caller]
    fn text(&self) -> &str {
        done(
            self.as_str()
                .with_context(|| format!("not a string: {self}")),
        )
    }

    #[track_caller]
    fn members(&self) -> &Map<String, Self> {
        let members = self.as_object();
        done(members.with_context(|| format!("not an object: {self}")))
    }

    #[track_caller]
    fn items(&self) -> &Vec<Self> {
        let items = self.as_array();
        done(items.with_context(|| format!("not an array: {self}")))
    }
}
