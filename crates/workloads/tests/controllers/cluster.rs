//! What a cluster does of itself: namespaces are furnished and end, Pods get their node, nodes say that they live.

use crate::bench::Bench;
use crate::fake::Fake;
use serde_json::json;
use workloads::api::{Deletion, resources};

#[tokio::test]
async fn a_namespace_gets_its_account_and_certificate_again_and_again() {
    let bench = Bench::new();
    bench
        .fake
        .put(resources::NAMESPACES, json!({"metadata": {"name": "shop"}}));
    let has_both = |fake: &Fake| {
        let authority = fake.find(&resources::CONFIG_MAPS, "shop", "kube-root-ca.crt");
        let is_right = authority.is_some_and(|found| found["data"]["ca.crt"] == "the certificate");
        is_right
            && fake
                .find(&resources::SERVICE_ACCOUNTS, "shop", "default")
                .is_some()
    };
    bench.until("both are there", has_both).await;
    let all = Deletion::default();
    bench
        .fake
        .delete_now(&resources::SERVICE_ACCOUNTS, "shop", "default", all.clone());
    bench
        .fake
        .delete_now(&resources::CONFIG_MAPS, "shop", "kube-root-ca.crt", all);
    bench.until("both are there again", has_both).await;
}

#[tokio::test]
async fn a_namespace_that_goes_takes_all_with_it() {
    let bench = Bench::new();
    let namespace =
        json!({"metadata": {"name": "default"}, "spec": {"finalizers": ["kubernetes"]}});
    bench.fake.put(resources::NAMESPACES, namespace);
    bench.deployment("one", 2);
    bench.rolled_out("one", 2).await;
    bench
        .fake
        .delete_now(&resources::NAMESPACES, "", "default", Deletion::default());
    bench
        .until("the namespace is gone", |fake| {
            fake.find(&resources::NAMESPACES, "", "default").is_none()
        })
        .await;
    assert!(bench.fake.all(&resources::PODS).is_empty());
    assert!(bench.fake.all(&resources::SERVICE_ACCOUNTS).is_empty());
}

#[tokio::test]
async fn a_pod_is_bound_once_a_node_suits_it() {
    let bench = Bench::new();
    bench.put(
        resources::PODS,
        "web",
        json!({"spec": {"nodeSelector": {"zone": "a"}}}),
    );
    bench.put(
        resources::PODS,
        "lost",
        json!({"spec": {"nodeSelector": {"zone": "b"}}}),
    );
    bench
        .fake
        .pod("web", |pod| pod["spec"]["nodeName"] == "node-1")
        .await;
    let lost = bench
        .fake
        .pod("lost", |pod| {
            pod["status"]["conditions"][0]["reason"] == "Unschedulable"
        })
        .await;
    let why = "0/1 nodes are available: 1 node(s) didn't match Pod's node affinity/selector.";
    // The first look may have been before there was any node.
    let message = lost["status"]["conditions"][0]["message"].as_str().unwrap();
    assert!(
        message == why || message == "0/0 nodes are available.",
        "{message}"
    );
    let node = json!({"metadata": {"name": "node-2", "labels": {"zone": "b"}}, "spec": {}});
    bench.fake.put(resources::NODES, node);
    bench
        .fake
        .pod("lost", |pod| pod["spec"]["nodeName"] == "node-2")
        .await;
}

#[tokio::test]
async fn a_node_is_ready_and_renews_its_lease() {
    let bench = Bench::new();
    bench
        .until("the lease", |fake| {
            fake.find(&resources::LEASES, "kube-node-lease", "node-1")
                .is_some()
        })
        .await;
    let node = bench.fake.find(&resources::NODES, "", "node-1").unwrap();
    let conditions = node["status"]["conditions"].as_array().unwrap();
    assert!(
        conditions
            .iter()
            .any(|found| found["type"] == "Ready" && found["status"] == "True")
    );
    assert_eq!(
        node["metadata"]["labels"]["kubernetes.io/hostname"],
        "node-1"
    );
}

#[tokio::test]
async fn a_quota_says_what_is_used_and_says_it_again_when_that_changes() {
    let bench = Bench::new();
    let quota = json!({"spec": {"hard": {"pods": "5"}}});
    bench.put(resources::QUOTAS, "few", quota);
    let says = |fake: &Fake, used: &str| {
        let quota = fake.find(&resources::QUOTAS, "default", "few").unwrap();
        quota["status"] == json!({"hard": {"pods": "5"}, "used": {"pods": used}})
    };
    bench.until("none", |fake| says(fake, "0")).await;
    bench.put(resources::PODS, "web", json!({"spec": {"containers": []}}));
    bench.until("one", |fake| says(fake, "1")).await;
    bench.delete_pod("web");
    bench.until("none again", |fake| says(fake, "0")).await;
}
