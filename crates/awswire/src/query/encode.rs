//! A value of an operation's output to XML; errors to XML.

use std::borrow::Cow;

use data_encoding::BASE64;
use names::RequestId;
use percent_encoding::utf8_percent_encode;

use super::decode::query_name;
use super::xml::{self, close, element, open};
use crate::error::{AwsError, Fault};
use crate::model::{Kind, Member, Operation, Service, Shape, Timestamps};
use crate::response::Response;
use crate::time;
use crate::value::Value;

/// Namespace of faults that precede any service.
const FAULT_NAMESPACE: &str = "http://webservices.amazon.com/AWSFault/2005-15-09";

/// Room for the elements of most answers.
const ELEMENTS_ROOM: usize = 768;

/// `<OpResponse><OpResult>..</OpResult><ResponseMetadata>..`
pub(crate) fn encode_response(op: &Operation, value: &Value, request_id: &RequestId) -> Response {
    let mut out = String::with_capacity(ELEMENTS_ROOM + text_room(value));
    out.push('<');
    out.push_str(op.name);
    out.push_str("Response xmlns=\"");
    out.push_str(op.service.xml_namespace);
    out.push_str("\">");
    if let Some(wrapper) = op.result_wrapper {
        open(&mut out, wrapper);
        content(&mut out, op.output, value, op.service.timestamps);
        close(&mut out, wrapper);
    }
    open(&mut out, "ResponseMetadata");
    element(&mut out, "RequestId", request_id.as_str());
    out.push_str("</ResponseMetadata></");
    out.push_str(op.name);
    out.push_str("Response>");
    respond(op.status, out, request_id)
}

/// `<ErrorResponse><Error>..</Error><RequestId>..`
pub(crate) fn encode_error(
    service: &Service,
    error: &AwsError,
    request_id: &RequestId,
) -> Response {
    let namespace = match &*error.code {
        "InvalidAction" | "MissingAction" => FAULT_NAMESPACE,
        _ => service.xml_namespace,
    };
    let fault = match error.fault {
        Fault::Sender => "Sender",
        Fault::Receiver => "Receiver",
    };
    let mut out = format!("<ErrorResponse xmlns=\"{namespace}\"><Error>");
    element(&mut out, "Type", fault);
    element(&mut out, "Code", &error.code);
    if !error.message.is_empty() {
        element(&mut out, "Message", &error.message);
    }
    close(&mut out, "Error");
    element(&mut out, "RequestId", request_id.as_str());
    close(&mut out, "ErrorResponse");
    respond(error.status, out, request_id)
}

/// How much text a value holds: next to all of what a long answer is.
fn text_room(value: &Value) -> usize {
    match value {
        Value::Structure(members) => members.iter().map(|(_, value)| text_room(value)).sum(),
        Value::List(items) => items.iter().map(text_room).sum(),
        Value::Map(entries) => entries.iter().map(|(_, value)| text_room(value)).sum(),
        Value::String(text) => text.len(),
        Value::Secret(secret) => secret.expose().len(),
        Value::Integer(_)
        | Value::Double(_)
        | Value::Boolean(_)
        | Value::Blob(_)
        | Value::Timestamp(_)
        | Value::Document(_) => 0,
    }
}

fn respond(status: u16, body: String, request_id: &RequestId) -> Response {
    Response::new(status, "text/xml", body, request_id)
}

/// What stands inside the element of a value.
fn content(out: &mut String, shape: &Shape, value: &Value, precision: Timestamps) {
    match (&shape.kind, value) {
        (Kind::Structure(members), Value::Structure(present)) => {
            for (index, value) in present {
                if let Some(member) = members.get(*index) {
                    member_element(out, member, value, precision);
                }
            }
        }
        (
            Kind::List {
                item, item_name, ..
            },
            Value::List(items),
        ) => {
            for value in items {
                nested(out, item_name, item, value, precision);
            }
        }
        (Kind::Map { value: inner, .. }, Value::Map(entries)) => {
            for (key, value) in entries {
                open(out, "entry");
                element(out, "key", key);
                nested(out, "value", inner, value, precision);
                close(out, "entry");
            }
        }
        (_, value) => xml::escape(out, &scalar(shape, value, precision)),
    }
}

fn member_element(out: &mut String, member: &Member, value: &Value, precision: Timestamps) {
    match (&member.shape.kind, value) {
        (
            Kind::List {
                item,
                flattened: true,
                ..
            },
            Value::List(items),
        ) => {
            for value in items {
                nested(out, query_name(member), item, value, precision);
            }
        }
        (_, _) => nested(out, member.wire_name, member.shape, value, precision),
    }
}

fn nested(out: &mut String, name: &str, shape: &Shape, value: &Value, precision: Timestamps) {
    open(out, name);
    content(out, shape, value, precision);
    close(out, name);
}

/// A scalar's text; also that of the client's form.
pub(crate) fn scalar<'v>(shape: &Shape, value: &'v Value, precision: Timestamps) -> Cow<'v, str> {
    match value {
        Value::String(text) if shape.percent_encoded => {
            utf8_percent_encode(text, xml::RESERVED).to_string().into()
        }
        Value::String(text) => Cow::Borrowed(text),
        Value::Secret(secret) => Cow::Borrowed(secret.expose_str().unwrap_or_default()),
        Value::Integer(number) => number.to_string().into(),
        Value::Double(number) => number.to_string().into(),
        Value::Boolean(boolean) => Cow::Borrowed(if *boolean { "true" } else { "false" }),
        Value::Blob(bytes) => BASE64.encode(bytes).into(),
        Value::Timestamp(at) => time::iso8601(*at, precision).into(),
        Value::Document(json) => json.to_string().into(),
        Value::Structure(_) | Value::List(_) | Value::Map(_) => Cow::Borrowed(""),
    }
}
