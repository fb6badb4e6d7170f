//! JSON Patch, RFC 6902: of its operations only `add` is needed.

use serde::Serialize;
use serde_json::Value;

/// `add`: puts a value at a path.
#[derive(Debug, Clone, PartialEq, Serialize)]
#[serde(tag = "op", rename = "add")]
pub struct Operation {
    /// A JSON Pointer, RFC 6901; `-` as its last part appends to an array.
    pub path: String,
    /// What is put there.
    pub value: Value,
}

impl Operation {
    pub(crate) fn add(path: impl Into<String>, value: Value) -> Self {
        Self {
            path: path.into(),
            value,
        }
    }

    /// Appends items to an array that may not be there yet.
    pub(crate) fn append(path: &str, is_there: bool, items: Vec<Value>) -> Vec<Self> {
        match (items.is_empty(), is_there) {
            (true, _) => Vec::new(),
            (false, false) => vec![Self::add(path, Value::Array(items))],
            (false, true) => {
                let end = format!("{path}/-");
                items
                    .into_iter()
                    .map(|item| Self::add(end.as_str(), item))
                    .collect()
            }
        }
    }
}

/// A member's name as a part of a JSON Pointer.
pub(crate) fn escaped(name: &str) -> String {
    name.replace('~', "~0").replace('/', "~1")
}
