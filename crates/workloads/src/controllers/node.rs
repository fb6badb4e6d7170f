//! The nodes of a cluster: their objects, and the leases that show that they live.

use super::Desk;
use crate::api::{Part, Refused, resources};
use crate::object;
use crate::runner::seconds;
use serde_json::{Value, json};
use std::collections::BTreeMap;
use std::time::Duration;

/// Where the leases of nodes lie.
const LEASES: &str = "kube-node-lease";

/// How often a lease is renewed.
const RENEWAL: Duration = Duration::from_secs(10);

/// Pods that a node takes.
const PODS_MAX: u32 = 1000;

/// A node of the cluster.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct NodeSettings {
    /// Its name.
    pub name: String,
    /// Its address.
    pub address: String,
    /// What it is called besides `kubernetes.io/hostname` and its kin.
    pub labels: BTreeMap<String, String>,
    /// Taints, as `spec.taints` has them.
    pub taints: Vec<Value>,
    /// What `kubectl get nodes` shows as its version.
    pub version: String,
    /// Processors.
    pub cpus: usize,
    /// Memory in bytes.
    pub memory: u64,
}

/// Keeps the nodes' objects and leases.
pub(super) async fn keep(desk: Desk) {
    loop {
        for node in &desk.settings.nodes {
            // An API that is not ready yet is asked again at the next turn, soon.
            if keep_one(&desk, node).await.is_err() {
                tokio::time::sleep(super::RETRY).await;
            }
        }
        tokio::time::sleep(RENEWAL).await;
    }
}

async fn keep_one(desk: &Desk, node: &NodeSettings) -> Result<(), Refused> {
    let now = desk.now();
    let known = desk.api.get(resources::NODES, "", &node.name).await;
    let known = match known {
        Ok(known) => known,
        Err(refused) if refused.is_not_found() => {
            desk.api.create(resources::NODES, node.object()).await?
        }
        Err(refused) => return Err(refused),
    };
    let status = node.status(&known, &seconds(now));
    if object::condition(&known, "Ready") != "True" {
        let patch = json!({"status": status});
        let about = (&resources::NODES, &known);
        desk.merge(about, Part::Status, patch).await?;
    }
    let renewed = json!({
        "holderIdentity": node.name,
        "leaseDurationSeconds": 40,
        "renewTime": format!("{now:.6}"),
    });
    let patch = json!({"spec": renewed});
    match desk
        .api
        .merge(resources::LEASES, LEASES, &node.name, Part::Main, patch)
        .await
    {
        Err(refused) if refused.is_not_found() => {
            let lease = json!({
                "apiVersion": "coordination.k8s.io/v1",
                "kind": "Lease",
                "metadata": {"name": node.name, "namespace": LEASES},
                "spec": renewed,
            });
            desk.api.create(resources::LEASES, lease).await.map(|_| ())
        }
        other => other.map(|_| ()),
    }
}

impl NodeSettings {
    fn object(&self) -> Value {
        let mut labels = json!({
            "kubernetes.io/hostname": self.name,
            "kubernetes.io/os": std::env::consts::OS,
            "kubernetes.io/arch": arch(),
            "beta.kubernetes.io/os": std::env::consts::OS,
            "beta.kubernetes.io/arch": arch(),
        });
        for (name, value) in &self.labels {
            labels[name] = json!(value);
        }
        json!({
            "apiVersion": "v1",
            "kind": "Node",
            "metadata": {"name": self.name, "labels": labels},
            "spec": {
                "providerID": format!("rolecall://{}", self.name),
                "taints": self.taints,
            },
        })
    }

    fn status(&self, known: &Value, now: &str) -> Value {
        let since = |kind: &str, status: &str| {
            let mut known = object::items(known, "/status/conditions").iter();
            let same = known.find(|was| was["type"] == kind && was["status"] == status);
            same.map_or(json!(now), |was| was["lastTransitionTime"].clone())
        };
        let condition = |kind: &str, status: &str, reason: &str, message: &str| {
            json!({
                "type": kind, "status": status, "reason": reason, "message": message,
                "lastHeartbeatTime": now, "lastTransitionTime": since(kind, status),
            })
        };
        let room = json!({
            "cpu": self.cpus.to_string(),
            "memory": format!("{}Ki", self.memory / 1024),
            "pods": PODS_MAX.to_string(),
        });
        json!({
            "capacity": room,
            "allocatable": room,
            "addresses": [
                {"type": "InternalIP", "address": self.address},
                {"type": "Hostname", "address": self.name},
            ],
            "conditions": [
                condition("MemoryPressure", "False", "KubeletHasSufficientMemory",
                    "kubelet has sufficient memory available"),
                condition("DiskPressure", "False", "KubeletHasNoDiskPressure",
                    "kubelet has no disk pressure"),
                condition("PIDPressure", "False", "KubeletHasSufficientPID",
                    "kubelet has sufficient PID available"),
                condition("Ready", "True", "KubeletReady", "kubelet is posting ready status"),
            ],
            "nodeInfo": {
                "kubeletVersion": self.version,
                "kubeProxyVersion": "",
                "operatingSystem": std::env::consts::OS,
                "architecture": arch(),
                "osImage": "the host's",
                "kernelVersion": rustix::system::uname().release().to_string_lossy(),
                "containerRuntimeVersion": concat!("rolecall://", env!("CARGO_PKG_VERSION")),
                "machineID": "",
                "systemUUID": "",
                "bootID": "",
            },
        })
    }
}

/// The architecture in Go's words.
fn arch() -> &'static str {
    match std::env::consts::ARCH {
        "x86_64" => "amd64",
        "aarch64" => "arm64",
        other => other,
    }
}
