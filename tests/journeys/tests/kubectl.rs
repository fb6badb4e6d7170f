//! What people type, with the unmodified kubectl of four versions: each file of `kubectl/` is a session.

use std::fs;
use std::thread;

use harness::{Kubectl, Plane, Ran};
use journeys::transcript;

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
fn ports_of_pods_are_forwarded() {
    check("ports", include_str!("kubectl/ports.txt"), Walk::Together);
}

#[test]
fn rights_are_given_and_asked_for() {
    check("rights", include_str!("kubectl/rights.txt"), Walk::Together);
}

#[test]
fn namespaces_are_limited() {
    check("limits", include_str!("kubectl/limits.txt"), Walk::Together);
}

#[test]
fn claims_are_given_volumes() {
    check(
        "storage",
        include_str!("kubectl/storage.txt"),
        Walk::Together,
    );
}

#[test]
fn nodes_are_emptied() {
    check("nodes", include_str!("kubectl/nodes.txt"), Walk::OneByOne);
}

/// Walks a session with each kubectl, in a namespace and a folder of its own.
#[track_caller]
fn check(name: &str, session: &str, walk: Walk) {
    let plane = Plane::start(&[]);
    let walked = |kubectl| walk_with(&plane, kubectl, session);
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

/// What one kubectl was not answered as the session says.
fn walk_with(plane: &Plane, kubectl: Kubectl, session: &str) -> Vec<String> {
    let number = kubectl.as_str();
    let name = format!("v{}", number.replace('.', "-"));
    let folder = plane.scratch().join(&name);
    fs::create_dir_all(&folder).expect("a folder of the version");
    let config = folder.join("config");
    fs::copy(plane.state().join("kube/config"), &config).expect("a kubeconfig of the version");
    let shell = || {
        let mut shell = plane.shell(&kubectl.folder());
        shell.current_dir(&folder).env("KUBECONFIG", &config);
        shell.env("NAMESPACE", &name);
        shell
    };
    let begin = "kubectl create namespace $NAMESPACE
        kubectl config set-context --current --namespace $NAMESPACE";
    Ran::of(shell().args(["-c", begin])).text();
    let faults = transcript::faults(session, shell).into_iter();
    faults
        .map(|fault| format!("--- kubectl {number}: {fault}"))
        .collect()
}
