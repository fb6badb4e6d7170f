//! Kinds that own Pods, images of their own, and what is left when a plane is killed.

use std::fs;
use std::path::{Path, PathBuf};
use std::process::Command;
use std::thread::sleep;
use std::time::Duration;

use harness::{Kubectl, Plane, Ran};

const KUBECTL: Kubectl = Kubectl::V1_37;
/// Longest wait for anything, in steps: far above what it takes.
const STEPS_MAX: u32 = 3_000;
const STEP: Duration = Duration::from_millis(40);

#[test]
fn a_stateful_set_counts_its_pods_up_and_down_rolls_out_and_back() {
    let stage = Stage::new(&[]);
    stage.apply("db.yaml", STATEFUL_SET);
    stage
        .run("rollout status statefulset/db --timeout=120s")
        .text();
    assert_eq!(stage.names("app=db"), "db-0 db-1 db-2");
    let host = stage.run("exec db-1 -- hostname");
    assert_eq!(host.text(), "db-1");
    stage.run("scale statefulset db --replicas=2").text();
    stage.run("wait --for=delete pod/db-2 --timeout=60s").text();
    stage.run("set env statefulset/db COLOUR=green").text();
    stage
        .run("rollout status statefulset/db --timeout=120s")
        .text();
    assert_eq!(stage.run("exec db-0 -- printenv COLOUR").text(), "green");
    stage.run("rollout undo statefulset/db").text();
    stage
        .run("rollout status statefulset/db --timeout=120s")
        .text();
    let gone = stage.run("exec db-0 -- printenv COLOUR");
    assert_eq!(gone.code, Some(1), "{}", gone.stdout);
    let history = stage.run("rollout history statefulset/db");
    assert!(history.text().contains("REVISION"), "{}", history.stdout);
    stage.run("delete statefulset db").text();
    stage.run("wait --for=delete pod/db-0 --timeout=60s").text();
}

#[test]
fn a_daemon_set_has_a_pod_on_the_node_and_rolls_out() {
    let stage = Stage::new(&[]);
    stage.apply("agent.yaml", DAEMON_SET);
    stage
        .run("rollout status daemonset/agent --timeout=120s")
        .text();
    let first = stage.names("app=agent");
    assert!(first.starts_with("agent-"), "{first}");
    stage.run("set env daemonset/agent COLOUR=green").text();
    stage
        .run("rollout status daemonset/agent --timeout=120s")
        .text();
    let counts = stage.run(
        "get daemonset agent -o jsonpath={.status.numberReady}/{.status.desiredNumberScheduled}",
    );
    assert_eq!(counts.text(), "1/1");
    assert_ne!(stage.names("app=agent"), first);
    stage
        .run("delete daemonset agent --cascade=foreground")
        .text();
    assert_eq!(stage.names("app=agent"), "");
}

#[test]
fn a_cron_job_makes_jobs_by_its_schedule_and_by_hand() {
    let stage = Stage::new(&[]);
    stage.apply("tick.yaml", CRON_JOB);
    stage.run("create job by-hand --from=cronjob/tick").text();
    stage
        .run("wait --for=condition=Complete job/by-hand --timeout=60s")
        .text();
    let last = "get cronjob tick -o jsonpath={.status.lastSuccessfulTime}";
    eventually("a minute is over and its job has run", || {
        !stage.run(last).text().is_empty()
    });
    let owned = "get jobs -o jsonpath={.items[*].metadata.ownerReferences[0].name}";
    assert!(stage.run(owned).text().contains("tick"));
    stage.run("delete cronjob tick --cascade=foreground").text();
}

#[test]
fn images_of_plane_yaml_are_what_their_pods_see_and_others_are_refused() {
    let folder = tempfile::tempdir().expect("a folder");
    make_layout(&folder.path().join("images/app"));
    let yaml = folder.path().join("plane.yaml");
    fs::write(&yaml, PLANE).expect("plane.yaml is written");
    let stage = Stage::new(&["-f", &yaml.display().to_string()]);
    stage.apply("pods.yaml", IMAGES);
    stage
        .run("wait --for=condition=Ready pod/app --timeout=120s")
        .text();
    let seen = stage.run("exec app -- cat /etc/flavour");
    assert_eq!(seen.text(), "vanilla");
    let missing = stage.run("exec app -- python3 --version");
    assert!(
        missing.refusal().contains("executable file not found"),
        "{}",
        missing.stderr
    );
    assert_eq!(stage.run("logs app").text(), "vanilla from the image");
    let id = stage.run("get pod app -o jsonpath={.status.containerStatuses[0].imageID}");
    assert!(id.text().starts_with("sha256:"), "{}", id.stdout);
    let reason = "get pod stranger -o jsonpath={.status.containerStatuses[0].state.waiting.reason}";
    eventually("an image that is not declared is refused", || {
        ["ErrImagePull", "ImagePullBackOff"].contains(&stage.run(reason).text())
    });
}

