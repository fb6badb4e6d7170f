//! Where the Pods of a service are: Endpoints and an EndpointSlice for each service with a selector.

use super::queue::{Queue, all_beside, feed, itself};
use super::{Desk, owner_reference};
use crate::api::{Part, Refused, Resource, resources};
use crate::cache::Key;
use crate::object;
use serde_json::{Value, json};

/// Most addresses of one slice.
const ADDRESSES_MAX: usize = 1000;

/// A Pod that stands behind a service.
struct Backend<'a> {
    pod: &'a Value,
    is_ready: bool,
}

fn backends<'a>(service: &Value, pods: &'a [Value]) -> Vec<Backend<'a>> {
    let selector = service.pointer("/spec/selector").and_then(Value::as_object);
    let Some(selector) = selector.filter(|selector| !selector.is_empty()) else {
        return Vec::new();
    };
    let is_selected = |pod: &&Value| {
        selector
            .iter()
            .all(|(name, value)| object::label(pod, name) == value.as_str())
    };
    let publishes_all = service["spec"]["publishNotReadyAddresses"] == true;
    let with_address = pods.iter().filter(|pod| {
        let phase = object::text(pod, "/status/phase");
        !object::text(pod, "/status/podIP").is_empty() && phase != "Succeeded" && phase != "Failed"
    });
    let backend = |pod| Backend {
        pod,
        is_ready: publishes_all
            || (object::condition(pod, "Ready") == "True" && !object::is_being_deleted(pod)),
    };
    with_address
        .filter(is_selected)
        .take(ADDRESSES_MAX)
        .map(backend)
        .collect()
}

/// The ports of a service as its Pods have them. A name is looked up in the first Pod that has it.
fn ports(service: &Value, backends: &[Backend<'_>]) -> Vec<Value> {
    let ports = object::items(service, "/spec/ports").iter();
    let numbered = ports.filter_map(|port| {
        let target = match &port["targetPort"] {
            Value::Number(number) => number.as_i64(),
            Value::String(name) => backends.iter().find_map(|backend| named(backend.pod, name)),
            Value::Null | Value::Bool(_) | Value::Array(_) | Value::Object(_) => {
                port["port"].as_i64()
            }
        };
        let protocol = port["protocol"].as_str().unwrap_or("TCP");
        let name = port["name"].as_str().unwrap_or_default();
        Some(json!({"name": name, "port": target?, "protocol": protocol}))
    });
    numbered.collect()
}

fn named(pod: &Value, name: &str) -> Option<i64> {
    let containers = object::items(pod, "/spec/containers").iter();
    let mut ports = containers.flat_map(|container| object::items(container, "/ports"));
    ports.find(|port| port["name"] == name)?["containerPort"].as_i64()
}

fn reference(pod: &Value) -> Value {
    let metadata = &pod["metadata"];
    json!({
        "kind": "Pod", "name": metadata["name"],
        "namespace": metadata["namespace"], "uid": metadata["uid"],
    })
}

fn endpoints(service: &Value, pods: &[Value]) -> Value {
    let backends = backends(service, pods);
    let addresses = |is_ready: bool| -> Vec<Value> {
        let ours = backends
            .iter()
            .filter(|backend| backend.is_ready == is_ready);
        let address = |backend: &Backend<'_>| {
            json!({
                "ip": backend.pod["status"]["podIP"],
                "nodeName": backend.pod["spec"]["nodeName"],
                "targetRef": reference(backend.pod),
            })
        };
        ours.map(address).collect()
    };
    let mut subset = json!({"ports": ports(service, &backends)});
    for (field, found) in [
        ("addresses", addresses(true)),
        ("notReadyAddresses", addresses(false)),
    ] {
        if !found.is_empty() {
            subset[field] = json!(found);
        }
    }
    let subsets = if backends.is_empty() {
        json!([])
    } else {
        json!([subset])
    };
    json!({
        "apiVersion": "v1",
        "kind": "Endpoints",
        "metadata": {"name": object::name(service), "namespace": object::namespace(service)},
        "subsets": subsets,
    })
}

