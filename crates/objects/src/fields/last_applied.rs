//! The annotation of client-side apply, by which `kubectl apply --server-side` takes objects over.

use super::Write;
use super::conflict::Conflicts;
use super::typed::fields_of;
use crate::schema::Schema;
use serde_json::{Map, Value};

const ANNOTATION: &str = "kubectl.kubernetes.io/last-applied-configuration";
/// The owner for which the annotation is kept.
const KUBECTL: &str = "kubectl";
/// Bytes that Kubernetes allows all annotations together.
const ANNOTATIONS_MAX: usize = 256 * 1024;

/// Whether the conflicts are all about fields that kubectl applied itself, as the annotation says.
pub(super) fn allows(
    schema: Schema<'_>,
    live: &Map<String, Value>,
    write: &Write<'_>,
    conflicts: &Conflicts,
) -> bool {
    let applied = || annotation(live).and_then(|text| serde_json::from_str::<Map<_, _>>(text).ok());
    write.owner == KUBECTL
        && applied().is_some_and(|applied| {
            conflicts
                .fields()
                .difference(&fields_of(schema, &applied))
                .is_empty()
        })
}

/// Brings the annotation up to date, where there is one.
pub(super) fn keep(
    object: &mut Map<String, Value>,
    applied: &Map<String, Value>,
    write: &Write<'_>,
) {
    if write.owner != KUBECTL || annotation(object).is_none() {
        return;
    }
    let mut applied = applied.clone();
    if let Some(annotations) = annotations(&mut applied) {
        annotations.remove(ANNOTATION);
    }
    let text = format!("{}\n", Value::Object(applied));
    if let Some(annotations) = annotations(object) {
        if text.len() > ANNOTATIONS_MAX {
            annotations.remove(ANNOTATION);
        } else {
            annotations.insert(ANNOTATION.to_owned(), Value::String(text));
        }
    }
}

fn annotation(object: &Map<String, Value>) -> Option<&str> {
    object.get("metadata")?["annotations"][ANNOTATION].as_str()
}

fn annotations(object: &mut Map<String, Value>) -> Option<&mut Map<String, Value>> {
    object
        .get_mut("metadata")?
        .get_mut("annotations")?
        .as_object_mut()
}
