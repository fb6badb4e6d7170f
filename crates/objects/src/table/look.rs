//! Looking at an object, for a row.

use super::human::human_duration;
use crate::Object;
use crate::selector::LabelSelector;
use jiff::Timestamp;
use serde_json::{Value, json};

/// An object, and when it is looked at.
#[derive(Debug, Clone, Copy)]
pub(super) struct Look<'o> {
    pub(super) object: &'o Object,
    now: Timestamp,
}

/// What a missing value is a stand-in for.
pub(super) const NONE: &str = "<none>";
pub(super) const UNKNOWN: &str = "<unknown>";

impl<'o> Look<'o> {
    pub(super) fn at(object: &'o Object, now: Timestamp) -> Self {
        Self { object, now }
    }

    /// The value at the end of a path: `spec.nodeName`.
    pub(super) fn value(&self, path: &str) -> &'o Value {
        let steps = path.split('.').collect::<Vec<_>>();
        self.object.get(&steps).unwrap_or(&Value::Null)
    }

    pub(super) fn text(&self, path: &str) -> &'o str {
        self.value(path).as_str().unwrap_or_default()
    }

    /// The text, or what stands in for it.
    pub(super) fn text_or(&self, path: &str, otherwise: &'o str) -> &'o str {
        Some(self.text(path))
            .filter(|text| !text.is_empty())
            .unwrap_or(otherwise)
    }

    pub(super) fn number(&self, path: &str) -> i64 {
        self.value(path).as_i64().unwrap_or_default()
    }

    pub(super) fn items(&self, path: &str) -> &'o [Value] {
        items(self.value(path))
    }

    /// How many entries a map has.
    pub(super) fn count(&self, path: &str) -> usize {
        self.value(path).as_object().map_or(0, serde_json::Map::len)
    }

    pub(super) fn name(&self) -> Value {
        json!(self.text("metadata.name"))
    }

    /// How long ago it was made.
    pub(super) fn age(&self) -> Value {
        json!(self.since(self.value("metadata.creationTimestamp")))
    }

    pub(super) fn created(&self) -> Value {
        self.value("metadata.creationTimestamp").clone()
    }

    /// How long ago a time was.
    pub(super) fn since(&self, time: &Value) -> String {
        time_of(time).map_or_else(|| UNKNOWN.to_owned(), |time| self.between(time, self.now))
    }

    /// From one time to another; to now, if the other is not there.
    pub(super) fn lasting(&self, from: &Value, to: &Value) -> String {
        let to = time_of(to).unwrap_or(self.now);
        time_of(from).map_or_else(String::new, |from| self.between(from, to))
    }

    fn between(&self, from: Timestamp, to: Timestamp) -> String {
        human_duration(to.as_second().saturating_sub(from.as_second()))
    }

    /// Names and images of a template's containers, each joined by commas.
    pub(super) fn containers(&self, path: &str) -> [Value; 2] {
        let joined = |field: &str| {
            let texts = self
                .items(path)
                .iter()
                .filter_map(|container| container[field].as_str());
            json!(texts.collect::<Vec<_>>().join(","))
        };
        [joined("name"), joined("image")]
    }

    pub(super) fn selector(&self, path: &str) -> Value {
        let value = self.value(path);
        if value.is_null() {
            return json!(NONE);
        }
        json!(match LabelSelector::from_object(value) {
            Ok(selector) if selector.is_everything() => NONE.to_owned(),
            Ok(selector) => selector.to_string(),
            Err(_) => "<error>".to_owned(),
        })
    }

    /// Labels as `a=b,c=d`.
    pub(super) fn labels(&self, path: &str) -> Value {
        let labels = self.value(path).as_object().into_iter().flatten();
        let pairs =
            labels.map(|(key, value)| format!("{key}={}", value.as_str().unwrap_or_default()));
        joined(pairs, ",")
    }

    /// Whether the status has this condition.
    pub(super) fn has_condition(&self, sort: &str) -> bool {
        self.items("status.conditions")
            .iter()
            .any(|condition| condition["type"] == *sort && condition["status"] == *"True")
    }
}

pub(super) fn items(value: &Value) -> &[Value] {
    value.as_array().map(Vec::as_slice).unwrap_or_default()
}

/// Texts in a row, or that there are none.
pub(super) fn joined(texts: impl Iterator<Item = String>, comma: &str) -> Value {
    let texts = texts.collect::<Vec<_>>().join(comma);
    json!(if texts.is_empty() { NONE } else { &texts })
}

pub(super) fn time_of(time: &Value) -> Option<Timestamp> {
    time.as_str()?.parse().ok()
}
