//! Writes what Go's clients would, from the same tables.

use data_encoding::BASE64;
use objects::Gvk;
use objects::schema::{Field, Presence, Scalar, Schema, Shape, Struct};
use serde_json::{Map, Value};

/// An object in its envelope.
pub(crate) fn body(gvk: &Gvk, schema: Schema<'_>, object: &Map<String, Value>) -> Vec<u8> {
    let Shape::Struct(structure) = schema.shape() else {
        panic!("{gvk} is no structure")
    };
    envelope(gvk, &message(structure, object))
}

/// A message in its envelope.
pub(crate) fn envelope(gvk: &Gvk, message: &[u8]) -> Vec<u8> {
    let mut claim = Vec::new();
    bytes(1, gvk.api_version().as_bytes(), &mut claim);
    bytes(2, gvk.kind.as_str().as_bytes(), &mut claim);
    let mut out = b"k8s\0".to_vec();
    bytes(1, &claim, &mut out);
    bytes(2, message, &mut out);
    bytes(3, b"", &mut out);
    bytes(4, b"", &mut out);
    out
}

fn message(structure: Struct<'_>, object: &Map<String, Value>) -> Vec<u8> {
    let mut fields: Vec<Field<'_>> = structure.fields().filter(|f| f.tags() != [0]).collect();
    fields.sort_by_key(|field| field.tags().to_vec());
    level(&fields, 0, object)
}

/// The fields at one depth of embedding; those that share a tag go into one message.
fn level(fields: &[Field<'_>], depth: usize, object: &Map<String, Value>) -> Vec<u8> {
    let mut out = Vec::new();
    for group in fields.chunk_by(|a, b| a.tags()[depth] == b.tags()[depth]) {
        let tag = group[0].tags()[depth];
        match group {
            [field] if field.tags().len() == depth + 1 => {
                one_field(*field, tag, object.get(field.name()), &mut out);
            }
            embedded => bytes(tag, &level(embedded, depth + 1, object), &mut out),
        }
    }
    out
}

fn one_field(field: Field<'_>, tag: u32, value: Option<&Value>, out: &mut Vec<u8>) {
    let schema = field.schema();
    match (schema.shape(), value) {
        (Shape::List(list), Some(Value::Array(items))) => {
            for item in items {
                one_value(list.item(), tag, item, out);
            }
        }
        (Shape::Map(map), Some(Value::Object(entries))) => {
            for (key, value) in entries {
                let mut entry = Vec::new();
                bytes(1, key.as_bytes(), &mut entry);
                one_value(map.value(), 2, value, &mut entry);
                bytes(tag, &entry, out);
            }
        }
        (_, Some(value)) => one_value(schema, tag, value, out),
        // As Go does: what is no pointer is written, even if it is zero.
        (Shape::Scalar(Scalar::Int32 | Scalar::Int64 | Scalar::Bool), None)
            if field.presence() == Presence::NonZero =>
        {
            varint(u64::from(tag << 3), out);
            varint(0, out);
        }
        (Shape::Scalar(Scalar::String), None) if field.presence() == Presence::NonZero => {
            bytes(tag, b"", out);
        }
        (_, None) => {}
    }
}

fn one_value(schema: Schema<'_>, tag: u32, value: &Value, out: &mut Vec<u8>) {
    match (schema.shape(), value) {
        (Shape::Any, value) => {
            let mut raw = Vec::new();
            bytes(1, value.to_string().as_bytes(), &mut raw);
            bytes(tag, &raw, out);
        }
        (Shape::Struct(structure), Value::Object(object)) => {
            bytes(tag, &message(structure, object), out);
        }
        (Shape::List(list), Value::Array(items)) => {
            let mut inner = Vec::new();
            for item in items {
                one_value(list.item(), 1, item, &mut inner);
            }
            bytes(tag, &inner, out);
        }
        (Shape::Scalar(kind), value) => scalar(kind, tag, value, out),
        (shape, value) => panic!("{value} is no {shape:?}"),
    }
}

fn scalar(kind: Scalar, tag: u32, value: &Value, out: &mut Vec<u8>) {
    let text = value.as_str().unwrap_or_default();
    match kind {
        Scalar::Bool => number(tag, u64::from(value.as_bool().expect("a bool")), out),
        Scalar::Int32 | Scalar::Int64 => {
            number(tag, value.as_i64().expect("a number").cast_unsigned(), out);
        }
        Scalar::Double => {
            varint(u64::from(tag << 3 | 1), out);
            out.extend(value.as_f64().expect("a number").to_le_bytes());
        }
        Scalar::String => bytes(tag, text.as_bytes(), out),
        Scalar::Bytes => bytes(tag, &BASE64.decode(text.as_bytes()).expect("base64"), out),
        Scalar::Time | Scalar::MicroTime => bytes(tag, &time(text), out),
        Scalar::Quantity => {
            let mut inner = Vec::new();
            bytes(1, text.as_bytes(), &mut inner);
            bytes(tag, &inner, out);
        }
        Scalar::IntOrString => {
            let mut inner = Vec::new();
            number(1, u64::from(value.is_string()), &mut inner);
            number(
                2,
                value.as_i64().unwrap_or_default().cast_unsigned(),
                &mut inner,
            );
            bytes(3, text.as_bytes(), &mut inner);
            bytes(tag, &inner, out);
        }
    }
}

fn time(text: &str) -> Vec<u8> {
    let time: jiff::Timestamp = text.parse().expect("a time");
    let mut out = Vec::new();
    number(1, time.as_second().cast_unsigned(), &mut out);
    let nanos = u32::try_from(time.subsec_nanosecond()).expect("after 1970");
    number(2, u64::from(nanos), &mut out);
    out
}

fn number(tag: u32, value: u64, out: &mut Vec<u8>) {
    varint(u64::from(tag << 3), out);
    varint(value, out);
}

fn bytes(tag: u32, value: &[u8], out: &mut Vec<u8>) {
    varint(u64::from(tag << 3 | 2), out);
    varint(value.len() as u64, out);
    out.extend(value);
}

fn varint(mut value: u64, out: &mut Vec<u8>) {
    while value >= 0x80 {
        out.push(value.to_le_bytes()[0] | 0x80);
        value >>= 7;
    }
    out.push(value.to_le_bytes()[0]);
}
