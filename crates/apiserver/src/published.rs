//! The Service by which the API itself is found, and the addresses behind it.

use crate::client::{Client, Place};
use crate::server::ApiServer;
use crate::user::{MASTERS, user};
use objects::status::Reason;
use objects::{Object, Status};
use serde_json::{Value, json};
use std::net::SocketAddr;
use std::sync::Arc;

/// Where the Service lies.
const NAMESPACE: &str = "default";
/// What it, and each object that belongs to it, is called.
const NAME: &str = "kubernetes";
/// What its one port is called.
const PORT: &str = "https";

impl ApiServer {
    /// Makes the Service `kubernetes` with its Endpoints and its EndpointSlice, or mends them: they say
    /// where this API answers.
    ///
    /// # Errors
    /// Why they could not be written.
    pub async fn publish(self: &Arc<Self>, at: SocketAddr) -> Result<(), Status> {
        let client = self.client(user("system:apiserver", &[MASTERS]));
        let address = self.parts.services.of_the_api().to_string();
        keep(&client, "", "services", &service(&address, at)).await?;
        keep(&client, "", "endpoints", &endpoints(at)).await?;
        keep(&client, "discovery.k8s.io", "endpointslices", &slice(at)).await
    }
}

/// Whether an object is that Service, if it is one.
pub(crate) fn is_published(service: &Object) -> bool {
    (service.namespace(), service.name()) == (Some(NAMESPACE), Some(NAME))
}

/// Makes an object where it is missing; else sets what differs.
async fn keep(client: &Client, group: &str, plural: &str, wanted: &Value) -> Result<(), Status> {
    let place = Place::new(group, "v1", plural, NAMESPACE);
    let merge = "application/merge-patch+json";
    let patch = wanted.to_string();
    let patched = client.patch(&place, NAME, "", merge, patch.as_bytes());
    match patched.await {
        Err(status) if status.reason == Reason::NotFound => {}
        patched => return patched.map(drop),
    }
    let wanted = Object::from_value(wanted.clone());
    let wanted = wanted.map_err(|why| Status::internal_error(&why.to_string()))?;
    client.create(&place, wanted).await.map(drop)
}

fn service(address: &str, at: SocketAddr) -> Value {
    json!({
        "apiVersion": "v1",
        "kind": "Service",
        "metadata": {
            "name": NAME,
            "namespace": NAMESPACE,
            "labels": {"component": "apiserver", "provider": "kubernetes"},
        },
        "spec": {
            "type": "ClusterIP",
            "clusterIP": address,
            "clusterIPs": [address],
            "ports": [{"name": PORT, "port": 443, "targetPort": at.port(), "protocol": "TCP"}],
        },
    })
}

fn endpoints(at: SocketAddr) -> Value {
    json!({
        "apiVersion": "v1",
        "kind": "Endpoints",
        "metadata": {
            "name": NAME,
            "namespace": NAMESPACE,
            "labels": {"endpointslice.kubernetes.io/skip-mirror": "true"},
        },
        "subsets": [{
            "addresses": [{"ip": at.ip().to_string()}],
            "ports": [{"name": PORT, "port": at.port(), "protocol": "TCP"}],
        }],
    })
}

fn slice(at: SocketAddr) -> Value {
    json!({
        "apiVersion": "discovery.k8s.io/v1",
        "kind": "EndpointSlice",
        "metadata": {
            "name": NAME,
            "namespace": NAMESPACE,
            "labels": {"kubernetes.io/service-name": NAME},
        },
        "addressType": if at.is_ipv4() { "IPv4" } else { "IPv6" },
        "endpoints": [{"addresses": [at.ip().to_string()], "conditions": {"ready": true}}],
        "ports": [{"name": PORT, "port": at.port(), "protocol": "TCP"}],
    })
}
