//! Rows of Services and what belongs to them.

use super::look::{Look, NONE, items, joined};
use serde_json::{Value, json};

/// Addresses that are shown of several.
const SHOWN_MAX: usize = 3;

pub(super) fn service(look: &Look<'_>) -> Vec<Value> {
    let ports = look.items("spec.ports").iter().map(|port| {
        let protocol = port["protocol"].as_str().unwrap_or("TCP");
        match port["nodePort"].as_i64() {
            Some(node) if node > 0 => format!("{}:{node}/{protocol}", port["port"]),
            _ => format!("{}/{protocol}", port["port"]),
        }
    });
    vec![
        look.name(),
        json!(look.text("spec.type")),
        json!(look.text_or("spec.clusterIP", NONE)),
        external_address(look),
        joined(ports, ","),
        look.age(),
        look.labels("spec.selector"),
    ]
}

fn external_address(look: &Look<'_>) -> Value {
    let given = look
        .items("spec.externalIPs")
        .iter()
        .filter_map(Value::as_str)
        .map(str::to_owned);
    match look.text("spec.type") {
        "ExternalName" => json!(look.text_or("spec.externalName", NONE)),
        "LoadBalancer" => {
            let balancers = look.items("status.loadBalancer.ingress").iter();
            let addresses = balancers.filter_map(|ingress| {
                ingress["ip"]
                    .as_str()
                    .or_else(|| ingress["hostname"].as_str())
                    .map(str::to_owned)
            });
            let all: Vec<_> = addresses.chain(given).collect();
            if all.is_empty() {
                json!("<pending>")
            } else {
                json!(all.join(","))
            }
        }
        _ => joined(given, ","),
    }
}

pub(super) fn endpoints(look: &Look<'_>) -> Vec<Value> {
    let subsets = look.items("subsets").iter();
    let pairs = subsets.flat_map(|subset| {
        items(&subset["ports"]).iter().flat_map(move |port| {
            items(&subset["addresses"]).iter().map(move |address| {
                format!(
                    "{}:{}",
                    address["ip"].as_str().unwrap_or_default(),
                    port["port"]
                )
            })
        })
    });
    vec![
        look.name(),
        shortened(&pairs.collect::<Vec<_>>(), NONE),
        look.age(),
    ]
}

pub(super) fn endpoint_slice(look: &Look<'_>) -> Vec<Value> {
    let ports = look.items("ports").iter().map(|port| {
        let name = || port["name"].as_str().unwrap_or_default().to_owned();
        port["port"]
            .as_i64()
            .map_or_else(name, |number| number.to_string())
    });
    let all = look
        .items("endpoints")
        .iter()
        .flat_map(|endpoint| items(&endpoint["addresses"]));
    let addresses = all.filter_map(Value::as_str).map(str::to_owned);
    vec![
        look.name(),
        json!(look.text("addressType")),
        shortened(&ports.collect::<Vec<_>>(), "<unset>"),
        shortened(&addresses.collect::<Vec<_>>(), "<unset>"),
        look.age(),
    ]
}

/// The first few, and how many more there are.
fn shortened(texts: &[String], none: &str) -> Value {
    if texts.is_empty() {
        return json!(none);
    }
    let shown = texts[..texts.len().min(SHOWN_MAX)].join(",");
    let more = texts.len().saturating_sub(SHOWN_MAX);
    json!(if more == 0 {
        shown
    } else {
        format!("{shown} + {more} more...")
    })
}

pub(super) fn ingress(look: &Look<'_>) -> Vec<Value> {
    let hosts = look
        .items("spec.rules")
        .iter()
        .filter_map(|rule| rule["host"].as_str());
    let hosts: Vec<_> = hosts
        .filter(|host| !host.is_empty())
        .map(str::to_owned)
        .collect();
    let balancers = look.items("status.loadBalancer.ingress").iter();
    let addresses = balancers.filter_map(|ingress| {
        ingress["ip"]
            .as_str()
            .or_else(|| ingress["hostname"].as_str())
    });
    let ports = if look.items("spec.tls").is_empty() {
        "80"
    } else {
        "80, 443"
    };
    vec![
        look.name(),
        json!(look.text_or("spec.ingressClassName", NONE)),
        shortened(&hosts, "*"),
        json!(addresses.collect::<Vec<_>>().join(",")),
        json!(ports),
        look.age(),
    ]
}

pub(super) fn policy(look: &Look<'_>) -> Vec<Value> {
    vec![look.name(), look.selector("spec.podSelector"), look.age()]
}
