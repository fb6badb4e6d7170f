//! Reading what every object has.

use serde_json::Value;

/// The empty namespace of a cluster-scoped object.
pub(crate) fn namespace(object: &Value) -> &str {
    text(object, "/metadata/namespace")
}

pub(crate) fn name(object: &Value) -> &str {
    text(object, "/metadata/name")
}

pub(crate) fn uid(object: &Value) -> &str {
    text(object, "/metadata/uid")
}

/// The object without fields that are null: to Kubernetes they are absent.
pub(crate) fn without_nulls(object: &Value) -> Value {
    match object {
        Value::Object(fields) => {
            let told = fields.iter().filter(|(_, value)| !value.is_null());
            let told = told.map(|(name, value)| (name.clone(), without_nulls(value)));
            Value::Object(told.collect())
        }
        Value::Array(items) => Value::Array(items.iter().map(without_nulls).collect()),
        Value::Null | Value::Bool(_) | Value::Number(_) | Value::String(_) => object.clone(),
    }
}

/// The text at a JSON pointer; empty where there is none.
pub(crate) fn text<'a>(object: &'a Value, pointer: &str) -> &'a str {
    let found = object.pointer(pointer).and_then(Value::as_str);
    found.unwrap_or_default()
}

/// The number at a JSON pointer; zero where there is none.
pub(crate) fn number(object: &Value, pointer: &str) -> i64 {
    let found = object.pointer(pointer).and_then(Value::as_i64);
    found.unwrap_or_default()
}

pub(crate) fn label<'a>(object: &'a Value, name: &str) -> Option<&'a str> {
    object.pointer("/metadata/labels")?.get(name)?.as_str()
}

pub(crate) fn annotation<'a>(object: &'a Value, name: &str) -> Option<&'a str> {
    object.pointer("/metadata/annotations")?.get(name)?.as_str()
}

pub(crate) fn has_finalizer(object: &Value, wanted: &str) -> bool {
    items(object, "/metadata/finalizers")
        .iter()
        .any(|found| found == wanted)
}

pub(crate) fn is_being_deleted(object: &Value) -> bool {
    object
        .pointer("/metadata/deletionTimestamp")
        .is_some_and(|at| !at.is_null())
}

/// The items of a list at a JSON pointer.
pub(crate) fn items<'a>(object: &'a Value, pointer: &str) -> &'a [Value] {
    let found = object.pointer(pointer).and_then(Value::as_array);
    found.map_or(&[], Vec::as_slice)
}

/// The owner that manages an object.
pub(crate) fn controller(object: &Value) -> Option<&Value> {
    let owners = items(object, "/metadata/ownerReferences").iter();
    owners.clone().find(|owner| owner["controller"] == true)
}

/// Whether the owner of a uid manages an object.
pub(crate) fn is_controlled_by(object: &Value, owner_uid: &str) -> bool {
    controller(object).is_some_and(|owner| owner["uid"] == owner_uid)
}

/// The status of a condition of a type: `True`, `False`, `Unknown`; empty without one.
pub(crate) fn condition<'a>(object: &'a Value, kind: &str) -> &'a str {
    let mut conditions = items(object, "/status/conditions").iter();
    let found = conditions.find(|condition| condition["type"] == kind);
    found.map_or("", |condition| text(condition, "/status"))
}
