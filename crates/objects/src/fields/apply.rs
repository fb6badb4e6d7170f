//! Server-side apply.

use super::Write;
use super::check::{Faults, check};
use super::compare::Difference;
use super::conflict::Conflicts;
use super::last_applied;
use super::merge::merge;
use super::owners::{FieldOwner, MalformedFields, Operation, Owned, Owners};
use super::remove::remove;
use super::set::FieldSet;
use super::track::{own_before_first_apply, strip_metadata};
use super::typed::fields_of;
use crate::schema::Schema;
use serde_json::{Map, Value};

/// Why nothing was applied.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum ApplyRefused {
    /// The configuration names owners itself.
    #[error("metadata.managedFields must be nil")]
    NamesOwners,
    /// The configuration is of another version than the request.
    #[error(
        "Incorrect version specified in apply patch. Specified patch version: {found}, expected: {wanted}"
    )]
    Version {
        /// What it says.
        found: String,
        /// What the path says.
        wanted: String,
    },
    /// Some of its fields are not what the schema says.
    #[error("failed to create typed patch object: {0}")]
    Untyped(Faults),
    /// The live object's owners cannot be read.
    #[error("failed to decode managed fields: {0}")]
    Owners(#[from] MalformedFields),
    /// Others want some of the fields otherwise.
    #[error("{0}")]
    Conflicts(Conflicts),
}

/// The object after a configuration was applied to it, its owners included.
///
/// Where there is no live object, the configuration becomes it. The caller fills in defaults and what
/// the server alone sets; nobody owns those. An object that comes back unchanged was changed by
/// nothing, not even the time of its owner's entry.
pub fn apply(
    schema: Schema<'_>,
    live: Option<&Map<String, Value>>,
    applied: &Map<String, Value>,
    write: &Write<'_>,
    force: bool,
) -> Result<Map<String, Value>, ApplyRefused> {
    refuse_malformed(schema, applied, write)?;
    let blank = blank(applied);
    let owners = Owners::of(live.unwrap_or(&blank))?;
    let live = without_owners(live.unwrap_or(&blank));
    let owners = if owners.is_empty() {
        own_before_first_apply(schema, &live, write)
    } else {
        owners
    };
    let request = Request {
        schema,
        live: &live,
        applied,
        write,
    };
    let merged = request.merge(owners.clone(), force).or_else(|conflicts| {
        let left = last_applied::left_of(conflicts, schema, &live, write);
        match left.0.is_empty() {
            true => request.merge(owners, true),
            false => Err(left),
        }
    });
    let (mut object, owners) = merged.map_err(ApplyRefused::Conflicts)?;
    last_applied::keep(&mut object, applied, write);
    owners.write_into(&mut object);
    Ok(object)
}

fn refuse_malformed(
    schema: Schema<'_>,
    applied: &Map<String, Value>,
    write: &Write<'_>,
) -> Result<(), ApplyRefused> {
    let metadata = applied.get("metadata").unwrap_or(&Value::Null);
    if !metadata["managedFields"].is_null() {
        return Err(ApplyRefused::NamesOwners);
    }
    let found = applied
        .get("apiVersion")
        .and_then(Value::as_str)
        .unwrap_or_default();
    if found != write.api_version {
        let (found, wanted) = (found.to_owned(), write.api_version.to_owned());
        return Err(ApplyRefused::Version { found, wanted });
    }
    check(schema, applied).map_err(ApplyRefused::Untyped)
}

/// An object of the same type, with nothing in it.
fn blank(applied: &Map<String, Value>) -> Map<String, Value> {
    let typed = ["apiVersion", "kind"].into_iter();
    let typed = typed.filter_map(|name| Some((name.to_owned(), applied.get(name)?.clone())));
    typed
        .chain([("metadata".to_owned(), Value::Object(Map::new()))])
        .collect()
}

