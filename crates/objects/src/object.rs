//! An object: JSON with a type and metadata.

use jiff::Timestamp;
use names::{Gvk, NotAGvk};
use serde::{Deserialize, Serialize};
use serde_json::{Map, Value};

/// A Kubernetes object of any kind.
#[derive(Debug, Clone, PartialEq, Eq, Default, Serialize, Deserialize)]
#[serde(transparent)]
pub struct Object(Map<String, Value>);

/// The JSON is something else than an object.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[error("a Kubernetes object is a JSON object, with `apiVersion`, `kind` and `metadata`")]
pub struct NotAnObject;

/// Whose part an object is.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct OwnerReference<'a>(&'a Map<String, Value>);

impl Object {
    /// An empty object of a type.
    #[must_use]
    pub fn new(gvk: &Gvk) -> Self {
        let mut object = Self::default();
        object.set_gvk(gvk);
        object
    }

    /// The object that this JSON is.
    pub fn from_value(value: Value) -> Result<Self, NotAnObject> {
        match value {
            Value::Object(map) => Ok(Self(map)),
            Value::Null
            | Value::Bool(_)
            | Value::Number(_)
            | Value::String(_)
            | Value::Array(_) => Err(NotAnObject),
        }
    }

    /// Its JSON.
    #[must_use]
    pub fn into_value(self) -> Value {
        Value::Object(self.0)
    }

    /// Its fields.
    #[must_use]
    pub fn as_map(&self) -> &Map<String, Value> {
        &self.0
    }

    /// Its fields, to change.
    pub fn as_map_mut(&mut self) -> &mut Map<String, Value> {
        &mut self.0
    }

    /// What stands at the end of a path of fields, as `["spec", "nodeName"]`.
    #[must_use]
    pub fn get(&self, path: &[&str]) -> Option<&Value> {
        let (first, rest) = path.split_first()?;
        rest.iter()
            .try_fold(self.0.get(*first)?, |value, field| value.get(field))
    }

    /// The text at the end of a path. Empty text is none: so Kubernetes' clients write an absent one.
    #[must_use]
    pub fn text(&self, path: &[&str]) -> Option<&str> {
        self.get(path)?.as_str().filter(|text| !text.is_empty())
    }

    /// What it is.
    pub fn gvk(&self) -> Result<Gvk, NotAGvk> {
        Gvk::parse_api_version(
            self.api_version().unwrap_or_default(),
            self.kind().unwrap_or_default(),
        )
    }

    /// Says what it is.
    pub fn set_gvk(&mut self, gvk: &Gvk) {
        self.0.insert("apiVersion".into(), gvk.api_version().into());
        self.0.insert("kind".into(), gvk.kind.as_str().into());
    }

    /// Group and version, as `apps/v1`.
    #[must_use]
    pub fn api_version(&self) -> Option<&str> {
        self.text(&["apiVersion"])
    }

    /// Its kind.
    #[must_use]
    pub fn kind(&self) -> Option<&str> {
        self.text(&["kind"])
    }
}

/// Its metadata.
impl Object {
    /// All of it.
    #[must_use]
    pub fn metadata(&self) -> Option<&Map<String, Value>> {
        self.0.get("metadata")?.as_object()
    }

    /// All of it, to change; made where there is none.
    pub fn metadata_mut(&mut self) -> &mut Map<String, Value> {
        let metadata = self.0.entry("metadata").or_insert(Value::Null);
        if !metadata.is_object() {
            *metadata = Value::Object(Map::new());
        }
        let Value::Object(map) = metadata else {
            unreachable!("made one line above")
        };
        map
    }

    /// Its name.
    #[must_use]
    pub fn name(&self) -> Option<&str> {
        self.text(&["metadata", "name"])
    }

    /// What its name is to begin with.
    #[must_use]
    pub fn generate_name(&self) -> Option<&str> {
        self.text(&["metadata", "generateName"])
    }

    /// The namespace it lives in.
    #[must_use]
    pub fn namespace(&self) -> Option<&str> {
        self.text(&["metadata", "namespace"])
    }

    /// What tells it from earlier and later objects of its name.
    #[must_use]
    pub fn uid(&self) -> Option<&str> {
        self.text(&["metadata", "uid"])
    }

    /// The version of the object as the store counts it; opaque to clients.
    #[must_use]
    pub fn resource_version(&self) -> Option<&str> {
        self.text(&["metadata", "resourceVersion"])
    }

    /// How often its specification was changed.
    #[must_use]
    pub fn generation(&self) -> i64 {
        let generation = self.get(&["metadata", "generation"]);
        generation.and_then(Value::as_i64).unwrap_or_default()
    }

    /// When it was made.
    #[must_use]
    pub fn creation_timestamp(&self) -> Option<Timestamp> {
        self.time(&["metadata", "creationTimestamp"])
    }

