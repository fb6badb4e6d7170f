//! Whether a configuration is what its schema says, in the words of structured-merge-diff.

use super::path::PathElement;
use super::typed::element_of;
use crate::schema::{ListKind, Scalar, Schema, Shape, go};
use serde_json::{Map, Value};
use std::collections::BTreeSet;
use std::fmt;

/// What is wrong with a configuration; at least one thing.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Faults(Vec<Fault>);

/// One field that is not what the schema says.
#[derive(Debug, Clone, PartialEq, Eq)]
struct Fault {
    path: String,
    complaint: String,
}

impl fmt::Display for Faults {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        if let [Fault { path, complaint }] = self.0.as_slice() {
            return write!(f, "{path}: {complaint}");
        }
        f.write_str("errors:")?;
        self.0
            .iter()
            .try_for_each(|Fault { path, complaint }| write!(f, "\n  {path}: {complaint}"))
    }
}

/// Refuses fields that the schema does not have, values of another type, and lists in which two items
/// are the same or one cannot be told from others.
pub(super) fn check(schema: Schema<'_>, object: &Map<String, Value>) -> Result<(), Faults> {
    let mut faults = Vec::new();
    check_keys(schema, object, "", &mut faults);
    match faults.is_empty() {
        true => Ok(()),
        false => Err(Faults(faults)),
    }
}

fn check_keys(schema: Schema<'_>, map: &Map<String, Value>, path: &str, faults: &mut Vec<Fault>) {
    for (key, value) in map {
        let path = format!("{path}.{key}");
        match schema.member(key) {
            Some(schema) => check_value(schema, value, path, faults),
            None => faults.push(Fault {
                path,
                complaint: "field not declared in schema".to_owned(),
            }),
        }
    }
}

fn check_value(schema: Schema<'_>, value: &Value, path: String, faults: &mut Vec<Fault>) {
    let complaint = match (schema.shape(), value) {
        (Shape::Any, _) | (_, Value::Null) => return,
        (Shape::Scalar(scalar), value) => unfit(scalar, value),
        (Shape::Map(_) | Shape::Struct(_), Value::Object(map)) => {
            return check_keys(schema, map, &path, faults);
        }
        (Shape::List(list), Value::Array(items)) => {
            return check_items(list.item(), list.kind(), items, &path, faults);
        }
        (Shape::Map(_) | Shape::Struct(_), value) => {
            Some(format!("expected map, got &{{{}}}", go::text(value)))
        }
        (Shape::List(_), value) => Some(format!("expected list, got &{{{}}}", go::text(value))),
    };
    if let Some(complaint) = complaint {
        faults.push(Fault { path, complaint });
    }
}

fn unfit(scalar: Scalar, value: &Value) -> Option<String> {
    match scalar {
        Scalar::Bool if !value.is_boolean() => {
            Some(format!("expected boolean, got {}", go::dynamic_type(value)))
        }
        Scalar::Int32 | Scalar::Int64 | Scalar::Double if !value.is_number() => Some(format!(
            "expected numeric (int or float), got {}",
            go::dynamic_type(value)
        )),
        Scalar::String | Scalar::Bytes if !value.is_string() => Some(format!(
            "expected string, got &value.valueUnstructured{{Value:{}}}",
            go::text(value)
        )),
        Scalar::Bool
        | Scalar::Int32
        | Scalar::Int64
        | Scalar::Double
        | Scalar::String
        | Scalar::Bytes
        | Scalar::Time
        | Scalar::MicroTime
        | Scalar::Quantity
        | Scalar::IntOrString => None,
    }
}

fn check_items(
    item: Schema<'_>,
    kind: ListKind<'_>,
    items: &[Value],
    path: &str,
    faults: &mut Vec<Fault>,
) {
    let mut seen = BTreeSet::new();
    for (index, value) in items.iter().enumerate() {
        let element = match kind {
            ListKind::Atomic => Ok(PathElement::Index(u32::try_from(index).unwrap_or(u32::MAX))),
            ListKind::Set | ListKind::Map(_) => element_of(kind, value),
        };
        let mut refuse = |complaint| {
            faults.push(Fault {
                path: path.to_owned(),
                complaint,
            });
        };
        match element {
            Err(complaint) => refuse(format!("element {index}: {complaint}")),
            Ok(element) => {
                let below = format!("{path}{element}");
                if let Some(again) = seen.replace(element) {
                    refuse(format!("duplicate entries for key {again}"));
                }
                check_value(item, value, below, faults);
            }
        }
    }
}
