//! How objects end.

use crate::stage::{Api, JSON, MERGE, Reply, items};
use serde_json::{Value, json};

const MAPS: &str = "/api/v1/namespaces/default/configmaps";
const ONE: &str = "/api/v1/namespaces/default/configmaps/one";
const PODS: &str = "/api/v1/namespaces/default/pods";

async fn with_map(finalizers: &[&str]) -> Api {
    let api = Api::start().await;
    let map = json!({"metadata": {"name": "one", "finalizers": finalizers}});
    api.post(MAPS, &map).await.ok();
    api
}

fn finalizers(reply: Reply) -> Value {
    reply.ok()["metadata"]["finalizers"].clone()
}

#[tokio::test]
async fn what_nothing_holds_goes_at_once_and_its_uid_is_told() {
    let api = with_map(&[]).await;
    let uid = api.get(ONE).await.ok()["metadata"]["uid"].clone();
    let status = api.delete(ONE, &json!({})).await.ok();
    assert_eq!(
        (&status["status"], &status["details"]["uid"]),
        (&json!("Success"), &uid)
    );
    api.get(ONE)
        .await
        .refused(404, "configmaps \"one\" not found");
    api.delete(ONE, &json!({}))
        .await
        .refused(404, "configmaps \"one\" not found");
}

#[tokio::test]
async fn preconditions_must_hold() {
    let api = with_map(&[]).await;
    let there = api.get(ONE).await.ok();
    let text = |field: &str| there["metadata"][field].as_str().unwrap().to_owned();
    let (uid, version) = (text("uid"), text("resourceVersion"));
    api.delete(ONE, &json!({"preconditions": {"uid": "other"}})).await.refused(
        409,
        &format!("Operation cannot be fulfilled on configmaps \"one\": Precondition failed: UID in precondition: other, UID in object meta: {uid}"),
    );
    api.delete(ONE, &json!({"preconditions": {"resourceVersion": "1"}})).await.refused(
        409,
        &format!("Operation cannot be fulfilled on configmaps \"one\": Precondition failed: ResourceVersion in precondition: 1, ResourceVersion in object meta: {version}"),
    );
    let both = json!({"preconditions": {"uid": uid, "resourceVersion": version}});
    api.delete(ONE, &both).await.ok();
}

#[tokio::test]
async fn a_finalizer_holds_an_object_until_it_is_taken_away() {
    let api = with_map(&["example.com/held"]).await;
    let ending = api.delete(ONE, &json!({})).await.ok();
    assert_eq!(
        ending["metadata"]["deletionTimestamp"],
        "2026-01-02T03:04:05Z"
    );
    let again = api.delete(ONE, &json!({})).await.ok();
    assert_eq!(
        again["metadata"]["deletionTimestamp"],
        "2026-01-02T03:04:05Z"
    );
    let more = r#"{"metadata":{"finalizers":["example.com/held","example.com/more"]}}"#;
    assert_eq!(api.send("PATCH", ONE, MERGE, more).await.code, 422);
    let other = r#"{"data":{"still":"changed"}}"#;
    api.send("PATCH", ONE, MERGE, other).await.ok();
    let none = r#"{"metadata":{"finalizers":null}}"#;
    api.send("PATCH", ONE, MERGE, none).await.ok();
    assert_eq!(api.get(ONE).await.code, 404);
}

#[tokio::test]
async fn a_propagation_policy_is_a_finalizer_for_the_collector() {
    for (options, wanted) in [
        (
            json!({"propagationPolicy": "Foreground"}),
            json!(["foregroundDeletion"]),
        ),
        (json!({"propagationPolicy": "Orphan"}), json!(["orphan"])),
        (json!({"orphanDependents": true}), json!(["orphan"])),
    ] {
        let api = with_map(&[]).await;
        assert_eq!(
            finalizers(api.delete(ONE, &options).await),
            wanted,
            "{options}"
        );
    }
    let api = with_map(&[]).await;
    let refused = api
        .delete(ONE, &json!({"propagationPolicy": "Sideways"}))
        .await;
    assert_eq!(refused.code, 422);
    let both = json!({"propagationPolicy": "Orphan", "orphanDependents": true});
    let refused = api.delete(ONE, &both).await;
    assert_eq!(refused.code, 422, "{}", refused.body);
    let path = format!("{ONE}?propagationPolicy=Orphan");
    let ending = api.send("DELETE", &path, JSON, "").await;
    assert_eq!(finalizers(ending), json!(["orphan"]));
}

