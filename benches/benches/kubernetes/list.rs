//! What a list of many Pods costs the server.

use crate::api::Api;
use benches::clock::cpu_millis;
use benches::server::{Pods, Server, runtime, until};
use serde_json::{Value, json};
use std::time::Duration;

const PODS: usize = 5_000;
const LISTS: u32 = 40;
const PATH: &str = "/api/v1/namespaces/default/pods";

pub(crate) fn run() {
    let plane = Server::in_memory(Pods::Wait);
    let api = Api::of(&plane.folder);
    runtime().block_on(async {
        api.create(PATH, PODS, pod).await;
        let mut connection = api.connect().await;
        let bytes = connection.get(PATH).await.len();
        // What controllers make of so many new Pods is no part of it.
        until(async || is_idle(plane.id()).await).await;
        let before = cpu_millis(plane.id());
        for _ in 0..LISTS {
            connection.get(PATH).await;
        }
        let each = (cpu_millis(plane.id()) - before) / f64::from(LISTS);
        println!("a list of {PODS} Pods, {bytes} bytes: {each:.1} ms of server CPU");
    });
}

/// Whether a process does next to nothing.
async fn is_idle(process: u32) -> bool {
    let before = cpu_millis(process);
    tokio::time::sleep(Duration::from_millis(500)).await;
    cpu_millis(process) - before <= 10.0
}

fn pod(number: usize) -> Value {
    json!({
        "apiVersion": "v1",
        "kind": "Pod",
        "metadata": { "name": format!("p-{number}"), "labels": { "app": "bench" } },
        "spec": { "containers": [{
            "name": "main",
            "image": "ubuntu",
            "command": ["sleep", "10000"],
            "env": [{ "name": "A", "value": "b" }],
        }] },
    })
}