    /// When its deletion was asked for.
    #[must_use]
    pub fn deletion_timestamp(&self) -> Option<Timestamp> {
        self.time(&["metadata", "deletionTimestamp"])
    }

    /// The value of a label.
    #[must_use]
    pub fn label(&self, key: &str) -> Option<&str> {
        self.get(&["metadata", "labels", key])?.as_str()
    }

    /// Its labels.
    pub fn labels(&self) -> impl Iterator<Item = (&str, &str)> {
        self.pairs(&["metadata", "labels"])
    }

    /// The value of an annotation.
    #[must_use]
    pub fn annotation(&self, key: &str) -> Option<&str> {
        self.get(&["metadata", "annotations", key])?.as_str()
    }

    /// Its annotations.
    pub fn annotations(&self) -> impl Iterator<Item = (&str, &str)> {
        self.pairs(&["metadata", "annotations"])
    }

    /// Who must agree before it goes.
    pub fn finalizers(&self) -> impl Iterator<Item = &str> {
        self.items(&["metadata", "finalizers"])
            .iter()
            .filter_map(Value::as_str)
    }

    /// Whose part it is.
    pub fn owner_references(&self) -> impl Iterator<Item = OwnerReference<'_>> {
        let references = self.items(&["metadata", "ownerReferences"]).iter();
        references.filter_map(|reference| reference.as_object().map(OwnerReference))
    }

    /// The owner that manages it.
    #[must_use]
    pub fn controller(&self) -> Option<OwnerReference<'_>> {
        self.owner_references().find(OwnerReference::is_controller)
    }

    /// The items of a list at the end of a path; none where there is no list.
    #[must_use]
    pub fn items(&self, path: &[&str]) -> &[Value] {
        let items = self.get(path).and_then(Value::as_array);
        items.map(Vec::as_slice).unwrap_or_default()
    }

    fn time(&self, path: &[&str]) -> Option<Timestamp> {
        self.text(path)?.parse().ok()
    }

    fn pairs(&self, path: &[&str]) -> impl Iterator<Item = (&str, &str)> {
        let map = self.get(path).and_then(Value::as_object);
        map.into_iter()
            .flatten()
            .filter_map(|(key, value)| Some((key.as_str(), value.as_str()?)))
    }
}

impl<'a> OwnerReference<'a> {
    /// The owner's group and version.
    #[must_use]
    pub fn api_version(&self) -> &'a str {
        self.text("apiVersion")
    }

    /// The owner's kind.
    #[must_use]
    pub fn kind(&self) -> &'a str {
        self.text("kind")
    }

    /// The owner's name.
    #[must_use]
    pub fn name(&self) -> &'a str {
        self.text("name")
    }

    /// The owner's uid.
    #[must_use]
    pub fn uid(&self) -> &'a str {
        self.text("uid")
    }

    /// Whether the owner manages the object.
    #[must_use]
    pub fn is_controller(&self) -> bool {
        self.flag("controller")
    }

    /// Whether a foreground deletion of the owner waits for the object.
    #[must_use]
    pub fn blocks_owner_deletion(&self) -> bool {
        self.flag("blockOwnerDeletion")
    }

    fn text(&self, field: &str) -> &'a str {
        let text = self.0.get(field).and_then(Value::as_str);
        text.unwrap_or_default()
    }

    fn flag(&self, field: &str) -> bool {
        self.0.get(field).and_then(Value::as_bool) == Some(true)
    }
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    fn pod() -> Object {
        let pod = json!({
            "apiVersion": "v1", "kind": "Pod",
            "metadata": {
                "name": "a", "namespace": "", "generation": 3, "labels": {"app": "a", "odd": 1},
                "creationTimestamp": "2026-01-31T12:00:00Z",
                "ownerReferences": [{"uid": "1"}, {"uid": "2", "controller": true}],
            },
        });
        Object::from_value(pod).unwrap()
    }

    #[test]
    fn metadata_is_read_where_it_stands() {
        let pod = pod();
        assert_eq!(pod.gvk().unwrap().to_string(), "/v1, Kind=Pod");
        assert_eq!((pod.name(), pod.generation()), (Some("a"), 3));
        assert_eq!(pod.labels().collect::<Vec<_>>(), [("app", "a")]);
        assert_eq!(
            pod.creation_timestamp().unwrap().to_string(),
            "2026-01-31T12:00:00Z"
        );
        assert_eq!(pod.controller().unwrap().uid(), "2");
    }

    #[test]
    fn empty_text_is_no_text() {
        assert_eq!(pod().namespace(), None);
    }

    #[test]
    fn metadata_that_is_no_map_makes_way_for_one() {
        let mut object = Object::from_value(json!({"metadata": 7})).unwrap();
        object.metadata_mut().insert("name".into(), "a".into());
        assert_eq!(object.name(), Some("a"));
    }
}
