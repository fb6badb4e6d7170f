//! Sets of Pods: they come, go and are counted.

use crate::bench::Bench;
use crate::fake::{Fake, PATIENCE};
use serde_json::json;
use workloads::api::{Api, Change, resources};

#[tokio::test]
async fn a_deployment_rolls_out_and_back_and_keeps_count() {
    let bench = Bench::new();
    bench.deployment("one", 3);
    bench.rolled_out("one", 3).await;
    bench.deployment("two", 3);
    bench.rolled_out("two", 3).await;
    let revision = |fake: &Fake| {
        let deployment = fake
            .find(&resources::DEPLOYMENTS, "default", "web")
            .unwrap();
        deployment["metadata"]["annotations"]["deployment.kubernetes.io/revision"].clone()
    };
    assert_eq!(revision(&bench.fake), "2");
    assert_eq!(bench.fake.all(&resources::REPLICA_SETS).len(), 2);
    bench.deployment("one", 3);
    bench.rolled_out("one", 3).await;
    assert_eq!(revision(&bench.fake), "3");
    assert_eq!(
        bench.fake.all(&resources::REPLICA_SETS).len(),
        2,
        "the old one is taken up again"
    );
    bench.deployment("one", 1);
    bench.rolled_out("one", 1).await;
}

#[tokio::test]
async fn pods_that_are_gone_are_replaced_and_all_go_with_their_deployment() {
    let bench = Bench::new();
    bench.deployment("one", 2);
    bench.rolled_out("one", 2).await;
    let name = bench.fake.all(&resources::PODS)[0]["metadata"]["name"].clone();
    bench.delete_pod(name.as_str().unwrap());
    bench.rolled_out("one", 2).await;
    bench.delete(resources::DEPLOYMENTS, "web", "Background");
    bench
        .until("all are gone", |fake| {
            fake.all(&resources::PODS).is_empty() && fake.all(&resources::REPLICA_SETS).is_empty()
        })
        .await;
}

#[tokio::test]
async fn a_pod_whose_service_account_is_made_later_comes_then() {
    let plain = "Error creating: serviceaccounts \"robot\" not found";
    let numbered =
        "create Pod web-0 in StatefulSet web failed error: serviceaccounts \"robot\" not found";
    for (resource, told) in [
        (resources::REPLICA_SETS, plain),
        (resources::STATEFUL_SETS, numbered),
        (resources::DAEMON_SETS, plain),
        (resources::JOBS, plain),
    ] {
        let template = json!({
            "metadata": {"labels": {"app": "web"}},
            "spec": {"serviceAccountName": "robot", "containers": []},
        });
        let spec = json!({"replicas": 1, "completions": 1, "template": template});
        let bench = Bench::new();
        let kind = resource.kind.to_string();
        bench.put(resource, "web", json!({"spec": spec}));
        bench
            .until(&format!("the news of a {kind}"), |fake| {
                let events = fake.all(&resources::EVENTS);
                events.iter().any(|event| {
                    event["reason"] == "FailedCreate"
                        && event["message"] == told
                        && event["involvedObject"]["kind"] == kind
                })
            })
            .await;
        assert!(bench.fake.all(&resources::PODS).is_empty());
        bench.put(resources::SERVICE_ACCOUNTS, "robot", json!({}));
        bench
            .until(&format!("the Pod of a {kind}"), |fake| {
                fake.all(&resources::PODS).len() == 1
            })
            .await;
    }
}

#[tokio::test]
async fn a_job_runs_until_its_pods_have_succeeded() {
    let bench = Bench::new();
    let template =
        json!({"metadata": {"labels": {}}, "spec": {"restartPolicy": "Never", "containers": []}});
    let spec = json!({"completions": 2, "parallelism": 1, "template": template});
    bench.put(resources::JOBS, "sum", json!({"spec": spec}));
    bench
        .fake
        .until("the job is complete", |fake| {
            for mut pod in fake.all(&resources::PODS) {
                if pod["status"]["phase"] != "Succeeded" {
                    pod["status"]["phase"] = json!("Succeeded");
                    fake.put(resources::PODS, pod);
                }
            }
            let job = fake.find(&resources::JOBS, "default", "sum").unwrap();
            let conditions = job["status"]["conditions"]
                .as_array()
                .cloned()
                .unwrap_or_default();
            conditions
                .iter()
                .any(|found| found["type"] == "Complete")
                .then_some(())
        })
        .await;
    let job = bench.fake.find(&resources::JOBS, "default", "sum").unwrap();
    assert_eq!(
        (&job["status"]["succeeded"], &job["status"]["active"]),
        (&json!(2), &json!(0))
    );
    assert_eq!(bench.fake.all(&resources::PODS).len(), 2);
}

