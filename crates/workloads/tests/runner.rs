//! Pods as real processes, against an API in memory.

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

use fake::{Fake, PATIENCE};
use jiff::{SignedDuration, Timestamp};
use serde_json::{Value, json};
use std::path::PathBuf;
use std::sync::Arc;
use std::time::Duration;
use tempfile::TempDir;
use tokio::io::{AsyncReadExt, AsyncWriteExt};
use workloads::api::{Deletion, resources};
use workloads::runner::{Backoff, ExecOptions, Images, LogOptions, PodName, Runner, Settings};
use workloads::sandbox::{Exit, Isolation};

struct Bench {
    fake: Arc<Fake>,
    runner: Runner,
    _folder: TempDir,
}

impl Bench {
    async fn new() -> Self {
        Self::with(Fake::new(), |_| {}).await
    }

    async fn with(fake: Arc<Fake>, change: impl FnOnce(&mut Settings)) -> Self {
        let folder = TempDir::new().unwrap();
        let mut settings = settings(folder.path().to_owned());
        change(&mut settings);
        let runner = Runner::start(fake.clone(), settings).await.unwrap();
        Self {
            fake,
            runner,
            _folder: folder,
        }
    }

    fn apply(&self, name: &str, spec: Value) {
        self.fake.put(resources::PODS, pod(name, spec));
    }

    /// A Pod of one container that runs a script.
    fn run(&self, name: &str, script: &str) {
        self.apply(name, json!({"containers": [sh(script)]}));
    }

    async fn running(&self, name: &str) -> Value {
        self.fake
            .pod(name, |pod| pod["status"]["phase"] == "Running")
            .await
    }

    async fn exec(&self, name: &str, script: &str) -> (String, Exit) {
        let options = ExecOptions {
            command: ["sh", "-c", script].map(str::to_owned).into(),
            ..ExecOptions::default()
        };
        let mut session = self.runner.exec(at(name), "c", options).await.unwrap();
        let mut text = String::new();
        session.output.read_to_string(&mut text).await.unwrap();
        session
            .error
            .unwrap()
            .read_to_string(&mut text)
            .await
            .unwrap();
        (text, session.exit.await)
    }

    async fn log(&self, name: &str, previous: bool) -> String {
        let options = LogOptions::default();
        let mut reader = self.runner.log(at(name), "c", previous, options).unwrap();
        let mut text = Vec::new();
        while let Some(piece) = reader.next().await.unwrap() {
            text.extend(piece);
        }
        String::from_utf8(text).unwrap()
    }

    async fn event(&self, name: &str, reason: &str) -> Value {
        self.fake
            .until(reason, |fake| {
                fake.all(&resources::EVENTS).into_iter().find(|event| {
                    event["involvedObject"]["name"] == name && event["reason"] == reason
                })
            })
            .await
    }

    fn delete(&self, name: &str, grace: Option<u64>) {
        let deletion = Deletion {
            grace_seconds: grace,
            ..Deletion::default()
        };
        self.fake
            .delete_now(&resources::PODS, "default", name, deletion);
    }

    async fn gone(&self, name: &str) {
        self.fake
            .until("the pod is gone", |fake| {
                fake.find(&resources::PODS, "default", name)
                    .is_none()
                    .then_some(())
            })
            .await;
    }
}

fn settings(folder: PathBuf) -> Settings {
    Settings {
        nodes: vec!["node-1".to_owned()],
        host_ip: "127.0.0.1".to_owned(),
        helper: env!("CARGO_BIN_EXE_workloads-sandbox").into(),
        volatile: folder.join("volatile"),
        pods: folder.join("pods"),
        hidden: Vec::new(),
        images: Images::default(),
        api: Some(("127.0.0.1".to_owned(), 6443)),
        isolation: None,
        variables: Vec::new(),
        backoff: Backoff {
            first: Duration::from_millis(50),
            longest: Duration::from_millis(400),
        },
        network: 7,
        probe_second: Duration::from_millis(20),
        clock: Arc::new(Timestamp::now),
    }
}

fn at(name: &str) -> PodName<'_> {
    PodName {
        namespace: "default",
        name,
    }
}

