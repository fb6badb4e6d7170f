//! What is done to namespaces beside making and ending them.

use crate::stage::{Api, MERGE};
use serde_json::{Value, json};

const TEAM: &str = "/api/v1/namespaces/team";

async fn api() -> Api {
    let api = Api::start().await;
    let team = json!({"metadata": {"name": "team"}});
    api.post("/api/v1/namespaces", &team).await.ok();
    api
}

fn finalizers(namespace: &Value) -> &Value {
    &namespace["spec"]["finalizers"]
}

#[tokio::test]
async fn a_finalizer_is_put_on_a_namespace_and_taken_away() {
    let api = api().await;
    let path = format!("{TEAM}/finalize");
    let mut team = api.get(TEAM).await.ok();
    team["spec"]["finalizers"] = json!(["kubernetes", "e2e.example.com/fake"]);
    let held = api.put(&path, &team).await.ok();
    assert_eq!(
        finalizers(&held),
        &json!(["kubernetes", "e2e.example.com/fake"])
    );
    assert_eq!(finalizers(&api.get(TEAM).await.ok()), finalizers(&held));
    team["metadata"]["resourceVersion"] = Value::Null;
    team["spec"]["finalizers"] = json!(["kubernetes"]);
    let freed = api.put(&path, &team).await.ok();
    assert_eq!(finalizers(&freed), &json!(["kubernetes"]));
}

#[tokio::test]
async fn a_namespace_is_updated_and_patched() {
    let api = api().await;
    let mut team = api.get(TEAM).await.ok();
    team["metadata"]["labels"]["by"] = "update".into();
    api.put(TEAM, &team).await.ok();
    assert_eq!(
        api.get(TEAM).await.ok()["metadata"]["labels"]["by"],
        "update"
    );
    let patch = r#"{"metadata":{"labels":{"by":"patch"}}}"#;
    api.send("PATCH", TEAM, MERGE, patch).await.ok();
    let labels = &api.get(TEAM).await.ok()["metadata"]["labels"];
    assert_eq!(
        labels,
        &json!({"by": "patch", "kubernetes.io/metadata.name": "team"})
    );
}

#[tokio::test]
async fn the_status_of_a_namespace_is_written_apart() {
    let api = api().await;
    let path = format!("{TEAM}/status");
    assert_eq!(api.get(&path).await.ok()["status"]["phase"], "Active");
    let condition =
        |sort: &str| json!([{"type": sort, "status": "True", "reason": "E2E", "message": ""}]);
    let patch = json!({"status": {"conditions": condition("Patched")}}).to_string();
    api.send("PATCH", &path, MERGE, &patch).await.ok();
    let mut team = api.get(&path).await.ok();
    assert_eq!(team["status"]["conditions"][0]["type"], "Patched");
    team["status"]["conditions"] = condition("Updated");
    team["metadata"]["labels"]["lost"] = "yes".into();
    api.put(&path, &team).await.ok();
    let team = api.get(TEAM).await.ok();
    assert_eq!(team["status"]["conditions"][0]["type"], "Updated");
    assert_eq!(team["metadata"]["labels"].get("lost"), None);
}
