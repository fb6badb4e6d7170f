//! The protobuf form of OpenAPI v2: messages of gnostic's `openapi.v2` package, as far as kubectl
//! reads them.

use std::collections::BTreeMap;

use serde_json::{Map, Value};

/// A message being written.
#[derive(Default)]
struct Message(Vec<u8>);

impl Message {
    fn bytes(&mut self, tag: u32, value: &[u8]) {
        self.varint(u64::from(tag << 3 | 2));
        self.varint(value.len() as u64);
        self.0.extend(value);
    }

    fn text(&mut self, tag: u32, value: &str) {
        self.bytes(tag, value.as_bytes());
    }

    fn message(&mut self, tag: u32, value: &Message) {
        self.bytes(tag, &value.0);
    }

    /// `Named...{name, value}`
    fn named(&mut self, tag: u32, name: &str, value: &Message) {
        let mut pair = Message::default();
        pair.text(1, name);
        pair.message(2, value);
        self.message(tag, &pair);
    }

    fn varint(&mut self, mut value: u64) {
        while value >= 0x80 {
            self.0.push(value.to_le_bytes()[0] | 0x80);
            value >>= 7;
        }
        self.0.push(value.to_le_bytes()[0]);
    }
}

/// `Document`
pub(crate) fn document(
    version: &str,
    paths: &BTreeMap<String, Map<String, Value>>,
    definitions: &Map<String, Value>,
) -> Vec<u8> {
    let mut info = Message::default();
    info.text(1, "Kubernetes");
    info.text(2, version);
    let mut all_paths = Message::default();
    for (path, item) in paths {
        all_paths.named(2, path, &path_item(item));
    }
    let mut document = Message::default();
    document.text(1, "2.0");
    document.message(2, &info);
    document.message(8, &all_paths);
    document.message(9, &schemas(definitions));
    document.0
}

/// `PathItem`
fn path_item(item: &Map<String, Value>) -> Message {
    const METHODS: [(&str, u32); 5] = [
        ("get", 2),
        ("put", 3),
        ("post", 4),
        ("delete", 5),
        ("patch", 8),
    ];
    let mut message = Message::default();
    for (method, tag) in METHODS {
        if let Some(value) = item.get(method) {
            message.message(tag, &operation(value));
        }
    }
    message
}

/// `Operation`
fn operation(value: &Value) -> Message {
    let mut message = Message::default();
    message.text(5, text(value, "operationId"));
    for parameter in value["parameters"].as_array().into_iter().flatten() {
        message.message(8, &query_parameter(parameter));
    }
    message.message(9, &responses(&value["schema"]));
    extensions(value, 13, &mut message);
    message
}

/// `ParametersItem{Parameter{NonBodyParameter{QueryParameterSubSchema}}}`
fn query_parameter(value: &Value) -> Message {
    let mut inner = Message::default();
    inner.text(2, "query");
    inner.text(4, text(value, "name"));
    inner.text(6, text(value, "type"));
    [3, 2, 1].into_iter().fold(inner, |inner, tag| {
        let mut outer = Message::default();
        outer.message(tag, &inner);
        outer
    })
}

/// `Responses{NamedResponseValue{ResponseValue{Response}}}`, the one of 200.
fn responses(value: &Value) -> Message {
    let mut item = Message::default();
    item.message(1, &schema(value));
    let mut response = Message::default();
    response.text(1, "OK");
    response.message(2, &item);
    let mut wrapped = Message::default();
    wrapped.message(1, &response);
    let mut responses = Message::default();
    responses.named(1, "200", &wrapped);
    responses
}

/// `Definitions`, and `Properties`, which look the same.
fn schemas(members: &Map<String, Value>) -> Message {
    let mut message = Message::default();
    for (name, value) in members {
        message.named(1, name, &schema(value));
    }
    message
}

/// `Schema`
fn schema(value: &Value) -> Message {
    let mut message = Message::default();
    for (key, tag) in [("$ref", 1), ("format", 2)] {
        if let Some(text) = value[key].as_str() {
            message.text(tag, text);
        }
    }
    for name in value["required"].as_array().into_iter().flatten() {
        message.text(19, name.as_str().unwrap_or_default());
    }
    // An item, a value, a type: each is wrapped once.
    let mut wrapped = |tag, write: &dyn Fn(&mut Message)| {
        let mut inner = Message::default();
        write(&mut inner);
        message.message(tag, &inner);
    };
    if let Some(values) = value.get("additionalProperties") {
        wrapped(21, &|inner| inner.message(1, &schema(values)));
    }
    if let Some(of) = value["type"].as_str() {
        wrapped(22, &|inner| inner.text(1, of));
    }
    if let Some(item) = value.get("items") {
        wrapped(23, &|inner| inner.message(1, &schema(item)));
    }
    if let Some(properties) = value["properties"].as_object() {
        message.message(25, &schemas(properties));
    }
    extensions(value, 31, &mut message);
    message
}

/// `NamedAny{name, Any{yaml}}` for each `x-...`. JSON is YAML, too.
fn extensions(value: &Value, tag: u32, message: &mut Message) {
    let members = value.as_object().into_iter().flatten();
    for (name, value) in members.filter(|(name, _)| name.starts_with("x-")) {
        let mut any = Message::default();
        any.text(2, &value.to_string());
        message.named(tag, name, &any);
    }
}

fn text<'v>(value: &'v Value, key: &str) -> &'v str {
    value[key].as_str().unwrap_or_default()
}