fn sh(script: &str) -> Value {
    json!({"name": "c", "image": "app:1", "command": ["sh", "-c", script]})
}

fn pod(name: &str, mut spec: Value) -> Value {
    spec["nodeName"] = json!("node-1");
    json!({"metadata": {"name": name, "namespace": "default"}, "spec": spec})
}

fn waiting_for(pod: &Value) -> &str {
    let state = &pod["status"]["containerStatuses"][0]["state"];
    state["waiting"]["reason"].as_str().unwrap_or_default()
}

fn is_alive(mark: &str) -> bool {
    std::fs::read_dir("/proc").unwrap().any(|entry| {
        let command = std::fs::read(entry.unwrap().path().join("cmdline"));
        command.is_ok_and(|command| command == format!("sleep\0{mark}\0").as_bytes())
    })
}

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
async fn the_token_is_mounted_read_only_and_rotates() {
    let fake = Fake::with_token_life(SignedDuration::from_millis(1500));
    let bench = Bench::with(fake, |_| {}).await;
    let folder = "/var/run/secrets/eks.amazonaws.com/serviceaccount";
    let token =
        json!({"audience": "sts.amazonaws.com", "expirationSeconds": 86400, "path": "token"});
    let mut container = sh("exec sleep 600");
    container["volumeMounts"] = json!([{"name": "aws", "mountPath": folder, "readOnly": true}]);
    let source = json!({"serviceAccountToken": token});
    bench.apply(
        "web",
        json!({
            "serviceAccountName": "seller",
            "containers": [container],
            "volumes": [{"name": "aws", "projected": {"sources": [source]}}],
        }),
    );
    bench.running("web").await;
    let script = format!("echo x > {folder}/token; rm {folder}/token; touch {folder}/x");
    let (text, exit) = bench.exec("web", &script).await;
    assert_eq!(text.matches("Read-only file system").count(), 3, "{text}");
    assert_ne!(exit, Exit::Code(0));
    let script = format!(
        "first=$(cat {folder}/token); while [ \"$(cat {folder}/token)\" = \"$first\" ]; do sleep 0.05; \
         done; echo \"$first\"; cat {folder}/token"
    );
    let (text, _) = tokio::time::timeout(PATIENCE, bench.exec("web", &script))
        .await
        .unwrap();
    let tokens: Vec<_> = text.split_whitespace().collect();
    assert!(
        tokens[0].starts_with("token-") && tokens[1].starts_with("token-"),
        "{text}"
    );
    assert_ne!(tokens[0], tokens[1]);
    let asked = bench.fake.asked.lock().unwrap()[0].clone();
    assert_eq!(asked.service_account, "seller");
    assert_eq!(
        (asked.audience.as_deref(), asked.expiration_seconds),
        (Some("sts.amazonaws.com"), 86400)
    );
    assert_eq!(asked.pod_name, "web");
}

#[tokio::test(flavor = "multi_thread")]
async fn a_config_map_that_changes_is_seen_in_the_running_container() {
    let bench = Bench::new().await;
    let config = |text: &str| {
        let metadata = json!({"name": "app", "namespace": "default"});
        json!({"metadata": metadata, "data": {"colour": text}})
    };
    bench.fake.put(resources::CONFIG_MAPS, config("blue"));
    let mut container =
        sh("until grep -q green /etc/app/colour; do sleep 0.02; done; echo seen; exec sleep 600");
    container["volumeMounts"] = json!([{"name": "conf", "mountPath": "/etc/app"}]);
    let volumes = json!([{"name": "conf", "configMap": {"name": "app"}}]);
    bench.apply(
        "web",
        json!({"containers": [container], "volumes": volumes}),
    );
    bench.running("web").await;
    bench.fake.put(resources::CONFIG_MAPS, config("green"));
    let options = LogOptions {
        follow: true,
        ..LogOptions::default()
    };
    let mut reader = bench.runner.log(at("web"), "c", false, options).unwrap();
    let piece = tokio::time::timeout(PATIENCE, reader.next()).await.unwrap();
    assert_eq!(piece.unwrap().unwrap(), b"seen\n");
}

