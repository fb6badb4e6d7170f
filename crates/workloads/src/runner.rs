//! Turns the Pods of this machine's nodes into processes.
//!
//! [`Runner::start`] follows the Pods of its nodes. Each has a task of its own that sets up volumes,
//! starts containers and keeps them as their policy says; what it knows stands on a board, and the
//! status that the board comes to is a pure function. Exec, attach and logs are offered as byte
//! streams; the API server speaks the protocols.

mod backoff;
mod board;
mod caches;
mod command;
mod container;
mod downward;
mod env;
mod events;
mod exec;
mod files;
mod health;
mod image;
mod limits;
mod live;
mod logs;
mod mounts;
mod probe;
mod problem;
mod rotation;
mod settings;
mod streams;
mod volume_folder;
mod volumes;

pub use backoff::Backoff;
pub use exec::{ExecOptions, ExecRefused, Input, Reader, Session, Terminal};
pub use logs::{LogOptions, LogReader};
pub use settings::{Clock, Images, Settings};

pub(crate) use board::seconds;
pub(crate) use events::{News, Severity, Teller};

use crate::api::{Api, Change, resources};
use crate::object;
use crate::pod::Pod;
use crate::sandbox::{Isolation, Sandboxes};
use caches::Caches;
use limits::Cgroups;
use live::Live;
use serde_json::Value;
use std::collections::{BTreeMap, BTreeSet};
use std::fs::{self, Permissions};
use std::io;
use std::net::Ipv4Addr;
use std::os::unix::fs::PermissionsExt;
use std::path::Path;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::time::Duration;
use tokio::sync::{OnceCell, Semaphore};
use tokio::task::JoinHandle;

/// Sandboxes that are started at the same time: more only wait for each other.
const STARTS_MAX: usize = 8;

/// How long the Pods get when the plane ends.
const SHUTDOWN_GRACE: Duration = Duration::from_millis(500);

/// Runs the Pods of the nodes that are this machine.
#[derive(Debug)]
pub struct Runner {
    shared: Arc<Shared>,
    following: JoinHandle<()>,
}

/// What all Pods share.
#[derive(Debug)]
pub(crate) struct Shared {
    pub(crate) api: Arc<dyn Api>,
    pub(crate) settings: Settings,
    pub(crate) sandboxes: Sandboxes,
    /// Tried out when the first Pod comes: most planes never run one.
    granted: OnceCell<Granted>,
    /// What holds the limits of containers, or why nothing does.
    pub(crate) cgroups: Result<Cgroups, String>,
    pub(crate) caches: Caches,
    pub(crate) teller: Teller,
    pub(crate) starts: Semaphore,
    /// An image is unpacked by one Pod; the others wait for it.
    pub(crate) unpacking: tokio::sync::Mutex<()>,
    pods: Mutex<Pods>,
}

#[derive(Debug, Default)]
struct Pods {
    by_uid: BTreeMap<String, Arc<Live>>,
    addresses: BTreeSet<u16>,
}

/// How containers are kept apart from the host.
#[derive(Debug)]
pub(crate) struct Granted {
    pub(crate) isolation: Isolation,
    /// Why they are plain processes, if they are.
    pub(crate) plain_because: Option<String>,
}

/// Which Pod is meant.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct PodName<'a> {
    /// Its namespace.
    pub namespace: &'a str,
    /// Its name.
    pub name: &'a str,
}

impl Runner {
    /// Begins to run the Pods of its nodes.
    ///
    /// # Errors
    /// When the folders cannot be made.
    pub async fn start(api: Arc<dyn Api>, settings: Settings) -> io::Result<Self> {
        for folder in [&settings.volatile, &settings.pods] {
            empty(folder)?;
        }
        fs::create_dir_all(settings.stage())?;
        let shared = Arc::new(Shared {
            cgroups: Cgroups::make(&cgroup_of(&settings.volatile)),
            caches: Caches::follow(&*api),
            teller: Teller::start(Arc::clone(&api)),
            starts: Semaphore::new(STARTS_MAX),
            unpacking: tokio::sync::Mutex::default(),
            pods: Mutex::default(),
            sandboxes: Sandboxes::new(settings.helper.clone()),
            granted: OnceCell::new(),
            settings,
            api,
        });
        let following = tokio::spawn(follow(Arc::clone(&shared)));
        Ok(Self { shared, following })
    }

