//! The codec as a client: the same models, the other direction.

mod request;
mod tree;

use std::fmt;

pub use request::{Request, encode_request, encode_value};

use crate::dto;
use crate::error::AwsError;
use crate::model::{Kind, Operation, Protocol, Shape};
use crate::query;
use crate::rest::decode::from_json;
use crate::value::Value;
use tree::Element;

/// Why there is no answer.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Failure {
    /// The service refused.
    Aws(AwsError),
    /// What came back is not what the model says; the text says where.
    Unreadable(String),
}

/// Reads what an operation answered. `error_type` is the header `x-amzn-errortype`.
pub fn decode_response<R: dto::Request>(
    status: u16,
    error_type: Option<&str>,
    body: &[u8],
) -> Result<R::Response, Failure> {
    use crate::value::Typed as _;
    let value = decode_value(R::OPERATION, status, error_type, body)?;
    R::Response::from_value(value).map_err(|_| unreadable("a member has another shape"))
}

/// Reads what an operation answered, in dynamic form.
pub fn decode_value(
    operation: &Operation,
    status: u16,
    error_type: Option<&str>,
    body: &[u8],
) -> Result<Value, Failure> {
    match (operation.service.protocol, (200..300).contains(&status)) {
        (Protocol::Query, true) => xml_answer(operation, body),
        (Protocol::Query, false) => Err(xml_error(status, body)),
        (Protocol::RestJson, true) => json_answer(operation, body),
        (Protocol::RestJson, false) => Err(json_error(status, error_type, body)),
    }
}

fn unreadable(what: impl Into<String>) -> Failure {
    Failure::Unreadable(what.into())
}

fn xml_answer(operation: &Operation, body: &[u8]) -> Result<Value, Failure> {
    let root = Element::parse(body).map_err(unreadable)?;
    let Some(wrapper) = operation.result_wrapper else {
        return Ok(Value::Structure(Vec::new()));
    };
    let result = root
        .child(wrapper)
        .ok_or_else(|| unreadable(format!("no <{wrapper}>")))?;
    from_element(operation.output, result)
}

fn xml_error(status: u16, body: &[u8]) -> Failure {
    let Ok(root) = Element::parse(body) else {
        return unreadable(format!("status {status} without an error document"));
    };
    let Some(error) = root.child("Error") else {
        return unreadable("no <Error>");
    };
    let text = |name: &str| {
        error
            .child(name)
            .map(|e| e.text.clone())
            .unwrap_or_default()
    };
    Failure::Aws(AwsError::new(text("Code"), status, text("Message")))
}

fn from_element(shape: &Shape, element: &Element) -> Result<Value, Failure> {
    match &shape.kind {
        Kind::Structure(members) => {
            let mut present = Vec::new();
            for (index, member) in members.iter().enumerate() {
                let name = query::query_name(member);
                let value = if let Kind::List {
                    item,
                    flattened: true,
                    ..
                } = &member.shape.kind
                {
                    let items = items(item, element, name)?;
                    (!items.is_empty()).then_some(Value::List(items))
                } else {
                    element
                        .child(name)
                        .map(|e| from_element(member.shape, e))
                        .transpose()?
                };
                present.extend(value.map(|value| (index, value)));
            }
            Ok(Value::Structure(present))
        }
        Kind::List {
            item, item_name, ..
        } => items(item, element, item_name).map(Value::List),
        Kind::Map { value, .. } => {
            let entries = element
                .children_named("entry")
                .map(|entry| entry_of(value, entry));
            entries.collect::<Result<_, _>>().map(Value::Map)
        }
        Kind::String
        | Kind::Integer
        | Kind::Double
        | Kind::Boolean
        | Kind::Blob
        | Kind::Timestamp
        | Kind::Document => scalar(shape, &element.text),
    }
}

fn items(item: &Shape, parent: &Element, name: &str) -> Result<Vec<Value>, Failure> {
    parent
        .children_named(name)
        .map(|element| from_element(item, element))
        .collect()
}

fn entry_of(inner: &Shape, entry: &Element) -> Result<(String, Value), Failure> {
    let part = |name| {
        entry
            .child(name)
            .ok_or_else(|| unreadable(format!("no <{name}>")))
    };
    Ok((
        part("key")?.text.clone(),
        from_element(inner, part("value")?)?,
    ))
}

fn scalar(shape: &Shape, text: &str) -> Result<Value, Failure> {
    if shape.percent_encoded {
        let decoded = crate::form::decode_percent(text);
        let decoded = decoded.map_err(|problem| unreadable(problem.message()))?;
        return Ok(Value::String(decoded.into_owned()));
    }
    query::scalar(shape, text).map_err(|error| unreadable(error.message))
}

fn json_answer(operation: &Operation, body: &[u8]) -> Result<Value, Failure> {
    let body = if body.is_empty() { b"{}" } else { body };
    let json = serde_json::from_slice(body).map_err(|problem| unreadable(problem.to_string()))?;
    from_json(operation.output, &json).map_err(|error| unreadable(error.message))
}

/// The code is in the header, or in the body as `code` or `__type`, with a namespace and a link
/// around it.
fn json_error(status: u16, error_type: Option<&str>, body: &[u8]) -> Failure {
    let json: serde_json::Value = serde_json::from_slice(body).unwrap_or_default();
    let text = |name: &str| json.get(name).and_then(|value| value.as_str());
    let Some(code) = error_type
        .or_else(|| text("code"))
        .or_else(|| text("__type"))
    else {
        return unreadable(format!("status {status} without an error type"));
    };
    let code = code.split(':').next().unwrap_or(code);
    let code = code.rsplit('#').next().unwrap_or(code);
    let message = text("message")
        .or_else(|| text("Message"))
        .unwrap_or_default();
    Failure::Aws(AwsError::new(code.to_owned(), status, message))
}

impl fmt::Display for Failure {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Aws(error) => error.fmt(f),
            Self::Unreadable(what) => write!(f, "the answer cannot be read: {what}"),
        }
    }
}

impl std::error::Error for Failure {}
