//! Controllers against an API in memory.

#![expect(
    clippy::unwrap_used,
    clippy::needless_pass_by_value,
    reason = "a test that cannot go on says where by panicking; rows of data need no borrows"
)]
#![expect(
    clippy::disallowed_methods,
    reason = "a test is at the edge: it has the clock"
)]

mod fake;

use fake::Fake;
use jiff::Timestamp;
use serde_json::{Value, json};
use std::sync::Arc;
use tempfile::TempDir;
use workloads::api::{Api, Change, Deletion, Resource, resources};
use workloads::controllers::{Controllers, NodeSettings, Settings};

struct Bench {
    fake: Arc<Fake>,
    folder: TempDir,
    _controllers: Controllers,
}

impl Bench {
    fn new() -> Self {
        let (fake, folder) = (Fake::new(), TempDir::new().unwrap());
        let node = NodeSettings {
            name: "node-1".to_owned(),
            address: "127.0.0.1".to_owned(),
            labels: [("zone".to_owned(), "a".to_owned())].into(),
            taints: Vec::new(),
            version: "v1.37.0".to_owned(),
            cpus: 2,
            memory: 1 << 30,
        };
        let settings = Settings {
            nodes: vec![node],
            root_ca: "the certificate".to_owned(),
            volumes: Some(folder.path().to_owned()),
            clock: Arc::new(Timestamp::now),
        };
        let controllers = Controllers::start(fake.clone(), settings);
        Self {
            fake,
            folder,
            _controllers: controllers,
        }
    }

    fn put(&self, resource: Resource, name: &str, more: Value) -> Value {
        let mut object = more;
        object["metadata"]["name"] = json!(name);
        object["metadata"]["namespace"] = json!("default");
        self.fake.put(resource, object)
    }

    fn deployment(&self, image: &str, replicas: u32) {
        let labels = json!({"app": "web"});
        let template = json!({
            "metadata": {"labels": labels},
            "spec": {"containers": [{"name": "c", "image": image}]},
        });
        let spec = json!({
            "replicas": replicas,
            "selector": {"matchLabels": labels},
            "template": template,
            "strategy": {"type": "RollingUpdate",
                "rollingUpdate": {"maxSurge": "25%", "maxUnavailable": "25%"}},
        });
        let known = self.fake.find(&resources::DEPLOYMENTS, "default", "web");
        let mut object = known.unwrap_or_else(|| json!({}));
        let generation = object["metadata"]["generation"].as_i64().unwrap_or(0);
        object["metadata"]["generation"] = json!(generation + 1);
        object["spec"] = spec;
        self.put(resources::DEPLOYMENTS, "web", object);
    }

    /// Does what a runner does: says that every Pod with a node is ready.
    fn run_pods(&self) {
        for mut pod in self.fake.all(&resources::PODS) {
            if pod["spec"]["nodeName"].is_null() || pod["status"]["phase"] == "Running" {
                continue;
            }
            if !pod["metadata"]["deletionTimestamp"].is_null() {
                continue;
            }
            pod["status"]["phase"] = json!("Running");
            pod["status"]["podIP"] = json!("127.7.0.2");
            pod["status"]["conditions"] = json!([{"type": "Ready", "status": "True"}]);
            self.fake.put(resources::PODS, pod);
        }
        let going = self.fake.all(&resources::PODS).into_iter();
        for pod in going.filter(|pod| !pod["metadata"]["deletionTimestamp"].is_null()) {
            self.delete_pod(pod["metadata"]["name"].as_str().unwrap());
        }
    }

    fn delete_pod(&self, name: &str) {
        let at_once = Deletion {
            grace_seconds: Some(0),
            ..Deletion::default()
        };
        self.fake
            .delete_now(&resources::PODS, "default", name, at_once);
    }

    fn delete(&self, resource: Resource, name: &str, propagation: &'static str) {
        let how = Deletion {
            propagation: Some(propagation),
            grace_seconds: Some(0),
            uid: None,
        };
        self.fake.delete_now(&resource, "default", name, how);
    }

    async fn until(&self, what: &str, holds: impl Fn(&Fake) -> bool) {
        self.fake
            .until(what, |fake| {
                self.run_pods();
                holds(fake).then_some(())
            })
            .await;
    }

    async fn rolled_out(&self, image: &str, replicas: usize) {
        self.until(image, |fake| {
            let pods = fake.all(&resources::PODS);
            let is_new = |pod: &Value| pod["spec"]["containers"][0]["image"] == image;
            let deployment = fake
                .find(&resources::DEPLOYMENTS, "default", "web")
                .unwrap();
            let conditions = &deployment["status"]["conditions"];
            pods.len() == replicas
                && pods.iter().all(is_new)
                && conditions[1]["reason"] == "NewReplicaSetAvailable"
                && deployment["status"]["observedGeneration"]
                    == deployment["metadata"]["generation"]
        })
        .await;
    }

