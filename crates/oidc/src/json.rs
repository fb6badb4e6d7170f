//! JSON from strangers: no member twice, no bottomless nesting.
//!
//! Two readers that pick a different one of two equal names see two different tokens (RFC 8725,
//! 2.4 and RFC 7519, 4), so the second name ends the reading.

use std::fmt;

use serde::de::{DeserializeSeed, Deserializer, Error, MapAccess, SeqAccess, Visitor};
use serde::ser::{Serialize, SerializeMap, Serializer};

/// Deepest nesting that is read; the deepest real claim (`kubernetes.io`) has three levels.
const DEPTH_MAX: usize = 16;

/// A JSON value whose objects have each name once, in the order written.
#[derive(Debug, Clone, PartialEq)]
pub enum Json {
    /// `null`
    Null,
    /// `true` or `false`
    Bool(bool),
    /// Any number.
    Number(serde_json::Number),
    /// A string.
    Text(Box<str>),
    /// An array.
    List(Vec<Json>),
    /// An object.
    Object(Vec<(Box<str>, Json)>),
}

/// The text is not JSON as we accept it.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("{0}")]
pub struct NotJson(pub String);

impl Json {
    /// Reads one value; the caller has bounded the length.
    pub fn parse(bytes: &[u8]) -> Result<Self, NotJson> {
        let mut reader = serde_json::Deserializer::from_slice(bytes);
        Nested { levels: DEPTH_MAX }
            .deserialize(&mut reader)
            .and_then(|value| reader.end().map(|()| value))
            .map_err(|error| NotJson(error.to_string()))
    }

    /// The member of that name, when this is an object that has it.
    #[must_use]
    pub fn get(&self, name: &str) -> Option<&Json> {
        self.members()?
            .iter()
            .find_map(|(key, value)| (&**key == name).then_some(value))
    }

    /// The members, when this is an object.
    #[must_use]
    pub fn members(&self) -> Option<&[(Box<str>, Json)]> {
        if let Json::Object(members) = self {
            Some(members)
        } else {
            None
        }
    }

    /// The text, when this is a string.
    #[must_use]
    pub fn as_text(&self) -> Option<&str> {
        if let Json::Text(text) = self {
            Some(text)
        } else {
            None
        }
    }

    /// The items, when this is an array.
    #[must_use]
    pub fn as_list(&self) -> Option<&[Json]> {
        if let Json::List(items) = self {
            Some(items)
        } else {
            None
        }
    }

    /// The texts, when this is an array of strings.
    #[must_use]
    pub(crate) fn as_texts(&self) -> Option<Vec<Box<str>>> {
        let text = |item: &Json| item.as_text().map(Box::from);
        self.as_list()?.iter().map(text).collect()
    }

    /// What it is, for a sentence.
    pub(crate) fn sort(&self) -> &'static str {
        match self {
            Json::Null => "null",
            Json::Bool(_) => "a boolean",
            Json::Number(_) => "a number",
            Json::Text(_) => "a string",
            Json::List(_) => "a list",
            Json::Object(_) => "an object",
        }
    }
}

impl Serialize for Json {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        match self {
            Json::Null => serializer.serialize_unit(),
            Json::Bool(value) => serializer.serialize_bool(*value),
            Json::Number(value) => value.serialize(serializer),
            Json::Text(text) => serializer.serialize_str(text),
            Json::List(items) => serializer.collect_seq(items),
            Json::Object(members) => {
                let mut map = serializer.serialize_map(Some(members.len()))?;
                for (name, value) in members {
                    map.serialize_entry(name, value)?;
                }
                map.end()
            }
        }
    }
}

/// Reads a value that may nest so many levels more.
#[derive(Clone, Copy)]
struct Nested {
    levels: usize,
}

impl Nested {
    fn inner<E: Error>(self) -> Result<Self, E> {
        let levels = self.levels.checked_sub(1);
        levels
            .map(|levels| Self { levels })
            .ok_or_else(|| E::custom(format_args!("nested deeper than {DEPTH_MAX} levels")))
    }
}

