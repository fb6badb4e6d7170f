//! Values by schema: how the items of a list are told apart, and which fields a value sets.

use super::path::{PathElement, PathValue};
use super::set::{FieldSet, Node};
use crate::schema::{ListKind, Schema, Shape};
use serde_json::{Map, Value};

/// How a value is owned.
pub(super) enum Parts<'s> {
    /// As a whole.
    Whole,
    /// Item by item.
    Items(Option<Schema<'s>>, ListKind<'s>),
    /// Key by key.
    Keys(Schema<'s>),
}

/// How values of this schema are owned. What no schema describes is owned as a whole.
pub(super) fn parts(schema: Option<Schema<'_>>) -> Parts<'_> {
    let Some(schema) = schema else {
        return Parts::Whole;
    };
    match schema.shape() {
        Shape::Any | Shape::Scalar(_) => Parts::Whole,
        Shape::List(list) => match list.kind() {
            ListKind::Atomic => Parts::Whole,
            kind @ (ListKind::Set | ListKind::Map(_)) => Parts::Items(Some(list.item()), kind),
        },
        Shape::Map(map) if map.is_atomic() => Parts::Whole,
        Shape::Struct(structure) if structure.is_atomic() => Parts::Whole,
        Shape::Map(_) | Shape::Struct(_) => Parts::Keys(schema),
    }
}

/// The element by which an item of such a list is found.
pub(super) fn element_of(kind: ListKind<'_>, item: &Value) -> Result<PathElement, String> {
    match kind {
        ListKind::Map(keys) => key_of(keys, item),
        ListKind::Set | ListKind::Atomic => match PathValue::of(item) {
            None if item.is_object() => {
                Err("associative list without keys has an element that's a map type".to_owned())
            }
            None => Err("not supported: associative list with lists as elements".to_owned()),
            Some(PathValue::Null) => Err(
                "associative list without keys has an element that's an explicit null".to_owned(),
            ),
            Some(value) => Ok(PathElement::Value(value)),
        },
    }
}

fn key_of(keys: &[&str], item: &Value) -> Result<PathElement, String> {
    let item = match item {
        Value::Object(item) => item,
        Value::Null => {
            return Err("associative list with keys may not have a null element".to_owned());
        }
        Value::Bool(_) | Value::Number(_) | Value::String(_) | Value::Array(_) => {
            return Err("associative list with keys may not have non-map elements".to_owned());
        }
    };
    let mut fields = Vec::with_capacity(keys.len());
    for name in keys {
        if let Some(value) = item
            .get(*name)
            .and_then(PathValue::of)
            .or_else(|| default_key(name))
        {
            fields.push(((*name).into(), value));
        }
    }
    if fields.is_empty() {
        let names: Vec<_> = keys.iter().map(|name| format!("{name:?}")).collect();
        return Err(match names.as_slice() {
            [name] => format!(
                "associative list with keys has an element that omits key field {name} (and doesn't have default value)"
            ),
            names => format!(
                "associative list with keys has an element that omits all key fields [{}] (and doesn't have default values for any key fields)",
                names.join(" ")
            ),
        });
    }
    fields.sort();
    Ok(PathElement::Key(fields))
}

/// The one key with a default among the built-in kinds: a port's protocol.
fn default_key(name: &str) -> Option<PathValue> {
    (name == "protocol").then(|| PathValue::String("TCP".into()))
}

/// The fields that a value sets.
pub(super) fn fields_of(schema: Schema<'_>, object: &Map<String, Value>) -> FieldSet {
    keys_of(schema, object)
}

fn node_of(schema: Option<Schema<'_>>, value: &Value) -> Node {
    match (parts(schema), value) {
        (Parts::Whole, _) => Node::LEAF,
        (_, Value::Null) => Node::default(),
        (Parts::Items(item, kind), Value::Array(items)) => {
            let mut below = FieldSet::default();
            for value in items {
                if let Ok(element) = element_of(kind, value) {
                    below.put(
                        element,
                        Node {
                            is_member: true,
                            ..node_of(item, value)
                        },
                    );
                }
            }
            Node {
                is_member: false,
                below,
            }
        }
        (Parts::Keys(schema), Value::Object(map)) => Node {
            is_member: false,
            below: keys_of(schema, map),
        },
        // Of another type than the schema says: nobody looks inside.
        (Parts::Items(..) | Parts::Keys(_), _) => Node::LEAF,
    }
}

fn keys_of(schema: Schema<'_>, map: &Map<String, Value>) -> FieldSet {
    let is_map = matches!(schema.shape(), Shape::Map(_));
    let mut set = FieldSet::default();
    for (key, value) in map {
        let mut node = node_of(schema.member(key), value);
        node.is_member |= is_map || is_blank(value);
        set.put(PathElement::Field(key.as_str().into()), node);
    }
    set
}

fn is_blank(value: &Value) -> bool {
    value.is_null() || value.as_object().is_some_and(Map::is_empty)
}