fn slice(service: &Value, pods: &[Value]) -> Value {
    let backends = backends(service, pods);
    let endpoint = |backend: &Backend<'_>| {
        let is_going = object::is_being_deleted(backend.pod);
        json!({
            "addresses": [backend.pod["status"]["podIP"]],
            "conditions": {
                "ready": backend.is_ready,
                "serving": object::condition(backend.pod, "Ready") == "True",
                "terminating": is_going,
            },
            "nodeName": backend.pod["spec"]["nodeName"],
            "targetRef": reference(backend.pod),
        })
    };
    json!({
        "apiVersion": "discovery.k8s.io/v1",
        "kind": "EndpointSlice",
        "metadata": {
            // One slice is enough here, so its name needs no random part.
            "name": format!("{}-pods", object::name(service)),
            "namespace": object::namespace(service),
            "labels": {
                "kubernetes.io/service-name": object::name(service),
                "endpointslice.kubernetes.io/managed-by": "endpointslice-controller.k8s.io",
            },
            "ownerReferences": [owner_reference(&resources::SERVICES, service)],
        },
        "addressType": "IPv4",
        "endpoints": backends.iter().map(endpoint).collect::<Vec<_>>(),
        "ports": ports(service, &backends),
    })
}

/// Keeps the addresses of every service.
pub(super) async fn control(desk: Desk) {
    let queue = Queue::default();
    feed(&*desk.api, resources::SERVICES, &queue, itself);
    // A Pod may stand behind any service of its namespace.
    feed(&*desk.api, resources::PODS, &queue, all_beside);
    desk.keep(resources::SERVICES, queue, async |desk, key| {
        reconcile(desk, key).await.map(|()| None)
    })
    .await;
}

async fn reconcile(desk: &Desk, (namespace, name): &Key) -> Result<(), Refused> {
    let Some(service) = desk.find(resources::SERVICES, namespace, name).await? else {
        return forget(desk, namespace, name).await;
    };
    if service["spec"]["selector"].is_null() || object::is_being_deleted(&service) {
        return Ok(());
    }
    let pods = desk.api.list(resources::PODS, namespace).await?;
    write(
        desk,
        resources::ENDPOINTS,
        endpoints(&service, &pods),
        &["subsets"],
    )
    .await?;
    let fields = ["endpoints", "ports"];
    write(
        desk,
        resources::ENDPOINT_SLICES,
        slice(&service, &pods),
        &fields,
    )
    .await
}

async fn forget(desk: &Desk, namespace: &str, name: &str) -> Result<(), Refused> {
    // The slice goes with its owner; Endpoints have none.
    desk.api
        .delete(resources::ENDPOINTS, namespace, name, Default::default())
        .await
}

async fn write(
    desk: &Desk,
    resource: Resource,
    wanted: Value,
    fields: &[&str],
) -> Result<(), Refused> {
    let (namespace, name) = (object::namespace(&wanted), object::name(&wanted));
    match desk.api.get(resource.clone(), namespace, name).await {
        Ok(known) => {
            if fields.iter().all(|field| known[*field] == wanted[*field]) {
                return Ok(());
            }
            let patch = fields
                .iter()
                .map(|field| ((*field).to_owned(), wanted[*field].clone()));
            let patch = Value::Object(patch.collect());
            desk.api
                .merge(resource, namespace, name, Part::Main, patch)
                .await
                .map(|_| ())
        }
        Err(refused) if refused.is_not_found() => {
            desk.api.create(resource, wanted).await.map(|_| ())
        }
        Err(refused) => Err(refused),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn service() -> Value {
        json!({
            "metadata": {"name": "web", "namespace": "shop", "uid": "s1"},
            "spec": {"selector": {"app": "web"}, "ports": [
                {"name": "http", "port": 80, "targetPort": "web"},
                {"name": "raw", "port": 81},
            ]},
        })
    }

    fn pod(name: &str, app: &str, ready: &str) -> Value {
        json!({
            "metadata": {"name": name, "labels": {"app": app}},
            "spec": {"containers": [{"ports": [{"name": "web", "containerPort": 8080}]}]},
            "status": {"podIP": format!("127.1.0.{}", name.len()),
                "conditions": [{"type": "Ready", "status": ready}]},
        })
    }

    #[test]
    fn ready_pods_are_addresses_and_others_are_not_yet() {
        let pods = [
            pod("a", "web", "True"),
            pod("bb", "web", "False"),
            pod("ccc", "db", "True"),
        ];
        let found = endpoints(&service(), &pods);
        let subset = &found["subsets"][0];
        assert_eq!(subset["addresses"][0]["ip"], "127.1.0.1");
        assert_eq!(subset["notReadyAddresses"][0]["ip"], "127.1.0.2");
        assert_eq!(subset["addresses"].as_array().unwrap().len(), 1);
        assert_eq!(
            subset["ports"][0],
            json!({"name": "http", "port": 8080, "protocol": "TCP"})
        );
        assert_eq!(subset["ports"][1]["port"], 81);
        let slice = slice(&service(), &pods);
        assert_eq!(slice["endpoints"][1]["conditions"]["ready"], false);
    }

    #[test]
    fn a_service_without_a_pod_has_no_addresses() {
        assert_eq!(endpoints(&service(), &[])["subsets"], json!([]));
    }
}
