//! Following collections.

use crate::stage::{Api, JSON};
use serde_json::json;

const MAPS: &str = "/api/v1/namespaces/default/configmaps";

async fn put(api: &Api, name: &str, label: &str) {
    let map = json!({"metadata": {"name": name, "labels": {"app": label}}});
    api.post(MAPS, &map).await.ok();
}

async fn label(api: &Api, name: &str, label: &str) {
    let path = format!("{MAPS}/{name}");
    let mut map = api.get(&path).await.ok();
    map["metadata"]["labels"]["app"] = label.into();
    api.put(&path, &map).await.ok();
}

async fn revision(api: &Api) -> String {
    let list = api.get(MAPS).await.ok();
    let revision = list["metadata"]["resourceVersion"].as_str();
    revision.expect("a revision").to_owned()
}

#[tokio::test]
async fn a_watch_without_a_revision_begins_with_what_there_is() {
    let api = Api::start().await;
    put(&api, "a", "x").await;
    for query in ["watch=1", "watch=true&resourceVersion=0"] {
        let mut watch = api.watch(&format!("{MAPS}?{query}"), JSON).await;
        assert_eq!(watch.told(1).await, ["ADDED a"], "{query}");
    }
}

#[tokio::test]
async fn a_watch_from_a_revision_tells_what_came_after_it() {
    let api = Api::start().await;
    put(&api, "a", "x").await;
    let then = revision(&api).await;
    label(&api, "a", "y").await;
    put(&api, "b", "x").await;
    api.delete(&format!("{MAPS}/a"), &json!({})).await.ok();
    for _ in 0..2 {
        let mut watch = api
            .watch(&format!("{MAPS}?watch=1&resourceVersion={then}"), JSON)
            .await;
        assert_eq!(watch.told(3).await, ["MODIFIED a", "ADDED b", "DELETED a"]);
    }
}

#[tokio::test]
async fn what_leaves_a_selection_is_deleted_to_its_watcher() {
    let api = Api::start().await;
    put(&api, "a", "x").await;
    let then = revision(&api).await;
    let path = format!("{MAPS}?watch=1&resourceVersion={then}&labelSelector=app%3Dx");
    let mut watch = api.watch(&path, JSON).await;
    label(&api, "a", "y").await;
    let gone = watch.next().await.unwrap();
    assert_eq!(gone["type"], "DELETED");
    assert_eq!(
        gone["object"]["metadata"]["resourceVersion"],
        revision(&api).await.as_str(),
        "at the revision that made it leave"
    );
    label(&api, "a", "x").await;
    assert_eq!(watch.told(1).await, ["ADDED a"]);
}

#[tokio::test]
async fn a_write_that_changes_nothing_is_told_to_nobody() {
    let api = Api::start().await;
    put(&api, "a", "x").await;
    let then = revision(&api).await;
    label(&api, "a", "x").await;
    assert_eq!(revision(&api).await, then);
    let mut watch = api
        .watch(&format!("{MAPS}?watch=1&resourceVersion={then}"), JSON)
        .await;
    put(&api, "b", "x").await;
    assert_eq!(watch.told(1).await, ["ADDED b"]);
}

#[tokio::test]
async fn a_watch_list_ends_its_beginning_with_a_bookmark() {
    let api = Api::start().await;
    put(&api, "a", "x").await;
    put(&api, "b", "x").await;
    let query =
        "watch=1&sendInitialEvents=true&resourceVersionMatch=NotOlderThan&allowWatchBookmarks=true";
    let mut watch = api.watch(&format!("{MAPS}?{query}"), JSON).await;
    assert_eq!(watch.told(2).await, ["ADDED a", "ADDED b"]);
    let end = watch.next().await.unwrap();
    assert_eq!(end["type"], "BOOKMARK");
    assert_eq!(
        end["object"]["metadata"]["annotations"]["k8s.io/initial-events-end"],
        "true"
    );
    assert_eq!(
        end["object"]["metadata"]["resourceVersion"],
        revision(&api).await.as_str()
    );
    put(&api, "c", "x").await;
    assert_eq!(watch.told(1).await, ["ADDED c"]);
}

#[tokio::test]
async fn a_watch_ends_when_its_time_is_over() {
    let api = Api::start().await;
    let mut watch = api
        .watch(&format!("{MAPS}?watch=1&timeoutSeconds=1"), JSON)
        .await;
    assert_eq!(watch.next().await, None);
}

#[tokio::test]
async fn a_watch_with_bookmarks_gets_one_before_its_end() {
    let api = Api::start().await;
    put(&api, "a", "x").await;
    let then = revision(&api).await;
    let path =
        format!("{MAPS}?watch=1&timeoutSeconds=3&allowWatchBookmarks=1&resourceVersion={then}");
    let mut watch = api.watch(&path, JSON).await;
    let event = watch.next().await.expect("a bookmark");
    assert_eq!(
        (&event["type"], &event["object"]["kind"]),
        (&json!("BOOKMARK"), &json!("ConfigMap"))
    );
    assert_eq!(
        event["object"]["metadata"]["resourceVersion"],
        then.as_str()
    );
    assert_eq!(watch.next().await, None);
}

