//! Reading collections: in chunks, at a revision, in a form.

use crate::stage::Api;
use serde_json::{Value, json};

const MAPS: &str = "/api/v1/namespaces/default/configmaps";

async fn with_maps(count: usize) -> Api {
    let api = Api::start().await;
    for index in 0..count {
        api.put_map(&format!("m{index}")).await;
    }
    api
}

impl Api {
    async fn put_map(&self, name: &str) {
        let map = json!({"metadata": {"name": name, "labels": {"app": "x"}}});
        self.post(MAPS, &map).await.ok();
    }

    async fn forget_the_past(&self) {
        let compacted = self.store.compact(self.store.revision()).await;
        compacted.expect("memory forgets");
    }
}

fn names(list: &Value) -> Vec<&str> {
    let items = list["items"].as_array().into_iter().flatten();
    items
        .filter_map(|item| item["metadata"]["name"].as_str())
        .collect()
}

fn token(list: &Value) -> &str {
    list["metadata"]["continue"].as_str().unwrap_or_default()
}

#[tokio::test]
async fn a_list_in_chunks_shows_one_state_whatever_happens_meanwhile() {
    let api = with_maps(5).await;
    let first = api.get(&format!("{MAPS}?limit=2")).await.ok();
    assert_eq!(names(&first), ["m0", "m1"]);
    assert_eq!(first["metadata"]["remainingItemCount"], 3);
    api.put_map("m15").await;
    api.delete(&format!("{MAPS}/m3"), &json!({})).await.ok();
    let path = format!("{MAPS}?limit=2&continue={}", token(&first));
    let second = api.get(&path).await.ok();
    assert_eq!(names(&second), ["m2", "m3"]);
    let path = format!("{MAPS}?limit=2&continue={}", token(&second));
    let third = api.get(&path).await.ok();
    assert_eq!((names(&third), token(&third)), (vec!["m4"], ""));
    assert_eq!(third["metadata"].get("remainingItemCount"), None);
    for page in [&second, &third] {
        assert_eq!(
            page["metadata"]["resourceVersion"],
            first["metadata"]["resourceVersion"]
        );
    }
}

#[tokio::test]
async fn a_list_in_chunks_that_is_too_old_goes_on_with_what_there_is_now() {
    let api = with_maps(4).await;
    let first = api.get(&format!("{MAPS}?limit=2")).await.ok();
    api.put_map("m9").await;
    api.forget_the_past().await;
    let expired = api
        .get(&format!("{MAPS}?limit=2&continue={}", token(&first)))
        .await;
    assert_eq!(
        (expired.code, &expired.body["reason"]),
        (410, &json!("Expired"))
    );
    assert!(expired.message().starts_with(
        "The provided continue parameter is too old to display a consistent list result."
    ),);
    let path = format!("{MAPS}?limit=2&continue={}", token(&expired.body));
    let second = api.get(&path).await.ok();
    assert_eq!(names(&second), ["m2", "m3"]);
    assert_ne!(
        first["metadata"]["resourceVersion"],
        second["metadata"]["resourceVersion"]
    );
    let path = format!("{MAPS}?limit=2&continue={}", token(&second));
    assert_eq!(names(&api.get(&path).await.ok()), ["m9"]);
}

#[tokio::test]
async fn a_list_says_how_many_remain_unless_it_selects() {
    let api = with_maps(4).await;
    let list = api
        .get(&format!("{MAPS}?limit=3&labelSelector=app%3Dx"))
        .await
        .ok();
    assert_eq!(names(&list).len(), 3);
    assert_ne!(token(&list), "");
    assert_eq!(list["metadata"].get("remainingItemCount"), None);
}

#[tokio::test]
async fn a_list_shows_the_revision_that_is_asked_for() {
    let api = with_maps(2).await;
    let then = api.get(MAPS).await.ok()["metadata"]["resourceVersion"].clone();
    let then = then.as_str().unwrap();
    api.put_map("m9").await;
    let rows = [
        (
            format!("resourceVersion={then}&resourceVersionMatch=Exact"),
            2,
        ),
        (
            format!("resourceVersion={then}&resourceVersionMatch=NotOlderThan"),
            3,
        ),
        (format!("resourceVersion={then}"), 3),
        (format!("resourceVersion={then}&limit=9"), 2),
        ("resourceVersion=0".to_owned(), 3),
        (String::new(), 3),
    ];
    for (query, count) in rows {
        let list = api.get(&format!("{MAPS}?{query}")).await.ok();
        assert_eq!(names(&list).len(), count, "{query}");
    }
    api.forget_the_past().await;
    let path = format!("{MAPS}?resourceVersion={then}&resourceVersionMatch=Exact");
    api.get(&path)
        .await
        .refused(410, "The resourceVersion for the provided list is too old.");
}

#[tokio::test]
async fn a_revision_that_is_not_yet_is_told_to_come_later() {
    let api = with_maps(1).await;
    for path in [MAPS.to_owned(), format!("{MAPS}?watch=1")] {
        let joint = if path.contains('?') { '&' } else { '?' };
        let refused = api.get(&format!("{path}{joint}resourceVersion=999")).await;
        assert_eq!(
            (refused.code, &refused.body["reason"]),
            (504, &json!("Timeout"))
        );
        let cause = &refused.body["details"]["causes"][0]["reason"];
        assert_eq!(cause, "ResourceVersionTooLarge");
        assert_eq!(refused.header("retry-after"), "1");
    }
}

#[tokio::test]
async fn questions_that_make_no_sense_are_refused_in_kubernetes_words() {
    let api = with_maps(1).await;
    let rows = [
        ("continue=%21", 400, "continue key is not valid: "),
        (
            "resourceVersionMatch=Exact",
            422,
            "ListOptions.meta.k8s.io \"\" is invalid: resourceVersionMatch: Forbidden: resourceVersionMatch is forbidden unless resourceVersion is provided",
        ),
        (
            "resourceVersion=1&resourceVersionMatch=Sometimes",
            422,
            "ListOptions.meta.k8s.io \"\" is invalid: resourceVersionMatch: Unsupported value: \"Sometimes\": supported values: \"Exact\", \"NotOlderThan\", \"\"",
        ),
        (
            "labelSelector=a%3D%3D%3Db",
            400,
            "unable to parse requirement: ",
        ),
        (
            "fieldSelector=data.k%3Dv",
            400,
            "\"data.k\" is not a known field selector: only \"metadata.name\", \"metadata.namespace\"",
        ),
        ("limit=many", 400, ""),
    ];
    for (query, code, message) in rows {
        let refused = api.get(&format!("{MAPS}?{query}")).await;
        assert_eq!(refused.code, code, "{query}: {}", refused.body);
        assert!(
            refused.message().starts_with(message),
            "{}",
            refused.message()
        );
    }
}

#[tokio::test]
async fn fields_and_labels_select() {
    let api = with_maps(3).await;
    for (query, count) in [
        ("fieldSelector=metadata.name%3Dm1", 1),
        ("fieldSelector=metadata.name%21%3Dm1", 2),
        (
            "fieldSelector=metadata.namespace%3Ddefault,metadata.name%3Dm2",
            1,
        ),
        ("labelSelector=app+in+%28x,y%29", 3),
        ("labelSelector=%21app", 0),
    ] {
        let list = api.get(&format!("{MAPS}?{query}")).await.ok();
        assert_eq!(names(&list).len(), count, "{query}");
    }
}
