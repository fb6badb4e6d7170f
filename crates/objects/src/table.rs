//! Objects as `kubectl get` shows them: columns and rows, kind by kind.

mod access;
mod columns;
mod configuration;
mod human;
mod look;
mod network;
mod node;
mod pod;
mod workload;

pub use columns::{Column, columns};
pub use human::human_duration;

use crate::Object;
use jiff::Timestamp;
use serde_json::{Map, Value, json};

/// How much of each object goes with its row.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub enum IncludeObject {
    /// Nothing.
    None,
    /// Its metadata.
    #[default]
    Metadata,
    /// All of it.
    Object,
}

impl IncludeObject {
    /// What `includeObject=TEXT` asks for.
    #[must_use]
    pub fn parse(text: &str) -> Option<Self> {
        match text {
            "" | "Metadata" => Some(Self::Metadata),
            "None" => Some(Self::None),
            "Object" => Some(Self::Object),
            _ => None,
        }
    }
}

/// How a Table is wanted.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct TableForm {
    /// The version of `meta.k8s.io`: `v1` or `v1beta1`.
    pub version: &'static str,
    /// How much of each object goes with its row.
    pub include: IncludeObject,
    /// Whether it says what its columns are; of a watch's Tables only the first does.
    pub has_head: bool,
}

/// The cells of an object's row, one for each of its kind's [`columns`].
#[must_use]
pub fn cells(object: &Object, now: Timestamp) -> Vec<Value> {
    let (group, kind) = group_kind(object);
    columns::kind(group, kind).cells(&look::Look::at(object, now))
}

/// A Table of objects of one kind; `metadata` is the list's.
#[must_use]
pub fn table<'o>(
    (group, kind): (&str, &str),
    objects: impl IntoIterator<Item = &'o Object>,
    metadata: &Map<String, Value>,
    form: TableForm,
    now: Timestamp,
) -> Value {
    let shape = columns::kind(group, kind);
    let rows = objects.into_iter().map(|object| {
        let look = look::Look::at(object, now);
        let mut row = json!({"cells": shape.cells(&look)});
        if let Some(condition) = pod::completion(&look) {
            row["conditions"] = json!([condition]);
        }
        match form.include {
            IncludeObject::None => {}
            IncludeObject::Metadata => row["object"] = partial(object, form.version),
            IncludeObject::Object => row["object"] = Value::Object(object.as_map().clone()),
        }
        row
    });
    let rows: Vec<_> = rows.collect();
    let columns = shape.columns.iter().copied().map(Column::to_json);
    json!({
        "kind": "Table",
        "apiVersion": format!("meta.k8s.io/{}", form.version),
        "metadata": metadata,
        "columnDefinitions": form.has_head.then(|| columns.collect::<Vec<_>>()),
        "rows": rows,
    })
}

/// The object's metadata alone: a PartialObjectMetadata.
#[must_use]
pub fn partial(object: &Object, version: &str) -> Value {
    json!({
        "kind": "PartialObjectMetadata",
        "apiVersion": format!("meta.k8s.io/{version}"),
        "metadata": object.metadata().cloned().unwrap_or_default(),
    })
}

fn group_kind(object: &Object) -> (&str, &str) {
    let group = object
        .api_version()
        .and_then(|version| version.split_once('/'));
    (
        group.map_or("", |(group, _)| group),
        object.kind().unwrap_or_default(),
    )
}

#[cfg(test)]
mod tests;
