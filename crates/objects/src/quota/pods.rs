//! What a Pod takes: itself, and what its containers ask for.

use super::{Unsaid, Usage};
use crate::quantity::Quantity;
use serde_json::Value;

/// What each container must say itself, where it is counted.
const SAID: [(&str, &str, &str); 6] = [
    ("cpu", "requests", "cpu"),
    ("limits.cpu", "limits", "cpu"),
    ("limits.memory", "limits", "memory"),
    ("memory", "requests", "memory"),
    ("requests.cpu", "requests", "cpu"),
    ("requests.memory", "requests", "memory"),
];

pub(super) fn usage(pod: &Value) -> Usage {
    if has_ended(pod) {
        return Usage::new();
    }
    let mut usage = Usage::from([("pods".to_owned(), Quantity::ONE)]);
    for (name, amount) in sum(pod, "requests") {
        let is_short = matches!(&*name, "cpu" | "memory" | "ephemeral-storage");
        if is_short || name.starts_with("hugepages-") {
            usage.insert(name.clone(), amount);
        }
        usage.insert(format!("requests.{name}"), amount);
    }
    for (name, amount) in sum(pod, "limits") {
        usage.insert(format!("limits.{name}"), amount);
    }
    usage
}

fn has_ended(pod: &Value) -> bool {
    matches!(text(pod, "/status/phase"), "Succeeded" | "Failed")
}

/// What a Pod asks for, or may use, at most at one time: what prepares it runs before the others, but for
/// what goes on beside them.
pub fn sum(pod: &Value, of: &str) -> Usage {
    let mut together = Usage::new();
    for container in items(pod, "/spec/containers") {
        super::add(&mut together, &amounts(container, of));
    }
    let mut beside = Usage::new();
    let mut before = Usage::new();
    for container in items(pod, "/spec/initContainers") {
        let own = amounts(container, of);
        let mut at_once = beside.clone();
        super::add(&mut at_once, &own);
        for (name, amount) in at_once {
            let most = before.entry(name).or_default();
            *most = amount.max(*most);
        }
        if container["restartPolicy"] == "Always" {
            super::add(&mut beside, &own);
        }
    }
    super::add(&mut together, &beside);
    for (name, amount) in before {
        let most = together.entry(name).or_default();
        *most = amount.max(*most);
    }
    let overhead = pod.pointer("/spec/overhead").unwrap_or(&Value::Null);
    for (name, more) in read(overhead) {
        if of == "requests" || together.contains_key(&name) {
            super::add(&mut together, &Usage::from([(name, more)]));
        }
    }
    together
}

fn amounts(container: &Value, of: &str) -> Usage {
    read(&container["resources"][of])
}

fn read(amounts: &Value) -> Usage {
    let amounts = amounts.as_object().into_iter().flatten();
    let amounts = amounts.filter_map(|(name, amount)| Some((name.clone(), Quantity::of(amount)?)));
    amounts.collect()
}

/// What containers must say and do not, of what is counted, as the API lists it.
pub(super) fn unsaid(pod: &Value, is_counted: impl Fn(&str) -> bool) -> String {
    let mut unsaid = Unsaid::new();
    let containers = items(pod, "/spec/containers").chain(items(pod, "/spec/initContainers"));
    for container in containers {
        let name = container["name"].as_str().unwrap_or_default();
        for (counted, of, what) in SAID {
            if is_counted(counted) && container["resources"][of][what].is_null() {
                unsaid.entry(counted).or_default().insert(name.to_owned());
            }
        }
    }
    let rows = unsaid.into_iter().map(|(what, names)| {
        let names: Vec<_> = names.into_iter().collect();
        format!("{what} for: {}", names.join(","))
    });
    rows.collect::<Vec<_>>().join("; ")
}

/// Whether a Pod is of a scope.
pub(super) fn is_of_scope(pod: &Value, scope: &str) -> bool {
    let has_deadline = pod
        .pointer("/spec/activeDeadlineSeconds")
        .is_some_and(|it| !it.is_null());
    match scope {
        "Terminating" => has_deadline,
        "NotTerminating" => !has_deadline,
        "BestEffort" => asks_for_nothing(pod),
        "NotBestEffort" => !asks_for_nothing(pod),
        "PriorityClass" => !text(pod, "/spec/priorityClassName").is_empty(),
        "CrossNamespacePodAffinity" => {
            let affinity = pod.pointer("/spec/affinity").map(Value::to_string);
            let affinity = affinity.unwrap_or_default();
            affinity.contains("\"namespaces\":[\"") || affinity.contains("\"namespaceSelector\"")
        }
        _ => false,
    }
}

