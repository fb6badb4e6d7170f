//! An object as bytes: how it is kept, and how it is shown without being read.
//!
//! A record is the object's JSON without type and resource version, its metadata first:
//! `{"metadata":{"creationTimestamp":...},"spec":...}`. Whoever shows it writes a head of its own and
//! appends the record behind its first bytes. So lists and watches copy bytes and parse nothing.

use crate::registry::ResourceDef;
use bytes::Bytes;
use objects::Object;
use serde_json::{Map, Value};
use store::Revision;

/// How every record begins.
const BEGIN: &[u8] = b"{\"metadata\":{";

/// An object as it is kept, its seal opened.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Record {
    pub(crate) bytes: Bytes,
    /// The commit that wrote it.
    pub(crate) revision: Revision,
}

/// Why stored bytes are no record.
#[derive(Debug, thiserror::Error)]
#[error("the record at `{key}` is not one: {why}")]
pub(crate) struct NotARecord {
    pub(crate) key: String,
    pub(crate) why: String,
}

/// The record of an object.
pub(crate) fn write(object: &Object) -> Vec<u8> {
    let mut out = Vec::with_capacity(1024);
    let metadata = object.metadata().cloned().unwrap_or_default();
    out.extend_from_slice(b"{\"metadata\":");
    append(
        &mut out,
        &without(metadata, &["resourceVersion", "selfLink"]),
    );
    for (field, value) in object.as_map() {
        if matches!(field.as_str(), "metadata" | "apiVersion" | "kind") {
            continue;
        }
        out.push(b',');
        append(&mut out, field);
        out.push(b':');
        append(&mut out, value);
    }
    out.push(b'}');
    out
}

fn without(mut metadata: Map<String, Value>, fields: &[&str]) -> Map<String, Value> {
    for field in fields {
        metadata.remove(*field);
    }
    metadata
}

/// JSON of strings and maps is always written.
fn append(out: &mut Vec<u8>, value: &impl serde::Serialize) {
    let _ = serde_json::to_writer(out, value);
}

impl Record {
    /// Writes the object without its type, as items of lists are.
    pub(crate) fn append_item(&self, out: &mut Vec<u8>) {
        out.extend_from_slice(b"{\"metadata\":{\"resourceVersion\":\"");
        self.append_rest(out);
    }

    /// Writes the object with its type.
    pub(crate) fn append_whole(&self, of: &ResourceDef, out: &mut Vec<u8>) {
        let head = format!(
            "{{\"kind\":\"{}\",\"apiVersion\":\"{}\",\"metadata\":{{\"resourceVersion\":\"",
            of.gvk.kind,
            of.gvk.api_version()
        );
        out.extend_from_slice(head.as_bytes());
        self.append_rest(out);
    }

    fn append_rest(&self, out: &mut Vec<u8>) {
        out.extend_from_slice(self.revision.to_string().as_bytes());
        out.extend_from_slice(b"\",");
        out.extend_from_slice(self.bytes.get(BEGIN.len()..).unwrap_or_default());
    }

    /// The object itself.
    pub(crate) fn read(&self, of: &ResourceDef) -> Object {
        // What was checked when it came from the store reads.
        let mut object: Object = serde_json::from_slice(&self.bytes).unwrap_or_default();
        object.set_gvk(&of.gvk);
        let revision = self.revision.to_string();
        object
            .metadata_mut()
            .insert("resourceVersion".to_owned(), revision.into());
        object
    }

    /// The record of stored bytes; they are of this program, or of an enemy who writes to the disk.
    pub(crate) fn of(key: &str, bytes: Bytes, revision: Revision) -> Result<Self, NotARecord> {
        if bytes.starts_with(BEGIN) && bytes.ends_with(b"}") {
            return Ok(Self { bytes, revision });
        }
        Err(NotARecord {
            key: key.to_owned(),
            why: "it does not begin with metadata".to_owned(),
        })
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::registry::Registry;
    use serde_json::json;

    fn object() -> Object {
        Object::from_value(json!({
            "kind": "ConfigMap",
            "apiVersion": "v1",
            "metadata": {"name": "a\"b", "resourceVersion": "7"},
            "data": {"k": "v"},
        }))
        .unwrap()
    }

    fn record() -> Record {
        Record::of("k", write(&object()).into(), Revision::new(9)).unwrap()
    }

    #[test]
    fn a_record_holds_neither_type_nor_resource_version() {
        let bytes = String::from_utf8(write(&object())).unwrap();
        assert_eq!(bytes, r#"{"metadata":{"name":"a\"b"},"data":{"k":"v"}}"#);
    }

    #[test]
    fn what_is_shown_is_the_object_at_its_revision() {
        let registry = Registry::builtin();
        let def = registry.find("", "v1", "configmaps").unwrap();
        let mut shown = Vec::new();
        record().append_whole(def, &mut shown);
        let shown: Object = serde_json::from_slice(&shown).unwrap();
        assert_eq!(shown, record().read(def));
        assert_eq!(shown.resource_version(), Some("9"));
        let mut item = Vec::new();
        record().append_item(&mut item);
        let item: Value = serde_json::from_slice(&item).unwrap();
        assert_eq!(item["metadata"]["resourceVersion"], "9");
        assert_eq!(item.get("kind"), None);
    }

    #[test]
    fn other_bytes_are_no_record() {
        assert!(Record::of("k", Bytes::from_static(b"{}"), Revision::ZERO).is_err());
    }
}
