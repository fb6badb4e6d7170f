//! What the helper is asked to start: a value that travels from the plane to the helper.

use serde::{Deserialize, Serialize};
use std::path::PathBuf;

/// How far a container's processes are kept apart from the host.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
pub enum Isolation {
    /// Namespaces made by root: mount, process id, IPC and host name.
    Namespaces,
    /// The same inside a user namespace, in which an ordinary user is root.
    UserNamespace,
    /// None: plain processes that see the host's files and processes.
    Plain,
}

/// What a container sees as `/`.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub enum Root {
    /// The host's folders, each under an overlay: writes are the container's own.
    Host,
    /// An unpacked image, under an overlay.
    Folder(PathBuf),
}

/// One bind mount.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct BindMount {
    /// The volume's name, for messages.
    pub volume: String,
    /// A file or folder of the host.
    pub source: PathBuf,
    /// A path beneath the source; it cannot leave it.
    pub sub_path: Option<PathBuf>,
    /// Where the container sees it.
    pub target: PathBuf,
    /// Writes are refused.
    pub read_only: bool,
}

/// Who the process runs as.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct RunAs {
    /// User id.
    pub uid: u32,
    /// Group id.
    pub gid: u32,
    /// Supplementary groups.
    pub groups: Vec<u32>,
}

/// The Linux capabilities that root keeps in the container.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub enum Keep {
    /// All that the plane has.
    All,
    /// Those of the names, without `CAP_`.
    Named(Vec<String>),
}

/// One process: what an image's config and a container's spec come to.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct ProcessSpec {
    /// Program and arguments; empty only proves that the sandbox can be built.
    pub command: Vec<String>,
    /// The whole environment.
    pub env: Vec<(String, String)>,
    /// Where it starts.
    pub working_dir: PathBuf,
    /// Who it runs as.
    pub run_as: RunAs,
    /// Standard input, output and error are a new terminal.
    pub terminal: bool,
    /// What root may do.
    pub capabilities: Keep,
    /// `allowPrivilegeEscalation: false`.
    pub no_new_privileges: bool,
    /// The control group that it joins: a folder of the host.
    pub cgroup: Option<PathBuf>,
}

/// A container's first process, and the sandbox around it.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Launch {
    /// How it is kept apart.
    pub isolation: Isolation,
    /// What it sees as `/`.
    pub root: Root,
    /// `/` refuses writes.
    pub read_only_root: bool,
    /// The host name inside.
    pub hostname: String,
    /// An empty folder of the host on which the new root is built; seen by no one else.
    pub stage: PathBuf,
    /// Files and folders of the host that the container must not see.
    pub hidden: Vec<PathBuf>,
    /// In the order in which they are mounted.
    pub mounts: Vec<BindMount>,
    /// What runs.
    pub process: ProcessSpec,
}

/// What a helper is asked.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub enum Request {
    /// Build a sandbox and run its first process.
    Start(Launch),
    /// Run one more process in the sandbox of a running one.
    Join {
        /// The first process of the sandbox, as the host counts.
        pid: i32,
        /// How that sandbox is kept apart.
        isolation: Isolation,
        /// What runs.
        process: ProcessSpec,
    },
}

impl Request {
    pub(super) fn isolation(&self) -> Isolation {
        match self {
            Self::Start(launch) => launch.isolation,
            Self::Join { isolation, .. } => *isolation,
        }
    }

    pub(super) fn process(&self) -> &ProcessSpec {
        match self {
            Self::Start(launch) => &launch.process,
            Self::Join { process, .. } => process,
        }
    }
}

/// How a process ended.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
pub enum Exit {
    /// It returned.
    Code(i32),
    /// A signal ended it.
    Signal(i32),
}

impl Exit {
    /// The code that a shell and Kubernetes report: 128 and the signal's number for a signal.
    #[must_use]
    pub fn code(self) -> i32 {
        match self {
            Self::Code(code) => code,
            Self::Signal(signal) => 128 + signal,
        }
    }
}

/// Why a process did not start.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, thiserror::Error)]
pub enum StartFailure {
    /// Namespaces or mounts were refused.
    #[error("{0}")]
    Sandbox(String),
    /// A `subPath` leaves its volume or cannot be opened.
    #[error("failed to prepare subPath for volumeMount `{volume}`: {reason}")]
    SubPath {
        /// The volume mount.
        volume: String,
        /// The system's word.
        reason: String,
    },
    /// The program cannot be run; the text is runc's.
    #[error("unable to start container process: {0}")]
    Program(String),
    /// The helper itself failed.
    #[error("the sandbox helper failed: {0}")]
    Helper(String),
}
