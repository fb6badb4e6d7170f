//! What an update, a patch or a creation comes to own.

use super::Write;
use super::compare::Difference;
use super::owners::{FieldOwner, Operation, Owned, Owners};
use super::path::PathElement;
use super::set::FieldSet;
use crate::schema::Schema;
use serde_json::{Map, Value, json};

/// The owner of all that was there before somebody applied.
const BEFORE_FIRST_APPLY: &str = "before-first-apply";

/// What the server sets in every object's metadata: nobody owns it.
const SYSTEM_METADATA: [&str; 9] = [
    "name",
    "namespace",
    "creationTimestamp",
    "selfLink",
    "uid",
    "clusterName",
    "generation",
    "managedFields",
    "resourceVersion",
];

/// The object as updated, with the owners of its fields after the update.
///
/// A client that leaves `managedFields` out keeps them; one that sends `[{}]` empties them, and an
/// object without any is tracked again from the next apply on.
#[must_use]
pub fn track_update(
    schema: Schema<'_>,
    live: Option<&Map<String, Value>>,
    updated: &Map<String, Value>,
    write: &Write<'_>,
) -> Map<String, Value> {
    let mut object = updated.clone();
    let mut owners = owners_of(live, updated, write);
    if !(owners.is_empty() && live.is_some()) {
        let blank = Map::from_iter([("metadata".to_owned(), json!({}))]);
        own_difference(&mut owners, schema, live.unwrap_or(&blank), updated, write);
    }
    owners.write_into(&mut object);
    object
}

/// The live object, if nothing but the times of its owners is new in `object`: such a write is none.
#[must_use]
pub fn keep_times(live: &Map<String, Value>, object: Map<String, Value>) -> Map<String, Value> {
    if without_times(live) == without_times(&object) {
        live.clone()
    } else {
        object
    }
}

/// The object without what a write changes by itself.
fn without_times(object: &Map<String, Value>) -> Map<String, Value> {
    let mut object = object.clone();
    if let Some(Value::Object(metadata)) = object.get_mut("metadata") {
        metadata.remove("resourceVersion");
        let entries = metadata
            .get_mut("managedFields")
            .and_then(Value::as_array_mut);
        for entry in entries
            .into_iter()
            .flatten()
            .filter_map(Value::as_object_mut)
        {
            entry.remove("time");
        }
    }
    object
}

pub(super) fn own_before_first_apply(
    schema: Schema<'_>,
    live: &Map<String, Value>,
    write: &Write<'_>,
) -> Owners {
    let mut owners = Owners::default();
    let before = Write {
        owner: BEFORE_FIRST_APPLY,
        subresource: "",
        ..*write
    };
    let blank = Map::from_iter([("metadata".to_owned(), json!({}))]);
    own_difference(&mut owners, schema, &blank, live, &before);
    owners
}

/// Takes what the server sets from every owner.
pub(super) fn strip_metadata(owners: &mut Owners) {
    owners.strip(&system_fields());
}

fn system_fields() -> FieldSet {
    let field = |name: &str| PathElement::Field(name.into());
    let mut fields = FieldSet::default();
    for name in ["apiVersion", "kind", "metadata"] {
        fields.insert(&[field(name)]);
    }
    for name in SYSTEM_METADATA {
        fields.insert(&[field("metadata"), field(name)]);
    }
    fields
}

fn owners_of(
    live: Option<&Map<String, Value>>,
    updated: &Map<String, Value>,
    write: &Write<'_>,
) -> Owners {
    let of_live = || {
        live.and_then(|live| Owners::of(live).ok())
            .unwrap_or_default()
    };
    if !write.subresource.is_empty() {
        return of_live();
    }
    let entries = updated
        .get("metadata")
        .map(|metadata| &metadata["managedFields"]);
    if entries.is_some_and(|entries| *entries == json!([{}])) {
        return Owners::default();
    }
    Owners::of(updated)
        .ok()
        .filter(|owners| !owners.is_empty())
        .unwrap_or_else(of_live)
}

fn own_difference(
    owners: &mut Owners,
    schema: Schema<'_>,
    old: &Map<String, Value>,
    new: &Map<String, Value>,
    write: &Write<'_>,
) {
    let owner = FieldOwner::of(write, Operation::Update);
    let difference = Difference::between(schema, old, new).without(write.ignored);
    let written = difference.written().difference(&system_fields());
    owners.take_from_others(&owner, &difference.written().union(&difference.removed));
    let before = owners.get(&owner).cloned();
    let time = if written.is_empty() {
        before.as_ref().and_then(|owned| owned.time)
    } else {
        Some(write.now)
    };
    let fields = before.map(|owned| owned.fields).unwrap_or_default();
    let fields = fields.difference(&difference.removed).union(&written);
    owners.set(
        owner,
        Owned {
            fields,
            api_version: write.api_version.to_owned(),
            time,
        },
    );
    owners.drop_empty();
    owners.put_old_updaters_together();
}
