//! LimitRanges of a namespace: what containers are given that say nothing, and what none may exceed.

mod exceeded;

use apiserver::{Admission, Objects, Operation, Place, Review};
use exceeded::{exceeded_by_claim, exceeded_by_pod};
use objects::{Object, Status};
use serde_json::{Value, json};
use std::sync::Arc;
use store::Pending;

/// Where it is written what was given.
const ANNOTATION: &str = "kubernetes.io/limit-ranger";

/// Reads the LimitRanges of the namespace.
pub(super) struct Limits(pub(super) Arc<Objects>);

impl Admission for Limits {
    fn mutate<'a>(&'a self, review: &'a mut Review<'_>) -> Pending<'a, Result<(), Status>> {
        Box::pin(async move {
            if sort_of(review) != Some(Sort::Pod) {
                return Ok(());
            }
            let ranges = self.ranges(review.namespace).await?;
            if let Some(pod) = review.object.as_mut() {
                ranges.iter().for_each(|range| give(pod, range));
            }
            Ok(())
        })
    }

    fn validate<'a>(&'a self, review: &'a Review<'_>) -> Pending<'a, Result<(), Status>> {
        Box::pin(async move {
            let (Some(sort), Some(object)) = (sort_of(review), &review.object) else {
                return Ok(());
            };
            let object = Value::Object(object.as_map().clone());
            for range in self.ranges(review.namespace).await? {
                let faults = match sort {
                    Sort::Pod => exceeded_by_pod(&object, &range),
                    Sort::Claim => exceeded_by_claim(&object, &range),
                };
                let why = match faults.as_slice() {
                    [] => continue,
                    [one] => one.clone(),
                    several => format!("[{}]", several.join(", ")),
                };
                return Err(Status::forbidden(
                    &review.resource.resource,
                    review.name,
                    &why,
                ));
            }
            Ok(())
        })
    }
}

impl Limits {
    async fn ranges(&self, namespace: &str) -> Result<Vec<Object>, Status> {
        let place = Place::new("", "v1", "limitranges", namespace);
        Ok(self.0.list(&place).await?.0)
    }
}

/// What is limited.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Sort {
    Pod,
    Claim,
}

/// What is written, if it is limited: a new Pod, a claim that is new or changes.
fn sort_of(review: &Review<'_>) -> Option<Sort> {
    let is_plain = review.subresource.is_empty() && review.resource.group().is_empty();
    match (review.operation, review.resource.plural()) {
        (Operation::Create, "pods") if is_plain => Some(Sort::Pod),
        (Operation::Create | Operation::Update, "persistentvolumeclaims") if is_plain => {
            Some(Sort::Claim)
        }
        _ => None,
    }
}

fn limits_of<'r>(range: &'r Object, sort: &'r str) -> impl Iterator<Item = &'r Value> {
    let limits = range.items(&["spec", "limits"]).iter();
    limits.filter(move |limit| limit["type"] == sort)
}

/// Gives each container what it does not say, and writes down what it was given.
fn give(pod: &mut Object, range: &Object) {
    let mut given = Vec::new();
    for list in ["containers", "initContainers"] {
        let spec = pod
            .as_map_mut()
            .get_mut("spec")
            .and_then(Value::as_object_mut);
        let containers = spec.and_then(|spec| spec.get_mut(list)?.as_array_mut());
        for container in containers.into_iter().flatten() {
            for limit in limits_of(range, "Container") {
                let requests = fill(container, "requests", &limit["defaultRequest"]);
                let limits = fill(container, "limits", &limit["default"]);
                let sort = match list {
                    "containers" => "container",
                    _ => "init container",
                };
                let name = container["name"].as_str().unwrap_or_default();
                for (what, names) in [("request", requests), ("limit", limits)] {
                    if !names.is_empty() {
                        given.push(format!("{} {what} for {sort} {name}", names.join(", ")));
                    }
                }
            }
        }
    }
    if !given.is_empty() {
        let text = format!("LimitRanger plugin set: {}", given.join("; "));
        let annotations = pod
            .metadata_mut()
            .entry("annotations")
            .or_insert_with(|| json!({}));
        annotations[ANNOTATION] = json!(text);
    }
}

/// Names of what was missing in a container's requests or limits, and is there now.
fn fill(container: &mut Value, list: &str, amounts: &Value) -> Vec<String> {
    let amounts = amounts.as_object().into_iter().flatten();
    let missing = amounts.filter(|(name, _)| container["resources"][list][name.as_str()].is_null());
    let missing: Vec<_> = missing
        .map(|(name, amount)| (name.clone(), amount.clone()))
        .collect();
    for (name, amount) in &missing {
        container["resources"][list][name] = amount.clone();
    }
    missing.into_iter().map(|(name, _)| name).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_container_is_given_what_it_does_not_say() {
        let limit = json!({"type": "Container",
            "default": {"cpu": "2", "memory": "1Gi"}, "defaultRequest": {"cpu": "1"}});
        let range = Object::from_value(json!({"spec": {"limits": [limit]}})).unwrap();
        let container = json!({"name": "c", "resources": {"limits": {"memory": "2Gi"}}});
        let pod = json!({"spec": {"containers": [container]}});
        let mut pod = Object::from_value(pod).unwrap();
        give(&mut pod, &range);
        let resources = &pod.items(&["spec", "containers"])[0]["resources"];
        assert_eq!(
            *resources,
            json!({"limits": {"cpu": "2", "memory": "2Gi"}, "requests": {"cpu": "1"}})
        );
        let told = "LimitRanger plugin set: cpu request for container c; cpu limit for container c";
        assert_eq!(pod.annotation(ANNOTATION), Some(told));
    }
}
