//! One step of a field's path.

use serde_json::{Map, Number, Value};
use std::cmp::Ordering;
use std::fmt;

/// A step from a value to one of its parts.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord)]
pub enum PathElement {
    /// A field of a structure, or a key of a map: `f:name`.
    Field(Box<str>),
    /// An item of a list, by the fields that tell items apart: `k:{"name":"x"}`. Sorted by name.
    Key(Vec<(Box<str>, PathValue)>),
    /// An item of a set: `v:"x"`.
    Value(PathValue),
    /// An item by its place: `i:0`.
    Index(u32),
}

/// A value without parts.
#[derive(Debug, Clone, PartialEq)]
pub enum PathValue {
    /// A number.
    Number(Number),
    /// Text.
    String(Box<str>),
    /// A truth.
    Bool(bool),
    /// Nothing.
    Null,
}

impl PathElement {
    /// As a key in `fieldsV1`.
    #[must_use]
    pub fn to_wire(&self) -> String {
        match self {
            Self::Field(name) => format!("f:{name}"),
            Self::Key(fields) => {
                let fields = fields
                    .iter()
                    .map(|(name, value)| (name.to_string(), value.to_json()));
                format!("k:{}", Value::Object(fields.collect()))
            }
            Self::Value(value) => format!("v:{}", value.to_json()),
            Self::Index(index) => format!("i:{index}"),
        }
    }

    /// The element that a key in `fieldsV1` writes.
    #[must_use]
    pub fn from_wire(text: &str) -> Option<Self> {
        let (sort, rest) = text.split_once(':')?;
        match sort {
            "f" => Some(Self::Field(rest.into())),
            "v" => PathValue::of(&serde_json::from_str(rest).ok()?).map(Self::Value),
            "k" => {
                let fields: Map<String, Value> = serde_json::from_str(rest).ok()?;
                let fields = fields
                    .iter()
                    .map(|(name, value)| Some((name.as_str().into(), PathValue::of(value)?)));
                fields.collect::<Option<_>>().map(Self::Key)
            }
            "i" => rest.parse().ok().map(Self::Index),
            _ => None,
        }
    }
}

impl PathValue {
    /// The value, unless it has parts.
    #[must_use]
    pub fn of(value: &Value) -> Option<Self> {
        match value {
            Value::Null => Some(Self::Null),
            Value::Bool(truth) => Some(Self::Bool(*truth)),
            Value::Number(number) => Some(Self::Number(number.clone())),
            Value::String(text) => Some(Self::String(text.as_str().into())),
            Value::Array(_) | Value::Object(_) => None,
        }
    }

    fn to_json(&self) -> Value {
        match self {
            Self::Number(number) => Value::Number(number.clone()),
            Self::String(text) => Value::from(text.as_ref()),
            Self::Bool(truth) => Value::Bool(*truth),
            Self::Null => Value::Null,
        }
    }

    /// Numbers before text before truths before nothing.
    fn rank(&self) -> u8 {
        match self {
            Self::Number(_) => 0,
            Self::String(_) => 1,
            Self::Bool(_) => 2,
            Self::Null => 3,
        }
    }
}

impl Eq for PathValue {}

impl PartialOrd for PathValue {
    fn partial_cmp(&self, other: &Self) -> Option<Ordering> {
        Some(self.cmp(other))
    }
}

impl Ord for PathValue {
    fn cmp(&self, other: &Self) -> Ordering {
        match (self, other) {
            (Self::Number(one), Self::Number(other)) => compare_numbers(one, other),
            (Self::String(one), Self::String(other)) => one.cmp(other),
            (Self::Bool(one), Self::Bool(other)) => one.cmp(other),
            _ => self.rank().cmp(&other.rank()),
        }
    }
}

fn compare_numbers(one: &Number, other: &Number) -> Ordering {
    match (one.as_i64(), other.as_i64()) {
        (Some(one), Some(other)) => one.cmp(&other),
        _ => {
            let float = |number: &Number| number.as_f64().unwrap_or(f64::INFINITY);
            // Texts tell apart what floats do not.
            float(one)
                .total_cmp(&float(other))
                .then_with(|| one.to_string().cmp(&other.to_string()))
        }
    }
}

impl fmt::Display for PathElement {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Field(name) => write!(f, ".{name}"),
            Self::Key(fields) => {
                f.write_str("[")?;
                for (index, (name, value)) in fields.iter().enumerate() {
                    let comma = if index == 0 { "" } else { "," };
                    write!(f, "{comma}{name}={}", value.to_json())?;
                }
                f.write_str("]")
            }
            Self::Value(value) => write!(f, "[={}]", value.to_json()),
            Self::Index(index) => write!(f, "[{index}]"),
        }
    }
}
