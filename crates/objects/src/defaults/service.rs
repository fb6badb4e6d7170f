//! Defaults of Services and of their endpoints.

use super::parts::{Part, absent, blank, items, part};
use serde_json::{Value, json};

pub(super) fn spec(spec: &mut Part) {
    blank(spec, "type", "ClusterIP");
    blank(spec, "sessionAffinity", "None");
    if spec.get("sessionAffinity") == Some(&json!("ClientIP")) {
        let client = part(part(spec, "sessionAffinityConfig"), "clientIP");
        absent(client, "timeoutSeconds", 10_800);
    }
    for port in items(spec, "ports") {
        blank(port, "protocol", "TCP");
        let number = port.get("port").cloned().unwrap_or_default();
        if is_unset(port.get("targetPort")) {
            port.insert("targetPort".to_owned(), number);
        }
    }
    match spec.get("type").and_then(Value::as_str) {
        Some("LoadBalancer") => {
            absent(spec, "allocateLoadBalancerNodePorts", true);
            blank(spec, "externalTrafficPolicy", "Cluster");
        }
        Some("NodePort") => blank(spec, "externalTrafficPolicy", "Cluster"),
        _ => {}
    }
    if spec.get("type") != Some(&json!("ExternalName")) {
        blank(spec, "internalTrafficPolicy", "Cluster");
        blank(spec, "ipFamilyPolicy", "SingleStack");
        absent(spec, "ipFamilies", json!(["IPv4"]));
    }
}

pub(super) fn endpoints(endpoints: &mut Part) {
    for subset in items(endpoints, "subsets") {
        for port in items(subset, "ports") {
            blank(port, "protocol", "TCP");
        }
    }
}

pub(super) fn endpoint_slice(slice: &mut Part) {
    for port in items(slice, "ports") {
        absent(port, "name", "");
        blank(port, "protocol", "TCP");
    }
}

fn is_unset(port: Option<&Value>) -> bool {
    port.is_none_or(|port| port.is_null() || *port == json!(0) || *port == json!(""))
}