impl<'de> DeserializeSeed<'de> for Nested {
    type Value = Json;

    fn deserialize<D: Deserializer<'de>>(self, deserializer: D) -> Result<Json, D::Error> {
        deserializer.deserialize_any(self)
    }
}

impl<'de> Visitor<'de> for Nested {
    type Value = Json;

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("a JSON value")
    }

    fn visit_unit<E>(self) -> Result<Json, E> {
        Ok(Json::Null)
    }

    fn visit_bool<E>(self, value: bool) -> Result<Json, E> {
        Ok(Json::Bool(value))
    }

    fn visit_u64<E>(self, value: u64) -> Result<Json, E> {
        Ok(Json::Number(value.into()))
    }

    fn visit_i64<E>(self, value: i64) -> Result<Json, E> {
        Ok(Json::Number(value.into()))
    }

    fn visit_f64<E: Error>(self, value: f64) -> Result<Json, E> {
        serde_json::Number::from_f64(value)
            .map(Json::Number)
            .ok_or_else(|| E::custom("a number out of range"))
    }

    fn visit_str<E>(self, text: &str) -> Result<Json, E> {
        Ok(Json::Text(text.into()))
    }

    fn visit_seq<A: SeqAccess<'de>>(self, mut items: A) -> Result<Json, A::Error> {
        let inner = self.inner()?;
        let mut list = Vec::new();
        while let Some(item) = items.next_element_seed(inner)? {
            list.push(item);
        }
        Ok(Json::List(list))
    }

    fn visit_map<A: MapAccess<'de>>(self, mut map: A) -> Result<Json, A::Error> {
        let inner = self.inner()?;
        let mut members = Vec::new();
        let mut names = std::collections::HashSet::new();
        while let Some(name) = map.next_key::<String>()? {
            if !names.insert(name.clone()) {
                let shown = crate::rejected::shown(&name);
                return Err(A::Error::custom(format_args!(
                    "member `{shown}` stands twice"
                )));
            }
            members.push((name.into(), map.next_value_seed(inner)?));
        }
        Ok(Json::Object(members))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn check(text: &str, refusal: &str) {
        let error = Json::parse(text.as_bytes()).expect_err(text).to_string();
        assert!(error.contains(refusal), "{text}: {error}");
    }

    #[test]
    fn a_member_may_not_stand_twice_even_when_spelt_differently() {
        check(r#"{"sub":"a","sub":"b"}"#, "member `sub` stands twice");
        check(r#"{"sub":"a","s\u0075b":"b"}"#, "member `sub` stands twice");
        check(r#"{"a":[{"b":1,"b":1}]}"#, "member `b` stands twice");
    }

    #[test]
    fn nesting_has_a_bottom() {
        let nested = |levels: usize| format!("{}{}", "[".repeat(levels), "]".repeat(levels));
        assert!(Json::parse(nested(DEPTH_MAX).as_bytes()).is_ok());
        check(&nested(DEPTH_MAX + 1), "nested deeper than 16 levels");
        check(&"[".repeat(100_000), "nested deeper than 16 levels");
        check(&r#"{"a":"#.repeat(100_000), "nested deeper than 16 levels");
    }

    #[test]
    fn what_is_not_json_is_refused() {
        check("", "EOF");
        check("{} {}", "trailing characters");
        check("\u{feff}{}", "expected value");
        check(r#""\ud800""#, "hex escape");
        check("1e400", "number out of range");
        assert!(Json::parse(b"\"\xff\"").is_err());
    }

    #[test]
    fn print_then_parse_is_the_same() {
        let text = r#"{"b":[1,-2,0.5,null,true],"a":{"":"x"}}"#;
        let value = Json::parse(text.as_bytes()).unwrap();
        assert_eq!(serde_json::to_string(&value).unwrap(), text);
    }
}
