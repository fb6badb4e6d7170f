//! The clusters in a kubeconfig of the user's own: `kubeconfig.txt`, with the oldest and the newest kubectl.

use std::fs;
use std::os::unix::fs::symlink;

use harness::{Kubectl, Plane, rolecall};
use journeys::transcript;

#[test]
fn contexts_come_into_a_file_of_the_users_and_leave_it_and_nothing_of_his_is_lost() {
    let planes = [Plane::start(&[]), Plane::start(&[])];
    for kubectl in [Kubectl::V1_30, Kubectl::V1_37] {
        let faults = walk_with(kubectl, &planes);
        assert!(faults.is_empty(), "{kubectl:?}:\n{}", faults.join("\n"));
    }
}

/// Walks the session in a home of its own.
fn walk_with(kubectl: Kubectl, [plane, other]: &[Plane; 2]) -> Vec<String> {
    let name = format!("mine-{}", kubectl.as_str().replace('.', "-"));
    let home = plane.scratch().join(&name);
    let programs = home.join("bin");
    fs::create_dir_all(&programs).expect("a home");
    let kubectl = kubectl.folder().join("kubectl");
    symlink(kubectl, programs.join("kubectl")).expect("a link");
    symlink(rolecall(), programs.join("rolecall")).expect("a link");
    transcript::faults(include_str!("kubeconfig.txt"), || {
        let mut shell = plane.shell(&programs);
        shell.current_dir(&home).env("HOME", &home);
        shell.env("NAMESPACE", &name).env("OTHER", other.state());
        shell
    })
}
