//! Objects changed by patches: JSON Patch, merge patch and strategic merge patch.
//!
//! The fourth kind, apply, is in [`crate::fields`]: it also decides who owns what.

mod order;
mod strategic;

use crate::decode;
use crate::schema::{Schema, go};
use crate::status::Status;
use serde_json::{Map, Value};

/// Operations in a JSON Patch.
const OPERATIONS_MAX: usize = 10_000;
/// Bytes that the `copy` operations of one JSON Patch may add.
const COPIED_MAX: usize = 3 * 1024 * 1024;

/// A change that was asked for.
#[derive(Debug, Clone, PartialEq)]
pub enum Patch {
    /// A list of operations: RFC 6902.
    Json(json_patch::Patch),
    /// What is to be different; `null` takes away: RFC 7386.
    Merge(Map<String, Value>),
    /// The same, with lists merged as the schema says, and with directives.
    Strategic(Map<String, Value>),
}

/// Why a patch was not read, or not applied.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum PatchRefused {
    /// The patch is malformed.
    #[error("{0}")]
    Malformed(String),
    /// It has too many operations.
    #[error("The allowed maximum operations in a JSON patch is {OPERATIONS_MAX}, got {0}")]
    TooManyOperations(usize),
    /// It does not fit the object; the text says where.
    #[error("{0}")]
    DoesNotFit(String),
    /// It lacks what the schema needs to merge by. Kubernetes takes this for a fault of its own.
    #[error("{0}")]
    NotMergeable(String),
}

impl Patch {
    /// The JSON Patch in a body.
    pub fn json(body: &[u8]) -> Result<Self, PatchRefused> {
        // An operation may give a member twice: the last one counts, and strict clients are told.
        let (read, _) = decode::json(body).map_err(PatchRefused::Malformed)?;
        let malformed = |error: serde_json::Error| PatchRefused::Malformed(error.to_string());
        let patch: json_patch::Patch = serde_json::from_value(read).map_err(malformed)?;
        match patch.0.len() {
            count if count > OPERATIONS_MAX => Err(PatchRefused::TooManyOperations(count)),
            _ => Ok(Self::Json(patch)),
        }
    }

    /// The merge patch in a body.
    pub fn merge(body: &[u8]) -> Result<Self, PatchRefused> {
        read_map(body).map(Self::Merge)
    }

    /// The strategic merge patch in a body.
    pub fn strategic(body: &[u8]) -> Result<Self, PatchRefused> {
        read_map(body).map(Self::Strategic)
    }

    /// What is wrong with the patch as it was written, though it can be read: fields given twice, and
    /// in an operation fields that no operation has.
    #[must_use]
    pub fn strict_faults(&self, body: &[u8]) -> Vec<String> {
        let mut faults = decode::json(body).map_or_else(|_| Vec::new(), |(_, found)| found.strict);
        if let Self::Json(_) = self {
            faults.extend(unknown_members(body));
            faults
                .iter_mut()
                .for_each(|fault| fault.insert_str(0, "json patch "));
        }
        faults
    }

    /// The patch, or what came of it, as Kubernetes shows it when that is not what its kind is.
    #[must_use]
    pub fn shown(&self, patched: &Value) -> String {
        match self {
            Self::Strategic(patch) => go::text(&Value::Object(patch.clone())),
            Self::Json(_) | Self::Merge(_) => patched.to_string(),
        }
    }

    /// The object with the patch applied. The schema matters to strategic patches alone.
    pub fn apply(
        &self,
        schema: Schema<'_>,
        object: &Map<String, Value>,
    ) -> Result<Map<String, Value>, PatchRefused> {
        match self {
            Self::Json(patch) => apply_operations(patch, object),
            Self::Merge(patch) => {
                let mut patched = object.clone();
                merge_into(&mut patched, patch);
                Ok(patched)
            }
            Self::Strategic(patch) => {
                strategic::merge_map(Some(schema), object.clone(), patch.clone())
            }
        }
    }
}

impl PatchRefused {
    /// Kubernetes' answer.
    #[must_use]
    pub fn status(&self) -> Status {
        match self {
            Self::Malformed(message) => Status::bad_request(message.as_str()),
            Self::TooManyOperations(_) => Status::request_entity_too_large(&self.to_string()),
            Self::DoesNotFit(_) => {
                let message = "the server rejected our request due to an error in our request";
                Status::unprocessable(message)
            }
            Self::NotMergeable(message) => Status::unknown_error(message.as_str()),
        }
    }
}

fn read_map(body: &[u8]) -> Result<Map<String, Value>, PatchRefused> {
    serde_json::from_slice(body)
        .map_err(|error| PatchRefused::Malformed(format!("error decoding patch: {error}")))
}

/// The members of operations that RFC 6902 does not know.
fn unknown_members(body: &[u8]) -> Vec<String> {
    let operations: Vec<Map<String, Value>> = serde_json::from_slice(body).unwrap_or_default();
    let members = operations
        .iter()
        .enumerate()
        .flat_map(|(index, operation)| {
            let unknown = operation
                .keys()
                .filter(|name| !["op", "path", "from", "value"].contains(&name.as_str()));
            unknown.map(move |name| format!("unknown field \"[{index}].{name}\""))
        });
    members.collect()
}

fn apply_operations(
    patch: &json_patch::Patch,
    object: &Map<String, Value>,
) -> Result<Map<String, Value>, PatchRefused> {
    let mut document = Value::Object(object.clone());
    let mut copied = 0;
    for operation in &patch.0 {
        if let json_patch::PatchOperation::Copy(copy) = operation {
            copied += document.pointer(copy.from.as_str()).map_or(0, size);
            if copied > COPIED_MAX {
                let complaint = format!(
                    "Unable to complete the copy, the accumulated size increase of copy is {copied}, exceeding the limit {COPIED_MAX}"
                );
                return Err(PatchRefused::DoesNotFit(complaint));
            }
        }
        json_patch::patch_unsafe(&mut document, std::slice::from_ref(operation))
            .map_err(|error| PatchRefused::DoesNotFit(error.to_string()))?;
    }
    let Value::Object(object) = document else {
        return Err(PatchRefused::DoesNotFit(
            "the patch leaves no object".to_owned(),
        ));
    };
    Ok(object)
}

/// About the bytes that the value takes as JSON.
fn size(value: &Value) -> usize {
    match value {
        Value::Null | Value::Bool(_) | Value::Number(_) => 4,
        Value::String(text) => text.len() + 2,
        Value::Array(items) => items.iter().map(|item| size(item) + 1).sum::<usize>() + 2,
        Value::Object(map) => {
            map.iter()
                .map(|(key, value)| key.len() + size(value) + 4)
                .sum::<usize>()
                + 2
        }
    }
}

fn merge_into(target: &mut Map<String, Value>, patch: &Map<String, Value>) {
    for (key, value) in patch {
        match (value, target.get_mut(key)) {
            (Value::Null, _) => {
                target.remove(key);
            }
            (Value::Object(patch), Some(Value::Object(target))) => merge_into(target, patch),
            (Value::Object(patch), _) => {
                let mut fresh = Map::new();
                merge_into(&mut fresh, patch);
                target.insert(key.clone(), Value::Object(fresh));
            }
            (value, _) => {
                target.insert(key.clone(), value.clone());
            }
        }
    }
}

#[cfg(test)]
mod tests;
