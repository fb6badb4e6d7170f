//! Answers as bytes: an object, a list, an event, in the form that the client wants.

use crate::list::Page;
use crate::negotiation::Form;
use crate::record::Record;
use crate::registry::ResourceDef;
use crate::watch::Told;
use bytes::Bytes;
use jiff::Timestamp;
use objects::table::{self, TableForm};
use objects::{Object, Status};
use serde::Serialize;
use serde_json::{Map, Value, json};

/// In which form a client looks at objects, and when: a Table tells their age.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Look {
    pub(crate) form: Form,
    pub(crate) now: Timestamp,
}

/// JSON of our own types is always written.
pub(crate) fn json_bytes(value: &impl Serialize) -> Vec<u8> {
    serde_json::to_vec(value).unwrap_or_default()
}

/// One object as it is stored.
pub(crate) fn record(record: &Record, of: &ResourceDef, look: Look) -> Vec<u8> {
    match look.form {
        Form::Object => {
            let mut out = Vec::with_capacity(record.bytes.len() + 256);
            record.append_whole(of, &mut out);
            out
        }
        Form::Table(_) | Form::Metadata(_) => object(&record.read(of), look),
    }
}

/// One object.
pub(crate) fn object(object: &Object, look: Look) -> Vec<u8> {
    match look.form {
        Form::Object => json_bytes(object),
        Form::Table(form) => json_bytes(&table_of_one(object, form, look.now)),
        Form::Metadata(version) => json_bytes(&table::partial(object, version)),
    }
}

fn table_of_one(object: &Object, form: TableForm, now: Timestamp) -> Value {
    let api_version = object.api_version().unwrap_or_default();
    let group = api_version.split_once('/').map_or("", |(group, _)| group);
    let mut metadata = Map::new();
    if let Some(revision) = object.resource_version() {
        metadata.insert("resourceVersion".to_owned(), revision.into());
    }
    let kind = object.kind().unwrap_or_default();
    table::table((group, kind), [object], &metadata, form, now)
}

/// A collection.
pub(crate) fn list(page: &Page, of: &ResourceDef, look: Look) -> Vec<u8> {
    match look.form {
        Form::Object => {
            let kind = format!("{}List", of.gvk.kind);
            let append = |record: &Record, out: &mut Vec<u8>| record.append_item(out);
            list_of(page, &kind, &of.gvk.api_version(), append)
        }
        Form::Metadata(version) => {
            let api_version = format!("meta.k8s.io/{version}");
            list_of(
                page,
                "PartialObjectMetadataList",
                &api_version,
                |record, out| {
                    out.extend_from_slice(&json_bytes(&table::partial(&record.read(of), version)));
                },
            )
        }
        Form::Table(form) => {
            let objects: Vec<_> = page.records.iter().map(|one| one.read(of)).collect();
            let type_of = (of.group(), of.gvk.kind.as_str());
            let metadata = list_metadata(page);
            json_bytes(&table::table(type_of, &objects, &metadata, form, look.now))
        }
    }
}

fn list_of(
    page: &Page,
    kind: &str,
    api_version: &str,
    append: impl Fn(&Record, &mut Vec<u8>),
) -> Vec<u8> {
    let records = page.records.iter();
    let bytes: usize = records.map(|record| record.bytes.len() + 64).sum();
    let mut out = Vec::with_capacity(bytes + 256);
    let metadata = Value::Object(list_metadata(page));
    let head = format!(
        "{{\"kind\":\"{kind}\",\"apiVersion\":\"{api_version}\",\"metadata\":{metadata},\"items\":["
    );
    out.extend_from_slice(head.as_bytes());
    for (index, record) in page.records.iter().enumerate() {
        if index > 0 {
            out.push(b',');
        }
        append(record, &mut out);
    }
    out.extend_from_slice(b"]}");
    out
}

fn list_metadata(page: &Page) -> Map<String, Value> {
    let mut metadata = Map::new();
    let revision = page.revision.to_string();
    metadata.insert("resourceVersion".to_owned(), revision.into());
    if let Some(token) = &page.continued {
        metadata.insert("continue".to_owned(), token.as_str().into());
    }
    if let Some(count) = page.remaining {
        metadata.insert("remainingItemCount".to_owned(), count.into());
    }
    metadata
}

/// A watch's events, one a line. What is told of the columns once is not told again.
pub(crate) fn events(told: Vec<Told>, of: &ResourceDef, look: &mut Look) -> Bytes {
    let mut lines = told.into_iter().map(|one| {
        let line = event(one, of, *look);
        if let Form::Table(form) = &mut look.form {
            form.has_head = false;
        }
        line
    });
    let first = lines.next().unwrap_or_default();
    let mut rest = lines.peekable();
    if rest.peek().is_none() {
        return first;
    }
    let mut out = first.to_vec();
    rest.for_each(|line| out.extend_from_slice(&line));
    out.into()
}

fn event(told: Told, of: &ResourceDef, look: Look) -> Bytes {
    match told {
        Told::Object {
            kind,
            record,
            shared,
        } => {
            let write = || line(kind.as_str(), &self::record(&record, of, look));
            match shared.filter(|_| look.form == Form::Object) {
                Some(change) => change.told.get_or_init(write).clone(),
                None => write(),
            }
        }
        Told::Bookmark {
            revision,
            ends_initial,
        } => {
            let bookmark = bookmark(&revision.to_string(), ends_initial, of);
            line("BOOKMARK", &object(&bookmark, look))
        }
        Told::Failed(status) => line("ERROR", &json_bytes(&status)),
    }
}

fn bookmark(revision: &str, ends_initial: bool, of: &ResourceDef) -> Object {
    let mut bookmark = Object::new(&of.gvk);
    let metadata = bookmark.metadata_mut();
    metadata.insert("resourceVersion".to_owned(), revision.into());
    metadata.insert("creationTimestamp".to_owned(), Value::Null);
    if ends_initial {
        let annotations = json!({ "k8s.io/initial-events-end": "true" });
        metadata.insert("annotations".to_owned(), annotations);
    }
    bookmark
}

fn line(kind: &str, object: &[u8]) -> Bytes {
    let mut out = Vec::with_capacity(object.len() + 48);
    out.extend_from_slice(b"{\"type\":\"");
    out.extend_from_slice(kind.as_bytes());
    out.extend_from_slice(b"\",\"object\":");
    out.extend_from_slice(object);
    out.extend_from_slice(b"}\n");
    out.into()
}

/// What an answer says instead of an object.
pub(crate) fn status(status: &Status) -> Vec<u8> {
    json_bytes(status)
}
