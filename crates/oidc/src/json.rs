//! JSON from strangers: no member twice, no bottomless nesting.
//!
//! Two readers that pick a different one of two equal names see two different tokens (RFC 8725,
//! 2.4 and RFC 7519, 4), so the second name ends the reading.

use std::borrow::Cow;
use std::collections::HashSet;
use std::fmt;

use serde::Deserialize;
use serde::de::{DeserializeSeed, Deserializer, Error, MapAccess, SeqAccess, Visitor};
use serde::ser::{Serialize, SerializeMap, Serializer};

/// Deepest nesting that is read; the deepest real claim (`kubernetes.io`) has three levels.
const DEPTH_MAX: usize = 16;
/// So many names of an object are compared one by one; more are hashed.
const COMPARED_MAX: usize = 16;

/// A JSON value whose objects have each name once, in the order written. Its texts stand where
/// they were read, unless they have escapes.
#[derive(Debug, Clone, PartialEq)]
pub enum Json<'b> {
    /// `null`
    Null,
    /// `true` or `false`
    Bool(bool),
    /// Any number.
    Number(serde_json::Number),
    /// A string.
    Text(Cow<'b, str>),
    /// An array.
    List(Vec<Json<'b>>),
    /// An object.
    Object(Vec<(Cow<'b, str>, Json<'b>)>),
}

/// The text is not JSON as we accept it.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("{0}")]
pub struct NotJson(pub String);

impl<'b> Json<'b> {
    /// Reads one value; the caller has bounded the length.
    pub fn parse(bytes: &'b [u8]) -> Result<Self, NotJson> {
        match std::str::from_utf8(bytes) {
            Ok(text) => Self::read(serde_json::Deserializer::from_str(text)),
            // Not for its value: its error says where.
            Err(_) => Self::read(serde_json::Deserializer::from_slice(bytes)),
        }
    }

    fn read<R: serde_json::de::Read<'b>>(
        mut reader: serde_json::Deserializer<R>,
    ) -> Result<Self, NotJson> {
        Nested { levels: DEPTH_MAX }
            .deserialize(&mut reader)
            .and_then(|value| reader.end().map(|()| value))
            .map_err(|error| NotJson(error.to_string()))
    }

    /// The member of that name, when this is an object that has it.
    #[must_use]
    pub fn get(&self, name: &str) -> Option<&Json<'b>> {
        self.members()?
            .iter()
            .find_map(|(key, value)| (*key == name).then_some(value))
    }

    /// The members, when this is an object.
    #[must_use]
    pub fn members(&self) -> Option<&[(Cow<'b, str>, Json<'b>)]> {
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
    pub fn as_list(&self) -> Option<&[Json<'b>]> {
        if let Json::List(items) = self {
            Some(items)
        } else {
            None
        }
    }

    /// The texts, when this is an array of strings.
    #[must_use]
    pub(crate) fn as_texts(&self) -> Option<Vec<Box<str>>> {
        let text = |item: &Json<'_>| item.as_text().map(Box::from);
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

impl Serialize for Json<'_> {
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
    type Value = Json<'de>;

    fn deserialize<D: Deserializer<'de>>(self, deserializer: D) -> Result<Json<'de>, D::Error> {
        deserializer.deserialize_any(self)
    }
}

impl<'de> Visitor<'de> for Nested {
    type Value = Json<'de>;

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("a JSON value")
    }

    fn visit_unit<E>(self) -> Result<Json<'de>, E> {
        Ok(Json::Null)
    }

    fn visit_bool<E>(self, value: bool) -> Result<Json<'de>, E> {
        Ok(Json::Bool(value))
    }

    fn visit_u64<E>(self, value: u64) -> Result<Json<'de>, E> {
        Ok(Json::Number(value.into()))
    }

    fn visit_i64<E>(self, value: i64) -> Result<Json<'de>, E> {
        Ok(Json::Number(value.into()))
    }

    fn visit_f64<E: Error>(self, value: f64) -> Result<Json<'de>, E> {
        serde_json::Number::from_f64(value)
            .map(Json::Number)
            .ok_or_else(|| E::custom("a number out of range"))
    }

    fn visit_borrowed_str<E>(self, text: &'de str) -> Result<Json<'de>, E> {
        Ok(Json::Text(Cow::Borrowed(text)))
    }

    fn visit_str<E>(self, text: &str) -> Result<Json<'de>, E> {
        Ok(Json::Text(Cow::Owned(text.to_owned())))
    }

    fn visit_seq<A: SeqAccess<'de>>(self, mut items: A) -> Result<Json<'de>, A::Error> {
        let inner = self.inner()?;
        let mut list = Vec::new();
        while let Some(item) = items.next_element_seed(inner)? {
            list.push(item);
        }
        Ok(Json::List(list))
    }

    fn visit_map<A: MapAccess<'de>>(self, mut map: A) -> Result<Json<'de>, A::Error> {
        let inner = self.inner()?;
        let mut members = Vec::new();
        let mut names = Names::default();
        while let Some(Name(name)) = map.next_key()? {
            if !names.is_new(&name, &members) {
                let shown = crate::rejected::shown(&name);
                return Err(A::Error::custom(format_args!(
                    "member `{shown}` stands twice"
                )));
            }
            members.push((name, map.next_value_seed(inner)?));
        }
        Ok(Json::Object(members))
    }
}

/// The name of a member.
#[derive(Deserialize)]
struct Name<'b>(#[serde(borrow)] Cow<'b, str>);

/// The names of an object that has many; those of a small one are found faster among its members.
#[derive(Default)]
struct Names<'b>(HashSet<Cow<'b, str>>);

impl<'b> Names<'b> {
    /// Whether none of the members before has the name.
    fn is_new(&mut self, name: &str, before: &[(Cow<'b, str>, Json<'b>)]) -> bool {
        if before.len() < COMPARED_MAX {
            return before.iter().all(|(there, _)| there != name);
        }
        let unknown = &before[self.0.len()..];
        self.0
            .extend(unknown.iter().map(|(there, _)| there.clone()));
        !self.0.contains(name)
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
    fn a_member_may_not_stand_twice_in_an_object_of_any_size() {
        for count in [COMPARED_MAX - 1, COMPARED_MAX, COMPARED_MAX + 1, 1_000] {
            let members: String = (0..count).map(|n| format!(r#""{n}":1,"#)).collect();
            let object = |last: usize| format!(r#"{{{members}"{last}":1}}"#);
            assert!(Json::parse(object(count).as_bytes()).is_ok());
            for last in [0, count / 2, count - 1] {
                check(&object(last), &format!("member `{last}` stands twice"));
            }
        }
    }

    #[test]
    fn text_is_copied_only_to_undo_its_escapes() {
        let value = Json::parse(br#"{"a":"plain","\u0062":"\u0061"}"#).unwrap();
        let text = |name| match value.get(name) {
            Some(Json::Text(text)) => text.clone(),
            other => panic!("{other:?}"),
        };
        assert!(matches!(text("a"), Cow::Borrowed("plain")));
        assert!(matches!(text("b"), Cow::Owned(text) if text == "a"));
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
