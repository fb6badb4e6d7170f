//! Trims the definitions of Kubernetes' API to their facts.

use std::collections::{BTreeMap, BTreeSet};
use std::path::Path;

use serde_json::{Map, Value};

use crate::source::Wheel;

/// The version of Kubernetes whose objects we know.
const KUBERNETES: &str = "1.37.0";

/// Prose, which is neither needed nor ours to repeat.
const PROSE: &str = "description";

/// Where a definition names its kinds.
const KINDS: &str = "x-kubernetes-group-version-kind";

/// Rewrites `definitions.json` in `folder` from the `kubernetes-validate` wheel at `from`; says what it did.
pub(crate) fn refresh_definitions(from: &Path, folder: &Path) -> Result<String, String> {
    let path =
        format!("kubernetes_validate/kubernetes-json-schema/v{KUBERNETES}-local/_definitions.json");
    let document: Value = serde_json::from_slice(&Wheel::open(from)?.read(&path)?)
        .map_err(|e| format!("`{path}` is not JSON: {e}"))?;
    let all = document["$defs"]
        .as_object()
        .ok_or_else(|| format!("`{path}` has no `$defs`"))?;
    let kept: BTreeMap<&String, Value> = reachable(all)
        .into_iter()
        .map(|name| (name, trimmed(&all[name])))
        .collect();
    let file = folder.join("definitions.json");
    crate::models::write(&file, &one_definition_a_line(&kept)?)?;
    Ok(format!("{}: {} definitions", file.display(), kept.len()))
}

/// The kinds of stable versions, and all that they are made of. Alpha and beta versions are off in
/// a real cluster, too, unless somebody turns them on.
fn reachable(all: &Map<String, Value>) -> BTreeSet<&String> {
    let mut open: Vec<&String> = all
        .iter()
        .filter(|(_, definition)| has_stable_kind(definition))
        .map(|(name, _)| name)
        .collect();
    let mut reached = BTreeSet::new();
    while let Some(name) = open.pop() {
        if reached.insert(name) {
            let names = references(&all[name]);
            open.extend(
                names
                    .iter()
                    .filter_map(|n| all.get_key_value(n).map(|(n, _)| n)),
            );
        }
    }
    reached
}

fn has_stable_kind(definition: &Value) -> bool {
    let kinds = definition[KINDS].as_array().into_iter().flatten();
    kinds
        .filter_map(|kind| kind["version"].as_str())
        .any(is_stable)
}

fn is_stable(version: &str) -> bool {
    let number = version.strip_prefix('v');
    number.is_some_and(|number| number.bytes().all(|digit| digit.is_ascii_digit()))
}

/// The names behind every `$ref` of `value`.
fn references(value: &Value) -> Vec<String> {
    match value {
        Value::Object(members) => members
            .iter()
            .flat_map(|(key, value)| match value.as_str() {
                Some(text) if key == "$ref" => vec![text.replace("#/$defs/", "")],
                _ => references(value),
            })
            .collect(),
        Value::Array(items) => items.iter().flat_map(references).collect(),
        Value::Null | Value::Bool(_) | Value::Number(_) | Value::String(_) => Vec::new(),
    }
}

/// Without prose, without `null` among the types (every field of Kubernetes may be null), without
/// the one allowed spelling of `apiVersion` and `kind` (the kinds say it), without unstable kinds.
fn trimmed(definition: &Value) -> Value {
    match definition {
        Value::Object(members) => {
            let is_dropped = |key: &str, value: &Value| match key {
                PROSE => value.is_string(),
                "enum" => value.is_array(),
                _ => false,
            };
            let kept = members
                .iter()
                .filter(|(key, value)| !is_dropped(key, value));
            kept.map(|(key, value)| (key.clone(), trimmed_member(key, value)))
                .collect::<Map<_, _>>()
                .into()
        }
        Value::Array(items) => items.iter().map(trimmed).collect(),
        Value::Null | Value::Bool(_) | Value::Number(_) | Value::String(_) => definition.clone(),
    }
}

fn trimmed_member(key: &str, value: &Value) -> Value {
    match (key, value) {
        ("type", Value::Array(types)) => types
            .iter()
            .find(|name| name.as_str() != Some("null"))
            .cloned()
            .unwrap_or_default(),
        ("$ref", Value::String(path)) => path.replace("#/$defs/", "").into(),
        (KINDS, Value::Array(kinds)) if kinds.len() > 1 => kinds
            .iter()
            .filter(|kind| kind["group"] == "")
            .cloned()
            .collect(),
        _ => trimmed(value),
    }
}

/// So that a refresh reads well as a diff.
fn one_definition_a_line(definitions: &BTreeMap<&String, Value>) -> Result<String, String> {
    let lines: Result<Vec<String>, String> = definitions
        .iter()
        .map(|(name, value)| {
            let value = serde_json::to_string(value).map_err(|e| e.to_string())?;
            Ok(format!("{name:?}:{value}"))
        })
        .collect();
    Ok(format!("{{\n{}\n}}\n", lines?.join(",\n")))
}
