//! What watchers cost that take nothing.

use crate::api::{Api, config_map};
use benches::clock::resident_kb;
use benches::server::{Pods, Server, runtime};
use serde_json::json;

const STALLED: usize = 50;
const CHANGES: usize = 30_000;
const PATH: &str = "/api/v1/namespaces/default/configmaps";
const MERGE: &str = "application/merge-patch+json";

pub(crate) fn run() {
    let without = resident_after(0);
    let with = resident_after(STALLED);
    println!(
        "after {CHANGES} changes: {without} kB without a watcher, {with} kB with {STALLED} stalled ones"
    );
}

fn resident_after(watchers: usize) -> u64 {
    let plane = Server::in_memory(Pods::Wait);
    let api = Api::of(&plane.folder);
    runtime().block_on(async {
        let mut connection = api.connect().await;
        connection.post(PATH, &config_map("changing", "")).await;
        let mut open = Vec::new();
        for _ in 0..watchers {
            let mut watcher = api.connect().await;
            let body = ("application/json", String::new());
            let answer = watcher.send("GET", &format!("{PATH}?watch=1"), body).await;
            open.push((watcher, answer));
        }
        for number in 0..CHANGES {
            let patch = json!({ "data": { "text": number.to_string() } });
            connection
                .patch(&format!("{PATH}/changing"), MERGE, &patch)
                .await;
        }
        resident_kb(plane.id())
    })
}
