//! A value to JSON; errors to JSON.

use data_encoding::BASE64;
use names::RequestId;

use crate::error::AwsError;
use crate::model::{Kind, Member, Operation, Shape};
use crate::response::Response;
use crate::time;
use crate::value::Value;

/// The output's members as the body.
pub(crate) fn encode_response(op: &Operation, value: &Value, request_id: &RequestId) -> Response {
    let mut body = String::with_capacity(1024);
    write(&mut body, op.output, value);
    respond(op.status, body, request_id)
}

/// `x-amzn-errortype` and `{"message": ...}`.
pub(crate) fn encode_error(error: &AwsError, request_id: &RequestId) -> Response {
    let mut body = String::from("{\"message\":");
    quoted(&mut body, &error.message);
    for (name, value) in &error.details {
        body.push(',');
        quoted(&mut body, name);
        body.push(':');
        quoted(&mut body, value);
    }
    body.push('}');
    let mut response = respond(error.status, body, request_id);
    response
        .headers
        .push(("x-amzn-errortype", error.code.clone().into_owned()));
    response
}

fn respond(status: u16, body: String, request_id: &RequestId) -> Response {
    Response::new(status, "application/json", body, request_id)
}

/// A value as JSON.
pub(crate) fn write(out: &mut String, shape: &Shape, value: &Value) {
    match (&shape.kind, value) {
        (Kind::Structure(members), Value::Structure(present)) => {
            let named = present
                .iter()
                .filter_map(|(index, v)| Some((members.get(*index)?, v)));
            structure(out, named);
        }
        (Kind::List { item, .. }, Value::List(items)) => {
            separated(out, ('[', ']'), items.iter(), |out, value| {
                write(out, item, value);
            });
        }
        (Kind::Map { value: inner, .. }, Value::Map(entries)) => {
            separated(out, ('{', '}'), entries.iter(), |out, (key, value)| {
                quoted(out, key);
                out.push(':');
                write(out, inner, value);
            });
        }
        (_, value) => scalar(out, value),
    }
}

/// Members by their names; also those that a client puts into a body.
pub(crate) fn structure<'v>(
    out: &mut String,
    members: impl Iterator<Item = (&'static Member, &'v Value)>,
) {
    separated(out, ('{', '}'), members, |out, (member, value)| {
        quoted(out, member.wire_name);
        out.push(':');
        write(out, member.shape, value);
    });
}

fn separated<T>(
    out: &mut String,
    (open, close): (char, char),
    items: impl Iterator<Item = T>,
    mut each: impl FnMut(&mut String, T),
) {
    out.push(open);
    for (index, item) in items.enumerate() {
        if index > 0 {
            out.push(',');
        }
        each(out, item);
    }
    out.push(close);
}

fn scalar(out: &mut String, value: &Value) {
    match value {
        Value::String(text) => quoted(out, text),
        Value::Secret(secret) => quoted(out, secret.expose_str().unwrap_or_default()),
        Value::Integer(number) => out.push_str(&number.to_string()),
        Value::Double(number) => out.push_str(&serde_json::Value::from(*number).to_string()),
        Value::Boolean(boolean) => out.push_str(if *boolean { "true" } else { "false" }),
        Value::Blob(bytes) => quoted(out, &BASE64.encode(bytes)),
        Value::Timestamp(at) => out.push_str(&time::epoch(*at)),
        Value::Document(json) => out.push_str(&json.to_string()),
        Value::Structure(_) | Value::List(_) | Value::Map(_) => out.push_str("null"),
    }
}

/// A JSON string.
fn quoted(out: &mut String, text: &str) {
    out.push('"');
    let mut plain = 0;
    for (at, byte) in text.bytes().enumerate() {
        let replacement = match byte {
            b'"' => "\\\"",
            b'\\' => "\\\\",
            b'\n' => "\\n",
            b'\r' => "\\r",
            b'\t' => "\\t",
            0..0x20 => &format!("\\u{byte:04x}"),
            _ => continue,
        };
        out.push_str(&text[plain..at]);
        out.push_str(replacement);
        plain = at + 1;
    }
    out.push_str(&text[plain..]);
    out.push('"');
}
