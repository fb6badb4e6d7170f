//! What a user has in the home folder is no business of rolecall's.

use std::collections::BTreeMap;
use std::fs;
use std::path::{Path, PathBuf};
use std::process::Command;
use std::time::SystemTime;

use harness::{Ran, in_memory, rolecall};
use tempfile::TempDir;

/// A user with AWS and Kubernetes set up, and programs of their own in each of the XDG places.
const FILES: [(&str, &str); 7] = [
    (".aws/config", "[default]\nregion = eu-west-1\n"),
    (".aws/credentials", "[default]\naws_access_key_id = mine\n"),
    (".kube/config", "apiVersion: v1\nkind: Config\n"),
    (".config/other/settings", "theirs"),
    (".cache/other/cached", "theirs"),
    (".local/share/other/data", "theirs"),
    (".local/state/other/history", "theirs"),
];
/// Where the state stands when nobody names a folder.
const STATE: &str = ".local/state/rolecall";
const WHO: &str = "ci-namespace/ci-serviceaccount@ci";
/// The commands between `up` and `down`.
const COMMANDS: [&[&str]; 14] = [
    &["status"],
    &["env"],
    &["env", "--account", "prod", "--format", "json"],
    &["exec", "--", "sh", "-c", "test -s $AWS_CONFIG_FILE"],
    &["run", "--", "sh", "-c", "test -s $KUBECONFIG"],
    &["kubeconfig"],
    &["kubeconfig", "--cluster", "prod"],
    &["token", "create", WHO],
    &["keys", "list"],
    &["keys", "rotate", "--cluster", "ci"],
    &["why"],
    &["audit", "tail"],
    &["completion", "bash"],
    &["healthcheck"],
];

#[derive(Debug, PartialEq, Eq)]
struct Entry {
    bytes: Option<Vec<u8>>,
    modified: SystemTime,
}

/// A home of one's own, a folder to work in, and one for what is temporary.
struct User(TempDir);

impl User {
    fn new() -> Self {
        let user = Self(TempDir::new().expect("a folder"));
        for folder in ["work", "temporary"] {
            fs::create_dir(user.folder(folder)).expect("a folder");
        }
        for (name, text) in FILES {
            let file = user.folder("home").join(name);
            let folder = file.parent().expect("a file is in a folder");
            fs::create_dir_all(folder).expect("a folder");
            fs::write(file, text).expect("a file");
        }
        fs::create_dir(user.folder("home").join(STATE)).expect("the state folder");
        user
    }

    fn folder(&self, name: &str) -> PathBuf {
        self.0.path().join(name)
    }

    fn run(&self, words: &[&str]) -> Ran {
        let home = self.folder("home");
        let mut command = Command::new(rolecall());
        command
            .env_clear()
            .env("PATH", std::env::var_os("PATH").unwrap_or_default())
            .env("HOME", &home)
            .env("XDG_CONFIG_HOME", home.join(".config"))
            .env("XDG_CACHE_HOME", home.join(".cache"))
            .env("XDG_DATA_HOME", home.join(".local/share"))
            .env("XDG_STATE_HOME", home.join(".local/state"))
            .env("TMPDIR", self.folder("temporary"))
            .current_dir(self.folder("work"));
        Ran::of(command.args(words))
    }

    /// All that is in the user's folders, but for the state.
    fn seen(&self) -> BTreeMap<PathBuf, Entry> {
        let mut seen = BTreeMap::new();
        look(&self.folder("home"), &mut seen);
        look(&self.folder("work"), &mut seen);
        let state = self.folder("home").join(STATE);
        seen.retain(|path, _| !path.starts_with(&state));
        seen
    }
}

fn look(path: &Path, seen: &mut BTreeMap<PathBuf, Entry>) {
    let metadata = fs::symlink_metadata(path).expect("it is there");
    let modified = metadata.modified().expect("it has a time");
    let bytes = metadata
        .is_file()
        .then(|| fs::read(path).expect("it reads"));
    seen.insert(path.to_owned(), Entry { bytes, modified });
    if metadata.is_dir() {
        for inside in fs::read_dir(path).expect("it lists") {
            look(&inside.expect("an entry").path(), seen);
        }
    }
}

/// Stops the plane also when an assertion fails.
struct Down<'a>(&'a User);

impl Drop for Down<'_> {
    fn drop(&mut self) {
        self.0.run(&["down"]);
    }
}

#[test]
fn a_users_folders_are_as_they_were_but_for_the_state_folder() {
    let user = User::new();
    let before = user.seen();
    assert!(before.len() > FILES.len());
    {
        user.run(&["up", "--detach", "--listen", "127.0.0.1:0"])
            .text();
        let _down = Down(&user);
        for words in COMMANDS {
            user.run(words).text();
        }
    }
    assert_eq!(user.run(&["status"]).code, Some(1), "it was stopped");
    assert_eq!(user.seen(), before);
    let left: Vec<_> = fs::read_dir(user.folder("temporary"))
        .expect("it lists")
        .collect();
    assert!(left.is_empty(), "{left:?}");
    assert!(user.folder("home").join(STATE).join("aws/config").exists());
}

#[test]
fn what_a_private_plane_left_that_was_killed_goes_with_the_next() {
    let user = User::new();
    let kill = "echo \"${KUBECONFIG%/kube/config}\"; kill -9 $PPID";
    let killed = user.run(&["run", "--", "sh", "-c", kill]);
    assert_eq!(killed.code, None, "{killed:?}");
    let left = PathBuf::from(killed.stdout.trim());
    assert!(left.join("root.key").exists(), "{killed:?}");
    let in_memory = in_memory(&left).expect("it is there");
    user.run(&["run", "--", "true"]).text();
    assert!(!left.exists());
    assert!(!in_memory.exists());
}
