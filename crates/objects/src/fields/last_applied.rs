//! The annotation of client-side apply, by which `kubectl apply --server-side` takes objects over.

use super::Write;
use super::compare::Difference;
use super::conflict::Conflicts;
use super::typed::fields_of;
use crate::schema::Schema;
use serde_json::{Map, Value};

const ANNOTATION: &str = "kubectl.kubernetes.io/last-applied-configuration";
/// The owner for which the annotation is kept.
const KUBECTL: &str = "kubectl";
/// Bytes that Kubernetes allows all annotations together.
const ANNOTATIONS_MAX: usize = 256 * 1024;

/// The conflicts that are left when kubectl may take what it applied itself, as the annotation says.
/// What another has changed since then is no longer kubectl's.
pub(super) fn left_of(
    conflicts: Conflicts,
    schema: Schema<'_>,
    live: &Map<String, Value>,
    write: &Write<'_>,
) -> Conflicts {
    let applied = annotation(live).filter(|_| write.owner == KUBECTL);
    let applied = applied.and_then(|text| serde_json::from_str::<Map<_, _>>(text).ok());
    let Some(applied) = applied else {
        return conflicts;
    };
    let Difference {
        added,
        modified,
        removed,
    } = Difference::between(schema, &applied, live);
    let changed = added.union(&modified).union(&removed);
    conflicts.without(&fields_of(schema, &applied).difference(&changed))
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
