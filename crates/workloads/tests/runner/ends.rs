//! How Pods end.

use super::bench::{Bench, is_alive, sh};
use crate::fake::PATIENCE;
use serde_json::json;
use std::time::Duration;
use workloads::api::resources;

#[tokio::test(flavor = "multi_thread")]
async fn a_deleted_pod_gets_its_hook_and_its_signal_and_is_gone_with_its_processes() {
    let bench = Bench::new().await;
    let mark = format!("{}", 700_000 + std::process::id());
    let script =
        format!("trap 'echo term; exit 0' TERM; sleep {mark} & while :; do sleep 0.02; done");
    let mut container = sh(&script);
    container["lifecycle"] = json!({"preStop": {"exec": {"command": ["touch", "/tmp/stopping"]}}});
    bench.apply(
        "web",
        json!({"containers": [container], "terminationGracePeriodSeconds": 60}),
    );
    bench.running("web").await;
    bench.delete("web", None);
    bench.gone("web").await;
    assert!(!is_alive(&mark));
    bench.event("web", "Killing").await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_process_that_ignores_its_signal_is_killed_when_its_grace_is_over() {
    let bench = Bench::new().await;
    bench.run("web", "trap '' TERM; while :; do sleep 0.05; done");
    bench.running("web").await;
    bench.delete("web", Some(1));
    bench.gone("web").await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_pod_without_grace_is_gone_at_once() {
    let bench = Bench::new().await;
    let mark = format!("{}", 800_000 + std::process::id());
    bench.run("web", &format!("trap '' TERM; sleep {mark}; true"));
    bench.running("web").await;
    bench.delete("web", Some(0));
    let ended = async {
        while is_alive(&mark) {
            tokio::time::sleep(Duration::from_millis(5)).await;
        }
    };
    tokio::time::timeout(PATIENCE, ended).await.unwrap();
}

#[tokio::test(flavor = "multi_thread")]
async fn no_process_is_left_when_the_runner_ends() {
    let bench = Bench::new().await;
    let mark = format!("{}", 900_000 + std::process::id());
    bench.run("web", &format!("exec sleep {mark}"));
    bench.running("web").await;
    let up = async {
        while !is_alive(&mark) {
            tokio::time::sleep(Duration::from_millis(5)).await;
        }
    };
    tokio::time::timeout(PATIENCE, up).await.unwrap();
    bench.runner.shutdown().await;
    assert!(!is_alive(&mark));
    assert!(
        bench
            .fake
            .find(&resources::PODS, "default", "web")
            .is_some(),
        "the object stays"
    );
}
