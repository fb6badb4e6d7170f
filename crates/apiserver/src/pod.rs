//! What only pods have: a node to be bound to.

use crate::metadata::time_text;
use crate::server::{ApiServer, Target};
use crate::write::{Writer, refuse_other_uid};
use objects::{Object, Status};
use serde_json::{Value, json};

/// Binds a pod to the node that the binding names.
pub(crate) async fn bind(
    server: &ApiServer,
    target: &Target<'_>,
    binding: &Object,
    writer: &Writer,
) -> Result<Object, Status> {
    let name = match target.name() {
        "" => binding.name().unwrap_or_default(),
        name => name,
    };
    let node = binding.text(&["target", "name"]).ok_or_else(|| {
        let fault = objects::status::FieldError::required("target.name", "");
        let gvk = crate::registry::gvk("", "v1", "Binding");
        Status::invalid(&gvk, name, &[fault])
    })?;
    let now = time_text(server.parts.surroundings.now());
    let decide = |pod: &Object| {
        refuse_other_uid(binding, pod, target)?;
        if let Some(there) = pod.text(&["spec", "nodeName"]) {
            let why = format!("pod {name} is already assigned to node {there:?}");
            return Err(Status::conflict(&target.of.resource, name, &why));
        }
        Ok(bound(pod, node, &now).into())
    };
    server.change(target, writer, &decide).await?;
    Ok(answered(Status::success()))
}

fn bound(pod: &Object, node: &str, now: &str) -> Object {
    let mut pod = pod.clone();
    let map = pod.as_map_mut();
    let spec = map.entry("spec").or_insert_with(|| json!({}));
    if let Some(spec) = spec.as_object_mut() {
        spec.insert("nodeName".to_owned(), node.into());
    }
    let status = map.entry("status").or_insert_with(|| json!({}));
    if let Some(status) = status.as_object_mut() {
        let conditions = status.entry("conditions").or_insert_with(|| json!([]));
        if let Some(conditions) = conditions.as_array_mut() {
            conditions.retain(|condition| condition["type"] != "PodScheduled");
            conditions.push(json!({
                "type": "PodScheduled", "status": "True",
                "lastProbeTime": Value::Null, "lastTransitionTime": now,
            }));
        }
    }
    pod
}

/// A status in the place of an object.
pub(crate) fn answered(status: Status) -> Object {
    let value = serde_json::to_value(status).unwrap_or_default();
    Object::from_value(value).unwrap_or_default()
}
