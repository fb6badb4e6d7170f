//! Answers as bytes: an object, a list, an event, in the form that the client wants.

use crate::list::Page;
use crate::negotiation::Form;
use crate::record::Record;
use crate::registry::ResourceDef;
use crate::watch::Told;
use bytes::Bytes;
use objects::{Object, Status};
use serde::Serialize;
use serde_json::{Value, json};

/// JSON of our own types is always written.
pub(crate) fn json_bytes(value: &impl Serialize) -> Vec<u8> {
    serde_json::to_vec(value).unwrap_or_default()
}

/// One object as it is stored.
pub(crate) fn record(record: &Record, of: &ResourceDef, form: Form) -> Vec<u8> {
    match form {
        Form::Object => {
            let mut out = Vec::with_capacity(record.bytes.len() + 256);
            record.append_whole(of, &mut out);
            out
        }
        Form::Table(_) | Form::Metadata(_) => object(&record.read(of), form),
    }
}

/// One object.
pub(crate) fn object(object: &Object, form: Form) -> Vec<u8> {
    match form {
        Form::Object | Form::Table(_) => json_bytes(object),
        Form::Metadata(version) => json_bytes(&metadata_alone(object, version)),
    }
}

fn metadata_alone(object: &Object, version: &str) -> Value {
    json!({
        "kind": "PartialObjectMetadata",
        "apiVersion": format!("meta.k8s.io/{version}"),
        "metadata": object.metadata(),
    })
}

/// A collection.
pub(crate) fn list(page: &Page, of: &ResourceDef, form: Form) -> Vec<u8> {
    let (kind, api_version) = match form {
        Form::Object | Form::Table(_) => (format!("{}List", of.gvk.kind), of.gvk.api_version()),
        Form::Metadata(version) => (
            "PartialObjectMetadataList".to_owned(),
            format!("meta.k8s.io/{version}"),
        ),
    };
    let bytes: usize = page
        .records
        .iter()
        .map(|record| record.bytes.len() + 64)
        .sum();
    let mut out = Vec::with_capacity(bytes + 256);
    let head = format!(
        "{{\"kind\":\"{kind}\",\"apiVersion\":\"{api_version}\",\"metadata\":{},\"items\":[",
        list_metadata(page)
    );
    out.extend_from_slice(head.as_bytes());
    for (index, record) in page.records.iter().enumerate() {
        if index > 0 {
            out.push(b',');
        }
        match form {
            Form::Object | Form::Table(_) => record.append_item(&mut out),
            Form::Metadata(version) => {
                out.extend_from_slice(&json_bytes(&metadata_alone(&record.read(of), version)));
            }
        }
    }
    out.extend_from_slice(b"]}");
    out
}

fn list_metadata(page: &Page) -> Value {
    let mut metadata = json!({ "resourceVersion": page.revision.to_string() });
    if let Some(map) = metadata.as_object_mut() {
        if let Some(token) = &page.continued {
            map.insert("continue".to_owned(), token.as_str().into());
        }
        if let Some(count) = page.remaining {
            map.insert("remainingItemCount".to_owned(), count.into());
        }
    }
    metadata
}

/// Events, one a line.
pub(crate) fn events(told: Vec<Told>, of: &ResourceDef, form: Form) -> Bytes {
    let mut told = told.into_iter();
    match (told.next(), told.len()) {
        (None, _) => Bytes::new(),
        (Some(only), 0) => event(only, of, form),
        (Some(first), _) => {
            let mut out = event(first, of, form).to_vec();
            told.for_each(|one| out.extend_from_slice(&event(one, of, form)));
            out.into()
        }
    }
}

fn event(told: Told, of: &ResourceDef, form: Form) -> Bytes {
    match told {
        Told::Object {
            kind,
            record,
            shared,
        } => {
            let write = || line(kind.as_str(), &self::record(&record, of, form));
            match shared.filter(|_| form == Form::Object) {
                Some(change) => change.told.get_or_init(write).clone(),
                None => write(),
            }
        }
        Told::Bookmark {
            revision,
            ends_initial,
        } => line(
            "BOOKMARK",
            &json_bytes(&bookmark(&revision.to_string(), ends_initial, of)),
        ),
        Told::Failed(status) => line("ERROR", &json_bytes(&status)),
    }
}

pub(crate) fn bookmark(revision: &str, ends_initial: bool, of: &ResourceDef) -> Value {
    let mut metadata = json!({ "resourceVersion": revision, "creationTimestamp": null });
    if let Some(map) = metadata.as_object_mut()
        && ends_initial
    {
        map.insert(
            "annotations".to_owned(),
            json!({ "k8s.io/initial-events-end": "true" }),
        );
    }
    json!({
        "kind": of.gvk.kind.as_str(),
        "apiVersion": of.gvk.api_version(),
        "metadata": metadata,
    })
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
