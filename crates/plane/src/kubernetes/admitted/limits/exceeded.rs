//! What exceeds a LimitRange, in the words of the API.

use super::limits_of;
use objects::Object;
use objects::quantity::Quantity;
use objects::quota::sum;
use serde_json::{Map, Value};
use std::collections::BTreeMap;

type Amounts = BTreeMap<String, Quantity>;

/// What containers, or a whole Pod, ask for and may use.
struct Asked {
    sort: &'static str,
    requests: Amounts,
    limits: Amounts,
}

pub(super) fn exceeded_by_pod(pod: &Value, range: &Object) -> Vec<String> {
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

pub(super) fn exceeded_by_claim(claim: &Value, range: &Object) -> Vec<String> {
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
    use serde_json::json;

    fn range(limits: Value) -> Object {
        Object::from_value(json!({"spec": {"limits": [limits]}})).unwrap()
    }

    fn pod(resources: Value) -> Value {
        json!({"spec": {"containers": [{"name": "c", "resources": resources}]}})
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