#[tokio::test]
async fn a_past_that_is_forgotten_cannot_be_watched() {
    let api = Api::start().await;
    put(&api, "a", "x").await;
    let then = revision(&api).await;
    put(&api, "b", "x").await;
    put(&api, "c", "x").await;
    api.store.compact(api.store.revision()).await.unwrap();
    let refused = api
        .get(&format!("{MAPS}?watch=1&resourceVersion={then}"))
        .await;
    assert_eq!(
        (refused.code, &refused.body["reason"]),
        (410, &json!("Expired"))
    );
    assert!(
        refused
            .message()
            .starts_with(&format!("too old resource version: {then} ("))
    );
}

#[tokio::test]
async fn combinations_that_watches_do_not_know_are_refused() {
    let api = Api::start().await;
    let rows = [
        (
            "sendInitialEvents=true",
            "sendInitialEvents requires setting resourceVersionMatch to NotOlderThan",
        ),
        (
            "resourceVersion=1&resourceVersionMatch=NotOlderThan",
            "resourceVersionMatch is forbidden for watch unless sendInitialEvents is provided",
        ),
    ];
    for (query, why) in rows {
        api.get(&format!("{MAPS}?watch=1&{query}")).await.refused(
            422,
            &format!(
                "ListOptions.meta.k8s.io \"\" is invalid: resourceVersionMatch: Forbidden: {why}"
            ),
        );
    }
}

#[tokio::test]
async fn one_object_is_watched_by_its_path_too() {
    let api = Api::start().await;
    put(&api, "a", "x").await;
    put(&api, "b", "x").await;
    for path in [
        "/api/v1/watch/namespaces/default/configmaps/b".to_owned(),
        format!("{MAPS}?watch=1&fieldSelector=metadata.name%3Db"),
    ] {
        let mut watch = api.watch(&path, JSON).await;
        assert_eq!(watch.told(1).await, ["ADDED b"], "{path}");
    }
}

#[tokio::test]
async fn all_watchers_see_changes_in_one_order() {
    let api = Api::start().await;
    let then = revision(&api).await;
    let mut watches = Vec::new();
    for _ in 0..3 {
        watches.push(
            api.watch(&format!("{MAPS}?watch=1&resourceVersion={then}"), JSON)
                .await,
        );
    }
    for index in 0..20 {
        put(&api, &format!("m{index}"), "x").await;
    }
    let first = watches[0].told(20).await;
    for watch in &mut watches[1..] {
        assert_eq!(watch.told(20).await, first);
    }
}

#[tokio::test]
async fn a_watch_goes_on_where_the_last_one_stood() {
    let api = Api::start().await;
    let mut first = api.watch(&format!("{MAPS}?watch=1"), JSON).await;
    put(&api, "a", "x").await;
    let seen = first.next().await.unwrap()["object"]["metadata"]["resourceVersion"].clone();
    drop(first);
    label(&api, "a", "y").await;
    api.delete(&format!("{MAPS}/a"), &json!({})).await.ok();
    let path = format!("{MAPS}?watch=1&resourceVersion={}", seen.as_str().unwrap());
    let mut second = api.watch(&path, JSON).await;
    assert_eq!(second.told(2).await, ["MODIFIED a", "DELETED a"]);
}

#[tokio::test]
async fn each_watcher_is_told_what_it_selects() {
    let api = Api::start().await;
    let then = revision(&api).await;
    let selecting = async |selector: &str| {
        let path = format!("{MAPS}?watch=1&resourceVersion={then}&labelSelector={selector}");
        api.watch(&path, JSON).await
    };
    let mut of_a = selecting("app%3Da").await;
    let mut of_b = selecting("app%3Db").await;
    let mut of_both = selecting("app+in+%28a,b%29").await;
    put(&api, "one", "a").await;
    let changed = json!({"metadata": {"labels": {"app": "a"}}, "data": {"k": "v"}});
    api.put(&format!("{MAPS}/one"), &changed).await.ok();
    api.delete(&format!("{MAPS}/one"), &json!({})).await.ok();
    put(&api, "two", "b").await;
    let of_one = ["ADDED one", "MODIFIED one", "DELETED one"];
    assert_eq!(of_a.told(3).await, of_one);
    assert_eq!(of_b.told(1).await, ["ADDED two"]);
    assert_eq!(
        of_both.told(4).await,
        [&of_one[..], &["ADDED two"]].concat()
    );
}

#[tokio::test]
async fn a_watcher_that_falls_behind_what_is_remembered_is_told_so() {
    let api = Api::start().await;
    let mut watch = api.watch(&format!("{MAPS}?watch=1"), JSON).await;
    // More than is kept at hand, and more than fits on the way to who does not read.
    let long = "x".repeat(4096);
    for index in 0..1_100 {
        let map = json!({"metadata": {"name": format!("m{index}")}, "data": {"long": long}});
        api.post(MAPS, &map).await.ok();
    }
    api.store.compact(api.store.revision()).await.unwrap();
    let mut last = watch.next().await.expect("an event");
    while let Some(event) = watch.next().await {
        last = event;
    }
    assert_eq!(last["type"], "ERROR");
    assert_eq!(
        (&last["object"]["code"], &last["object"]["reason"]),
        (&json!(410), &json!("Expired"))
    );
}
