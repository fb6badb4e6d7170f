//! The life of a Pod: its status, restarts, init containers and results.

use super::bench::{Bench, sh, waiting_for};
use crate::fake::Fake;
use serde_json::{Value, json};
use workloads::api::{Api, Part, resources};
use workloads::runner::Settings;

#[tokio::test(flavor = "multi_thread")]
async fn a_pod_runs_and_its_status_is_the_kubelets() {
    let bench = Bench::new().await;
    bench.run("web", "echo up; exec sleep 600");
    let pod = bench.running("web").await;
    let status = &pod["status"];
    let container = &status["containerStatuses"][0];
    assert_eq!(container["ready"], true);
    assert_eq!(
        container["imageID"], "host://root",
        "the status says whose root it is"
    );
    assert_eq!(status["podIP"], "127.7.0.2");
    assert_eq!(status["hostIP"], "127.0.0.1");
    assert_eq!(status["qosClass"], "BestEffort");
    let is_true = |kind: &str| {
        let conditions = status["conditions"].as_array().unwrap();
        conditions
            .iter()
            .any(|found| found["type"] == kind && found["status"] == "True")
    };
    for kind in [
        "PodReadyToStartContainers",
        "Initialized",
        "ContainersReady",
        "Ready",
    ] {
        assert!(is_true(kind), "{kind}: {status:#}");
    }
    for reason in ["Pulled", "Created", "Started"] {
        bench.event("web", reason).await;
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn a_command_that_does_not_exist_is_refused_in_words_of_runc() {
    let bench = Bench::new().await;
    let container = json!({"name": "c", "image": "app", "command": ["no-such"]});
    bench.apply("web", json!({"containers": [container]}));
    let pod = bench
        .fake
        .pod("web", |pod| waiting_for(pod) == "CrashLoopBackOff")
        .await;
    let last = &pod["status"]["containerStatuses"][0]["lastState"]["terminated"];
    assert_eq!(
        (last["reason"].as_str(), last["exitCode"].as_i64()),
        (Some("StartError"), Some(128))
    );
    let message = last["message"].as_str().unwrap();
    assert!(
        message.ends_with("executable file not found in $PATH"),
        "{message}"
    );
}

#[tokio::test(flavor = "multi_thread")]
async fn an_image_that_is_not_here_is_refused() {
    let strict = |settings: &mut Settings| settings.images.only_these = true;
    let bench = Bench::with(Fake::new(), strict).await;
    bench.run("web", "true");
    bench
        .fake
        .pod("web", |pod| waiting_for(pod) == "ErrImagePull")
        .await;
    bench
        .fake
        .pod("web", |pod| waiting_for(pod) == "ImagePullBackOff")
        .await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_container_that_fails_backs_off_and_its_earlier_log_is_kept() {
    let bench = Bench::new().await;
    bench.run("web", "echo run; exit 3");
    let pod = bench
        .fake
        .pod("web", |pod| {
            let restarts = &pod["status"]["containerStatuses"][0]["restartCount"];
            waiting_for(pod) == "CrashLoopBackOff" && restarts.as_i64() >= Some(2)
        })
        .await;
    let container = &pod["status"]["containerStatuses"][0];
    assert_eq!(container["lastState"]["terminated"]["exitCode"], 3);
    assert_eq!(container["lastState"]["terminated"]["reason"], "Error");
    assert_eq!(pod["status"]["phase"], "Running");
    let message = container["state"]["waiting"]["message"].as_str().unwrap();
    assert!(message.starts_with("back-off "), "{message}");
    assert!(
        message.contains("restarting failed container=c pod=web_default("),
        "{message}"
    );
    assert_eq!(bench.log("web", true).await, "run\n");
    bench.event("web", "BackOff").await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_pod_that_has_done_its_work_stays_with_its_result_and_log() {
    let bench = Bench::new().await;
    let spec = |script| json!({"restartPolicy": "Never", "containers": [sh(script)]});
    bench.apply("good", spec("echo done; printf bye > /dev/termination-log"));
    bench.apply("bad", spec("exit 4"));
    let good = bench
        .fake
        .pod("good", |pod| pod["status"]["phase"] == "Succeeded")
        .await;
    let end = &good["status"]["containerStatuses"][0]["state"]["terminated"];
    assert_eq!(
        (end["reason"].as_str(), end["message"].as_str()),
        (Some("Completed"), Some("bye"))
    );
    assert_eq!(bench.log("good", false).await, "done\n");
    let bad = bench
        .fake
        .pod("bad", |pod| pod["status"]["phase"] == "Failed")
        .await;
    let end = &bad["status"]["containerStatuses"][0]["state"]["terminated"];
    assert_eq!(end["exitCode"], 4);
}

#[tokio::test(flavor = "multi_thread")]
async fn init_containers_run_one_after_the_other_and_share_volumes() {
    let bench = Bench::new().await;
    let mount = json!([{"name": "work", "mountPath": "/work"}]);
    let named = |name: &str, script: &str| {
        let command = ["sh", "-c", script];
        json!({"name": name, "image": "i", "command": command, "volumeMounts": mount})
    };
    bench.apply(
        "web",
        json!({
            "restartPolicy": "Never",
            "volumes": [{"name": "work", "emptyDir": {}}],
            "initContainers": [
                named("one", "echo 1 >> /work/list"),
                named("two", "echo 2 >> /work/list"),
            ],
            "containers": [named("c", "cat /work/list")],
        }),
    );
    bench
        .fake
        .pod("web", |pod| pod["status"]["phase"] == "Succeeded")
        .await;
    assert_eq!(bench.log("web", false).await, "1\n2\n");
}

#[tokio::test(flavor = "multi_thread")]
async fn a_pod_that_is_active_too_long_fails() {
    let bench = Bench::new().await;
    let spec = json!({"containers": [sh("exec sleep 600")], "activeDeadlineSeconds": 1});
    bench.apply("web", spec);
    let pod = bench
        .fake
        .pod("web", |pod| pod["status"]["phase"] == "Failed")
        .await;
    assert_eq!(pod["status"]["reason"], "DeadlineExceeded");
}

#[tokio::test(flavor = "multi_thread")]
async fn a_sidecar_runs_beside_the_others_from_before_their_start_until_after_their_end() {
    let bench = Bench::new().await;
    let mount = json!([{"name": "work", "mountPath": "/work"}]);
    let mut sidecar = sh(
        "trap 'echo sidecar ended >> /work/list; exit 0' TERM; touch /work/up; \
                          while :; do sleep 0.02; done",
    );
    sidecar["name"] = json!("beside");
    sidecar["restartPolicy"] = json!("Always");
    sidecar["volumeMounts"] = mount.clone();
    sidecar["startupProbe"] = json!({"exec": {"command": ["test", "-e", "/work/up"]},
        "periodSeconds": 1, "timeoutSeconds": 30, "failureThreshold": 1000});
    let mut main = sh("test -e /work/up && echo main saw it >> /work/list; exec sleep 0.3");
    main["volumeMounts"] = mount;
    let volume = tempfile::tempdir().unwrap();
    bench.apply(
        "web",
        json!({
            "restartPolicy": "Never",
            "initContainers": [sidecar],
            "containers": [main],
            "volumes": [{"name": "work", "hostPath": {"path": volume.path()}}],
        }),
    );
    bench.running("web").await;
    let done = |pod: &Value| {
        let beside = &pod["status"]["initContainerStatuses"][0]["state"];
        pod["status"]["phase"] == "Succeeded" && beside["terminated"].is_object()
    };
    bench.fake.pod("web", done).await;
    let list = std::fs::read_to_string(volume.path().join("list")).unwrap();
    assert_eq!(list, "main saw it\nsidecar ended\n");
}

#[tokio::test(flavor = "multi_thread")]
async fn a_pod_that_cannot_be_read_says_so_in_an_event() {
    let bench = Bench::new().await;
    let mut container = sh("true");
    container["stdin"] = json!("perhaps");
    bench.apply("web", json!({"containers": [container]}));
    let event = bench.event("web", "FailedValidation").await;
    let message = event["message"].as_str().unwrap();
    assert!(message.contains("invalid type: string"), "{message}");
}

#[tokio::test(flavor = "multi_thread")]
async fn what_others_say_of_a_pod_stays_said_when_it_ends() {
    let bench = Bench::new().await;
    bench.run("web", "until test -e /tmp/go; do sleep 0.1; done");
    bench.running("web").await;
    let told = json!({"type": "DisruptionTarget", "status": "True"});
    let patch = json!({"status": {"conditions": [told]}});
    let (pods, part) = (resources::PODS, Part::Status);
    let said = bench.fake.merge(pods, "default", "web", part, patch);
    said.await.unwrap();
    bench.exec("web", "touch /tmp/go").await;
    let ended = bench
        .fake
        .pod("web", |pod| {
            pod["status"]["containerStatuses"][0]["restartCount"] == 1
        })
        .await;
    let conditions = ended["status"]["conditions"].as_array().unwrap();
    assert!(conditions.contains(&told), "{conditions:#?}");
    assert!(conditions.iter().any(|one| one["type"] == "Ready"));
}
