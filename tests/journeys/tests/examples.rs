//! Every example in `examples/` does what it says.

use std::collections::BTreeSet;
use std::env::{join_paths, split_paths, var_os};
use std::fs;
use std::path::{Path, PathBuf};
use std::process::Command;

use harness::{Cli, Clients, Ran, rolecall};

/// What each prints when it worked.
const SAYS: [(&str, &str); 2] = [
    ("boto3", "assumed-role/reader/"),
    ("cross-account", "delivery/other is refused"),
];

#[test]
fn every_example_works() {
    let listed: BTreeSet<_> = SAYS.iter().map(|(name, _)| PathBuf::from(name)).collect();
    assert_eq!(found(), listed);
    for (name, says) in SAYS {
        let home = tempfile::tempdir().expect("a home of the example's own");
        let mut command = Command::new(folder().join(name).join("run.sh"));
        command
            .env_clear()
            .env("HOME", home.path())
            .env("AWS_PAGER", "")
            .env("PATH", path());
        let ran = Ran::of(&mut command);
        assert!(ran.text().contains(says), "{name}:\n{}", ran.stdout);
    }
}

fn folder() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("../../examples")
}

fn found() -> BTreeSet<PathBuf> {
    let entries = fs::read_dir(folder()).expect("the examples");
    let paths = entries.map(|entry| entry.expect("an example").path());
    paths
        .filter(|path| path.is_dir())
        .filter_map(|path| path.file_name().map(PathBuf::from))
        .collect()
}

/// `rolecall`, `aws` and a Python with boto3 before everything else.
fn path() -> std::ffi::OsString {
    let clients = Clients::installed();
    let (aws, python) = (clients.aws(Cli::V1), clients.python());
    let ours = [rolecall(), &aws, &python];
    let ours = ours
        .iter()
        .filter_map(|program| program.parent().map(Path::to_owned));
    let theirs = var_os("PATH").unwrap_or_default();
    join_paths(ours.chain(split_paths(&theirs))).expect("a search path")
}
