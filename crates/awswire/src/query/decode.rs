//! A form to a value of an operation's input.

use data_encoding::BASE64;

use crate::error::AwsError;
use crate::form::{Form, Node};
use crate::model::{Kind, Member, Shape};
use crate::time;
use crate::value::Value;

/// Reads the input. Parameters that the shape does not know are ignored, as AWS ignores them.
pub(crate) fn decode(shape: &Shape, form: &Form<'_>) -> Result<Value, AwsError> {
    structure(shape.members(), form.root())
}

fn structure(members: &[Member], node: Node<'_>) -> Result<Value, AwsError> {
    let mut present = Vec::with_capacity(members.len().min(8));
    for (name, child) in node.children() {
        let known = members.iter().position(|member| query_name(member) == name);
        if let Some(index) = known
            && let Some(value) = value(&members[index], child)?
        {
            present.push((index, value));
        }
    }
    present.sort_unstable_by_key(|(index, _)| *index);
    Ok(Value::Structure(present))
}

/// A flattened list stands under the name of its items.
pub(crate) fn query_name(member: &Member) -> &'static str {
    if let Kind::List {
        item_name,
        flattened: true,
        ..
    } = member.shape.kind
        && item_name != "member"
    {
        return item_name;
    }
    member.wire_name
}

fn value(member: &Member, node: Node<'_>) -> Result<Option<Value>, AwsError> {
    shaped(member.shape, node)
}

/// Nothing, where a scalar has only names below it that it does not know.
fn shaped(shape: &Shape, node: Node<'_>) -> Result<Option<Value>, AwsError> {
    match &shape.kind {
        Kind::Structure(members) => structure(members, node).map(Some),
        Kind::List {
            item,
            item_name,
            flattened,
        } => {
            let items = if *flattened {
                Some(node)
            } else {
                node.child(item_name)
            };
            list(item, items).map(Some)
        }
        Kind::Map { value, .. } => map(value, node.child("entry")).map(Some),
        Kind::String
        | Kind::Integer
        | Kind::Double
        | Kind::Boolean
        | Kind::Blob
        | Kind::Timestamp
        | Kind::Document => node.text().map(|text| scalar(shape, text)).transpose(),
    }
}

fn list(item: &Shape, node: Option<Node<'_>>) -> Result<Value, AwsError> {
    let mut items = Vec::new();
    for (_, child) in numbered(node)? {
        items.extend(shaped(item, child)?);
    }
    Ok(Value::List(items))
}

fn map(inner: &Shape, node: Option<Node<'_>>) -> Result<Value, AwsError> {
    let mut entries: Vec<(String, Value)> = Vec::new();
    for (_, child) in numbered(node)? {
        let key = child.child("key").and_then(|key| key.text());
        let value = child
            .child("value")
            .map(|value| shaped(inner, value))
            .transpose()?
            .flatten();
        if let (Some(key), Some(value)) = (key, value) {
            entries.push((key.to_owned(), value));
        }
    }
    Ok(Value::Map(entries))
}

/// The children in the order of their numbers; gaps close up.
fn numbered(node: Option<Node<'_>>) -> Result<Vec<(u32, Node<'_>)>, AwsError> {
    let mut children = Vec::new();
    for (number, child) in node.into_iter().flat_map(Node::children) {
        let number = number.parse().ok().filter(|number| *number > 0);
        let number = number.ok_or_else(|| {
            AwsError::malformed_input("list members are numbered from 1, without other text")
        })?;
        children.push((number, child));
    }
    children.sort_by_key(|(number, _)| *number);
    Ok(children)
}

/// A scalar from its text; also those of paths and query strings.
pub(crate) fn scalar(shape: &Shape, text: &str) -> Result<Value, AwsError> {
    let malformed = |what: &str| AwsError::malformed_input(what);
    match shape.kind {
        Kind::Integer if text.is_empty() => Err(malformed("missing value for decimal type")),
        Kind::Integer => text.parse().map(Value::Integer).map_err(|_| malformed("")),
        Kind::Double => text.parse().map(Value::Double).map_err(|_| malformed("")),
        Kind::Boolean => match text {
            "true" | "True" => Ok(Value::Boolean(true)),
            "false" | "False" => Ok(Value::Boolean(false)),
            _ => Err(malformed("boolean must be either 'true' or 'false'")),
        },
        Kind::Timestamp => time::parse(text)
            .map(Value::Timestamp)
            .ok_or_else(|| malformed("timestamp must follow ISO8601")),
        Kind::Blob => BASE64
            .decode(text.as_bytes())
            .map(Value::Blob)
            .map_err(|_| malformed("blob must be base64")),
        Kind::Document => serde_json::from_str(text)
            .map(Value::Document)
            .map_err(|_| malformed("document must be JSON")),
        Kind::String | Kind::Structure(_) | Kind::List { .. } | Kind::Map { .. } => {
            Ok(string(shape, text.to_owned()))
        }
    }
}

/// Text, or a secret where the shape is one.
pub(crate) fn string(shape: &Shape, text: String) -> Value {
    if shape.sensitive {
        Value::Secret(text.into())
    } else {
        Value::String(text)
    }
}