fn asks_for_nothing(pod: &Value) -> bool {
    sum(pod, "requests").is_empty() && sum(pod, "limits").is_empty()
}

/// Whether a Pod fits a term of a scope selector.
pub(super) fn fits_term(pod: &Value, term: &Value) -> bool {
    let scope = term["scopeName"].as_str().unwrap_or_default();
    let class = text(pod, "/spec/priorityClassName");
    let values = term["values"].as_array().into_iter().flatten();
    let is_named = values.into_iter().any(|value| value == class);
    match term["operator"].as_str() {
        Some("In") => scope == "PriorityClass" && is_named,
        Some("NotIn") => scope == "PriorityClass" && !is_named,
        Some("DoesNotExist") => !is_of_scope(pod, scope),
        _ => is_of_scope(pod, scope),
    }
}

fn text<'v>(value: &'v Value, pointer: &str) -> &'v str {
    value
        .pointer(pointer)
        .and_then(Value::as_str)
        .unwrap_or_default()
}

fn items<'v>(value: &'v Value, pointer: &str) -> impl Iterator<Item = &'v Value> {
    value
        .pointer(pointer)
        .and_then(Value::as_array)
        .into_iter()
        .flatten()
}

#[cfg(test)]
mod tests {
    use super::*;
    use serde_json::json;

    fn container(name: &str, cpu: &str) -> Value {
        json!({"name": name, "resources": {"requests": {"cpu": cpu}}})
    }

    #[test]
    fn a_pod_asks_for_what_runs_at_one_time() {
        let mut beside = container("proxy", "300m");
        beside["restartPolicy"] = json!("Always");
        for (init, expected) in [
            (vec![], "500m"),
            (vec![container("i", "400m")], "500m"),
            (vec![container("i", "700m")], "700m"),
            (vec![beside.clone()], "800m"),
            (vec![beside, container("i", "600m")], "900m"),
        ] {
            let pod = json!({"spec": {
                "containers": [container("a", "200m"), container("b", "300m")],
                "initContainers": init,
            }});
            assert_eq!(
                usage(&pod)["requests.cpu"],
                Quantity::parse(expected).unwrap()
            );
            assert_eq!(usage(&pod)["cpu"], usage(&pod)["requests.cpu"]);
        }
    }

    #[test]
    fn a_pod_that_has_ended_takes_nothing() {
        let pod =
            json!({"spec": {"containers": [container("a", "1")]}, "status": {"phase": "Failed"}});
        assert!(usage(&pod).is_empty());
    }

    #[test]
    fn a_container_must_say_what_is_counted_of_it() {
        let pod = json!({"spec": {"containers": [container("b", "1"), {"name": "a"}]}});
        let counted = [
            "limits.cpu",
            "requests.cpu",
            "pods",
            "requests.ephemeral-storage",
        ];
        let unsaid = unsaid(&pod, |name| counted.contains(&name));
        assert_eq!(unsaid, "limits.cpu for: a,b; requests.cpu for: a");
    }

    #[test]
    fn scopes_tell_pods_apart() {
        let plain = json!({"spec": {"containers": [{"name": "a"}]}});
        let mut bound =
            json!({"spec": {"containers": [container("a", "1")], "activeDeadlineSeconds": 9}});
        bound["spec"]["priorityClassName"] = json!("high");
        for (scope, of_plain, of_bound) in [
            ("BestEffort", true, false),
            ("NotBestEffort", false, true),
            ("Terminating", false, true),
            ("NotTerminating", true, false),
            ("PriorityClass", false, true),
            ("Odd", false, false),
        ] {
            assert_eq!(is_of_scope(&plain, scope), of_plain, "{scope}");
            assert_eq!(is_of_scope(&bound, scope), of_bound, "{scope}");
        }
        let term = json!({"scopeName": "PriorityClass", "operator": "In", "values": ["high"]});
        assert!(fits_term(&bound, &term) && !fits_term(&plain, &term));
    }
}