    /// Runs one more process in a container.
    ///
    /// # Errors
    /// When the container does not run, or the process cannot be started.
    pub async fn exec(
        &self,
        pod: PodName<'_>,
        container: &str,
        options: ExecOptions,
    ) -> Result<Session, ExecRefused> {
        self.find(pod, container)?.exec(container, options).await
    }

    /// Takes part in a container's first process.
    ///
    /// # Errors
    /// When the container does not run.
    pub fn attach(
        &self,
        pod: PodName<'_>,
        container: &str,
        stdin: bool,
    ) -> Result<Session, ExecRefused> {
        self.find(pod, container)?.attach(container, stdin)
    }

    /// Reads the log of a container's run, or of the one before it.
    ///
    /// # Errors
    /// When there is none, in the words of the kubelet.
    pub fn log(
        &self,
        pod: PodName<'_>,
        container: &str,
        previous: bool,
        options: LogOptions,
    ) -> Result<LogReader, String> {
        let of = format!("container \"{container}\" in pod \"{}\"", pod.name);
        let live = self.find(pod, container);
        let live = live.map_err(|_| format!("{of} is waiting to start: ContainerCreating"))?;
        let slot = live.slots().get(container).cloned().unwrap_or_default();
        let (log, missing) = if previous {
            let missing = format!("previous terminated {of} not found");
            (slot.previous, missing)
        } else {
            (slot.log, live.waits(container, &of))
        };
        let log = log.ok_or(missing)?;
        log.read(options)
            .map_err(|error| format!("the log of {of} cannot be read: {error}"))
    }

    /// Connects to a port of a Pod.
    ///
    /// # Errors
    /// When nobody listens there.
    pub async fn dial(&self, pod: PodName<'_>, port: u16) -> io::Result<tokio::net::TcpStream> {
        let live = self
            .find(pod, "")
            .map_err(|error| io::Error::other(error.to_string()))?;
        let address = live.pod_ip.clone();
        match tokio::net::TcpStream::connect((address.as_str(), port)).await {
            Ok(stream) => Ok(stream),
            // Many programs listen on `localhost` only; a Pod's network is the host's.
            Err(_) => tokio::net::TcpStream::connect(("127.0.0.1", port)).await,
        }
    }

    /// Ends all Pods' processes. Their objects stay: the next start runs them again.
    pub async fn shutdown(&self) {
        self.following.abort();
        // Also those that are only being set up: what they write after this would stay.
        let rested = async {
            loop {
                let left: Vec<_> = self.shared.pods().by_uid.values().cloned().collect();
                if left.is_empty() {
                    return;
                }
                left.iter().for_each(|live| live.end(SHUTDOWN_GRACE));
                tokio::time::sleep(Duration::from_millis(5)).await;
            }
        };
        // What is left then ends with this process.
        let _ = tokio::time::timeout(SHUTDOWN_GRACE * 4, rested).await;
        // Tokens and secrets do not outlive their Pods; a folder that stays is emptied at the next start.
        let _ = fs::remove_dir_all(&self.shared.settings.volatile);
    }

    fn find(&self, pod: PodName<'_>, container: &str) -> Result<Arc<Live>, ExecRefused> {
        let pods = self.shared.pods();
        let mut all = pods.by_uid.values();
        let found = all.find(|live| {
            let seen = live.pod();
            seen.metadata.name == pod.name && seen.metadata.namespace == pod.namespace
        });
        found
            .cloned()
            .ok_or_else(|| ExecRefused::NoContainer(container.to_owned()))
    }
}

impl Live {
    fn waits(&self, container: &str, of: &str) -> String {
        let board = self.board();
        match board.containers.get(container).map(|entry| &entry.state) {
            Some(board::State::Waiting { reason, .. }) => {
                format!("{of} is waiting to start: {reason}")
            }
            Some(_) => format!("{of} has no log"),
            None => format!(
                "container {container} is not valid for pod {}",
                self.pod().metadata.name
            ),
        }
    }
}

impl Shared {
    /// How the containers are kept apart from the host.
    pub(crate) async fn granted(&self) -> &Granted {
        let granted = |isolation, plain_because| Granted {
            isolation,
            plain_because,
        };
        let tried = self.granted.get_or_init(|| async {
            match self.settings.isolation {
                Some(Isolation::Plain) => {
                    granted(Isolation::Plain, Some("as configured".to_owned()))
                }
                Some(isolation) => granted(isolation, None),
                None => match self.sandboxes.strongest(&self.settings.stage()).await {
                    (Isolation::Plain, why) => granted(Isolation::Plain, Some(why.join("; "))),
                    (isolation, _) => granted(isolation, None),
                },
            }
        });
        tried.await
    }

