//! A runner with an API in memory, and what tests do with it.

use crate::fake::Fake;
use jiff::Timestamp;
use serde_json::{Value, json};
use std::path::PathBuf;
use std::sync::Arc;
use std::time::Duration;
use tempfile::TempDir;
use tokio::io::AsyncReadExt;
use workloads::api::{Deletion, resources};
use workloads::runner::{Backoff, ExecOptions, Images, LogOptions, PodName, Runner, Settings};
use workloads::sandbox::Exit;

pub(crate) struct Bench {
    pub(crate) fake: Arc<Fake>,
    pub(crate) runner: Runner,
    folder: TempDir,
}

impl Bench {
    pub(crate) async fn new() -> Self {
        Self::with(Fake::new(), |_| {}).await
    }

    pub(crate) async fn with(fake: Arc<Fake>, change: impl FnOnce(&mut Settings)) -> Self {
        let folder = TempDir::new().unwrap();
        let mut settings = settings(folder.path().to_owned());
        change(&mut settings);
        let runner = Runner::start(fake.clone(), settings).await.unwrap();
        Self {
            fake,
            runner,
            folder,
        }
    }

    pub(crate) fn apply(&self, name: &str, spec: Value) {
        self.fake.put(resources::PODS, pod(name, spec));
    }

    /// A path of this test alone, at which nothing lies yet.
    pub(crate) fn scratch(&self, name: &str) -> PathBuf {
        self.folder.path().join(name)
    }

    /// A Pod of one container that runs a script.
    pub(crate) fn run(&self, name: &str, script: &str) {
        self.apply(name, json!({"containers": [sh(script)]}));
    }

    pub(crate) async fn running(&self, name: &str) -> Value {
        self.fake
            .pod(name, |pod| pod["status"]["phase"] == "Running")
            .await
    }

    pub(crate) async fn exec(&self, name: &str, script: &str) -> (String, Exit) {
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

    pub(crate) async fn log(&self, name: &str, previous: bool) -> String {
        let options = LogOptions::default();
        let mut reader = self.runner.log(at(name), "c", previous, options).unwrap();
        let mut text = Vec::new();
        while let Some(piece) = reader.next().await.unwrap() {
            text.extend(piece);
        }
        String::from_utf8(text).unwrap()
    }

    pub(crate) async fn event(&self, name: &str, reason: &str) -> Value {
        self.fake
            .until(reason, |fake| {
                fake.all(&resources::EVENTS).into_iter().find(|event| {
                    event["involvedObject"]["name"] == name && event["reason"] == reason
                })
            })
            .await
    }

    pub(crate) fn delete(&self, name: &str, grace: Option<u64>) {
        let deletion = Deletion {
            grace_seconds: grace,
            ..Deletion::default()
        };
        self.fake
            .delete_now(&resources::PODS, "default", name, deletion);
    }

    pub(crate) async fn gone(&self, name: &str) {
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

pub(crate) fn at(name: &str) -> PodName<'_> {
    PodName {
        namespace: "default",
        name,
    }
}

pub(crate) fn sh(script: &str) -> Value {
    json!({"name": "c", "image": "app:1", "command": ["sh", "-c", script]})
}

fn pod(name: &str, mut spec: Value) -> Value {
    spec["nodeName"] = json!("node-1");
    json!({"metadata": {"name": name, "namespace": "default"}, "spec": spec})
}

pub(crate) fn waiting_for(pod: &Value) -> &str {
    let state = &pod["status"]["containerStatuses"][0]["state"];
    state["waiting"]["reason"].as_str().unwrap_or_default()
}

pub(crate) fn is_alive(mark: &str) -> bool {
    std::fs::read_dir("/proc").unwrap().any(|entry| {
        let command = std::fs::read(entry.unwrap().path().join("cmdline"));
        command.is_ok_and(|command| command == format!("sleep\0{mark}\0").as_bytes())
    })
}
