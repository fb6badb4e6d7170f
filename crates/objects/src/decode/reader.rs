//! Reads JSON (or what came of YAML) by a schema.
//!
//! As in Kubernetes, fields that a structure does not have are left out, and null is as good as
//! absent. Whether that is refused is for the caller to say, who gets the [`Findings`].

use std::fmt;

use serde::de::{DeserializeSeed, Deserializer, Error, IgnoredAny, MapAccess, SeqAccess, Visitor};
use serde_json::{Map, Number, Value};

use super::findings::{Findings, Walk};
use super::scalar;
use crate::schema::{Scalar, Schema, Shape, Struct};

/// Reads one value; without a schema, anything.
pub(crate) fn read<'de, 's, D: Deserializer<'de>>(
    deserializer: D,
    schema: Option<Schema<'s>>,
) -> Result<(Value, Findings), D::Error> {
    let mut walk = Walk::default();
    let value = Reader {
        schema,
        walk: &mut walk,
    }
    .deserialize(deserializer)?;
    Ok((value, walk.findings))
}

struct Reader<'w, 's> {
    schema: Option<Schema<'s>>,
    walk: &'w mut Walk<'s>,
}

impl<'s> Reader<'_, 's> {
    fn below(&mut self, schema: Option<Schema<'s>>) -> Reader<'_, 's> {
        Reader {
            schema,
            walk: self.walk,
        }
    }

    /// A scalar, where one belongs.
    fn scalar(self, value: Value) -> Value {
        match self.schema.map(|schema| (schema, schema.shape())) {
            None | Some((_, Shape::Any)) => value,
            Some((schema, Shape::Scalar(wanted))) => scalar::read(wanted, value, schema, self.walk),
            Some((schema, Shape::List(_) | Shape::Map(_) | Shape::Struct(_))) => {
                self.walk.mismatch(scalar::go_word(&value), schema);
                Value::Null
            }
        }
    }

    fn structure<'de, A: MapAccess<'de>>(
        mut self,
        structure: Struct<'s>,
        mut entries: A,
    ) -> Result<Value, A::Error> {
        let mut map = Map::new();
        let mut nulls: Vec<String> = Vec::new();
        while let Some(key) = entries.next_key::<String>()? {
            let Some(field) = structure.field(&key) else {
                self.walk.unknown(&key);
                entries.next_value::<IgnoredAny>()?;
                continue;
            };
            if map.contains_key(&key) || nulls.contains(&key) {
                self.walk.duplicate(&key);
            }
            self.walk.enter_field(structure.name(), field);
            let value = entries.next_value_seed(self.below(Some(field.schema())))?;
            self.walk.leave();
            if value.is_null() {
                nulls.push(key);
            } else {
                map.insert(key, value);
            }
        }
        Ok(Value::Object(map))
    }

    fn map<'de, A: MapAccess<'de>>(
        mut self,
        schema: Option<Schema<'s>>,
        mut entries: A,
    ) -> Result<Value, A::Error> {
        let mut map = Map::new();
        while let Some(key) = entries.next_key::<String>()? {
            if map.contains_key(&key) {
                self.walk.duplicate(&key);
            }
            self.walk.enter_key(&key);
            let value = entries.next_value_seed(self.below(schema))?;
            self.walk.leave();
            map.insert(key, zero_for_null(value, schema));
        }
        Ok(Value::Object(map))
    }
}

/// What Go makes of a null among items and values.
fn zero_for_null(value: Value, schema: Option<Schema<'_>>) -> Value {
    match (value, schema.map(Schema::shape)) {
        (Value::Null, Some(Shape::Scalar(Scalar::String))) => "".into(),
        (Value::Null, Some(Shape::Struct(_))) => Map::new().into(),
        (value, _) => value,
    }
}

impl<'de> DeserializeSeed<'de> for Reader<'_, '_> {
    type Value = Value;

    fn deserialize<D: Deserializer<'de>>(self, deserializer: D) -> Result<Value, D::Error> {
        deserializer.deserialize_any(self)
    }
}

impl<'de> Visitor<'de> for Reader<'_, '_> {
    type Value = Value;

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("JSON")
    }

    fn visit_unit<E>(self) -> Result<Value, E> {
        Ok(Value::Null)
    }

    fn visit_none<E>(self) -> Result<Value, E> {
        Ok(Value::Null)
    }

    fn visit_some<D: Deserializer<'de>>(self, deserializer: D) -> Result<Value, D::Error> {
        self.deserialize(deserializer)
    }

    fn visit_bool<E>(self, value: bool) -> Result<Value, E> {
        Ok(self.scalar(value.into()))
    }

    fn visit_i64<E>(self, value: i64) -> Result<Value, E> {
        Ok(self.scalar(value.into()))
    }

    fn visit_u64<E>(self, value: u64) -> Result<Value, E> {
        Ok(self.scalar(value.into()))
    }

    fn visit_f64<E: Error>(self, value: f64) -> Result<Value, E> {
        let number = Number::from_f64(value);
        let number = number.ok_or_else(|| E::custom("JSON has no such number"))?;
        Ok(self.scalar(number.into()))
    }

    fn visit_str<E>(self, value: &str) -> Result<Value, E> {
        Ok(self.scalar(value.into()))
    }

    fn visit_string<E>(self, value: String) -> Result<Value, E> {
        Ok(self.scalar(value.into()))
    }

    fn visit_seq<A: SeqAccess<'de>>(mut self, mut items: A) -> Result<Value, A::Error> {
        let item = match self.schema.map(|schema| (schema, schema.shape())) {
            None | Some((_, Shape::Any)) => None,
            Some((_, Shape::List(list))) => Some(list.item()),
            Some((schema, Shape::Scalar(_) | Shape::Map(_) | Shape::Struct(_))) => {
                self.walk.mismatch("array", schema);
                while items.next_element::<IgnoredAny>()?.is_some() {}
                return Ok(Value::Null);
            }
        };
        let mut array = Vec::new();
        loop {
            self.walk.enter_item(array.len());
            let next = items.next_element_seed(self.below(item))?;
            self.walk.leave();
            match next {
                Some(value) => array.push(zero_for_null(value, item)),
                None => return Ok(Value::Array(array)),
            }
        }
    }

    fn visit_map<A: MapAccess<'de>>(self, mut entries: A) -> Result<Value, A::Error> {
        match self.schema.map(|schema| (schema, schema.shape())) {
            None | Some((_, Shape::Any)) => self.map(None, entries),
            Some((_, Shape::Map(map))) => self.map(Some(map.value()), entries),
            Some((_, Shape::Struct(structure))) => self.structure(structure, entries),
            Some((schema, Shape::Scalar(_) | Shape::List(_))) => {
                self.walk.mismatch("object", schema);
                while entries.next_entry::<IgnoredAny, IgnoredAny>()?.is_some() {}
                Ok(Value::Null)
            }
        }
    }
}
