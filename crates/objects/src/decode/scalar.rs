//! Whether a scalar is what its field wants, and Go's message where it is not.

use data_encoding::BASE64;
use jiff::Timestamp;
use serde_json::Value;

use super::findings::Walk;
use crate::quantity::Quantity;
use crate::schema::{Scalar, Schema};

/// What Kubernetes says of a quantity that is none.
const NOT_A_QUANTITY: &str = "quantities must match the regular expression \
     '^([+-]?[0-9.]+)([eEinumkKMGTP]*[-+]?[0-9]*)$'";

/// The value as the field keeps it; null and a finding where it is of another type.
pub(crate) fn read<'s>(
    wanted: Scalar,
    value: Value,
    schema: Schema<'s>,
    walk: &mut Walk<'s>,
) -> Value {
    let is_fit = match wanted {
        Scalar::Bool => value.is_boolean(),
        Scalar::Int32 => is_int32(&value),
        Scalar::Int64 => value.is_i64(),
        Scalar::Double => value.is_number(),
        Scalar::String => value.is_string(),
        Scalar::Bytes => return bytes(&value, schema, walk),
        Scalar::Time | Scalar::MicroTime => return time(value, walk),
        Scalar::Quantity => return quantity(value, walk),
        Scalar::IntOrString => return int_or_string(value, walk),
    };
    if is_fit {
        return value;
    }
    match (&value, wanted) {
        (Value::Number(number), Scalar::Int32 | Scalar::Int64) => {
            walk.mismatch(&format!("number {number}"), schema);
        }
        _ => walk.mismatch(go_word(&value), schema),
    }
    Value::Null
}

/// Go's word for a value of the wrong type.
pub(crate) fn go_word(value: &Value) -> &'static str {
    match value {
        Value::Null => "null",
        Value::Bool(_) => "bool",
        Value::Number(_) => "number",
        Value::String(_) => "string",
        Value::Array(_) => "array",
        Value::Object(_) => "object",
    }
}

fn is_int32(value: &Value) -> bool {
    value.as_i64().is_some_and(|n| i32::try_from(n).is_ok())
}

fn bytes<'s>(value: &Value, schema: Schema<'s>, walk: &mut Walk<'s>) -> Value {
    let Some(text) = value.as_str() else {
        walk.mismatch(go_word(value), schema);
        return Value::Null;
    };
    // Go skips line ends inside base64.
    let text = text.replace(['\r', '\n'], "");
    match BASE64.decode(text.as_bytes()) {
        Ok(_) => text.into(),
        Err(fault) => {
            let at = stray_char(&text).unwrap_or(fault.position);
            walk.fault(format!("illegal base64 data at input byte {at}"));
            Value::Null
        }
    }
}

/// Go reads from the left, so it meets a stray character before it misses one.
fn stray_char(text: &str) -> Option<usize> {
    let is_base64 = |byte: u8| byte.is_ascii_alphanumeric() || b"+/=".contains(&byte);
    text.bytes().position(|byte| !is_base64(byte))
}

fn time(value: Value, walk: &mut Walk<'_>) -> Value {
    let Some(text) = value.as_str() else {
        let found = go_word(&value);
        walk.fault(format!(
            "json: cannot unmarshal {found} into Go value of type string"
        ));
        return Value::Null;
    };
    if text.is_empty() {
        return Value::Null;
    }
    if text.parse::<Timestamp>().is_err() {
        walk.fault(format!(
            "parsing time {text:?} as \"2006-01-02T15:04:05Z07:00\": cannot parse {text:?} as \"2006\""
        ));
        return Value::Null;
    }
    value
}

fn quantity(value: Value, walk: &mut Walk<'_>) -> Value {
    let text = match value {
        Value::Number(number) => number.to_string(),
        Value::String(text) => text,
        Value::Null | Value::Bool(_) | Value::Array(_) | Value::Object(_) => String::new(),
    };
    if Quantity::parse(&text).is_none() {
        walk.fault(NOT_A_QUANTITY.to_owned());
        return Value::Null;
    }
    text.into()
}

fn int_or_string(value: Value, walk: &mut Walk<'_>) -> Value {
    if value.is_string() || is_int32(&value) {
        return value;
    }
    let found = match value.as_number() {
        Some(number) => format!("number {number}"),
        None => go_word(&value).to_owned(),
    };
    walk.fault(format!(
        "json: cannot unmarshal {found} into Go value of type int32"
    ));
    Value::Null
}
