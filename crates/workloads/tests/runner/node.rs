//! What the node can and cannot.

use super::bench::{Bench, at, sh};
use crate::fake::{Fake, PATIENCE};
use serde_json::{Value, json};
use std::time::Duration;
use workloads::api::resources;
use workloads::runner::{LogOptions, Settings};
use workloads::sandbox::Isolation;

#[tokio::test(flavor = "multi_thread")]
async fn without_namespaces_a_pod_runs_plain_with_a_warning_and_finds_its_token() {
    let plain = |settings: &mut Settings| settings.isolation = Some(Isolation::Plain);
    let bench = Bench::with(Fake::new(), plain).await;
    let mut container = sh("cat $TOKEN_FILE; echo; exec sleep 600");
    container["env"] = json!([{"name": "TOKEN_FILE", "value": "/var/run/t/token"}]);
    container["volumeMounts"] = json!([{"name": "t", "mountPath": "/var/run/t"}]);
    let source = json!({"serviceAccountToken": {"path": "token"}});
    let volumes = json!([{"name": "t", "projected": {"sources": [source]}}]);
    bench.apply(
        "web",
        json!({"containers": [container], "volumes": volumes}),
    );
    bench.running("web").await;
    let event = bench.event("web", "SandboxUnavailable").await;
    assert_eq!(event["type"], "Warning");
    let options = LogOptions {
        follow: true,
        ..LogOptions::default()
    };
    let mut reader = bench.runner.log(at("web"), "c", false, options).unwrap();
    let piece = tokio::time::timeout(PATIENCE, reader.next()).await.unwrap();
    assert!(
        piece
            .unwrap()
            .is_none_or(|text| text.starts_with(b"token-"))
    );
    let (text, _) = bench.exec("web", "cat $TOKEN_FILE").await;
    assert!(text.starts_with("token-"), "{text}");
}

#[tokio::test(flavor = "multi_thread")]
async fn two_hundred_pods_run_within_twenty_seconds() {
    let bench = Bench::new().await;
    let begun = std::time::Instant::now();
    for number in 0..200 {
        bench.run(&format!("web-{number}"), "exec sleep 600");
    }
    bench
        .fake
        .until("all run", |fake| {
            let pods = fake.all(&resources::PODS);
            let is_running = |pod: &&Value| pod["status"]["phase"] == "Running";
            (pods.iter().filter(is_running).count() == 200).then_some(())
        })
        .await;
    let took = begun.elapsed();
    println!("200 pods running after {took:?}");
    // The promise is for an idle machine; a test shares it.
    assert!(took < Duration::from_secs(60), "{took:?}");
    bench.runner.shutdown().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_container_that_outgrows_its_memory_is_killed_and_its_status_says_why() {
    let bench = Bench::new().await;
    let mut container =
        sh("exec python3 -c 'held = bytearray(200 << 20); import time; time.sleep(600)'");
    container["resources"] = json!({"limits": {"memory": "60Mi", "cpu": "500m"}});
    bench.apply(
        "web",
        json!({"restartPolicy": "Never", "containers": [container]}),
    );
    let pod = bench
        .fake
        .pod("web", |pod| pod["status"]["phase"] == "Failed")
        .await;
    let end = &pod["status"]["containerStatuses"][0]["state"]["terminated"];
    assert_eq!(end["reason"], "OOMKilled", "{end}");
    assert_eq!(end["exitCode"], 137);
}

#[tokio::test(flavor = "multi_thread")]
async fn limits_are_held_by_the_kernel_or_an_event_says_what_does_not_hold() {
    let bench = Bench::new().await;
    let mut container = sh("exec sleep 600");
    container["resources"] = json!({"limits": {"cpu": "500m"}});
    bench.apply("web", json!({"containers": [container]}));
    bench.running("web").await;
    let (groups, _) = bench.exec("web", "cat /proc/1/cgroup").await;
    if groups.contains("volatile") {
        return;
    }
    let event = bench.event("web", "LimitsNotHeld").await;
    assert_eq!(event["type"], "Warning");
    let message = event["message"].as_str().unwrap();
    assert!(message.contains("CPU limits do not hold"), "{message}");
}
