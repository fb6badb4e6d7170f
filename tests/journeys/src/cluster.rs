//! A plane's first cluster, and the kubectl that speaks to it.

use std::fs;
use std::path::PathBuf;
use std::thread::sleep;
use std::time::Duration;

use harness::{Cli, Clients, Kubectl, Plane, Ran};

/// Longest wait for anything, in steps: far above what it takes.
const STEPS_MAX: u32 = 3_000;
const STEP: Duration = Duration::from_millis(40);

/// A plane, seen through one kubectl as the administrator of its first cluster.
#[derive(Debug)]
pub struct Cluster {
    /// The plane.
    pub plane: Plane,
    /// Which kubectl.
    pub kubectl: Kubectl,
}

impl Cluster {
    /// Starts a plane with these flags.
    #[track_caller]
    pub fn start(kubectl: Kubectl, flags: &[&str]) -> Self {
        let plane = Plane::start(flags);
        Self { plane, kubectl }
    }

    /// Runs kubectl; the arguments are split at blanks.
    #[track_caller]
    pub fn run(&self, arguments: &str) -> Ran {
        self.plane.kubectl(self.kubectl, arguments)
    }

    /// Runs lines of bash, which ends at the first that fails.
    #[track_caller]
    pub fn shell(&self, lines: &str) -> Ran {
        let mut shell = self.plane.shell(&self.kubectl.folder());
        Ran::of(shell.args(["-c", lines]))
    }

    /// Runs lines of bash with `aws` (version 1) as well. `$PROGRAMS` is the folder that has every client,
    /// for Pods to mount; there, `$AWS`, `$KUBECTL` and `$PYTHON`, which has boto3, are.
    #[track_caller]
    pub fn shell_with_aws(&self, lines: &str) -> Ran {
        let clients = Clients::installed();
        let folder = self.kubectl.folder();
        let programs = folder.ancestors().nth(2).expect("a folder of all clients");
        let mut shell = self.plane.shell(&folder);
        shell
            .env("AWS", clients.aws(Cli::V1))
            .env("PYTHON", clients.python())
            .env("KUBECTL", folder.join("kubectl"))
            .env("PROGRAMS", programs);
        let found = format!("aws() {{ \"$AWS\" \"$@\"; }}\n{lines}");
        Ran::of(shell.args(["-c", &found]))
    }

    /// Runs a command in a Pod; it is split at blanks.
    #[track_caller]
    pub fn exec(&self, namespace: &str, pod: &str, command: &str) -> Ran {
        self.run(&format!("exec {pod} -n {namespace} -- {command}"))
    }

    /// Writes a manifest into the test's folder and applies it.
    #[track_caller]
    pub fn apply(&self, name: &str, manifest: &str) {
        let file = self.write(name, manifest);
        self.run(&format!("apply -f {}", file.display())).text();
    }

    /// Writes a file into the test's folder.
    #[track_caller]
    pub fn write(&self, name: &str, text: &str) -> PathBuf {
        let file = self.plane.scratch().join(name);
        fs::write(&file, text).expect("the test's folder takes a file");
        file
    }

    /// Runs kubectl and wants it to fail, with these words.
    #[track_caller]
    pub fn refused(&self, arguments: &str, why: &str) {
        let ran = self.run(arguments);
        let refusal = ran.refusal();
        assert!(refusal.contains(why), "`{}` said: {refusal}", ran.command);
    }
}

/// Looks until it is so.
///
/// # Panics
/// When it never is.
#[track_caller]
pub fn eventually(what: &str, holds: impl Fn() -> bool) {
    for _ in 0..STEPS_MAX {
        if holds() {
            return;
        }
        sleep(STEP);
    }
    panic!("not so: {what}");
}
