//! Rows and columns, as `kubectl get` asks for them.

use crate::stage::{Api, METADATA, METADATA_LIST, TABLE};
use serde_json::{Value, json};

const MAPS: &str = "/api/v1/namespaces/default/configmaps";

async fn api() -> Api {
    let api = Api::start().await;
    let map = json!({"metadata": {"name": "one"}, "data": {"k": "v"}});
    api.post(MAPS, &map).await.ok();
    api
}

fn names(columns: &Value) -> Vec<&str> {
    let columns = columns.as_array().into_iter().flatten();
    columns.filter_map(|one| one["name"].as_str()).collect()
}

#[tokio::test]
async fn a_list_is_shown_as_rows() {
    let api = api().await;
    let table = api.get_as(MAPS, TABLE).await.ok();
    assert_eq!(table["kind"], "Table");
    assert_eq!(names(&table["columnDefinitions"]), ["Name", "Data", "Age"]);
    assert_eq!(table["rows"][0]["cells"], json!(["one", 1, "0s"]));
    assert_eq!(table["rows"][0]["object"]["kind"], "PartialObjectMetadata");
    let plain = api.get(MAPS).await.ok();
    assert_eq!(table["metadata"], plain["metadata"]);
}

#[tokio::test]
async fn one_object_is_shown_as_a_row() {
    let api = api().await;
    let table = api.get_as(&format!("{MAPS}/one"), TABLE).await.ok();
    assert_eq!(table["rows"].as_array().map(Vec::len), Some(1));
    let object = api.get(&format!("{MAPS}/one")).await.ok();
    assert_eq!(
        table["metadata"]["resourceVersion"],
        object["metadata"]["resourceVersion"]
    );
}

#[tokio::test]
async fn rows_include_what_is_asked_for() {
    let api = api().await;
    let row = async |include: &str| {
        let path = format!("{MAPS}?includeObject={include}");
        api.get_as(&path, TABLE).await.ok()["rows"][0].clone()
    };
    assert_eq!(row("Object").await["object"]["data"], json!({"k": "v"}));
    assert_eq!(row("None").await.get("object"), None);
    assert_eq!(row("Metadata").await["object"].get("data"), None);
    api.get_as(&format!("{MAPS}?includeObject=All"), TABLE)
        .await
        .refused(
            400,
            "Unable to convert to Table as requested: includeObject: Invalid value: \"All\": must be 'Metadata', 'Object', 'None', or empty",
        );
}

#[tokio::test]
async fn a_watch_names_its_columns_once() {
    let api = api().await;
    let mut watch = api.watch(&format!("{MAPS}?watch=1"), TABLE).await;
    let first = watch.next().await.unwrap();
    assert_eq!(
        (&first["type"], &first["object"]["kind"]),
        (&json!("ADDED"), &json!("Table"))
    );
    assert_eq!(names(&first["object"]["columnDefinitions"]).len(), 3);
    api.post(MAPS, &json!({"metadata": {"name": "two"}}))
        .await
        .ok();
    let second = watch.next().await.unwrap();
    assert_eq!(second["object"]["columnDefinitions"], Value::Null);
    assert_eq!(
        second["object"]["rows"][0]["cells"],
        json!(["two", 0, "0s"])
    );
}

#[tokio::test]
async fn every_kind_that_is_listed_has_rows() {
    let api = Api::start().await;
    for path in [
        "/api/v1",
        "/apis/apps/v1",
        "/apis/batch/v1",
        "/apis/rbac.authorization.k8s.io/v1",
    ] {
        let resources = api.get(path).await.ok();
        for resource in resources["resources"].as_array().unwrap() {
            let name = resource["name"].as_str().unwrap();
            let is_listed = resource["verbs"]
                .as_array()
                .unwrap()
                .contains(&json!("list"));
            if is_listed && !name.contains('/') {
                let table = api.get_as(&format!("{path}/{name}"), TABLE).await.ok();
                assert_eq!(table["kind"], "Table", "{path}/{name}");
            }
        }
    }
}

#[tokio::test]
async fn a_question_is_answered_in_no_table() {
    let api = Api::start().await;
    let path = "/apis/authorization.k8s.io/v1/selfsubjectaccessreviews";
    let table = "application/json;as=Table;v=v1;g=meta.k8s.io";
    let refused = api.ask("POST", path, &[("accept", table)], "{}").await;
    refused.refused(
        406,
        "only the following media types are accepted: application/json",
    );
}

#[tokio::test]
async fn metadata_alone_is_shown_in_its_own_type() {
    let api = api().await;
    let one = api.get_as(&format!("{MAPS}/one"), METADATA).await.ok();
    assert_eq!(
        (&one["kind"], one.get("data")),
        (&json!("PartialObjectMetadata"), None)
    );
    let all = api.get_as(MAPS, METADATA_LIST).await.ok();
    assert_eq!(all["kind"], "PartialObjectMetadataList");
    let path = format!(
        "{MAPS}?watch=1&allowWatchBookmarks=1&sendInitialEvents=1&resourceVersionMatch=NotOlderThan"
    );
    let mut watch = api.watch(&path, METADATA).await;
    for wanted in ["ADDED", "BOOKMARK"] {
        let event = watch.next().await.unwrap();
        assert_eq!(
            (&event["type"], &event["object"]["kind"]),
            (&json!(wanted), &json!("PartialObjectMetadata"))
        );
    }
}
