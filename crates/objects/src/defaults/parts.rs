//! Filling in the parts of an object.

use serde_json::{Map, Value};

/// A structure inside an object.
pub(super) type Part = Map<String, Value>;

/// The structure in a field; made where there is none.
pub(super) fn part<'o>(object: &'o mut Part, field: &str) -> &'o mut Part {
    let value = object.entry(field).or_insert(Value::Null);
    // A decoder has seen to the types; nothing else than an object or nothing stands here.
    if !value.is_object() {
        *value = Value::Object(Map::new());
    }
    let Value::Object(map) = value else {
        unreachable!("made one line above")
    };
    map
}

/// The structure in a field, if there is one.
pub(super) fn present<'o>(object: &'o mut Part, field: &str) -> Option<&'o mut Part> {
    object.get_mut(field)?.as_object_mut()
}

/// The structures in a list.
pub(super) fn items<'o>(object: &'o mut Part, field: &str) -> impl Iterator<Item = &'o mut Part> {
    let items = object.get_mut(field).and_then(Value::as_array_mut);
    items.into_iter().flatten().filter_map(Value::as_object_mut)
}

/// Sets a field that is not there.
pub(super) fn absent(object: &mut Part, field: &str, value: impl Into<Value>) {
    let found = object.entry(field).or_insert(Value::Null);
    if found.is_null() {
        *found = value.into();
    }
}

/// Sets a field that is not there or holds empty text, which means the same for most.
pub(super) fn blank(object: &mut Part, field: &str, value: impl Into<Value>) {
    if object.get(field).and_then(Value::as_str) == Some("") {
        object.remove(field);
    }
    absent(object, field, value);
}
