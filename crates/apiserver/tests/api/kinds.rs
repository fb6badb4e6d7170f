//! Kinds that are kept and on which nothing acts.

use crate::stage::Api;
use serde_json::json;

#[tokio::test]
async fn who_makes_what_nothing_acts_on_is_told_so() {
    let api = Api::start().await;
    let rows = [
        (
            "/apis/networking.k8s.io/v1/namespaces/default/networkpolicies",
            json!({"metadata": {"name": "x"}, "spec": {"podSelector": {}}}),
            "a NetworkPolicy is kept here, and nothing acts on it: no traffic is filtered",
        ),
        (
            "/apis/autoscaling/v2/namespaces/default/horizontalpodautoscalers",
            json!({"metadata": {"name": "x"}, "spec": {
                "maxReplicas": 3,
                "scaleTargetRef": {"kind": "Deployment", "name": "web"},
            }}),
            "a HorizontalPodAutoscaler is kept here, and nothing acts on it: nothing is scaled by it",
        ),
    ];
    for (path, object, warning) in rows {
        let made = api.post(path, &object).await;
        assert_eq!(made.warnings(), [format!("299 - \"{warning}\"")]);
        made.ok();
        let path = format!("{path}/x");
        assert!(api.get(&path).await.warnings().is_empty());
        api.delete(&path, &json!({})).await.ok();
    }
}

#[tokio::test]
async fn a_claim_waits_for_a_volume() {
    let api = Api::start().await;
    let claim = json!({"metadata": {"name": "x"}, "spec": {
        "accessModes": ["ReadWriteOnce"],
        "resources": {"requests": {"storage": "1Gi"}},
    }});
    let path = "/api/v1/namespaces/default/persistentvolumeclaims";
    let made = api.post(path, &claim).await.ok();
    assert_eq!(made["status"], json!({"phase": "Pending"}));
}
