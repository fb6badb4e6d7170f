//! Types as Go's messages name them. People search for those messages.

use super::{Scalar, Schema, Shape};
use serde_json::Value;

/// `int32`, `[]v1.Container`, `map[string]string`, `v1.PodSpec`
pub(crate) fn type_name(schema: Schema<'_>) -> String {
    match schema.shape() {
        Shape::Any => "runtime.RawExtension".to_owned(),
        Shape::Scalar(scalar) => scalar_name(scalar).to_owned(),
        Shape::List(list) => format!("[]{}", type_name(list.item())),
        Shape::Map(map) => format!("map[string]{}", type_name(map.value())),
        Shape::Struct(structure) => {
            let parts: Vec<&str> = structure.name().rsplitn(3, '.').collect();
            match parts.as_slice() {
                [kind, version, _] => format!("{version}.{kind}"),
                _ => structure.name().to_owned(),
            }
        }
    }
}

fn scalar_name(scalar: Scalar) -> &'static str {
    match scalar {
        Scalar::Bool => "bool",
        Scalar::Int32 => "int32",
        Scalar::Int64 => "int64",
        Scalar::Double => "float64",
        Scalar::String => "string",
        Scalar::Bytes => "[]uint8",
        Scalar::Time => "v1.Time",
        Scalar::MicroTime => "v1.MicroTime",
        Scalar::Quantity => "resource.Quantity",
        Scalar::IntOrString => "intstr.IntOrString",
    }
}

/// A value as Go's `%v` prints it: `map[a:1 b:[x y]]`.
pub(crate) fn text(value: &Value) -> String {
    match value {
        Value::Null => "<nil>".to_owned(),
        Value::Bool(_) | Value::Number(_) => value.to_string(),
        Value::String(text) => text.clone(),
        Value::Array(items) => {
            let items: Vec<_> = items.iter().map(text).collect();
            format!("[{}]", items.join(" "))
        }
        Value::Object(map) => {
            let mut pairs: Vec<_> = map.iter().collect();
            pairs.sort_by_key(|(key, _)| key.as_str());
            let pairs = pairs.into_iter();
            let pairs: Vec<_> = pairs
                .map(|(key, value)| format!("{key}:{}", text(value)))
                .collect();
            format!("map[{}]", pairs.join(" "))
        }
    }
}

/// The type that a value has where no type is asked for.
pub(crate) fn dynamic_type(value: &Value) -> &'static str {
    match value {
        Value::Null => "<nil>",
        Value::Bool(_) => "bool",
        Value::Number(number) if number.is_f64() => "float64",
        Value::Number(_) => "int64",
        Value::String(_) => "string",
        Value::Array(_) => "[]interface {}",
        Value::Object(_) => "map[string]interface {}",
    }
}
