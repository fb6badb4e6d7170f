//! The scale of a workload: how many Pods it is to have, as an object of its own.

use crate::Object;
use crate::selector::LabelSelector;
use serde_json::{Value, json};

/// The scale of a Deployment, a ReplicaSet or a StatefulSet.
#[must_use]
pub fn scale_of(object: &Object) -> Object {
    let mut metadata = json!({});
    for field in [
        "name",
        "namespace",
        "uid",
        "resourceVersion",
        "creationTimestamp",
    ] {
        if let Some(value) = object.get(&["metadata", field]) {
            metadata[field] = value.clone();
        }
    }
    let number = |path: &[&str]| object.get(path).and_then(Value::as_i64).unwrap_or_default();
    let mut status = json!({"replicas": number(&["status", "replicas"])});
    if let Some(Ok(selector)) = object
        .get(&["spec", "selector"])
        .map(LabelSelector::from_object)
    {
        status["selector"] = json!(selector.to_string());
    }
    let mut spec = json!({});
    // Kubernetes leaves a zero out.
    if number(&["spec", "replicas"]) != 0 {
        spec["replicas"] = json!(number(&["spec", "replicas"]));
    }
    let mut scale = Object::default();
    let fields = [
        ("apiVersion", json!("autoscaling/v1")),
        ("kind", json!("Scale")),
        ("metadata", metadata),
        ("spec", spec),
        ("status", status),
    ];
    scale
        .as_map_mut()
        .extend(fields.map(|(field, value)| (field.to_owned(), value)));
    scale
}

/// Gives the object as many replicas as the scale says. The caller has validated the scale.
pub fn set_scale(object: &mut Object, scale: &Object) {
    let replicas = scale
        .get(&["spec", "replicas"])
        .and_then(Value::as_i64)
        .unwrap_or_default();
    let spec = object
        .as_map_mut()
        .entry("spec")
        .or_insert_with(|| json!({}));
    if let Value::Object(spec) = spec {
        spec.insert("replicas".to_owned(), json!(replicas));
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_deployment_is_scaled_through_its_scale() {
        let mut deployment = Object::from_value(json!({
            "apiVersion": "apps/v1", "kind": "Deployment",
            "metadata": {"name": "web", "namespace": "default", "resourceVersion": "7", "labels": {"a": "b"}},
            "spec": {"replicas": 2, "selector": {"matchLabels": {"app": "web"}}},
            "status": {"replicas": 1},
        }))
        .unwrap();
        let mut scale = scale_of(&deployment);
        assert_eq!(
            scale.clone().into_value(),
            json!({
                "apiVersion": "autoscaling/v1", "kind": "Scale",
                "metadata": {"name": "web", "namespace": "default", "resourceVersion": "7"},
                "spec": {"replicas": 2},
                "status": {"replicas": 1, "selector": "app=web"},
            })
        );
        scale
            .as_map_mut()
            .insert("spec".to_owned(), json!({"replicas": 5}));
        set_scale(&mut deployment, &scale);
        assert_eq!(deployment.get(&["spec", "replicas"]), Some(&json!(5)));
    }
}
