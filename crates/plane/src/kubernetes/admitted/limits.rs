//! LimitRanges of a namespace: what containers are given that say nothing, and what none may exceed.

use apiserver::{Admission, Objects, Operation, Place, Review};
use objects::quantity::Quantity;
use objects::quota::sum;
use objects::{Object, Status};
use serde_json::{Map, Value, json};
use std::collections::BTreeMap;
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

type Amounts = BTreeMap<String, Quantity>;

/// What containers, or a whole Pod, ask for and may use.
struct Asked {
    sort: &'static str,
    requests: Amounts,
    limits: Amounts,
}

fn exceeded_by_pod(pod: &Value, range: &Object) -> Vec<String> {
    let mut faults = Vec::new();
    let whole = Asked {
        sort: "Pod",
        requests: sum(pod, "requests"),
        limits: sum(pod, "limits"),
    };
    for limit in limits_of(range, "Pod") {
        exceeded(&whole, limit, &mut faults);
    }
    for limit in limits_of(range, "Container") {
        for list in ["containers", "initContainers"] {
            for container in pod["spec"][list].as_array().into_iter().flatten() {
                let asked = Asked {
                    sort: "Container",
                    requests: amounts(&container["resources"]["requests"]),
                    limits: amounts(&container["resources"]["limits"]),
                };
                exceeded(&asked, limit, &mut faults);
            }
        }
    }
    faults
}

fn exceeded_by_claim(claim: &Value, range: &Object) -> Vec<String> {
    let asked = Asked {
        sort: "PersistentVolumeClaim",
        requests: amounts(&claim["spec"]["resources"]["requests"]),
        limits: Amounts::new(),
    };
    let mut faults = Vec::new();
    for limit in limits_of(range, asked.sort) {
        for (name, text, least) in bounds(&limit["min"]) {
            faults.extend(below(&asked, name, text, least));
        }
        for (name, text, most) in bounds(&limit["max"]) {
            faults.extend(above_request(&asked, name, text, most));
        }
    }
    faults
}

fn amounts(of: &Value) -> Amounts {
    let amounts = of.as_object().into_iter().flatten();
    let amounts = amounts.filter_map(|(name, amount)| Some((name.clone(), Quantity::of(amount)?)));
    amounts.collect()
}

/// Compares what is asked with a limit, in the words of the API.
fn exceeded(asked: &Asked, limit: &Value, faults: &mut Vec<String>) {
    for (name, text, least) in bounds(&limit["min"]) {
        faults.extend(below(asked, name, text, least));
    }
    for (name, text, most) in bounds(&limit["max"]) {
        faults.extend(above(asked, name, text, most));
    }
    for (name, text, most) in bounds(&limit["maxLimitRequestRatio"]) {
        faults.extend(too_far_apart(asked, name, text, most));
    }
}

fn bounds(of: &Value) -> impl Iterator<Item = (&str, &str, Quantity)> {
    let bounds = of.as_object().map(Map::iter).into_iter().flatten();
    bounds.filter_map(|(name, text)| {
        let text = text.as_str()?;
        Some((name.as_str(), text, Quantity::parse(text)?))
    })
}

fn below(asked: &Asked, name: &str, text: &str, least: Quantity) -> Option<String> {
    let start = format!("minimum {name} usage per {} is {text}", asked.sort);
    match (asked.requests.get(name), asked.limits.get(name)) {
        (None, _) => Some(format!("{start}.  No request is specified")),
        (Some(request), _) if *request < least => Some(format!(
            "{start}, but request is {}",
            request.written_like(text)
        )),
        (_, Some(limit)) if *limit < least => Some(format!(
            "{start}, but limit is {}",
            limit.written_like(text)
        )),
        (Some(_), _) => None,
    }
}

fn above(asked: &Asked, name: &str, text: &str, most: Quantity) -> Option<String> {
    let start = format!("maximum {name} usage per {} is {text}", asked.sort);
    match (asked.requests.get(name), asked.limits.get(name)) {
        (_, None) => Some(format!("{start}.  No limit is specified")),
        (_, Some(limit)) if *limit > most => Some(format!(
            "{start}, but limit is {}",
            limit.written_like(text)
        )),
        (Some(request), _) if *request > most => Some(format!(
            "{start}, but request is {}",
            request.written_like(text)
        )),
        (_, Some(_)) => None,
    }
}

/// Of what has no limits of its own, what it asks for.
fn above_request(asked: &Asked, name: &str, text: &str, most: Quantity) -> Option<String> {
    let start = format!("maximum {name} usage per {} is {text}", asked.sort);
    match asked.requests.get(name) {
        None => Some(format!("{start}.  No request is specified")),
        Some(request) if *request > most => Some(format!(
            "{start}, but request is {}",
            request.written_like(text)
        )),
        Some(_) => None,
    }
}

