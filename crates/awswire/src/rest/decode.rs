//! Path labels, query string and JSON body to a value of an operation's input; JSON to any value.

use data_encoding::BASE64;
use serde_json::Value as Json;

use crate::error::AwsError;
use crate::form::decode_percent;
use crate::limits::PARAMETERS_MAX;
use crate::model::{Kind, Member, Place, Shape};
use crate::query::{scalar, string};
use crate::time;
use crate::value::Value;

use super::Labels;

/// Reads the input from its three places.
pub(crate) fn decode(
    shape: &Shape,
    labels: &Labels<'_>,
    query: &str,
    body: &[u8],
) -> Result<Value, AwsError> {
    let query = read_query(query)?;
    let body = read_body(body)?;
    let mut present = Vec::new();
    for (index, member) in shape.members().iter().enumerate() {
        let value = match member.place {
            Place::Label => label(member, labels)?,
            Place::Query => from_query(member, &query)?,
            Place::Body => from_body(member, &body)?,
        };
        present.extend(value.map(|value| (index, value)));
    }
    Ok(Value::Structure(present))
}

fn read_query(query: &str) -> Result<Vec<(String, String)>, AwsError> {
    let parts = query.split('&').filter(|part| !part.is_empty());
    let mut pairs = Vec::new();
    for part in parts {
        if pairs.len() == PARAMETERS_MAX {
            return Err(AwsError::serialization(
                "The query string has too many parameters",
            ));
        }
        let (key, value) = part.split_once('=').unwrap_or((part, ""));
        pairs.push((
            decoded(&key.replace('+', " "))?,
            decoded(&value.replace('+', " "))?,
        ));
    }
    Ok(pairs)
}

fn decoded(text: &str) -> Result<String, AwsError> {
    let text = decode_percent(text).map_err(|e| AwsError::serialization(e.message()))?;
    Ok(text.into_owned())
}

/// The body's object. No body is an empty one: clients send nothing where no member is in it.
fn read_body(body: &[u8]) -> Result<serde_json::Map<String, Json>, AwsError> {
    if body.iter().all(u8::is_ascii_whitespace) {
        return Ok(serde_json::Map::new());
    }
    match serde_json::from_slice(body) {
        Ok(Json::Object(members)) => Ok(members),
        Ok(_) => Err(AwsError::serialization(
            "Start of structure or map expected",
        )),
        Err(problem) => Err(AwsError::serialization(format!(
            "The body is not JSON: {problem}"
        ))),
    }
}

fn label(member: &Member, labels: &Labels<'_>) -> Result<Option<Value>, AwsError> {
    let found = labels.iter().find(|(name, _)| *name == member.wire_name);
    found
        .map(|(_, raw)| scalar(member.shape, &decoded(raw)?))
        .transpose()
}

fn from_query(member: &Member, query: &[(String, String)]) -> Result<Option<Value>, AwsError> {
    let mut values = query
        .iter()
        .filter(|(key, _)| key == member.wire_name)
        .map(|(_, v)| v);
    let Kind::List { item, .. } = &member.shape.kind else {
        let value = values.next();
        if values.next().is_some() {
            let message = format!("{} occurs more than once", member.wire_name);
            return Err(AwsError::serialization(message));
        }
        return value.map(|text| scalar(member.shape, text)).transpose();
    };
    let items = values
        .map(|text| scalar(item, text))
        .collect::<Result<Vec<_>, _>>()?;
    Ok((!items.is_empty()).then_some(Value::List(items)))
}

fn from_body(
    member: &Member,
    body: &serde_json::Map<String, Json>,
) -> Result<Option<Value>, AwsError> {
    match body.get(member.wire_name) {
        None | Some(Json::Null) => Ok(None),
        Some(json) => from_json(member.shape, json).map(Some),
    }
}

/// JSON to a value. The shape bounds the depth, `serde_json` that of documents.
pub(crate) fn from_json(shape: &Shape, json: &Json) -> Result<Value, AwsError> {
    match (&shape.kind, json) {
        (Kind::Document, json) => Ok(Value::Document(json.clone())),
        (Kind::Structure(members), Json::Object(object)) => {
            let mut present = Vec::new();
            for (index, member) in members.iter().enumerate() {
                present.extend(from_body(member, object)?.map(|value| (index, value)));
            }
            Ok(Value::Structure(present))
        }
        (Kind::List { item, .. }, Json::Array(items)) => {
            let items = items.iter().filter(|json| !json.is_null());
            items
                .map(|json| from_json(item, json))
                .collect::<Result<_, _>>()
                .map(Value::List)
        }
        (Kind::Map { value: inner, .. }, Json::Object(object)) => {
            let entries = object.iter().filter(|(_, json)| !json.is_null());
            let entries = entries.map(|(key, json)| Ok((key.clone(), from_json(inner, json)?)));
            entries.collect::<Result<_, _>>().map(Value::Map)
        }
        (Kind::String, Json::String(text)) => Ok(string(shape, text.clone())),
        (Kind::Boolean, Json::Bool(boolean)) => Ok(Value::Boolean(*boolean)),
        (Kind::Integer | Kind::Double | Kind::Timestamp | Kind::Blob, json) => {
            number_or_bytes(shape, json).ok_or_else(|| unexpected(shape, json))
        }
        (_, json) => Err(unexpected(shape, json)),
    }
}

fn number_or_bytes(shape: &Shape, json: &Json) -> Option<Value> {
    if let Kind::Integer = shape.kind {
        return json.as_i64().map(Value::Integer);
    }
    if let Kind::Double = shape.kind {
        return json.as_f64().map(Value::Double);
    }
    if let Kind::Blob = shape.kind {
        return BASE64
            .decode(json.as_str()?.as_bytes())
            .ok()
            .map(Value::Blob);
    }
    let at = match json.as_str() {
        Some(text) => time::parse(text),
        None => time::from_epoch(json.as_f64()?),
    };
    at.map(Value::Timestamp)
}

/// AWS's sentence for a value of a wrong type: `STRING_VALUE can not be converted to an Integer`.
fn unexpected(shape: &Shape, json: &Json) -> AwsError {
    let found = match json {
        Json::Null => "NULL_VALUE",
        Json::Bool(true) => "TRUE_VALUE",
        Json::Bool(false) => "FALSE_VALUE",
        Json::Number(_) => "NUMBER_VALUE",
        Json::String(_) => "STRING_VALUE",
        Json::Array(_) => return AwsError::serialization("Unrecognized collection type"),
        Json::Object(_) => return AwsError::serialization("Start of structure or map found"),
    };
    let wanted = match shape.kind {
        Kind::Structure(_) | Kind::Map { .. } | Kind::Document => "a structure or map",
        Kind::List { .. } => "a list",
        Kind::String => "a String",
        Kind::Integer => "an Integer",
        Kind::Double => "a Double",
        Kind::Boolean => "a Boolean",
        Kind::Blob => "a Blob",
        Kind::Timestamp => "milliseconds since epoch",
    };
    AwsError::serialization(format!("{found} can not be converted to {wanted}"))
}
