//! Where the plane keeps its state.

use crate::output::Failure;
use etcetera::BaseStrategy;
use std::path::{Path, PathBuf};

/// The state folder: the one named, else `rolecall` in the XDG state place.
pub(crate) fn state_folder(named: Option<&Path>) -> Result<PathBuf, Failure> {
    if let Some(folder) = named {
        return std::path::absolute(folder).map_err(|why| {
            Failure::usage("bad-state-folder", format!("`{}`: {why}", folder.display()))
        });
    }
    let base = etcetera::choose_base_strategy().map_err(|why| {
        Failure::usage("no-home", format!("no home folder to keep state in: {why}"))
            .help("name a folder: --state DIR")
    })?;
    let state = base.state_dir().unwrap_or_else(|| base.data_dir());
    Ok(state.join("rolecall"))
}

/// The files of a plane's state folder that its users read. `plane` writes them.
#[derive(Debug, Clone)]
pub(crate) struct Files {
    folder: PathBuf,
}

impl Files {
    pub(crate) fn of(folder: &Path) -> Self {
        Self {
            folder: folder.to_owned(),
        }
    }

    pub(crate) fn folder(&self) -> &Path {
        &self.folder
    }

    pub(crate) fn running(&self) -> PathBuf {
        self.folder.join("plane.json")
    }

    pub(crate) fn credentials(&self) -> PathBuf {
        self.folder.join("aws").join("credentials")
    }

    pub(crate) fn config(&self) -> PathBuf {
        self.folder.join("aws").join("config")
    }

    /// A context per cluster, its administrator.
    pub(crate) fn kubeconfig(&self) -> PathBuf {
        self.folder.join("kube").join("config")
    }

    pub(crate) fn authority(&self) -> PathBuf {
        self.folder.join("ca.pem")
    }

    /// The system's authorities and the plane's, for runtimes whose setting replaces the system's.
    pub(crate) fn bundle(&self) -> PathBuf {
        self.folder.join("ca-bundle.pem")
    }

    pub(crate) fn audit(&self) -> PathBuf {
        self.folder.join("audit").join("audit.jsonl")
    }

    pub(crate) fn log(&self) -> PathBuf {
        self.folder.join("plane.log")
    }
}