    fn owned(&self, resource: Resource, name: &str, owners: &[(&Resource, &Value)]) -> Value {
        let references: Vec<_> = owners
            .iter()
            .map(|(resource, owner)| {
                json!({
                    "apiVersion": resource.api_version(), "kind": resource.kind,
                    "name": owner["metadata"]["name"], "uid": owner["metadata"]["uid"],
                    "blockOwnerDeletion": true,
                })
            })
            .collect();
        self.put(
            resource,
            name,
            json!({"metadata": {"ownerReferences": references}}),
        )
    }

    fn is_there(&self, name: &str) -> bool {
        self.fake
            .find(&resources::CONFIG_MAPS, "default", name)
            .is_some()
    }
}

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
            let change = tokio::time::timeout(fake::PATIENCE, feed.recv()).await;
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
async fn dependents_go_with_the_last_owner_and_not_before() {
    let bench = Bench::new();
    let maps = resources::CONFIG_MAPS;
    let (one, two) = (
        bench.owned(maps, "one", &[]),
        bench.owned(resources::CONFIG_MAPS, "two", &[]),
    );
    let maps = resources::CONFIG_MAPS;
    bench.owned(
        resources::CONFIG_MAPS,
        "both",
        &[(&maps, &one), (&maps, &two)],
    );
    bench.delete(resources::CONFIG_MAPS, "one", "Background");
    bench
        .until("one owner is left", |fake| {
            let both = fake
                .find(&resources::CONFIG_MAPS, "default", "both")
                .unwrap();
            both["metadata"]["ownerReferences"]
                .as_array()
                .unwrap()
                .len()
                == 1
        })
        .await;
    bench.delete(resources::CONFIG_MAPS, "two", "Background");
    bench.until("it is gone", |_| !bench.is_there("both")).await;
}

#[tokio::test]
async fn in_the_foreground_the_owner_goes_last() {
    let bench = Bench::new();
    let maps = resources::CONFIG_MAPS;
    let owner = bench.owned(resources::CONFIG_MAPS, "owner", &[]);
    let mut held = bench.owned(resources::CONFIG_MAPS, "held", &[(&maps, &owner)]);
    held["metadata"]["finalizers"] = json!(["example.com/hold"]);
    bench.fake.put(resources::CONFIG_MAPS, held);
    bench.delete(resources::CONFIG_MAPS, "owner", "Foreground");
    let held = |fake: &Fake| {
        fake.find(&resources::CONFIG_MAPS, "default", "held")
            .unwrap()
    };
    bench
        .until("the dependent is going", |fake| {
            !held(fake)["metadata"]["deletionTimestamp"].is_null()
        })
        .await;
    assert!(bench.is_there("owner"));
    let key = json!({"metadata": {"finalizers": []}});
    let part = workloads::api::Part::Main;
    bench
        .fake
        .merge(resources::CONFIG_MAPS, "default", "held", part, key)
        .await
        .unwrap();
    bench
        .until("both are gone", |_| {
            !bench.is_there("owner") && !bench.is_there("held")
        })
        .await;
}

#[tokio::test]
async fn orphans_stay_when_their_owner_goes() {
    let bench = Bench::new();
    let maps = resources::CONFIG_MAPS;
    let owner = bench.owned(resources::CONFIG_MAPS, "owner", &[]);
    bench.owned(resources::CONFIG_MAPS, "child", &[(&maps, &owner)]);
    bench.delete(resources::CONFIG_MAPS, "owner", "Orphan");
    bench
        .until("the owner is gone", |_| !bench.is_there("owner"))
        .await;
    let child = bench
        .fake
        .find(&resources::CONFIG_MAPS, "default", "child")
        .unwrap();
    assert_eq!(child["metadata"]["ownerReferences"], json!([]));
}

#[tokio::test]
async fn a_circle_of_owners_is_collected() {
    let bench = Bench::new();
    for propagation in ["Background", "Foreground"] {
        let maps = resources::CONFIG_MAPS;
        let first = bench.owned(resources::CONFIG_MAPS, "first", &[]);
        let second = bench.owned(resources::CONFIG_MAPS, "second", &[(&maps, &first)]);
        bench.owned(resources::CONFIG_MAPS, "first", &[(&maps, &second)]);
        bench.delete(resources::CONFIG_MAPS, "first", propagation);
        bench
            .until(propagation, |_| {
                !bench.is_there("first") && !bench.is_there("second")
            })
            .await;
    }
}

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

fn volume_of(claim: &str) -> Value {
    json!({"name": "v", "persistentVolumeClaim": {"claimName": claim}})
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