#[tokio::test(flavor = "multi_thread")]
async fn a_missing_config_map_is_named_and_the_container_starts_once_it_is_there() {
    let bench = Bench::new().await;
    let mut container = sh("echo $COLOUR; exec sleep 600");
    let key = json!({"name": "app", "key": "colour"});
    container["env"] = json!([{"name": "COLOUR", "valueFrom": {"configMapKeyRef": key}}]);
    bench.apply("web", json!({"containers": [container]}));
    let pod = bench
        .fake
        .pod("web", |pod| {
            waiting_for(pod) == "CreateContainerConfigError"
        })
        .await;
    let message = &pod["status"]["containerStatuses"][0]["state"]["waiting"]["message"];
    assert_eq!(message, "configmap \"app\" not found");
    assert_eq!(pod["status"]["phase"], "Pending");
    let metadata = json!({"name": "app", "namespace": "default"});
    bench.fake.put(
        resources::CONFIG_MAPS,
        json!({"metadata": metadata, "data": {"colour": "red"}}),
    );
    bench.running("web").await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_missing_volume_source_is_told_as_an_event() {
    let bench = Bench::new().await;
    let volumes = json!([{"name": "conf", "configMap": {"name": "none"}}]);
    bench.apply(
        "web",
        json!({"containers": [sh("true")], "volumes": volumes}),
    );
    let event = bench.event("web", "FailedMount").await;
    let expected = "MountVolume.SetUp failed for volume \"conf\" : configmap \"none\" not found";
    assert_eq!(event["message"], expected);
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
async fn exec_runs_beside_with_the_same_environment_and_gives_the_exit_code() {
    let bench = Bench::new().await;
    let mut container = sh("exec sleep 600");
    container["env"] = json!([{"name": "COLOUR", "value": "blue"}]);
    bench.apply("web", json!({"containers": [container]}));
    bench.running("web").await;
    let (text, exit) = bench
        .exec("web", "echo $COLOUR $HOSTNAME; echo err >&2; exit 7")
        .await;
    assert_eq!((text.as_str(), exit), ("blue web\nerr\n", Exit::Code(7)));
    let options = ExecOptions {
        command: vec!["cat".to_owned()],
        stdin: true,
        tty: false,
    };
    let mut session = bench.runner.exec(at("web"), "c", options).await.unwrap();
    let mut input = session.input.take().unwrap();
    input.write_all(b"round trip").await.unwrap();
    drop(input);
    let mut text = String::new();
    session.output.read_to_string(&mut text).await.unwrap();
    assert_eq!(text, "round trip");
    let missing = ExecOptions {
        command: vec!["no-such".to_owned()],
        ..ExecOptions::default()
    };
    let refused = bench
        .runner
        .exec(at("web"), "c", missing)
        .await
        .unwrap_err();
    assert!(
        refused
            .to_string()
            .ends_with("executable file not found in $PATH"),
        "{refused}"
    );
    let refused = bench
        .runner
        .exec(at("web"), "none", ExecOptions::default())
        .await
        .unwrap_err();
    assert_eq!(refused.to_string(), "container not found (\"none\")");
}

#[tokio::test(flavor = "multi_thread")]
async fn exec_with_a_terminal_has_a_size_and_job_control() {
    let bench = Bench::new().await;
    bench.run("web", "exec sleep 600");
    bench.running("web").await;
    let options = ExecOptions {
        command: ["sh", "-c", "read go; stty size; tty"]
            .map(str::to_owned)
            .into(),
        stdin: true,
        tty: true,
    };
    let mut session = bench.runner.exec(at("web"), "c", options).await.unwrap();
    session.terminal.as_ref().unwrap().resize(123, 45);
    session
        .input
        .as_mut()
        .unwrap()
        .write_all(b"\n")
        .await
        .unwrap();
    let mut text = String::new();
    session.output.read_to_string(&mut text).await.unwrap();
    assert!(text.contains("45 123"), "{text}");
    assert!(text.contains("/dev/pts/"), "{text}");
    assert_eq!(session.exit.await, Exit::Code(0));
}

#[tokio::test(flavor = "multi_thread")]
async fn attach_takes_part_in_the_first_process() {
    let bench = Bench::new().await;
    let mut container = sh("while read line; do echo \"got $line\"; done");
    container["stdin"] = json!(true);
    bench.apply("web", json!({"containers": [container]}));
    bench.running("web").await;
    let mut session = bench.runner.attach(at("web"), "c", true).unwrap();
    session
        .input
        .as_mut()
        .unwrap()
        .write_all(b"this\n")
        .await
        .unwrap();
    let mut text = [0; 9];
    session.output.read_exact(&mut text).await.unwrap();
    assert_eq!(&text, b"got this\n");
}

#[tokio::test(flavor = "multi_thread")]
async fn a_deleted_pod_gets_its_hook_and_its_signal_and_is_gone_with_its_processes() {
    let bench = Bench::new().await;
    let mark = format!("{}", 700_000 + std::process::id());
    let script =
        format!("trap 'echo term; exit 0' TERM; sleep {mark} & while :; do sleep 0.02; done");
    let mut container = sh(&script);
    container["lifecycle"] = json!({"preStop": {"exec": {"command": ["touch", "/tmp/stopping"]}}});
    bench.apply(
        "web",
        json!({"containers": [container], "terminationGracePeriodSeconds": 60}),
    );
    bench.running("web").await;
    bench.delete("web", None);
    bench.gone("web").await;
    assert!(!is_alive(&mark));
    bench.event("web", "Killing").await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_process_that_ignores_its_signal_is_killed_when_its_grace_is_over() {
    let bench = Bench::new().await;
    bench.run("web", "trap '' TERM; while :; do sleep 0.05; done");
    bench.running("web").await;
    bench.delete("web", Some(1));
    bench.gone("web").await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_pod_without_grace_is_gone_at_once() {
    let bench = Bench::new().await;
    let mark = format!("{}", 800_000 + std::process::id());
    bench.run("web", &format!("trap '' TERM; sleep {mark}; true"));
    bench.running("web").await;
    bench.delete("web", Some(0));
    let ended = async {
        while is_alive(&mark) {
            tokio::time::sleep(Duration::from_millis(5)).await;
        }
    };
    tokio::time::timeout(PATIENCE, ended).await.unwrap();
}

#[tokio::test(flavor = "multi_thread")]
async fn readiness_follows_its_probe() {
    let bench = Bench::new().await;
    let mut container = sh("exec sleep 600");
    let probe = json!({"exec": {"command": ["test", "-e", "/tmp/ready"]}, "periodSeconds": 1, "timeoutSeconds": 30});
    container["readinessProbe"] = probe;
    bench.apply("web", json!({"containers": [container]}));
    let pod = bench.running("web").await;
    assert_eq!(pod["status"]["containerStatuses"][0]["ready"], false);
    bench.event("web", "Unhealthy").await;
    bench.exec("web", "touch /tmp/ready").await;
    let is_ready = |pod: &Value| pod["status"]["containerStatuses"][0]["ready"] == true;
    bench.fake.pod("web", is_ready).await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_container_that_is_not_alive_is_started_again() {
    let bench = Bench::new().await;
    let mut container = sh("touch /tmp/alive; exec sleep 600");
    let probe = json!({"exec": {"command": ["test", "-e", "/tmp/alive"]}, "periodSeconds": 1,
        "failureThreshold": 1, "initialDelaySeconds": 100, "timeoutSeconds": 30});
    container["livenessProbe"] = probe;
    bench.apply(
        "web",
        json!({"containers": [container], "terminationGracePeriodSeconds": 0}),
    );
    bench.running("web").await;
    // The container may not have made the file yet.
    let script = "until rm /tmp/alive 2>/dev/null; do sleep 0.01; done";
    bench.exec("web", script).await;
    let pod = bench
        .fake
        .pod("web", |pod| {
            pod["status"]["containerStatuses"][0]["restartCount"].as_i64() >= Some(1)
        })
        .await;
    let last = &pod["status"]["containerStatuses"][0]["lastState"]["terminated"];
    assert_eq!(last["exitCode"], 137, "{pod:#}");
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
async fn a_sub_path_that_leaves_its_volume_is_refused() {
    let bench = Bench::new().await;
    let mut container = sh("true");
    container["volumeMounts"] =
        json!([{"name": "work", "mountPath": "/data", "subPath": "link/passwd"}]);
    let mut first = sh("ln -s /etc /work/link");
    first["name"] = json!("first");
    first["volumeMounts"] = json!([{"name": "work", "mountPath": "/work"}]);
    bench.apply(
        "web",
        json!({
            "initContainers": [first],
            "containers": [container],
            "volumes": [{"name": "work", "emptyDir": {}}],
        }),
    );
    let pod = bench
        .fake
        .pod("web", |pod| {
            waiting_for(pod) == "CreateContainerConfigError"
        })
        .await;
    let message = &pod["status"]["containerStatuses"][0]["state"]["waiting"]["message"];
    let message = message.as_str().unwrap();
    assert!(
        message.starts_with("failed to prepare subPath for volumeMount"),
        "{message}"
    );
}

#[tokio::test(flavor = "multi_thread")]
async fn without_namespaces_a_pod_runs_plain_with_a_warning_and_finds_its_token() {
    let plain = |settings: &mut Settings| settings.isolation = Some(Isolation::Plain);
    let bench = Bench::with(Fake::new(), plain).await;
    let mut container = sh("cat $TOKEN_FILE; echo; exec sleep 600");
    container["env"] = json!([{"name": "TOKEN_FILE", "value": "/var/run/t/token"}]);
    container["volumeMounts"] = json!([{"name": "t", "mountPath": "/var/run/t"}]);
    let source = json!({"serviceAccountToken": {"path": "token"}});
    let volumes = json!([{"name": "t", "projected": {"sources": [source]}}]);
    bench.apply(
        "web",
        json!({"containers": [container], "volumes": volumes}),
    );
    bench.running("web").await;
    let event = bench.event("web", "SandboxUnavailable").await;
    assert_eq!(event["type"], "Warning");
    let options = LogOptions {
        follow: true,
        ..LogOptions::default()
    };
    let mut reader = bench.runner.log(at("web"), "c", false, options).unwrap();
    let piece = tokio::time::timeout(PATIENCE, reader.next()).await.unwrap();
    assert!(
        piece
            .unwrap()
            .is_none_or(|text| text.starts_with(b"token-"))
    );
    let (text, _) = bench.exec("web", "cat $TOKEN_FILE").await;
    assert!(text.starts_with("token-"), "{text}");
}

#[tokio::test(flavor = "multi_thread")]
async fn no_process_is_left_when_the_runner_ends() {
    let bench = Bench::new().await;
    let mark = format!("{}", 900_000 + std::process::id());
    bench.run("web", &format!("exec sleep {mark}"));
    bench.running("web").await;
    let up = async {
        while !is_alive(&mark) {
            tokio::time::sleep(Duration::from_millis(5)).await;
        }
    };
    tokio::time::timeout(PATIENCE, up).await.unwrap();
    bench.runner.shutdown().await;
    assert!(!is_alive(&mark));
    assert!(
        bench
            .fake
            .find(&resources::PODS, "default", "web")
            .is_some(),
        "the object stays"
    );
}

#[tokio::test(flavor = "multi_thread")]
async fn two_hundred_pods_run_within_twenty_seconds() {
    let bench = Bench::new().await;
    let begun = std::time::Instant::now();
    for number in 0..200 {
        bench.run(&format!("web-{number}"), "exec sleep 600");
    }
    bench
        .fake
        .until("all run", |fake| {
            let pods = fake.all(&resources::PODS);
            let is_running = |pod: &&Value| pod["status"]["phase"] == "Running";
            (pods.iter().filter(is_running).count() == 200).then_some(())
        })
        .await;
    let took = begun.elapsed();
    println!("200 pods running after {took:?}");
    // The promise is for an idle machine; a test shares it.
    assert!(took < Duration::from_secs(60), "{took:?}");
    bench.runner.shutdown().await;
}
