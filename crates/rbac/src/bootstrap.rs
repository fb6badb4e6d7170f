//! The roles and bindings that every cluster begins with.
//!
//! <https://kubernetes.io/docs/reference/access-authn-authz/rbac/#default-roles-and-role-bindings>

use objects::Object;
use serde_json::{Value, json};

/// Roles as `name`, labels, rules; bindings as `name`, subjects.
const DATA: &str = include_str!("../data/bootstrap.json");

/// The default cluster roles and cluster role bindings, as objects to be created.
#[must_use]
pub fn bootstrap_objects() -> Vec<Object> {
    let data: Value = serde_json::from_str(DATA).unwrap_or_default();
    let roles = data["clusterRoles"].as_array().into_iter().flatten();
    let bindings = data["clusterRoleBindings"].as_array().into_iter().flatten();
    let all = roles.map(role).chain(bindings.map(binding));
    all.filter_map(|one| Object::from_value(one).ok()).collect()
}

fn role(data: &Value) -> Value {
    let mut role = json!({
        "apiVersion": "rbac.authorization.k8s.io/v1",
        "kind": "ClusterRole",
        "metadata": metadata(data),
        "rules": data["rules"],
    });
    if let Some(label) = data["aggregates"].as_str() {
        role["aggregationRule"] =
            json!({ "clusterRoleSelectors": [{ "matchLabels": { label: "true" } }] });
        role["rules"] = json!([]);
    }
    role
}

fn binding(data: &Value) -> Value {
    let groups = data["groups"].as_array().into_iter().flatten();
    let subjects = groups.map(
        |group| json!({ "apiGroup": "rbac.authorization.k8s.io", "kind": "Group", "name": group }),
    );
    json!({
        "apiVersion": "rbac.authorization.k8s.io/v1",
        "kind": "ClusterRoleBinding",
        "metadata": metadata(data),
        "roleRef": {
            "apiGroup": "rbac.authorization.k8s.io",
            "kind": "ClusterRole",
            "name": data["name"],
        },
        "subjects": subjects.collect::<Vec<_>>(),
    })
}

fn metadata(data: &Value) -> Value {
    let mut labels = json!({ "kubernetes.io/bootstrapping": "rbac-defaults" });
    if let Some(label) = data["aggregatedBy"].as_str() {
        labels[label] = json!("true");
    }
    json!({
        "name": data["name"],
        "annotations": { "rbac.authorization.kubernetes.io/autoupdate": "true" },
        "labels": labels,
    })
}