#[tokio::test]
async fn a_service_knows_its_ready_pods() {
    let bench = Bench::new();
    let spec = json!({"selector": {"app": "web"}, "ports": [{"port": 80}]});
    bench.put(resources::SERVICES, "web", json!({"spec": spec}));
    let pod = json!({"metadata": {"labels": {"app": "web"}}, "spec": {"nodeName": "node-1"}});
    bench.put(resources::PODS, "one", pod);
    bench
        .until("the address", |fake| {
            let endpoints = fake.find(&resources::ENDPOINTS, "default", "web");
            let slice = fake.find(&resources::ENDPOINT_SLICES, "default", "web-pods");
            let ip = endpoints.map(|found| found["subsets"][0]["addresses"][0]["ip"].clone());
            let other = slice.map(|found| found["endpoints"][0]["addresses"][0].clone());
            ip == Some(json!("127.7.0.2")) && other == Some(json!("127.7.0.2"))
        })
        .await;
}

#[tokio::test]
async fn what_is_said_of_an_object_is_never_said_of_its_namesake() {
    let counted =
        |generation: u64| json!({"metadata": {"generation": generation}, "spec": {"replicas": 0}});
    let limited = |pods: &str| json!({"spec": {"hard": {"pods": pods}}});
    let in_zone = |zone: &str| json!({"spec": {"nodeSelector": {"zone": zone}}});
    let generation = "/status/observedGeneration";
    for (resource, old, new, mark, of_old) in [
        (
            resources::REPLICA_SETS,
            counted(7),
            counted(1),
            generation,
            json!(7),
        ),
        (
            resources::STATEFUL_SETS,
            counted(7),
            counted(1),
            generation,
            json!(7),
        ),
        (
            resources::DAEMON_SETS,
            counted(7),
            counted(1),
            generation,
            json!(7),
        ),
        (
            resources::DEPLOYMENTS,
            counted(7),
            counted(1),
            generation,
            json!(7),
        ),
        (
            resources::DISRUPTION_BUDGETS,
            counted(7),
            counted(1),
            generation,
            json!(7),
        ),
        (
            resources::QUOTAS,
            limited("7"),
            limited("1"),
            "/status/hard/pods",
            json!("7"),
        ),
        (
            resources::PODS,
            in_zone("b"),
            in_zone("a"),
            "/status/conditions/0/reason",
            json!("Unschedulable"),
        ),
    ] {
        let bench = Bench::new();
        let kind = resource.kind.to_string();
        bench
            .fake
            .until("the node", |fake| {
                let node = fake.find(&resources::NODES, "", "node-1")?;
                node["status"]["conditions"].is_array().then_some(())
            })
            .await;
        let mut feed = bench.fake.follow(resource.clone());
        let mut usurper = new;
        usurper["metadata"]["name"] = json!("one");
        usurper["metadata"]["namespace"] = json!("default");
        usurper["metadata"]["uid"] = json!("the namesake");
        *bench.fake.usurper.lock().unwrap() = Some((resource.clone(), usurper));
        bench.put(resource, "one", old);
        loop {
            let change = tokio::time::timeout(PATIENCE, feed.recv()).await;
            let Change::Set(seen) = change.expect(&kind).unwrap() else {
                continue;
            };
            if seen["metadata"]["uid"] != "the namesake" {
                continue;
            }
            let said = seen.pointer(mark).or(seen.pointer("/spec/nodeName"));
            assert_ne!(said, Some(&of_old), "{kind}");
            if said.is_some() {
                break;
            }
        }
    }
}
