//! Messages to JSON, by the schema.

use data_encoding::BASE64;
use jiff::Timestamp;
use serde_json::{Map, Value};

use super::super::DEPTH_MAX;
use super::super::findings::{Findings, Walk};
use super::wire::{Fields, WireValue};
use crate::schema::{Field, Presence, Scalar, Schema, Shape, Struct};

/// One body being read.
#[derive(Default)]
pub(crate) struct Reading<'s> {
    walk: Walk<'s>,
    depth: usize,
}

impl<'s> Reading<'s> {
    pub(crate) fn findings(self) -> Findings {
        self.walk.findings
    }

    /// A whole message.
    pub(crate) fn object(
        &mut self,
        structure: Struct<'s>,
        message: &[u8],
    ) -> Result<Value, String> {
        let mut map = Map::new();
        self.fields(structure, &mut Vec::new(), message, &mut map)?;
        Ok(Value::Object(map))
    }

    /// The fields of a message; `embedded` are the tags of the messages that it is embedded in.
    fn fields(
        &mut self,
        structure: Struct<'s>,
        embedded: &mut Vec<u32>,
        message: &[u8],
        map: &mut Map<String, Value>,
    ) -> Result<(), String> {
        if self.depth == DEPTH_MAX {
            return Err(format!(
                "proto: messages are nested more than {DEPTH_MAX} deep"
            ));
        }
        self.depth += 1;
        for field in Fields::of(message) {
            let (tag, value) = field?;
            embedded.push(tag);
            match find(structure, embedded) {
                Found::Field(field) => self.field(structure, field, value, map)?,
                Found::Embedded => self.fields(structure, embedded, value.bytes()?, map)?,
                Found::Nothing => {
                    return Err(format!(
                        "{} has no field with protobuf tag {}",
                        structure.name(),
                        dotted(embedded)
                    ));
                }
            }
            embedded.pop();
        }
        self.depth -= 1;
        Ok(())
    }

    fn field(
        &mut self,
        structure: Struct<'s>,
        field: Field<'s>,
        wire: WireValue<'_>,
        map: &mut Map<String, Value>,
    ) -> Result<(), String> {
        self.walk.enter_field(structure.name(), field);
        match field.schema().shape() {
            Shape::List(list) => {
                let items = map
                    .entry(field.name())
                    .or_insert_with(|| Value::Array(Vec::new()));
                let value = self.value(list.item(), wire)?;
                if let Value::Array(items) = items {
                    items.push(value);
                }
            }
            Shape::Map(values) => {
                let entries = map
                    .entry(field.name())
                    .or_insert_with(|| Value::Object(Map::new()));
                let (key, value) = self.entry(values.value(), wire.bytes()?)?;
                if let Value::Object(entries) = entries {
                    entries.insert(key, value);
                }
            }
            Shape::Any | Shape::Scalar(_) | Shape::Struct(_) => {
                let value = self.value(field.schema(), wire)?;
                if is_kept(field, &value) {
                    map.insert(field.name().to_owned(), value);
                }
            }
        }
        self.walk.leave();
        Ok(())
    }

    /// One entry of a map: a message of key and value.
    fn entry(&mut self, schema: Schema<'s>, message: &[u8]) -> Result<(String, Value), String> {
        let mut key = String::new();
        let mut value = None;
        for field in Fields::of(message) {
            match field? {
                (1, text) => key = text.text()?.to_owned(),
                (2, wire) => value = Some(self.value(schema, wire)?),
                (other, _) => {
                    return Err(format!("an entry has no field with protobuf tag {other}"));
                }
            }
        }
        let value = match value {
            Some(value) => value,
            None => self.value(schema, WireValue::Bytes(b""))?,
        };
        Ok((key, value))
    }

    fn value(&mut self, schema: Schema<'s>, wire: WireValue<'_>) -> Result<Value, String> {
        match schema.shape() {
            Shape::Any => embedded_json(wire.bytes()?),
            Shape::Scalar(scalar) => read_scalar(scalar, wire),
            Shape::Struct(structure) => self.object(structure, wire.bytes()?),
            // A list inside a map or a list is a message that holds the items alone.
            Shape::List(list) => {
                let mut items = Vec::new();
                for field in Fields::of(wire.bytes()?) {
                    match field? {
                        (1, wire) => items.push(self.value(list.item(), wire)?),
                        (other, _) => {
                            return Err(format!("a list has no field with protobuf tag {other}"));
                        }
                    }
                }
                Ok(Value::Array(items))
            }
            Shape::Map(_) => Err("proto: a map stands where none can".to_owned()),
        }
    }
}

