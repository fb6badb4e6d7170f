//! Writes requests.

use std::fmt::Write as _;

use percent_encoding::utf8_percent_encode;

use crate::dto;
use crate::model::{Kind, Member, Operation, Place, Protocol, Segment, Shape};
use crate::query::xml::RESERVED;
use crate::query::{query_name, scalar_text};
use crate::rest::encode::structure as json_structure;
use crate::value::Value;

/// A request, still to be signed and sent.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Request {
    /// HTTP method.
    pub method: &'static str,
    /// The path, percent-encoded.
    pub path: String,
    /// The query string, without `?`.
    pub query: String,
    /// `Content-Type`; empty when there is no body.
    pub content_type: &'static str,
    /// The body.
    pub body: Vec<u8>,
    /// The service to sign for.
    pub signing_name: &'static str,
}

/// Writes a request.
pub fn encode_request<R: dto::Request>(input: R) -> Request {
    let value = input
        .into_value()
        .unwrap_or_else(|| Value::Structure(Vec::new()));
    encode_value(R::OPERATION, &value)
}

/// Writes a request, from a value of the operation's input shape.
pub fn encode_value(operation: &'static Operation, value: &Value) -> Request {
    match operation.service.protocol {
        Protocol::Query => query(operation, value),
        Protocol::RestJson => rest(operation, value),
    }
}

fn query(operation: &'static Operation, value: &Value) -> Request {
    let service = operation.service;
    let mut form = format!("Action={}&Version={}", operation.name, service.api_version);
    parameters(&mut form, operation, operation.input, value, "");
    Request {
        method: "POST",
        path: "/".to_owned(),
        query: String::new(),
        content_type: "application/x-www-form-urlencoded; charset=utf-8",
        body: form.into_bytes(),
        signing_name: service.signing_name,
    }
}

fn parameters(out: &mut String, op: &Operation, shape: &Shape, value: &Value, name: &str) {
    match (&shape.kind, value) {
        (Kind::Structure(members), Value::Structure(present)) => {
            for (index, value) in present {
                if let Some(member) = members.get(*index) {
                    parameters(
                        out,
                        op,
                        member.shape,
                        value,
                        &below(name, query_name(member)),
                    );
                }
            }
        }
        (Kind::List { .. }, Value::List(items)) if items.is_empty() => pair(out, name, ""),
        (
            Kind::List {
                item,
                item_name,
                flattened,
            },
            Value::List(items),
        ) => {
            let list = if *flattened {
                name.to_owned()
            } else {
                below(name, item_name)
            };
            for (index, value) in items.iter().enumerate() {
                parameters(out, op, item, value, &format!("{list}.{}", index + 1));
            }
        }
        (Kind::Map { value: inner, .. }, Value::Map(entries)) => {
            if entries.is_empty() {
                pair(out, name, "");
            }
            for (index, (key, value)) in entries.iter().enumerate() {
                let entry = format!("{name}.entry.{}", index + 1);
                pair(out, &below(&entry, "key"), key);
                parameters(out, op, inner, value, &below(&entry, "value"));
            }
        }
        // A request carries policy documents as they are; only answers encode them twice.
        (_, Value::String(text)) => pair(out, name, text),
        (_, value) => pair(out, name, &scalar_text(shape, value, op.service.timestamps)),
    }
}

fn below(name: &str, part: &str) -> String {
    if name.is_empty() {
        part.to_owned()
    } else {
        format!("{name}.{part}")
    }
}

fn pair(out: &mut String, name: &str, value: &str) {
    let value = utf8_percent_encode(value, RESERVED);
    let _ = write!(out, "&{name}={value}");
}

fn rest(operation: &'static Operation, value: &Value) -> Request {
    let present = present(operation.input, value);
    let in_place = |place| {
        present
            .iter()
            .copied()
            .filter(move |(member, _)| member.place == place)
    };
    let mut query = String::new();
    for (member, value) in in_place(Place::Query) {
        query_parameters(&mut query, operation, member, value);
    }
    let has_body = operation
        .input
        .members()
        .iter()
        .any(|member| member.place == Place::Body);
    let mut body = String::new();
    if has_body {
        json_structure(&mut body, in_place(Place::Body));
    }
    Request {
        method: operation.method,
        path: path(operation, &present),
        query,
        content_type: if has_body { "application/json" } else { "" },
        body: body.into_bytes(),
        signing_name: operation.service.signing_name,
    }
}

fn present<'v>(shape: &Shape, value: &'v Value) -> Vec<(&'static Member, &'v Value)> {
    let Value::Structure(present) = value else {
        return Vec::new();
    };
    present
        .iter()
        .filter_map(|(index, v)| Some((shape.members().get(*index)?, v)))
        .collect()
}

fn path(operation: &Operation, present: &[(&'static Member, &Value)]) -> String {
    let mut path = String::new();
    for segment in operation.path {
        path.push('/');
        match segment {
            Segment::Literal(text) => path.push_str(text),
            Segment::Label(name) => {
                let is_it =
                    |member: &Member| member.place == Place::Label && member.wire_name == *name;
                if let Some((member, value)) = present.iter().find(|(member, _)| is_it(member)) {
                    let text = scalar_text(member.shape, value, operation.service.timestamps);
                    let _ = write!(path, "{}", utf8_percent_encode(&text, RESERVED));
                }
            }
        }
    }
    path
}

fn query_parameters(out: &mut String, operation: &Operation, member: &Member, value: &Value) {
    let values = if let Value::List(items) = value {
        items
    } else {
        std::slice::from_ref(value)
    };
    for value in values {
        if !out.is_empty() {
            out.push('&');
        }
        let text = scalar_text(member.shape, value, operation.service.timestamps);
        let _ = write!(
            out,
            "{}={}",
            member.wire_name,
            utf8_percent_encode(&text, RESERVED)
        );
    }
}