fn without_owners(object: &Map<String, Value>) -> Map<String, Value> {
    let mut object = object.clone();
    if let Some(Value::Object(metadata)) = object.get_mut("metadata") {
        metadata.remove("managedFields");
    }
    object
}

struct Request<'r> {
    schema: Schema<'r>,
    live: &'r Map<String, Value>,
    applied: &'r Map<String, Value>,
    write: &'r Write<'r>,
}

impl Request<'_> {
    fn merge(
        &self,
        mut owners: Owners,
        force: bool,
    ) -> Result<(Map<String, Value>, Owners), Conflicts> {
        let Write {
            ignored,
            api_version,
            now,
            ..
        } = *self.write;
        let owner = FieldOwner::of(self.write, Operation::Apply);
        let before = owners.get(&owner).cloned();
        let fields = fields_of(self.schema, self.applied).without(ignored);
        let time = before.as_ref().and_then(|before| before.time);
        let owned = Owned {
            fields,
            api_version: api_version.to_owned(),
            time,
        };
        owners.set(owner.clone(), owned.clone());

        let merged = merge(self.schema, self.live, &self.without_ignored());
        let last = before.as_ref().map(|before| &before.fields);
        let object = without_nulls(self.prune(&merged, &owners, last));

        let difference = Difference::between(self.schema, self.live, &object).without(ignored);
        let conflicts = Conflicts::between(&owners, &owner, &difference.written());
        if !conflicts.0.is_empty() && !force {
            return Err(conflicts);
        }
        owners.take_from_others(&owner, &conflicts.fields());
        owners.take_from_others(&owner, &difference.removed);
        strip_metadata(&mut owners);
        let is_same = before.is_some_and(|before| {
            owners
                .get(&owner)
                .is_some_and(|owned| owned.fields == before.fields)
        });
        if !difference.is_empty() || !is_same {
            owners.set(
                owner.clone(),
                Owned {
                    time: Some(now),
                    fields: owners
                        .get(&owner)
                        .map(|owned| owned.fields.clone())
                        .unwrap_or_default(),
                    ..owned
                },
            );
        }
        owners.drop_empty();
        owners.put_old_updaters_together();
        Ok((object, owners))
    }

    fn without_ignored(&self) -> Map<String, Value> {
        let mut applied = self.applied.clone();
        applied.retain(|name, _| !self.write.ignored.contains(&name.as_str()));
        applied
    }

    /// Takes out what this owner applied last time, does not apply now, and nobody else has.
    fn prune(
        &self,
        merged: &Map<String, Value>,
        owners: &Owners,
        last: Option<&FieldSet>,
    ) -> Map<String, Value> {
        let Some(last) = last.filter(|last| !last.is_empty()) else {
            return merged.clone();
        };
        let named = |fields: &FieldSet| fields.with_named_fields(Some(self.schema));
        let fields = |object: &Map<String, Value>| named(&fields_of(self.schema, object));
        let (all, last) = (fields(merged), named(last));
        let without = |gone: &FieldSet| remove(self.schema, merged, gone);
        // All that was applied last time goes, then what is owned comes back, then what hung below
        // but was never this owner's.
        let pruned = without(&last);
        let kept = fields(&pruned).union(&named(&owners.all_fields()));
        let pruned = without(&all.difference(&kept));
        without(&all.difference(&fields(&pruned)).intersection(&last))
    }
}

/// A null in a configuration is no value for the object.
fn without_nulls(object: Map<String, Value>) -> Map<String, Value> {
    let kept = object.into_iter().filter(|(_, value)| !value.is_null());
    kept.map(|(key, value)| (key, null_free(value))).collect()
}

fn null_free(value: Value) -> Value {
    match value {
        Value::Object(map) => Value::Object(without_nulls(map)),
        Value::Array(items) => items.into_iter().map(null_free).collect(),
        Value::Null | Value::Bool(_) | Value::Number(_) | Value::String(_) => value,
    }
}

#[cfg(test)]
mod rows;
#[cfg(test)]
mod tests;
