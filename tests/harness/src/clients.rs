//! AWS's own clients, installed by package name into the target folder, once.

use std::fs::File;
use std::path::{Path, PathBuf};
use std::process::Command;
use std::sync::OnceLock;

use crate::places::target_folder;

/// Installs into the folder of its first argument; the versions are its second to fourth.
const INSTALL: &str = include_str!("install_clients.py");
/// The packages and versions that the journeys are walked with. Changing one installs anew.
const PACKAGES: [&str; 3] = [
    "awscli==1.46.3",
    "boto3==1.44.5",
    "aws-cdk-asset-awscli-v2==2.0.198",
];

/// Which `aws`.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Cli {
    /// Version 1, from PyPI.
    V1,
    /// Version 2, as its own bundle.
    V2,
}

/// Where the clients are.
#[derive(Debug)]
pub struct Clients {
    folder: PathBuf,
}

impl Clients {
    /// The clients, installed now if they are not yet.
    ///
    /// # Panics
    /// When they cannot be installed: without them nothing is shown.
    pub fn installed() -> &'static Self {
        static CLIENTS: OnceLock<Clients> = OnceLock::new();
        CLIENTS.get_or_init(|| {
            let folder = target_folder().join("clients");
            install_once(&folder);
            Self { folder }
        })
    }

    /// The `aws` of that version.
    #[must_use]
    pub fn aws(&self, version: Cli) -> PathBuf {
        match version {
            Cli::V1 => self.folder.join("python/bin/aws"),
            Cli::V2 => self.folder.join("aws-v2/aws"),
        }
    }

    /// A Python that has boto3.
    #[must_use]
    pub fn python(&self) -> PathBuf {
        self.folder.join("python/bin/python")
    }
}

/// Several test programs may want the clients at once: one installs, the others wait.
fn install_once(folder: &Path) {
    std::fs::create_dir_all(folder).expect("the target folder takes the clients");
    let lock = File::create(folder.join("lock")).expect("a lock file");
    lock.lock().expect("the lock file locks");
    let stamp = folder.join("stamp");
    let wanted = PACKAGES.join("\n");
    if std::fs::read_to_string(&stamp).is_ok_and(|found| found == wanted) {
        return;
    }
    install(folder);
    std::fs::write(&stamp, wanted).expect("the stamp is written");
}

fn install(folder: &Path) {
    let output = Command::new("python3")
        .args(["-c", INSTALL])
        .arg(folder)
        .args(PACKAGES)
        .output()
        .expect("python3 runs");
    assert!(
        output.status.success(),
        "the AWS clients cannot be installed:\n{}",
        String::from_utf8_lossy(&output.stderr)
    );
}
