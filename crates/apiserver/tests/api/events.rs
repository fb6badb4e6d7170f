//! Events, which two groups serve.

use crate::stage::{Api, JSON, MERGE, TABLE};
use serde_json::{Value, json};

const CORE: &str = "/api/v1/namespaces/default/events";
const OTHER: &str = "/apis/events.k8s.io/v1/namespaces/default/events";

fn recorded(name: &str) -> Value {
    json!({
        "metadata": {"name": name},
        "eventTime": "2026-01-02T03:04:05.000000Z",
        "reportingController": "example.com/c", "reportingInstance": "c-1",
        "action": "Test", "reason": "Tested", "type": "Normal", "note": "all is well",
        "regarding": {"kind": "Pod", "namespace": "default", "name": "p"},
    })
}

#[tokio::test]
async fn an_event_of_either_group_is_one_of_the_other() {
    let api = Api::start().await;
    let made = api.post(OTHER, &recorded("new")).await.ok();
    assert_eq!(
        (&made["note"], made.get("message")),
        (&json!("all is well"), None)
    );
    let core = api.get(&format!("{CORE}/new")).await.ok();
    assert_eq!(core["apiVersion"], "v1");
    assert_eq!(core["involvedObject"]["name"], "p");
    assert_eq!(core["message"], "all is well");
    assert_eq!(core["reportingComponent"], "example.com/c");
    let old = json!({
        "metadata": {"name": "old"}, "reason": "Old", "message": "as ever", "count": 2,
        "involvedObject": {"kind": "Pod", "namespace": "default", "name": "q"},
    });
    api.post(CORE, &old).await.ok();
    let other = api.get(&format!("{OTHER}/old")).await.ok();
    assert_eq!(other["apiVersion"], "events.k8s.io/v1");
    assert_eq!(
        (&other["note"], &other["deprecatedCount"]),
        (&json!("as ever"), &json!(2))
    );
    assert_eq!(
        other["metadata"]["uid"],
        api.get(&format!("{CORE}/old")).await.ok()["metadata"]["uid"]
    );
    for path in [CORE, OTHER] {
        let list = api.get(path).await.ok();
        assert_eq!(list["items"].as_array().map(Vec::len), Some(2), "{path}");
        let table = api.get_as(path, TABLE).await.ok();
        assert_eq!(table["rows"].as_array().map(Vec::len), Some(2), "{path}");
    }
}

#[tokio::test]
async fn each_group_is_watched_in_its_own_words() {
    let api = Api::start().await;
    let mut core = api.watch(&format!("{CORE}?watch=1"), JSON).await;
    let mut other = api.watch(&format!("{OTHER}?watch=1"), JSON).await;
    api.post(OTHER, &recorded("new")).await.ok();
    let patch = r#"{"note":"changed"}"#;
    api.send("PATCH", &format!("{OTHER}/new"), MERGE, patch)
        .await
        .ok();
    for (sort, text) in [("ADDED", "all is well"), ("MODIFIED", "changed")] {
        let event = core.next().await.unwrap();
        assert_eq!(
            (&event["type"], &event["object"]["message"]),
            (&json!(sort), &json!(text))
        );
        let event = other.next().await.unwrap();
        assert_eq!(
            (&event["type"], &event["object"]["note"]),
            (&json!(sort), &json!(text))
        );
    }
    api.delete(&format!("{CORE}/new"), &json!({})).await.ok();
    assert_eq!(other.next().await.unwrap()["type"], "DELETED");
}
