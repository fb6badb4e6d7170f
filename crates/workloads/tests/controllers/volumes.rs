//! Claims, their volumes, and the Pods that use them.

use crate::bench::Bench;
use crate::fake::Fake;
use serde_json::{Value, json};
use workloads::api::resources;

#[tokio::test]
async fn a_pod_of_a_stateful_set_has_a_volume_that_outlives_it_and_goes_with_its_claim() {
    let bench = Bench::new();
    let template = json!({
        "metadata": {"name": "data"},
        "spec": {
            "accessModes": ["ReadWriteOnce"],
            "resources": {"requests": {"storage": "1Gi"}},
            "storageClassName": "local-path",
        },
    });
    let set = json!({"spec": {
        "replicas": 1,
        "template": {"metadata": {"labels": {"app": "db"}}, "spec": {"containers": []}},
        "volumeClaimTemplates": [template],
    }});
    bench.put(resources::STATEFUL_SETS, "db", set);
    bench
        .until("the pod runs", |fake| {
            let pod = fake.find(&resources::PODS, "default", "db-0");
            pod.is_some_and(|pod| pod["status"]["phase"] == "Running")
        })
        .await;
    let claim = bench.fake.find(&resources::CLAIMS, "default", "data-db-0");
    let claim = claim.unwrap();
    assert_eq!(claim["status"]["phase"], "Bound");
    assert_eq!(claim["status"]["capacity"]["storage"], "1Gi");
    let volume = claim["spec"]["volumeName"].as_str().unwrap().to_owned();
    let phase = |fake: &Fake| {
        let found = fake.find(&resources::VOLUMES, "", &volume)?;
        Some(found["status"]["phase"].clone())
    };
    bench
        .until("the volume is bound", |fake| {
            phase(fake) == Some(json!("Bound"))
        })
        .await;
    let folder = bench.folder.path().join(&volume);
    std::fs::create_dir_all(folder.join("kept")).unwrap();
    bench.delete_pod("db-0");
    bench
        .until("the pod is there again", |fake| {
            let pod = fake.find(&resources::PODS, "default", "db-0");
            pod.is_some_and(|pod| pod["status"]["phase"] == "Running")
        })
        .await;
    assert!(folder.join("kept").exists());
    bench.delete(resources::STATEFUL_SETS, "db", "Background");
    bench
        .until("the pod is gone", |fake| {
            fake.all(&resources::PODS).is_empty()
        })
        .await;
    assert_eq!(phase(&bench.fake), Some(json!("Bound")), "the claim stays");
    bench.delete(resources::CLAIMS, "data-db-0", "Background");
    bench
        .until("the volume is gone", |fake| phase(fake).is_none())
        .await;
    assert!(!folder.exists());
}

#[tokio::test]
async fn a_claim_stays_as_long_as_a_pod_uses_it() {
    let bench = Bench::new();
    let claim = json!({
        "metadata": {"finalizers": ["kubernetes.io/pvc-protection"]},
        "spec": {"accessModes": ["ReadWriteOnce"], "storageClassName": "local-path",
            "resources": {"requests": {"storage": "1Mi"}}},
    });
    bench.put(resources::CLAIMS, "data", claim);
    let pod = json!({"spec": {"volumes": [volume_of("data")], "containers": []}});
    bench.put(resources::PODS, "web", pod);
    bench
        .until("the pod runs", |fake| {
            let pod = fake.find(&resources::PODS, "default", "web").unwrap();
            pod["status"]["phase"] == "Running"
        })
        .await;
    bench.delete(resources::CLAIMS, "data", "Background");
    let other = json!({"spec": {"volumes": [volume_of("data")], "containers": []}});
    bench.put(resources::PODS, "late", other);
    bench
        .until("the late one waits", |fake| {
            let pod = fake.find(&resources::PODS, "default", "late").unwrap();
            let why = "0/1 nodes are available: persistentvolumeclaim \"data\" is being deleted.";
            pod["status"]["conditions"][0]["message"] == why
        })
        .await;
    let find = |fake: &Fake| fake.find(&resources::CLAIMS, "default", "data");
    assert!(find(&bench.fake).is_some());
    bench.delete_pod("web");
    bench.delete_pod("late");
    bench
        .until("the claim is gone", |fake| find(fake).is_none())
        .await;
}

#[tokio::test]
async fn claims_go_with_pods_that_are_scaled_away_if_their_set_says_so() {
    let bench = Bench::new();
    let claim = json!({
        "metadata": {"name": "data"},
        "spec": {"accessModes": ["ReadWriteOnce"], "storageClassName": "local-path",
            "resources": {"requests": {"storage": "1Mi"}}},
    });
    let mut set = json!({"spec": {
        "replicas": 2,
        "template": {"metadata": {"labels": {"app": "db"}}, "spec": {"containers": []}},
        "volumeClaimTemplates": [claim],
        "persistentVolumeClaimRetentionPolicy": {"whenScaled": "Delete", "whenDeleted": "Retain"},
    }});
    bench.put(resources::STATEFUL_SETS, "db", set.clone());
    let claims = |fake: &Fake| {
        let claims = fake.all(&resources::CLAIMS);
        let names = claims.iter().map(|claim| claim["metadata"]["name"].clone());
        names.collect::<Vec<_>>()
    };
    bench
        .until("both stand", |fake| {
            let pods = fake.all(&resources::PODS);
            pods.len() == 2 && pods.iter().all(|pod| pod["status"]["phase"] == "Running")
        })
        .await;
    set["spec"]["replicas"] = json!(1);
    bench.put(resources::STATEFUL_SETS, "db", set);
    bench
        .until("one claim is left", |fake| claims(fake) == ["data-db-0"])
        .await;
    assert_eq!(bench.fake.all(&resources::PODS).len(), 1);
}

fn volume_of(claim: &str) -> Value {
    json!({"name": "v", "persistentVolumeClaim": {"claimName": claim}})
}
