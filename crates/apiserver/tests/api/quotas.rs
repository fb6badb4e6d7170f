//! Quotas of namespaces.

use crate::stage::{Api, Crowded, MERGE};
use serde_json::{Value, json};

const QUOTAS: &str = "/api/v1/namespaces/default/resourcequotas";
const MAPS: &str = "/api/v1/namespaces/default/configmaps";
const PODS: &str = "/api/v1/namespaces/default/pods";
const SERVICES: &str = "/api/v1/namespaces/default/services";

async fn with_quota(api: &Api, hard: &Value) {
    let quota = json!({"metadata": {"name": "q"}, "spec": {"hard": hard}});
    api.post(QUOTAS, &quota).await.ok();
}

fn named(name: &str) -> Value {
    json!({"metadata": {"name": name}})
}

#[tokio::test]
async fn objects_that_a_quota_counts_are_refused_above_it_and_room_comes_back() {
    let api = Api::start().await;
    let template = json!({
        "metadata": {"labels": {"a": "b"}},
        "spec": {"containers": [{"name": "c", "image": "i"}]},
    });
    let set = json!({"selector": {"matchLabels": {"a": "b"}}, "template": template});
    let counted = [
        ("configmaps", "api/v1", "configmaps", json!({})),
        ("secrets", "api/v1", "secrets", json!({})),
        (
            "services",
            "api/v1",
            "services",
            json!({"ports": [{"port": 80}]}),
        ),
        ("replicasets", "apis/apps/v1", "count/replicasets.apps", set),
    ];
    let hard = counted
        .iter()
        .map(|(.., name, _)| ((*name).to_owned(), json!("1")));
    with_quota(&api, &Value::Object(hard.collect())).await;
    for (plural, version, name, spec) in counted {
        let object = |name: &str| match spec.as_object().is_some_and(|spec| !spec.is_empty()) {
            true => json!({"metadata": {"name": name}, "spec": spec}),
            false => named(name),
        };
        let path = format!("/{version}/namespaces/default/{plural}");
        api.post(&path, &object("a")).await.ok();
        let refused = api.post(&path, &object("b")).await;
        assert_eq!(refused.code, 403, "{}", refused.body);
        let end = format!(
            "is forbidden: exceeded quota: q, requested: {name}=1, used: {name}=1, limited: {name}=1"
        );
        assert!(refused.message().ends_with(&end), "{}", refused.message());
        api.delete(&format!("{path}/a"), &json!({})).await.ok();
        api.post(&path, &object("b")).await.ok();
    }
    let elsewhere = "/api/v1/namespaces/kube-system/configmaps";
    api.post(elsewhere, &named("a")).await.ok();
}

#[tokio::test]
async fn a_quota_is_changed_has_a_status_of_its_own_and_goes() {
    let api = Api::start().await;
    with_quota(&api, &json!({"configmaps": "0"})).await;
    let path = format!("{QUOTAS}/q");
    api.post(MAPS, &named("a")).await.refused(
        403,
        "configmaps \"a\" is forbidden: exceeded quota: q, requested: configmaps=1, used: configmaps=0, limited: configmaps=0",
    );
    let wider = r#"{"spec":{"hard":{"configmaps":"1"}},"status":{"used":{"configmaps":"7"}}}"#;
    let changed = api.send("PATCH", &path, MERGE, wider).await.ok();
    assert!(changed["status"].get("used").is_none(), "{changed}");
    api.post(MAPS, &named("a")).await.ok();
    let used = r#"{"status":{"used":{"configmaps":"1"}}}"#;
    let status = format!("{path}/status");
    let changed = api.send("PATCH", &status, MERGE, used).await.ok();
    assert_eq!(changed["status"]["used"]["configmaps"], "1");
    api.delete(QUOTAS, &json!({})).await.ok();
    api.post(MAPS, &named("b")).await.ok();
}

#[tokio::test]
async fn a_pod_says_what_is_counted_of_it_and_takes_it() {
    let api = Api::start().await;
    with_quota(&api, &json!({"requests.cpu": "1", "pods": "9"})).await;
    let pod = |name: &str, requests: Value| {
        let container = json!({"name": "c", "image": "i", "resources": {"requests": requests}});
        json!({"metadata": {"name": name}, "spec": {"containers": [container]}})
    };
    api.post(PODS, &pod("a", json!({}))).await.refused(
        403,
        "pods \"a\" is forbidden: failed quota: q: must specify requests.cpu for: c",
    );
    api.post(PODS, &pod("a", json!({"cpu": "700m"}))).await.ok();
    api.post(PODS, &pod("b", json!({"cpu": "400m"}))).await.refused(
        403,
        "pods \"b\" is forbidden: exceeded quota: q, requested: requests.cpu=400m, used: requests.cpu=700m, limited: requests.cpu=1",
    );
    let ended = json!({"status": {"phase": "Succeeded"}}).to_string();
    let path = format!("{PODS}/a/status");
    api.send("PATCH", &path, MERGE, &ended).await.ok();
    api.post(PODS, &pod("b", json!({"cpu": "400m"}))).await.ok();
}

#[tokio::test]
async fn a_change_is_counted_for_what_it_takes_more() {
    let api = Api::start().await;
    with_quota(&api, &json!({"services.nodeports": "0"})).await;
    let service = json!({"metadata": {"name": "web"}, "spec": {"ports": [{"port": 80}]}});
    api.post(SERVICES, &service).await.ok();
    let path = format!("{SERVICES}/web");
    let labels = r#"{"metadata":{"labels":{"a":"b"}}}"#;
    api.send("PATCH", &path, MERGE, labels).await.ok();
    let open = r#"{"spec":{"type":"NodePort"}}"#;
    api.send("PATCH", &path, MERGE, open).await.refused(
        403,
        "services \"web\" is forbidden: exceeded quota: q, requested: services.nodeports=1, used: services.nodeports=0, limited: services.nodeports=0",
    );
}

#[tokio::test]
async fn two_hundred_at_once_are_each_made_or_refused_and_do_not_exceed_a_quota_together() {
    const MAKERS: usize = 200;
    for room in [3, MAKERS] {
        let api = std::sync::Arc::new(Api::over(Crowded::new()).await);
        with_quota(&api, &json!({"configmaps": room.to_string()})).await;
        let mut makers = tokio::task::JoinSet::new();
        for index in 0..MAKERS {
            let api = std::sync::Arc::clone(&api);
            let map = named(&format!("m{index}"));
            makers.spawn(async move { api.post(MAPS, &map).await.code });
        }
        let mut codes = makers.join_all().await;
        codes.sort_unstable();
        let mut wanted = vec![201; room];
        wanted.resize(MAKERS, 403);
        assert_eq!(codes, wanted);
    }
}