fn too_far_apart(asked: &Asked, name: &str, text: &str, most: Quantity) -> Option<String> {
    let start = format!(
        "{name} max limit to request ratio per {} is {text}",
        asked.sort
    );
    let some = |of: &Amounts| of.get(name).copied().filter(|it| *it > Quantity::default());
    let Some(request) = some(&asked.requests) else {
        return Some(format!(
            "{start}, but no request is specified or request is 0"
        ));
    };
    let Some(limit) = some(&asked.limits) else {
        return Some(format!("{start}, but no limit is specified or limit is 0"));
    };
    let ratio = limit.in_units() / request.in_units();
    (ratio > most.in_units()).then(|| format!("{start}, but provided ratio is {ratio:.6}"))
}

#[cfg(test)]
#[expect(
    clippy::needless_pass_by_value,
    reason = "rows of data read better without a borrow in each"
)]
mod tests {
    use super::*;

    fn range(limits: Value) -> Object {
        Object::from_value(json!({"spec": {"limits": [limits]}})).unwrap()
    }

    fn pod(resources: Value) -> Value {
        json!({"spec": {"containers": [{"name": "c", "resources": resources}]}})
    }

    #[test]
    fn a_container_is_given_what_it_does_not_say() {
        let range = range(json!({"type": "Container",
            "default": {"cpu": "2", "memory": "1Gi"}, "defaultRequest": {"cpu": "1"}}));
        let mut pod = Object::from_value(pod(json!({"limits": {"memory": "2Gi"}}))).unwrap();
        give(&mut pod, &range);
        let resources = &pod.items(&["spec", "containers"])[0]["resources"];
        assert_eq!(
            *resources,
            json!({"limits": {"cpu": "2", "memory": "2Gi"}, "requests": {"cpu": "1"}})
        );
        let told = "LimitRanger plugin set: cpu request for container c; cpu limit for container c";
        assert_eq!(pod.annotation(ANNOTATION), Some(told));
    }

    #[test]
    fn what_exceeds_a_bound_is_refused_in_words_of_the_api() {
        for (limits, resources, expected) in [
            (
                json!({"min": {"cpu": "100m"}}),
                json!({}),
                "minimum cpu usage per Container is 100m.  No request is specified",
            ),
            (
                json!({"min": {"memory": "64Mi"}}),
                json!({"requests": {"memory": "32Mi"}}),
                "minimum memory usage per Container is 64Mi, but request is 32Mi",
            ),
            (
                json!({"max": {"cpu": "1"}}),
                json!({"requests": {"cpu": "1"}}),
                "maximum cpu usage per Container is 1.  No limit is specified",
            ),
            (
                json!({"max": {"cpu": "1"}}),
                json!({"limits": {"cpu": "1500m"}}),
                "maximum cpu usage per Container is 1, but limit is 1500m",
            ),
            (
                json!({"maxLimitRequestRatio": {"cpu": "2"}}),
                json!({"limits": {"cpu": "3"}, "requests": {"cpu": "1"}}),
                "cpu max limit to request ratio per Container is 2, but provided ratio is 3.000000",
            ),
            (
                json!({"maxLimitRequestRatio": {"cpu": "2"}}),
                json!({"limits": {"cpu": "2"}, "requests": {"cpu": "1"}}),
                "",
            ),
            (
                json!({"max": {"cpu": "1"}}),
                json!({"limits": {"cpu": "1"}}),
                "",
            ),
        ] {
            let mut limits = limits;
            limits["type"] = json!("Container");
            let faults = exceeded_by_pod(&pod(resources), &range(limits));
            assert_eq!(faults.join(" | "), expected);
        }
    }

    #[test]
    fn a_pod_is_measured_as_a_whole_and_a_claim_by_what_it_wants() {
        let range = range(json!({"type": "Pod", "max": {"cpu": "1"}}));
        let container = json!({"name": "c", "resources": {"limits": {"cpu": "600m"}}});
        let pod = json!({"spec": {"containers": [container, container]}});
        let why = "maximum cpu usage per Pod is 1, but limit is 1200m";
        assert_eq!(exceeded_by_pod(&pod, &range), [why]);
        let range = self::range(json!({"type": "PersistentVolumeClaim",
            "min": {"storage": "1Gi"}, "max": {"storage": "2Gi"}}));
        let claim = |size: &str| json!({"spec": {"resources": {"requests": {"storage": size}}}});
        let why = "minimum storage usage per PersistentVolumeClaim is 1Gi, but request is 512Mi";
        assert_eq!(exceeded_by_claim(&claim("512Mi"), &range), [why]);
        assert!(exceeded_by_claim(&claim("2Gi"), &range).is_empty());
        let why = "maximum storage usage per PersistentVolumeClaim is 2Gi, but request is 3Gi";
        assert_eq!(exceeded_by_claim(&claim("3Gi"), &range), [why]);
    }
}
