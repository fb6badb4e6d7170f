//! Controllers at work, and a runner that says of every Pod that it is ready.

use crate::fake::Fake;
use jiff::Timestamp;
use serde_json::{Value, json};
use std::sync::Arc;
use tempfile::TempDir;
use workloads::api::{Deletion, Resource, resources};
use workloads::controllers::{Controllers, NodeSettings, Settings};

pub(crate) struct Bench {
    pub(crate) fake: Arc<Fake>,
    pub(crate) folder: TempDir,
    _controllers: Controllers,
}

impl Bench {
    pub(crate) fn new() -> Self {
        let (fake, folder) = (Fake::new(), TempDir::new().unwrap());
        let node = NodeSettings {
            name: "node-1".to_owned(),
            address: "127.0.0.1".to_owned(),
            labels: [("zone".to_owned(), "a".to_owned())].into(),
            taints: Vec::new(),
            version: "v1.37.0".to_owned(),
            cpus: 2,
            memory: 1 << 30,
        };
        let settings = Settings {
            nodes: vec![node],
            root_ca: "the certificate".to_owned(),
            volumes: Some(folder.path().to_owned()),
            clock: Arc::new(Timestamp::now),
        };
        let controllers = Controllers::start(fake.clone(), settings);
        Self {
            fake,
            folder,
            _controllers: controllers,
        }
    }

    pub(crate) fn put(&self, resource: Resource, name: &str, more: Value) -> Value {
        let mut object = more;
        object["metadata"]["name"] = json!(name);
        object["metadata"]["namespace"] = json!("default");
        self.fake.put(resource, object)
    }

    pub(crate) fn deployment(&self, image: &str, replicas: u32) {
        let labels = json!({"app": "web"});
        let template = json!({
            "metadata": {"labels": labels},
            "spec": {"containers": [{"name": "c", "image": image}]},
        });
        let spec = json!({
            "replicas": replicas,
            "selector": {"matchLabels": labels},
            "template": template,
            "strategy": {"type": "RollingUpdate",
                "rollingUpdate": {"maxSurge": "25%", "maxUnavailable": "25%"}},
        });
        let known = self.fake.find(&resources::DEPLOYMENTS, "default", "web");
        let mut object = known.unwrap_or_else(|| json!({}));
        let generation = object["metadata"]["generation"].as_i64().unwrap_or(0);
        object["metadata"]["generation"] = json!(generation + 1);
        object["spec"] = spec;
        self.put(resources::DEPLOYMENTS, "web", object);
    }

    /// Does what a runner does: says that every Pod with a node is ready.
    pub(crate) fn run_pods(&self) {
        for mut pod in self.fake.all(&resources::PODS) {
            if pod["spec"]["nodeName"].is_null() || pod["status"]["phase"] == "Running" {
                continue;
            }
            if !pod["metadata"]["deletionTimestamp"].is_null() {
                continue;
            }
            pod["status"]["phase"] = json!("Running");
            pod["status"]["podIP"] = json!("127.7.0.2");
            pod["status"]["conditions"] = json!([{"type": "Ready", "status": "True"}]);
            self.fake.put(resources::PODS, pod);
        }
        let going = self.fake.all(&resources::PODS).into_iter();
        for pod in going.filter(|pod| !pod["metadata"]["deletionTimestamp"].is_null()) {
            self.delete_pod(pod["metadata"]["name"].as_str().unwrap());
        }
    }

    pub(crate) fn delete_pod(&self, name: &str) {
        let at_once = Deletion {
            grace_seconds: Some(0),
            ..Deletion::default()
        };
        self.fake
            .delete_now(&resources::PODS, "default", name, at_once);
    }

    pub(crate) fn delete(&self, resource: Resource, name: &str, propagation: &'static str) {
        let how = Deletion {
            propagation: Some(propagation),
            grace_seconds: Some(0),
            uid: None,
        };
        self.fake.delete_now(&resource, "default", name, how);
    }

    pub(crate) async fn until(&self, what: &str, holds: impl Fn(&Fake) -> bool) {
        self.fake
            .until(what, |fake| {
                self.run_pods();
                holds(fake).then_some(())
            })
            .await;
    }

    pub(crate) async fn rolled_out(&self, image: &str, replicas: usize) {
        self.until(image, |fake| {
            let pods = fake.all(&resources::PODS);
            let is_new = |pod: &Value| pod["spec"]["containers"][0]["image"] == image;
            let deployment = fake
                .find(&resources::DEPLOYMENTS, "default", "web")
                .unwrap();
            let conditions = &deployment["status"]["conditions"];
            pods.len() == replicas
                && pods.iter().all(is_new)
                && conditions[1]["reason"] == "NewReplicaSetAvailable"
                && deployment["status"]["observedGeneration"]
                    == deployment["metadata"]["generation"]
        })
        .await;
    }

    pub(crate) fn owned(
        &self,
        resource: Resource,
        name: &str,
        owners: &[(&Resource, &Value)],
    ) -> Value {
        let references: Vec<_> = owners
            .iter()
            .map(|(resource, owner)| {
                json!({
                    "apiVersion": resource.api_version(), "kind": resource.kind,
                    "name": owner["metadata"]["name"], "uid": owner["metadata"]["uid"],
                    "blockOwnerDeletion": true,
                })
            })
            .collect();
        self.put(
            resource,
            name,
            json!({"metadata": {"ownerReferences": references}}),
        )
    }

    pub(crate) fn is_there(&self, name: &str) -> bool {
        self.fake
            .find(&resources::CONFIG_MAPS, "default", name)
            .is_some()
    }
}
