//! What the runner is told when it starts.

use super::backoff::Backoff;
use crate::sandbox::Isolation;
use jiff::Timestamp;
use std::collections::BTreeMap;
use std::fmt;
use std::path::PathBuf;
use std::sync::Arc;
use std::time::Duration;

/// What tells the time.
pub type Clock = Arc<dyn Fn() -> Timestamp + Send + Sync>;

/// Where images come from.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Images {
    /// Image names, and the folder of each: an image layout, or an unpacked root file system.
    pub folders: BTreeMap<String, PathBuf>,
    /// Where layouts are unpacked. It is kept from one start to the next.
    pub unpacked: PathBuf,
    /// An image without a folder is refused, rather than shown the host's root.
    pub only_these: bool,
}

/// What the runner is told when it starts.
#[derive(Clone)]
pub struct Settings {
    /// The nodes whose Pods it runs.
    pub nodes: Vec<String>,
    /// The node's address.
    pub host_ip: String,
    /// The binary that is the sandbox helper.
    pub helper: PathBuf,
    /// A folder in memory for tokens and secrets; it is emptied first.
    pub volatile: PathBuf,
    /// A folder for logs and `emptyDir` volumes; it is emptied first.
    pub pods: PathBuf,
    /// Files and folders of the host that no Pod may see.
    pub hidden: Vec<PathBuf>,
    /// Where images come from.
    pub images: Images,
    /// Where Pods find the API: host and port.
    pub api: Option<(String, u16)>,
    /// Variables that every container begins with; its image's and its own come over them.
    pub variables: Vec<(String, String)>,
    /// How Pods are kept apart; `None`: as strongly as the host allows.
    pub isolation: Option<Isolation>,
    /// The waits between restarts.
    pub backoff: Backoff,
    /// The second and third bytes of the addresses of its Pods are counted from here: `127.N.x.y`.
    pub network: u8,
    /// Seconds that a probe says are multiplied by this; one second, but in tests.
    pub probe_second: Duration,
    /// What tells the time.
    pub clock: Clock,
}

impl fmt::Debug for Settings {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Settings")
            .field("nodes", &self.nodes)
            .field("pods", &self.pods)
            .finish_non_exhaustive()
    }
}

impl Settings {
    pub(crate) fn now(&self) -> Timestamp {
        (self.clock)()
    }

    /// An empty folder on which sandboxes build their roots.
    pub(crate) fn stage(&self) -> PathBuf {
        self.volatile.join("stage")
    }
}
