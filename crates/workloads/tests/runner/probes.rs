//! Probes.

use super::bench::{Bench, sh};
use serde_json::{Value, json};

#[tokio::test(flavor = "multi_thread")]
async fn readiness_follows_its_probe() {
    let bench = Bench::new().await;
    let mut container = sh("exec sleep 600");
    let probe = json!({"exec": {"command": ["test", "-e", "/tmp/ready"]}, "periodSeconds": 1, "timeoutSeconds": 30});
    container["readinessProbe"] = probe;
    bench.apply("web", json!({"containers": [container]}));
    let pod = bench.running("web").await;
    assert_eq!(pod["status"]["containerStatuses"][0]["ready"], false);
    bench.event("web", "Unhealthy").await;
    bench.exec("web", "touch /tmp/ready").await;
    let is_ready = |pod: &Value| pod["status"]["containerStatuses"][0]["ready"] == true;
    bench.fake.pod("web", is_ready).await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_container_that_is_not_alive_is_started_again() {
    let bench = Bench::new().await;
    let mut container = sh("touch /tmp/alive; exec sleep 600");
    let probe = json!({"exec": {"command": ["test", "-e", "/tmp/alive"]}, "periodSeconds": 1,
        "failureThreshold": 1, "initialDelaySeconds": 100, "timeoutSeconds": 30});
    container["livenessProbe"] = probe;
    bench.apply(
        "web",
        json!({"containers": [container], "terminationGracePeriodSeconds": 0}),
    );
    bench.running("web").await;
    // The container may not have made the file yet.
    let script = "until rm /tmp/alive 2>/dev/null; do sleep 0.01; done";
    bench.exec("web", script).await;
    let pod = bench
        .fake
        .pod("web", |pod| {
            pod["status"]["containerStatuses"][0]["restartCount"].as_i64() >= Some(1)
        })
        .await;
    let last = &pod["status"]["containerStatuses"][0]["lastState"]["terminated"];
    assert_eq!(last["exitCode"], 137, "{pod:#}");
}