#[tokio::test]
async fn a_collection_is_deleted_as_it_is_selected() {
    let api = Api::start().await;
    for (name, label) in [("a", "x"), ("b", "x"), ("c", "y")] {
        let map = json!({"metadata": {"name": name, "labels": {"app": label}}});
        api.post(MAPS, &map).await.ok();
    }
    let path = format!("{MAPS}?labelSelector=app%3Dx");
    let gone = api.delete(&path, &json!({})).await.ok();
    assert_eq!(gone["kind"], "ConfigMapList");
    assert_eq!(gone["items"].as_array().map(Vec::len), Some(2));
    let left = api.get(MAPS).await.ok();
    assert_eq!(left["items"][0]["metadata"]["name"], "c");
    let everywhere = api.delete("/api/v1/configmaps", &json!({})).await;
    assert_eq!(everywhere.code, 405, "{}", everywhere.body);
}

#[tokio::test]
async fn a_running_pod_is_given_time_and_an_idle_one_none() {
    let api = Api::start().await;
    let pod = |name: &str, node: &str| {
        json!({"metadata": {"name": name}, "spec": {
            "nodeName": node, "terminationGracePeriodSeconds": 7,
            "containers": [{"name": "c", "image": "i"}],
        }})
    };
    api.post(PODS, &pod("idle", "")).await.ok();
    let gone = api.delete(&format!("{PODS}/idle"), &json!({})).await.ok();
    assert_eq!(gone["status"], "Success");
    api.post(PODS, &pod("run", "n")).await.ok();
    let path = format!("{PODS}/run");
    let ending = api.delete(&path, &json!({})).await.ok();
    assert_eq!(ending["metadata"]["deletionGracePeriodSeconds"], 7);
    assert_eq!(
        ending["metadata"]["deletionTimestamp"],
        "2026-01-02T03:04:12Z"
    );
    let sooner = api
        .delete(&path, &json!({"gracePeriodSeconds": 2}))
        .await
        .ok();
    assert_eq!(sooner["metadata"]["deletionGracePeriodSeconds"], 2);
    let later = api
        .delete(&path, &json!({"gracePeriodSeconds": 9}))
        .await
        .ok();
    assert_eq!(later["metadata"]["deletionGracePeriodSeconds"], 2);
    let now = api
        .delete(&path, &json!({"gracePeriodSeconds": 0}))
        .await
        .ok();
    assert_eq!(now["status"], "Success");
}

#[tokio::test]
async fn a_namespace_that_ends_takes_nothing_more_and_goes_when_it_is_finalized() {
    let api = Api::start().await;
    let path = "/api/v1/namespaces/team";
    let made = api
        .post("/api/v1/namespaces", &json!({"metadata": {"name": "team"}}))
        .await
        .ok();
    assert_eq!(made["spec"]["finalizers"], json!(["kubernetes"]));
    assert_eq!(made["status"]["phase"], "Active");
    assert_eq!(
        made["metadata"]["labels"]["kubernetes.io/metadata.name"],
        "team"
    );
    let ending = api.delete(path, &json!({})).await.ok();
    assert_eq!(ending["status"]["phase"], "Terminating");
    let refused = api
        .post(
            &format!("{path}/configmaps"),
            &json!({"metadata": {"name": "late"}}),
        )
        .await;
    refused.refused(
        403,
        "configmaps \"late\" is forbidden: unable to create new content in namespace team because it is being terminated",
    );
    assert_eq!(
        refused.body["details"]["causes"][0]["reason"],
        "NamespaceTerminating"
    );
    let mut namespace = api.get(path).await.ok();
    namespace["spec"]["finalizers"] = json!([]);
    api.put(&format!("{path}/finalize"), &namespace).await.ok();
    assert_eq!(api.get(path).await.code, 404);
    let kept = api.delete("/api/v1/namespaces/default", &json!({})).await;
    kept.refused(
        403,
        "namespaces \"default\" is forbidden: this namespace may not be deleted",
    );
}

#[tokio::test]
async fn an_eviction_is_a_deletion() {
    let api = Api::start().await;
    let pod =
        json!({"metadata": {"name": "p"}, "spec": {"containers": [{"name": "c", "image": "i"}]}});
    api.post(PODS, &pod).await.ok();
    let eviction =
        json!({"apiVersion": "policy/v1", "kind": "Eviction", "metadata": {"name": "p"}});
    let path = format!("{PODS}/p/eviction");
    let evicted = api.send("POST", &path, JSON, &eviction.to_string()).await;
    assert_eq!(
        (evicted.code, &evicted.body["status"]),
        (201, &json!("Success"))
    );
    assert_eq!(api.get(&format!("{PODS}/p")).await.code, 404);
}

