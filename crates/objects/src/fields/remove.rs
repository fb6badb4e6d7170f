//! An object without the fields of a set.

use super::path::PathElement;
use super::set::FieldSet;
use super::typed::{Parts, element_of, parts};
use crate::schema::Schema;
use serde_json::{Map, Value};

/// The object without these fields; what is empty thereby goes, too.
pub(super) fn remove(
    schema: Schema<'_>,
    object: &Map<String, Value>,
    fields: &FieldSet,
) -> Map<String, Value> {
    let kept = object.iter().filter_map(|(key, value)| {
        let element = PathElement::Field(key.as_str().into());
        Some((
            key.clone(),
            keep(schema.member(key), value, fields, &element)?,
        ))
    });
    kept.collect()
}

/// The part without its fields; nothing if it is one of them, or nothing is left of it.
fn keep(
    schema: Option<Schema<'_>>,
    value: &Value,
    fields: &FieldSet,
    element: &PathElement,
) -> Option<Value> {
    if fields.has(element) {
        return None;
    }
    let Some(below) = fields.below(element) else {
        return Some(value.clone());
    };
    match (parts(schema), value) {
        (Parts::Keys(schema), Value::Object(map)) => {
            let kept = remove(schema, map, below);
            (!kept.is_empty()).then_some(Value::Object(kept))
        }
        (Parts::Items(item, kind), Value::Array(items)) => {
            let kept = items
                .iter()
                .filter_map(|value| match element_of(kind, value) {
                    // An item is never emptied: the fields that name it stay.
                    Ok(element) => keep(item, value, below, &element),
                    Err(_) => Some(value.clone()),
                });
            let kept: Vec<_> = kept.collect();
            (!kept.is_empty()).then_some(Value::Array(kept))
        }
        (Parts::Whole | Parts::Keys(_) | Parts::Items(..), value) => Some(value.clone()),
    }
}
