//! Roles and bindings.

use super::faults::{Faults, items, text};
use crate::field_path::FieldPath;
use crate::spelling;
use serde_json::Value;

const RBAC: &str = "rbac.authorization.k8s.io";

pub(super) fn check_rules(rules: &Value, kind: &str, faults: &mut Faults) {
    let path = FieldPath::root("rules");
    for (index, rule) in items(rules).iter().enumerate() {
        check_rule(rule, kind, path.index(index), faults);
    }
}

fn check_rule(rule: &Value, kind: &str, path: FieldPath<'_>, faults: &mut Faults) {
    let has = |field: &str| !items(&rule[field]).is_empty();
    if !has("verbs") {
        faults.required(path.child("verbs"), "verbs must contain at least one value");
    }
    if has("nonResourceURLs") {
        let (place, urls) = (path.child("nonResourceURLs"), &rule["nonResourceURLs"]);
        if kind == "Role" {
            faults.invalid(
                place,
                urls,
                "namespaced rules cannot apply to non-resource URLs",
            );
        }
        if has("apiGroups") || has("resources") || has("resourceNames") {
            let complaint = "rules cannot apply to both regular resources and non-resource URLs";
            faults.invalid(place, urls, complaint);
        }
        return;
    }
    if !has("apiGroups") {
        let complaint = "resource rules must supply at least one api group";
        faults.required(path.child("apiGroups"), complaint);
    }
    if !has("resources") {
        let complaint = "resource rules must supply at least one resource";
        faults.required(path.child("resources"), complaint);
    }
}

pub(super) fn check_binding(binding: &Value, kind: &str, faults: &mut Faults) {
    let (path, role) = (FieldPath::root("roleRef"), &binding["roleRef"]);
    if text(&role["apiGroup"]) != RBAC {
        faults.not_supported(path.child("apiGroup"), &role["apiGroup"], &[RBAC]);
    }
    let kinds: &[&str] = if kind == "RoleBinding" {
        &["Role", "ClusterRole"]
    } else {
        &["ClusterRole"]
    };
    if !kinds.contains(&text(&role["kind"])) {
        faults.not_supported(path.child("kind"), &role["kind"], kinds);
    }
    faults.named(path.child("name"), &role["name"], spelling::path_segment);
    let subjects = FieldPath::root("subjects");
    for (index, subject) in items(&binding["subjects"]).iter().enumerate() {
        check_subject(subject, kind, subjects.index(index), faults);
    }
}

fn check_subject(subject: &Value, kind: &str, path: FieldPath<'_>, faults: &mut Faults) {
    if text(&subject["name"]).is_empty() {
        faults.required(path.child("name"), "");
    }
    let (place, group) = (path.child("apiGroup"), &subject["apiGroup"]);
    match text(&subject["kind"]) {
        "ServiceAccount" => {
            let name = text(&subject["name"]);
            if !name.is_empty() {
                faults.misspelt(path.child("name"), name, &spelling::dns_subdomain(name));
            }
            if !text(group).is_empty() {
                faults.not_supported(place, group, &[""]);
            }
            // A RoleBinding's own namespace stands in for it.
            if kind == "ClusterRoleBinding" && text(&subject["namespace"]).is_empty() {
                faults.required(path.child("namespace"), "");
            }
        }
        "User" | "Group" if text(group) != RBAC => faults.not_supported(place, group, &[RBAC]),
        "User" | "Group" => {}
        _ => {
            let kinds = ["ServiceAccount", "User", "Group"];
            faults.not_supported(path.child("kind"), &subject["kind"], &kinds);
        }
    }
}
