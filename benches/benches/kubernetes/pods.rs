//! From a Deployment's `apply` to running Pods.

use crate::api::{Api, Connection, config_map};
use benches::clock::{instant, median};
use benches::server::{Pods, Server, runtime, until};
use serde_json::{Value, json};

const TIMES: usize = 11;
const MANY: usize = 200;
const APPLY: &str = "application/apply-patch+yaml";
const PODS: &str = "/api/v1/namespaces/default/pods";

pub(crate) fn run() {
    let plane = Server::in_memory(Pods::Run);
    let api = Api::of(&plane.folder);
    runtime().block_on(async {
        let mut connection = api.connect().await;
        for name in ["awsconfig-configmap", "script-configmap"] {
            let path = "/api/v1/namespaces/default/configmaps";
            connection.post(path, &config_map(name, "")).await;
        }
        // What controllers make of a new cluster is no part of it.
        until(async || !is_missing(&mut connection).await).await;
        let mut millis = Vec::new();
        for time in 0..TIMES {
            millis.push(apply(&mut connection, &format!("one-{time}"), 1).await);
        }
        println!(
            "apply of the seed's Deployment to Running: median {:.0} ms",
            median(&mut millis)
        );
        let many = apply(&mut connection, "many", MANY).await;
        println!("{MANY} Pods running after {:.1} s", many / 1_000.0);
    });
}

async fn is_missing(connection: &mut Connection) -> bool {
    let path = "/api/v1/namespaces/default/serviceaccounts";
    let accounts: Value = serde_json::from_slice(&connection.get(path).await).expect("a list");
    accounts["items"].as_array().is_none_or(Vec::is_empty)
}

/// Milliseconds from the request until so many Pods run.
async fn apply(connection: &mut Connection, name: &str, replicas: usize) -> f64 {
    let begun = instant();
    let path = format!(
        "/apis/apps/v1/namespaces/default/deployments/{name}?fieldManager=bench&force=true"
    );
    connection
        .patch(&path, APPLY, &deployment(name, replicas))
        .await;
    let path = format!("{PODS}?labelSelector=app%3D{name}");
    until(async || running(&connection.get(&path).await) == replicas).await;
    begun.elapsed().as_secs_f64() * 1_000.0
}

fn running(listed: &[u8]) -> usize {
    let pods: Value = serde_json::from_slice(listed).expect("a list");
    let pods = pods["items"].as_array().into_iter().flatten();
    pods.filter(|pod| pod["status"]["phase"] == "Running")
        .count()
}

/// The seed's, by another name.
fn deployment(name: &str, replicas: usize) -> Value {
    let volume = |name: &str, map: &str| json!({ "name": name, "configMap": { "name": map } });
    json!({
        "apiVersion": "apps/v1",
        "kind": "Deployment",
        "metadata": { "name": name, "namespace": "default", "labels": { "app": name } },
        "spec": {
            "replicas": replicas,
            "selector": { "matchLabels": { "app": name } },
            "template": {
                "metadata": { "labels": { "app": name } },
                "spec": {
                    "containers": [{
                        "image": "ubuntu",
                        "name": "ubuntu",
                        "command": ["sleep", "10000"],
                        "volumeMounts": [
                            { "name": "test-volume", "mountPath": "/aws_config" },
                            { "name": "script-volume", "mountPath": "/scripts" },
                        ],
                    }],
                    "volumes": [
                        volume("test-volume", "awsconfig-configmap"),
                        volume("script-volume", "script-configmap"),
                    ],
                },
            },
        },
    })
}
