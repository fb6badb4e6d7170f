//! What people type, with the unmodified kubectl of four versions: each file of `kubectl/` is a session.

use std::fs;
use std::process::Command;
use std::thread;

use harness::{Kubectl, Plane, Ran};
use journeys::transcript::{Step, steps};

/// Longest time of one command, in seconds: far above what any takes.
const LONGEST: &str = "120";

/// Whether the versions may walk a session at the same time.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Walk {
    /// Each keeps to a namespace of its own.
    Together,
    /// They change what the cluster has but once.
    OneByOne,
}

#[test]
fn what_is_there_is_found_out() {
    check(
        "discovery",
        include_str!("kubectl/discovery.txt"),
        Walk::Together,
    );
}

#[test]
fn objects_are_created_read_and_deleted() {
    check(
        "objects",
        include_str!("kubectl/objects.txt"),
        Walk::Together,
    );
}

#[test]
fn objects_are_changed_in_every_way() {
    check(
        "changes",
        include_str!("kubectl/changes.txt"),
        Walk::Together,
    );
}

#[test]
fn configurations_are_applied() {
    check("apply", include_str!("kubectl/apply.txt"), Walk::Together);
}

#[test]
fn deployments_are_rolled_out() {
    check(
        "rollouts",
        include_str!("kubectl/rollouts.txt"),
        Walk::Together,
    );
}

#[test]
fn pods_are_reached() {
    check("pods", include_str!("kubectl/pods.txt"), Walk::Together);
}

#[test]
fn rights_are_given_and_asked_for() {
    check("rights", include_str!("kubectl/rights.txt"), Walk::Together);
}

#[test]
fn nodes_are_emptied() {
    check("nodes", include_str!("kubectl/nodes.txt"), Walk::OneByOne);
}

/// Walks a session with each kubectl, in a namespace and a folder of its own.
#[track_caller]
fn check(name: &str, text: &str, walk: Walk) {
    let plane = Plane::start(&[]);
    let steps = steps(text);
    let walked = |kubectl: Kubectl| walk_with(&plane, kubectl, &steps);
    let faults: Vec<String> = match walk {
        Walk::OneByOne => Kubectl::ALL.into_iter().flat_map(walked).collect(),
        Walk::Together => thread::scope(|scope| {
            let all = Kubectl::ALL.map(|kubectl| scope.spawn(move || walked(kubectl)));
            let all = all.into_iter().map(|one| one.join().expect("a walk ends"));
            all.flatten().collect()
        }),
    };
    assert!(
        faults.is_empty(),
        "kubectl/{name}.txt:\n{}",
        faults.join("\n")
    );
}

/// What was not answered as the session says.
fn walk_with(plane: &Plane, kubectl: Kubectl, steps: &[Step]) -> Vec<String> {
    let session = Session::begin(plane, kubectl);
    let faults = steps.iter().filter_map(|step| session.fault(step));
    faults.collect()
}

struct Session<'a> {
    plane: &'a Plane,
    kubectl: Kubectl,
    /// The namespace and the folder; a version each.
    name: String,
}

impl<'a> Session<'a> {
    fn begin(plane: &'a Plane, kubectl: Kubectl) -> Self {
        let name = format!("v{}", kubectl.as_str().replace('.', "-"));
        let session = Self {
            plane,
            kubectl,
            name,
        };
        let folder = session.folder();
        fs::create_dir_all(&folder).expect("a folder of the session");
        let ours = plane.state().join("kube/config");
        fs::copy(ours, folder.join("config")).expect("a kubeconfig of the session");
        let namespace = &session.name;
        let begin = format!(
            "kubectl create namespace {namespace}\n\
             kubectl config set-context --current --namespace {namespace}"
        );
        Ran::of(session.shell().arg(begin)).text();
        session
    }

    fn folder(&self) -> std::path::PathBuf {
        self.plane.scratch().join(&self.name)
    }

    /// `bash -c`, with both streams as one.
    fn shell(&self) -> Command {
        let inner = self.plane.shell(self.kubectl);
        let mut shell = Command::new("timeout");
        shell
            .env_clear()
            .arg(LONGEST)
            .args(["bash", "-c", "exec 2>&1; eval \"$1\"", "bash"]);
        for (name, value) in inner.get_envs() {
            shell.env(name, value.unwrap_or_default());
        }
        shell
            .env("KUBECONFIG", self.folder().join("config"))
            .env("NAMESPACE", &self.name)
            .env("VERSION", self.kubectl.as_str())
            .current_dir(self.folder());
        shell
    }

    fn fault(&self, step: &Step) -> Option<String> {
        let ran = Ran::of(self.shell().arg(&step.command));
        if step.is_answered_by(ran.code, &ran.stdout) {
            return None;
        }
        Some(format!(
            "--- kubectl {}: $ {}\n{}\n[exit {:?}]\n--- wanted [exit {}]:\n{}\n",
            self.kubectl.as_str(),
            step.command,
            ran.stdout,
            ran.code,
            step.code,
            step.wanted()
        ))
    }
}