#[tokio::test]
async fn an_eviction_of_another_pod_or_a_dry_one_leaves_the_pod_as_it_is() {
    let api = Api::start().await;
    let pod = json!({"metadata": {"name": "p"},
        "spec": {"nodeName": "n", "containers": [{"name": "c", "image": "i"}]}});
    let made = api.post(PODS, &pod).await.ok();
    let version = &made["metadata"]["resourceVersion"];
    for (options, code) in [
        (json!({"preconditions": {"uid": "another"}}), 409),
        (json!({"preconditions": {"resourceVersion": "1"}}), 409),
        (json!({"dryRun": ["All"]}), 201),
        (json!({"preconditions": {"resourceVersion": version}}), 201),
    ] {
        let is_done = code == 201 && options["dryRun"].is_null();
        let eviction = json!({"apiVersion": "policy/v1", "kind": "Eviction",
            "metadata": {"name": "p"}, "deleteOptions": options});
        let evicted = api.post(&format!("{PODS}/p/eviction"), &eviction).await;
        assert_eq!(evicted.code, code, "{}", evicted.body);
        let now = api.get(&format!("{PODS}/p")).await.ok();
        assert_eq!(now["metadata"]["resourceVersion"] != *version, is_done);
    }
}

#[tokio::test]
async fn an_eviction_takes_from_its_budget_and_is_refused_when_nothing_is_left() {
    let api = Api::start().await;
    for name in ["a", "b"] {
        let pod = json!({
            "metadata": {"name": name, "labels": {"app": "web"}},
            "spec": {"nodeName": "n", "containers": [{"name": "c", "image": "i"}]},
        });
        api.post(PODS, &pod).await.ok();
        let running = json!({"status": {
            "phase": "Running",
            "conditions": [{"type": "Ready", "status": "True"}],
        }});
        let path = format!("{PODS}/{name}/status");
        api.send("PATCH", &path, MERGE, &running.to_string())
            .await
            .ok();
    }
    let budgets = "/apis/policy/v1/namespaces/default/poddisruptionbudgets";
    let budget = json!({
        "metadata": {"name": "web"},
        "spec": {"minAvailable": 1, "selector": {"matchLabels": {"app": "web"}}},
    });
    api.post(budgets, &budget).await.ok();
    let evict = async |name: &str| {
        let eviction =
            json!({"apiVersion": "policy/v1", "kind": "Eviction", "metadata": {"name": name}});
        api.post(&format!("{PODS}/{name}/eviction"), &eviction)
            .await
    };
    let refused = "Cannot evict pod as it would violate the pod's disruption budget.";
    evict("a").await.refused(429, refused);
    let counted = json!({"status": {"observedGeneration": 1, "disruptionsAllowed": 1,
        "currentHealthy": 2, "desiredHealthy": 1, "expectedPods": 2}});
    let path = format!("{budgets}/web/status");
    api.send("PATCH", &path, MERGE, &counted.to_string())
        .await
        .ok();
    evict("a").await.ok();
    let going = api.get(&format!("{PODS}/a")).await.ok();
    assert!(going["metadata"]["deletionTimestamp"].is_string());
    let conditions = items(&going["status"]["conditions"]);
    assert_eq!(conditions[0]["type"], "Ready");
    assert_eq!(
        conditions[1],
        json!({"type": "DisruptionTarget", "status": "True", "reason": "EvictionByEvictionAPI",
            "message": "Eviction API: evicting", "lastProbeTime": null,
            "lastTransitionTime": "2026-01-02T03:04:05Z"})
    );
    let status = api.get(&format!("{budgets}/web")).await.ok()["status"].clone();
    assert_eq!(status["disruptionsAllowed"], 0);
    assert!(status["disruptedPods"]["a"].is_string(), "{status}");
    let over = evict("b").await;
    over.refused(429, refused);
    assert_eq!(
        over.body["details"]["causes"],
        json!([{"reason": "DisruptionBudget",
            "message": "The disruption budget web needs 1 healthy pods and has 2 currently"}])
    );
    assert!(api.get(&format!("{PODS}/b")).await.ok()["metadata"]["deletionTimestamp"].is_null());
    let elsewhere =
        json!({"kind": "Eviction", "apiVersion": "policy/v1", "metadata": {"name": "x"}});
    let refused = api.post(&format!("{PODS}/b/eviction"), &elsewhere).await;
    refused.refused(400, "name in URL does not match name in Eviction object");
}