#[test]
fn the_value_of_a_secret_stands_nowhere_in_the_state_folder() {
    const VALUE: &str = "a-value-that-nobody-else-would-write";
    const ENCODED: &str = "YS12YWx1ZS10aGF0LW5vYm9keS1lbHNlLXdvdWxkLXdyaXRl";
    let mut stage = Stage::new(&[]);
    let plain = "create configmap open --from-literal=key=this-one-may-be-read";
    stage.run(plain).text();
    let secret = format!("create secret generic sealed --from-literal=key={VALUE}");
    stage.run(&secret).text();
    let read = stage.run("get secret sealed -o jsonpath={.data.key}");
    assert_eq!(read.text(), ENCODED);
    stage.plane.stop();
    let found = |wanted: &str| {
        let mut files = Vec::new();
        files_of(&stage.plane.state(), &mut files);
        let holds = |path: &PathBuf| {
            let bytes = fs::read(path).unwrap_or_default();
            bytes
                .windows(wanted.len())
                .any(|part| part == wanted.as_bytes())
        };
        files.into_iter().filter(holds).count()
    };
    assert_ne!(
        found("this-one-may-be-read"),
        0,
        "what is open can be found"
    );
    assert_eq!((found(VALUE), found(ENCODED)), (0, 0));
}

#[test]
fn what_a_killed_plane_left_in_memory_is_gone_after_its_next_life() {
    let mut stage = Stage::new(&[]);
    stage.apply("db.yaml", STATEFUL_SET);
    stage
        .run("rollout status statefulset/db --timeout=120s")
        .text();
    let uid = stage.run("get pod db-0 -o jsonpath={.metadata.uid}");
    let uid = uid.text().to_owned();
    assert_eq!(in_memory(&uid), 1);
    stage.plane.kill();
    assert_eq!(in_memory(&uid), 1, "who is killed cleans nothing up");
    stage.plane.restart(&[]);
    stage.plane.stop();
    assert_eq!(in_memory(&uid), 0);
}

struct Stage {
    plane: Plane,
}

impl Stage {
    fn new(flags: &[&str]) -> Self {
        Self {
            plane: Plane::start(flags),
        }
    }

    #[track_caller]
    fn apply(&self, name: &str, manifest: &str) {
        let file = self.plane.scratch().join(name);
        fs::write(&file, manifest).expect("the manifest is written");
        self.run(&format!("apply -f {}", file.display())).text();
    }

    #[track_caller]
    fn run(&self, arguments: &str) -> Ran {
        self.plane.kubectl(KUBECTL, arguments)
    }

    /// The Pods of a label that are not about to go.
    fn names(&self, label: &str) -> String {
        let path = "jsonpath={.items[*].metadata.name}";
        let ran = self.run(&format!("get pods -l {label} -o {path}"));
        ran.text().to_owned()
    }
}

/// Pods of a uid whose secrets lie in memory.
fn in_memory(uid: &str) -> usize {
    let folders = |path: &Path| {
        let found = fs::read_dir(path).into_iter().flatten().flatten();
        found.map(|entry| entry.path()).collect::<Vec<_>>()
    };
    let planes = folders(Path::new("/dev/shm")).into_iter();
    let clusters = planes.flat_map(|plane| folders(&plane));
    clusters
        .filter(|cluster| cluster.join(uid).exists())
        .count()
}

fn files_of(folder: &Path, files: &mut Vec<PathBuf>) {
    for entry in fs::read_dir(folder).expect("a folder") {
        let path = entry.expect("an entry").path();
        match path.is_dir() {
            true => files_of(&path, files),
            false => files.push(path),
        }
    }
}

/// An OCI image layout of this machine's shell and the libraries that it needs.
fn make_layout(folder: &Path) {
    let mut command = Command::new("python3");
    command.args(["-c", LAYOUT]).arg(folder);
    Ran::of(&mut command).text();
}

#[track_caller]
fn eventually(what: &str, holds: impl Fn() -> bool) {
    for _ in 0..STEPS_MAX {
        if holds() {
            return;
        }
        sleep(STEP);
    }
    panic!("not so: {what}");
}

const LAYOUT: &str = include_str!("kinds_layout.py");

const PLANE: &str = "\
accounts:
  - { alias: ci, id: \"111111111111\" }
images:
  folders:
    registry.example/app:1: images/app
  others: refused
";

const IMAGES: &str = "\
apiVersion: v1
kind: Pod
metadata: {name: app}
spec:
  terminationGracePeriodSeconds: 0
  containers: [{name: main, image: 'registry.example/app:1'}]
---
apiVersion: v1
kind: Pod
metadata: {name: stranger}
spec:
  containers: [{name: main, image: 'registry.example/other:1', command: [sh]}]
";

const STATEFUL_SET: &str = "\
apiVersion: apps/v1
kind: StatefulSet
metadata: {name: db}
spec:
  replicas: 3
  serviceName: db
  selector: {matchLabels: {app: db}}
  template:
    metadata: {labels: {app: db}}
    spec:
      terminationGracePeriodSeconds: 0
      containers: [{name: main, image: any, command: [sleep, '10000']}]
";

const CRON_JOB: &str = "\
apiVersion: batch/v1
kind: CronJob
metadata: {name: tick}
spec:
  schedule: '* * * * *'
  jobTemplate:
    spec:
      template:
        spec:
          restartPolicy: Never
          containers: [{name: main, image: any, command: ['true']}]
";

const DAEMON_SET: &str = "\
apiVersion: apps/v1
kind: DaemonSet
metadata: {name: agent}
spec:
  selector: {matchLabels: {app: agent}}
  template:
    metadata: {labels: {app: agent}}
    spec:
      terminationGracePeriodSeconds: 0
      containers: [{name: main, image: any, command: [sleep, '10000']}]
";
