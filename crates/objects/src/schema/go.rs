//! Types as Go's messages name them. People search for those messages.

use super::{Scalar, Schema, Shape};

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
