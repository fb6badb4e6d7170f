//! Where things are built and installed.

use std::fs::File;
use std::path::{Path, PathBuf};
use std::process::Command;
use std::sync::OnceLock;

/// The `rolecall` binary, built from this tree with the profile of the tests.
///
/// # Panics
/// When it does not build.
pub fn rolecall() -> &'static Path {
    static BINARY: OnceLock<PathBuf> = OnceLock::new();
    BINARY.get_or_init(|| {
        build();
        profile_folder().join("rolecall")
    })
}

/// The target folder in use.
pub(crate) fn target_folder() -> PathBuf {
    profile_folder()
        .parent()
        .expect("a profile folder is in a target folder")
        .to_owned()
}

/// `target/debug` or `target/release`: test programs lie in its `deps`.
fn profile_folder() -> PathBuf {
    let test = std::env::current_exe().expect("this test's own path");
    let deps = test.parent().expect("a test lies in a folder");
    let folder = if deps.ends_with("deps") {
        deps.parent().unwrap_or(deps)
    } else {
        deps
    };
    folder.to_owned()
}

fn build() {
    let mut command = cargo_build(&target_folder());
    command.args(["--package", "cli", "--bin", "rolecall"]);
    if profile_folder().ends_with("release") {
        command.arg("--release");
    }
    let status = command.status().expect("cargo runs");
    assert!(status.success(), "`rolecall` does not build");
}

/// `cargo build` into a folder, of what is added to it.
pub(crate) fn cargo_build(target_folder: &Path) -> Command {
    let cargo = std::env::var_os("CARGO").unwrap_or_else(|| "cargo".into());
    let mut command = Command::new(cargo);
    command
        .args(["build", "--quiet", "--target-dir"])
        .arg(target_folder)
        .current_dir(env!("CARGO_MANIFEST_DIR"));
    command
}

/// Installs packages into a folder by a Python program, unless it has them. Several test programs may
/// want them at once: one installs, the others wait.
pub(crate) fn install_once(folder: &Path, packages: &[&str], program: &str) {
    std::fs::create_dir_all(folder).expect("the target folder takes the clients");
    let lock = File::create(folder.join("lock")).expect("a lock file");
    lock.lock().expect("the lock file locks");
    let stamp = folder.join("stamp");
    let wanted = packages.join("\n");
    if std::fs::read_to_string(&stamp).is_ok_and(|found| found == wanted) {
        return;
    }
    install(folder, packages, program);
    std::fs::write(&stamp, wanted).expect("the stamp is written");
}

fn install(folder: &Path, packages: &[&str], program: &str) {
    let output = Command::new("python3")
        .args(["-c", program])
        .arg(folder)
        .args(packages)
        .output()
        .expect("python3 runs");
    assert!(
        output.status.success(),
        "the clients cannot be installed:\n{}",
        String::from_utf8_lossy(&output.stderr)
    );
}
