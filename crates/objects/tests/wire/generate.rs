//! Objects of any schema, made of a few random bytes.

use objects::schema::{Presence, Scalar, Schema, Shape, Struct};
use serde_json::{Map, Value, json};

/// How deep structures are filled.
const DEPTH: usize = 5;

/// Random bytes, used again and again.
pub(crate) struct Source<'b> {
    bytes: &'b [u8],
    at: usize,
}

impl<'b> Source<'b> {
    pub(crate) fn of(bytes: &'b [u8]) -> Self {
        Self { bytes, at: 0 }
    }

    fn below(&mut self, bound: u32) -> u32 {
        self.at += 1;
        let byte = self.bytes[self.at % self.bytes.len()];
        let stirred =
            u32::from(byte).wrapping_add((self.at as u32).wrapping_mul(2_654_435_761) >> 16);
        stirred % bound
    }
}

pub(crate) fn value(schema: Schema<'_>, source: &mut Source<'_>) -> Value {
    at_depth(schema, source, DEPTH)
}

fn at_depth(schema: Schema<'_>, source: &mut Source<'_>, depth: usize) -> Value {
    match schema.shape() {
        Shape::Any => json!({"a": [source.below(9), null, "b"]}),
        Shape::Scalar(kind) => scalar(kind, source),
        Shape::List(list) => {
            let count = 1 + source.below(2);
            (0..count)
                .map(|_| at_depth(list.item(), source, depth))
                .collect()
        }
        Shape::Map(map) => {
            let value = at_depth(map.value(), source, depth);
            json!({ "a.b/c": value })
        }
        Shape::Struct(structure) => fields(structure, source, depth).into(),
    }
}

fn fields(structure: Struct<'_>, source: &mut Source<'_>, depth: usize) -> Map<String, Value> {
    let mut map = Map::new();
    for field in structure.fields() {
        // The type of an object stands in its envelope; that of an inner one is lost in protobuf.
        let is_type = field.name() == "apiVersion" || field.name() == "kind";
        if is_type && field.tags() == [0] {
            continue;
        }
        if depth == 0 || (source.below(3) == 0 && field.presence() != Presence::Always) {
            continue;
        }
        let value = at_depth(field.schema(), source, depth - 1);
        // An empty message of a field that Go leaves out then is not seen again.
        if value != json!({}) || field.presence() != Presence::NonZero {
            map.insert(field.name().to_owned(), value);
        }
    }
    map
}

fn scalar(kind: Scalar, source: &mut Source<'_>) -> Value {
    let number = i64::from(source.below(9)) - 10;
    match kind {
        Scalar::Bool => json!(true),
        Scalar::Int32 | Scalar::Int64 => json!(number),
        Scalar::Double => json!(0.5 + number as f64),
        Scalar::String => json!(format!("text {number}")),
        Scalar::Bytes => json!("AAECAw=="),
        Scalar::Time => json!("2026-01-31T12:00:00Z"),
        Scalar::MicroTime => json!("2026-01-31T12:00:00.123456Z"),
        Scalar::Quantity => json!("100m"),
        Scalar::IntOrString if number % 2 == 0 => json!(number),
        Scalar::IntOrString => json!("25%"),
    }
}