/// What a tag stands for.
enum Found<'s> {
    Field(Field<'s>),
    Embedded,
    Nothing,
}

fn find<'s>(structure: Struct<'s>, tags: &[u32]) -> Found<'s> {
    let mut found = Found::Nothing;
    for field in structure.fields() {
        if field.tags() == tags {
            return Found::Field(field);
        }
        if field.tags().starts_with(tags) {
            found = Found::Embedded;
        }
    }
    found
}

/// Whether Go's JSON would show the value.
fn is_kept(field: Field<'_>, value: &Value) -> bool {
    match field.presence() {
        Presence::Pointer => !value.is_null(),
        Presence::Always => !value.is_null(),
        Presence::NonZero => !is_zero(value),
    }
}

fn is_zero(value: &Value) -> bool {
    match value {
        Value::Null => true,
        Value::Bool(value) => !value,
        Value::Number(number) => number.as_f64() == Some(0.0),
        Value::String(text) => text.is_empty(),
        Value::Array(items) => items.is_empty(),
        Value::Object(map) => map.is_empty(),
    }
}

fn read_scalar(scalar: Scalar, wire: WireValue<'_>) -> Result<Value, String> {
    Ok(match scalar {
        Scalar::Bool => (wire.varint()? != 0).into(),
        Scalar::Int32 => int32(wire.varint()?)?.into(),
        Scalar::Int64 => wire.varint()?.cast_signed().into(),
        Scalar::Double => wire.double()?.into(),
        Scalar::String => wire.text()?.into(),
        Scalar::Bytes => BASE64.encode(wire.bytes()?).into(),
        Scalar::Time => time(wire.bytes()?, 0)?,
        Scalar::MicroTime => time(wire.bytes()?, 6)?,
        Scalar::Quantity => quantity(wire.bytes()?)?,
        Scalar::IntOrString => int_or_string(wire.bytes()?)?,
    })
}

/// Negative numbers travel as 64 bits.
fn int32(varint: u64) -> Result<i32, String> {
    let number = varint.cast_signed();
    i32::try_from(number).map_err(|_| format!("proto: {number} does not fit an int32"))
}

/// `Timestamp{seconds, nanos}`; an empty one is the zero time, which JSON writes as null.
fn time(message: &[u8], digits: u8) -> Result<Value, String> {
    let (mut seconds, mut nanos) = (None, 0);
    for field in Fields::of(message) {
        match field? {
            (1, wire) => seconds = Some(wire.varint()?.cast_signed()),
            (2, wire) => nanos = int32(wire.varint()?)?,
            (other, _) => return Err(format!("a time has no field with protobuf tag {other}")),
        }
    }
    let Some(seconds) = seconds else {
        return Ok(Value::Null);
    };
    let nanos = if digits == 0 { 0 } else { nanos };
    let time =
        Timestamp::new(seconds, nanos).map_err(|_| format!("proto: no time is {seconds}"))?;
    let text = match digits {
        0 => time.to_string(),
        _ => format!("{time:.6}"),
    };
    Ok(text.into())
}

fn quantity(message: &[u8]) -> Result<Value, String> {
    let mut text = "";
    for field in Fields::of(message) {
        match field? {
            (1, wire) => text = wire.text()?,
            (other, _) => return Err(format!("a quantity has no field with protobuf tag {other}")),
        }
    }
    Ok(if text.is_empty() {
        "0".into()
    } else {
        text.into()
    })
}

fn int_or_string(message: &[u8]) -> Result<Value, String> {
    let (mut is_text, mut number, mut text) = (false, 0, "");
    for field in Fields::of(message) {
        match field? {
            (1, wire) => is_text = wire.varint()? == 1,
            (2, wire) => number = int32(wire.varint()?)?,
            (3, wire) => text = wire.text()?,
            (other, _) => {
                return Err(format!(
                    "a number or text has no field with protobuf tag {other}"
                ));
            }
        }
    }
    Ok(if is_text { text.into() } else { number.into() })
}

/// JSON inside a message, as RawExtension holds it.
fn embedded_json(message: &[u8]) -> Result<Value, String> {
    let mut json: &[u8] = b"";
    for field in Fields::of(message) {
        match field? {
            (1, wire) => json = wire.bytes()?,
            (other, _) => {
                return Err(format!(
                    "embedded JSON has no field with protobuf tag {other}"
                ));
            }
        }
    }
    if json.is_empty() {
        return Ok(Value::Null);
    }
    serde_json::from_slice(json).map_err(|fault| format!("embedded JSON: {fault}"))
}

/// `2.19`
fn dotted(tags: &[u32]) -> String {
    let tags: Vec<String> = tags.iter().map(u32::to_string).collect();
    tags.join(".")
}
