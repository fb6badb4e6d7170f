//! What is done to namespaces beside making and ending them.

use crate::stage::{Api, Crowded, MERGE};
use serde_json::{Value, json};
use std::sync::Arc;

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

#[tokio::test]
async fn a_namespace_that_ends_while_objects_are_made_takes_none_after_its_end_began() {
    let api = Arc::new(Api::over(Crowded::new()).await);
    let team = json!({"metadata": {"name": "team"}});
    api.post("/api/v1/namespaces", &team).await.ok();
    let mut makers = tokio::task::JoinSet::new();
    for index in 0..8 {
        let api = Arc::clone(&api);
        makers.spawn(async move {
            let map = json!({"metadata": {"name": format!("m{index}")}});
            let made = api.post(&format!("{TEAM}/configmaps"), &map).await;
            (made.code, made.message().to_owned())
        });
    }
    api.delete(TEAM, &json!({})).await.ok();
    let answers = makers.join_all().await;
    let revision = |object: &Value| {
        let revision = object["metadata"]["resourceVersion"].as_str();
        revision.and_then(|it| it.parse::<u64>().ok()).unwrap()
    };
    let ended = revision(&api.get(TEAM).await.ok());
    let made = api.get(&format!("{TEAM}/configmaps")).await.ok();
    for map in made["items"].as_array().unwrap() {
        assert!(revision(map) < ended, "{map}");
    }
    let refused = answers.iter().filter(|(code, _)| *code == 403);
    assert!(refused.count() > 0, "nobody was too late: {answers:?}");
}
