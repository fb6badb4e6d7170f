//! AWS's own clients, installed by package name into the target folder, once.

use std::path::PathBuf;
use std::sync::OnceLock;

use crate::places::{install_once, target_folder};

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
            install_once(&folder, &PACKAGES, INSTALL);
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
