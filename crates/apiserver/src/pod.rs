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
    let spec = pod.as_map_mut().entry("spec").or_insert_with(|| json!({}));
    if let Some(spec) = spec.as_object_mut() {
        spec.insert("nodeName".to_owned(), node.into());
    }
    set_condition(
        &mut pod,
        json!({"type": "PodScheduled", "status": "True"}),
        now,
    );
    pod
}

/// Sets a condition of a pod in the place of the one of its type; what it was already, it is since then.
pub(crate) fn set_condition(pod: &mut Object, mut condition: Value, now: &str) {
    let status = pod
        .as_map_mut()
        .entry("status")
        .or_insert_with(|| json!({}));
    let conditions = status
        .as_object_mut()
        .map(|status| status.entry("conditions").or_insert_with(|| json!([])));
    let Some(conditions) = conditions.and_then(Value::as_array_mut) else {
        return;
    };
    let mut all = conditions.iter_mut();
    let known = all.find(|known| known["type"] == condition["type"]);
    let same = known
        .as_ref()
        .filter(|known| known["status"] == condition["status"]);
    let since = same.map(|known| known["lastTransitionTime"].clone());
    condition["lastProbeTime"] = Value::Null;
    condition["lastTransitionTime"] = since.unwrap_or_else(|| now.into());
    match known {
        Some(known) => *known = condition,
        None => conditions.push(condition),
    }
}

/// A status in the place of an object.
pub(crate) fn answered(status: Status) -> Object {
    let value = serde_json::to_value(status).unwrap_or_default();
    Object::from_value(value).unwrap_or_default()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_condition_takes_the_place_of_its_type_and_its_time_only_if_it_changed() {
        for (before, since) in [("True", "then"), ("False", "now")] {
            let known = json!({"type": "A", "status": before, "lastTransitionTime": "then"});
            let other = json!({"type": "B", "status": "True", "lastTransitionTime": "then"});
            let mut pod =
                Object::from_value(json!({"status": {"conditions": [known, other]}})).unwrap();
            set_condition(&mut pod, json!({"type": "A", "status": "True"}), "now");
            let [set, other] = pod.items(&["status", "conditions"]) else {
                panic!("{pod:?}");
            };
            assert_eq!(set["lastTransitionTime"], since);
            assert_eq!(other["type"], "B");
        }
        let mut pod = Object::default();
        set_condition(&mut pod, json!({"type": "A", "status": "True"}), "now");
        assert_eq!(
            pod.items(&["status", "conditions"])[0]["lastTransitionTime"],
            "now"
        );
    }
}
