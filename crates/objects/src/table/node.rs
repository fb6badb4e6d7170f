//! Rows of Nodes.

use super::look::{Look, NONE, UNKNOWN, joined};
use serde_json::{Value, json};

pub(super) fn cells(look: &Look<'_>) -> Vec<Value> {
    let address = |sort: &str| {
        let mut addresses = look.items("status.addresses").iter();
        let found = addresses.find(|address| address["type"] == *sort);
        json!(
            found
                .and_then(|address| address["address"].as_str())
                .unwrap_or(NONE)
        )
    };
    let fact = |name: &str| json!(look.text_or(&format!("status.nodeInfo.{name}"), UNKNOWN));
    vec![
        look.name(),
        json!(status(look)),
        joined(roles(look).into_iter(), ","),
        look.age(),
        json!(look.text("status.nodeInfo.kubeletVersion")),
        address("InternalIP"),
        address("ExternalIP"),
        fact("osImage"),
        fact("kernelVersion"),
        fact("containerRuntimeVersion"),
    ]
}

fn status(look: &Look<'_>) -> String {
    let ready = look
        .items("status.conditions")
        .iter()
        .find(|condition| condition["type"] == *"Ready");
    let word = match ready.map(|condition| &condition["status"]) {
        None => "Unknown",
        Some(status) if status == "True" => "Ready",
        Some(_) => "NotReady",
    };
    let is_closed = look.value("spec.unschedulable") == &Value::Bool(true);
    format!(
        "{word}{}",
        if is_closed { ",SchedulingDisabled" } else { "" }
    )
}

fn roles(look: &Look<'_>) -> Vec<String> {
    let roles = look.object.labels().filter_map(|(key, value)| match key {
        "kubernetes.io/role" => Some(value),
        key => key.strip_prefix("node-role.kubernetes.io/"),
    });
    let mut roles: Vec<_> = roles
        .filter(|role| !role.is_empty())
        .map(str::to_owned)
        .collect();
    roles.sort();
    roles.dedup();
    roles
}
