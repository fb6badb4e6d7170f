//! Metadata, which all kinds share.

use super::faults::{Faults, entries, items, text};
use crate::field_path::FieldPath;
use crate::spelling;
use serde_json::Value;

const METADATA: FieldPath<'static> = FieldPath::root("metadata");
/// Bytes of all annotations together.
const ANNOTATIONS_MAX: usize = 256 * 1024;
/// Finalizers that need no domain.
const STANDARD_FINALIZERS: [&str; 3] = ["kubernetes", "orphan", "foregroundDeletion"];

/// How a kind's objects are named.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum NameRule {
    Subdomain,
    Label,
    Label1035,
    PathSegment,
    /// Reviews have none.
    None,
}

impl NameRule {
    pub(super) fn of(group: &str, kind: &str) -> Self {
        match (group, kind) {
            ("", "Namespace") => Self::Label,
            ("", "Service") => Self::Label1035,
            ("rbac.authorization.k8s.io", _) => Self::PathSegment,
            ("authentication.k8s.io" | "authorization.k8s.io", _) => Self::None,
            ("", "Binding") | ("policy", "Eviction") | ("autoscaling", "Scale") => Self::None,
            _ => Self::Subdomain,
        }
    }

    fn complaints(self, name: &str) -> Vec<String> {
        match self {
            Self::Subdomain => spelling::dns_subdomain(name),
            Self::Label => spelling::dns_label(name),
            Self::Label1035 => spelling::dns_1035_label(name),
            Self::PathSegment => spelling::path_segment(name),
            Self::None => Vec::new(),
        }
    }
}

pub(super) fn check(metadata: &Value, rule: NameRule, faults: &mut Faults) {
    if rule == NameRule::None {
        return;
    }
    let prefix = text(&metadata["generateName"]);
    if !prefix.is_empty() {
        // What is appended ends in a letter or digit: a hyphen before it is no edge.
        let prefix_text = prefix
            .strip_suffix('-')
            .map_or_else(|| prefix.to_owned(), |stem| format!("{stem}a"));
        faults.misspelt(
            METADATA.child("generateName"),
            prefix,
            &rule.complaints(&prefix_text),
        );
    }
    match text(&metadata["name"]) {
        "" => faults.required(METADATA.child("name"), "name or generateName is required"),
        name => faults.misspelt(METADATA.child("name"), name, &rule.complaints(name)),
    }
    let namespace = text(&metadata["namespace"]);
    if !namespace.is_empty() {
        faults.misspelt(
            METADATA.child("namespace"),
            namespace,
            &spelling::dns_label(namespace),
        );
    }
    labels(METADATA.child("labels"), &metadata["labels"], faults);
    annotations(
        METADATA.child("annotations"),
        &metadata["annotations"],
        faults,
    );
    owners(&metadata["ownerReferences"], faults);
    finalizers(&metadata["finalizers"], faults);
}

/// Labels anywhere.
pub(super) fn labels(path: FieldPath<'_>, labels: &Value, faults: &mut Faults) {
    for (key, value) in entries(labels) {
        faults.misspelt(path, key, &spelling::qualified_name(key));
        faults.misspelt(path, text(value), &spelling::label_value(text(value)));
    }
}

/// Annotations anywhere.
pub(super) fn annotations(path: FieldPath<'_>, annotations: &Value, faults: &mut Faults) {
    for (key, _) in entries(annotations) {
        // Upper case is let pass in the domain, for the sake of old objects.
        faults.misspelt(path, key, &spelling::qualified_name(&key.to_lowercase()));
    }
    let size: usize = entries(annotations)
        .map(|(key, value)| key.len() + text(value).len())
        .sum();
    if size > ANNOTATIONS_MAX {
        faults.too_long(path, ANNOTATIONS_MAX);
    }
}

fn owners(references: &Value, faults: &mut Faults) {
    let path = METADATA.child("ownerReferences");
    for (index, owner) in items(references).iter().enumerate() {
        let item = path.index(index);
        let words = [
            ("apiVersion", "version must not be empty"),
            ("kind", "kind must not be empty"),
            ("name", "name must not be empty"),
            ("uid", "uid must not be empty"),
        ];
        for (field, complaint) in words {
            if text(&owner[field]).is_empty() {
                faults.invalid(item.child(field), &Value::from(""), complaint);
            }
        }
    }
    let is_controller = |owner: &&Value| owner["controller"] == Value::Bool(true);
    let mut controllers = items(references).iter().filter(is_controller);
    if let (Some(one), Some(other)) = (controllers.next(), controllers.next()) {
        let name = |owner: &Value| format!("{}/{}", text(&owner["kind"]), text(&owner["name"]));
        let complaint = format!(
            "Only one reference can have Controller set to true. Found \"true\" in references for {} and {}",
            name(one),
            name(other)
        );
        faults.invalid(path, references, &complaint);
    }
}

fn finalizers(finalizers: &Value, faults: &mut Faults) {
    let path = METADATA.child("finalizers");
    for (index, finalizer) in items(finalizers).iter().enumerate() {
        let name = text(finalizer);
        faults.misspelt(path, name, &spelling::qualified_name(name));
        if !name.contains('/') && !STANDARD_FINALIZERS.contains(&name) {
            let complaint = "name is neither a standard finalizer name nor is it fully qualified";
            faults.invalid(path.index(index), finalizer, complaint);
        }
    }
}

/// What no update may change.
pub(super) fn check_update(metadata: &Value, old: &Value, faults: &mut Faults) {
    for field in [
        "name",
        "namespace",
        "uid",
        "creationTimestamp",
        "deletionTimestamp",
    ] {
        faults.unchanged(METADATA.child(field), &metadata[field], &old[field]);
    }
    let is_deleting = !old["deletionTimestamp"].is_null();
    let is_new = |finalizer: &&Value| !items(&old["finalizers"]).contains(finalizer);
    let added: Vec<_> = items(&metadata["finalizers"])
        .iter()
        .filter(is_new)
        .collect();
    if is_deleting && !added.is_empty() {
        let names: Vec<_> = added.iter().map(|name| name.to_string()).collect();
        let complaint = format!(
            "no new finalizers can be added if the object is being deleted, found new finalizers []string{{{}}}",
            names.join(", ")
        );
        faults.forbidden(METADATA.child("finalizers"), &complaint);
    }
}
