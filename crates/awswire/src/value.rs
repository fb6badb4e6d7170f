//! A decoded value of any shape: the one form between bytes and typed structures.

use std::collections::BTreeMap;

use jiff::Timestamp;
use names::secret::Secret;

/// A value of some shape.
#[derive(Debug, Clone, PartialEq)]
pub enum Value {
    /// The members that are present, by their index in the shape, in order.
    Structure(Vec<(usize, Value)>),
    /// The items of a list.
    List(Vec<Value>),
    /// The entries of a map.
    Map(Vec<(String, Value)>),
    /// Text.
    String(String),
    /// Text of a sensitive shape.
    Secret(Secret),
    /// A whole number.
    Integer(i64),
    /// A number.
    Double(f64),
    /// True or false.
    Boolean(bool),
    /// Bytes.
    Blob(Vec<u8>),
    /// A point in time.
    Timestamp(Timestamp),
    /// Any JSON.
    Document(serde_json::Value),
}

/// A value has another shape than the structure it should become.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Mismatch;

impl Value {
    /// The member of a structure at `index` of its shape.
    pub fn member(&self, index: usize) -> Option<&Value> {
        let Value::Structure(members) = self else {
            return None;
        };
        members
            .iter()
            .find(|(i, _)| *i == index)
            .map(|(_, value)| value)
    }
}

/// What a structure of `dto` or a field of one can do.
pub(crate) trait Typed: Sized {
    /// What the field holds when the other side left it out.
    fn absent() -> Self;

    /// Takes the value apart.
    fn from_value(value: Value) -> Result<Self, Mismatch>;

    /// The value, or nothing for an absent one.
    fn into_value(self) -> Option<Value>;
}

impl<T: Typed> Typed for Option<T> {
    fn absent() -> Self {
        None
    }

    fn from_value(value: Value) -> Result<Self, Mismatch> {
        T::from_value(value).map(Some)
    }

    fn into_value(self) -> Option<Value> {
        self.and_then(T::into_value)
    }
}

impl<T: Typed> Typed for Vec<T>
where
    Vec<T>: IsList,
{
    fn absent() -> Self {
        Self::new()
    }

    fn from_value(value: Value) -> Result<Self, Mismatch> {
        let Value::List(items) = value else {
            return Err(Mismatch);
        };
        items.into_iter().map(T::from_value).collect()
    }

    fn into_value(self) -> Option<Value> {
        Some(Value::List(
            self.into_iter().filter_map(T::into_value).collect(),
        ))
    }
}

/// Tells lists from blobs, which are `Vec<u8>`.
pub(crate) trait IsList {}

impl<T: Typed> IsList for Vec<T> {}

impl<T: Typed> Typed for BTreeMap<String, T> {
    fn absent() -> Self {
        Self::new()
    }

    fn from_value(value: Value) -> Result<Self, Mismatch> {
        let Value::Map(entries) = value else {
            return Err(Mismatch);
        };
        entries
            .into_iter()
            .map(|(key, value)| Ok((key, T::from_value(value)?)))
            .collect()
    }

    fn into_value(self) -> Option<Value> {
        let entries = self
            .into_iter()
            .filter_map(|(key, v)| Some((key, v.into_value()?)));
        Some(Value::Map(entries.collect()))
    }
}

macro_rules! scalar {
    ($($rust:ty, $variant:ident, $absent:expr;)+) => {$(
        impl Typed for $rust {
            fn absent() -> Self {
                $absent
            }

            fn from_value(value: Value) -> Result<Self, Mismatch> {
                let Value::$variant(inner) = value else { return Err(Mismatch) };
                Ok(inner)
            }

            fn into_value(self) -> Option<Value> {
                Some(Value::$variant(self))
            }
        }
    )+};
}

scalar! {
    String, String, String::new();
    Secret, Secret, Secret::new(Vec::new());
    i64, Integer, 0;
    f64, Double, 0.0;
    bool, Boolean, false;
    Vec<u8>, Blob, Vec::new();
    Timestamp, Timestamp, Timestamp::UNIX_EPOCH;
    serde_json::Value, Document, serde_json::Value::Null;
}