    fn pods(&self) -> MutexGuard<'_, Pods> {
        self.pods.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// Takes news of a Pod; runs it if it is new here.
    fn see(self: &Arc<Self>, object: Value) {
        let node = object::text(&object, "/spec/nodeName");
        if !self.settings.nodes.iter().any(|ours| ours == node) {
            return;
        }
        let phase = object::text(&object, "/status/phase");
        let is_done = matches!(phase, "Succeeded" | "Failed");
        let pod = match Pod::read(&object) {
            Ok(pod) => pod,
            Err(why) => return self.tell_unreadable(&object, &why),
        };
        let mut pods = self.pods();
        if let Some(live) = pods.by_uid.get(&pod.metadata.uid) {
            live.see(pod, Arc::new(object));
            return;
        }
        if is_done && !pod.is_being_deleted() {
            return;
        }
        let address = pods.take_address();
        let pod_ip = self.address(address);
        let uid = pod.metadata.uid.clone();
        let is_being_deleted = pod.is_being_deleted();
        let live = Live::new(Arc::clone(self), pod, Arc::new(object), pod_ip);
        if is_being_deleted {
            live.end(Duration::ZERO);
        }
        let live = Arc::new(live);
        pods.by_uid.insert(uid.clone(), Arc::clone(&live));
        drop(pods);
        let shared = Arc::clone(self);
        tokio::spawn(async move {
            live.live().await;
            let mut pods = shared.pods();
            pods.by_uid.remove(&uid);
            pods.addresses.remove(&address);
        });
    }

    /// Says why a Pod does not run that cannot be read.
    fn tell_unreadable(&self, object: &Value, why: &str) {
        self.teller.tell(News {
            severity: Severity::Warning,
            reason: "FailedValidation",
            message: format!("Error: this node cannot read the Pod: {why}"),
            at: self.settings.now(),
            about: events::about_object(object),
            component: "kubelet",
            host: object::text(object, "/spec/nodeName").to_owned(),
        });
    }

    /// Ends a Pod that is gone from the API.
    fn lose(&self, object: &Value) {
        if let Some(live) = self.pods().by_uid.get(object::uid(object)) {
            live.end(Duration::ZERO);
        }
    }

    fn address(&self, number: u16) -> String {
        let [high, low] = number.to_be_bytes();
        Ipv4Addr::new(127, self.settings.network, high, low).to_string()
    }
}

impl Pods {
    /// The lowest address that no Pod has. The first ones are the node's.
    fn take_address(&mut self) -> u16 {
        let free = (2..u16::MAX).find(|number| !self.addresses.contains(number));
        let number = free.unwrap_or(u16::MAX);
        self.addresses.insert(number);
        number
    }
}

async fn follow(shared: Arc<Shared>) {
    if !shared.caches.synced().await {
        return;
    }
    let mut feed = shared.api.follow(resources::PODS);
    let mut told_anew: Option<BTreeSet<String>> = Some(BTreeSet::new());
    while let Some(change) = feed.recv().await {
        match change {
            Change::Set(object) => {
                if let Some(told) = &mut told_anew {
                    told.insert(object::uid(&object).to_owned());
                }
                shared.see(object);
            }
            Change::Gone(object) => shared.lose(&object),
            Change::Restarted => told_anew = Some(BTreeSet::new()),
            Change::Synced => {
                let told = told_anew.take().unwrap_or_default();
                let all: Vec<_> = shared.pods().by_uid.values().cloned().collect();
                for live in all.iter().filter(|live| !told.contains(&live.uid)) {
                    live.end(Duration::ZERO);
                }
            }
        }
    }
}

/// The name of a runner's control group: as its folder in memory is called, so that the next start
/// finds what this one leaves.
fn cgroup_of(volatile: &Path) -> String {
    let mut names: Vec<_> = volatile.iter().rev().take(2).collect();
    names.reverse();
    let names = names.iter().map(|name| name.to_string_lossy());
    names.collect::<Vec<_>>().join("-")
}

/// Makes a folder empty, and ours alone.
fn empty(folder: &Path) -> io::Result<()> {
    match fs::remove_dir_all(folder) {
        Ok(()) => {}
        Err(error) if error.kind() == io::ErrorKind::NotFound => {}
        Err(error) => return Err(error),
    }
    fs::create_dir_all(folder)?;
    fs::set_permissions(folder, Permissions::from_mode(0o700))
}
