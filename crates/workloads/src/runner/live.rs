//! The life of one Pod on this node, from its volumes to its end.

use super::Shared;
use super::board::{Board, Entry, State};
use super::downward::Downward;
use super::events::{self, News, Severity};
use super::limits;
use super::logs::Log;
use super::streams::Hub;
use super::volumes::Minting;
use crate::api::{Deletion, Part, resources};
use crate::pod::{Container, Pod};
use crate::sandbox::{ProcessSpec, Signals};
use serde_json::{Value, json};
use std::collections::BTreeMap;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::time::Duration;
use tokio::sync::{Notify, watch};
use tokio::task::JoinSet;

/// How soon a status that could not be written is written again.
const RETRY: Duration = Duration::from_millis(500);

/// A Pod that this node runs.
#[derive(Debug)]
pub(crate) struct Live {
    pub(crate) shared: Arc<Shared>,
    pub(crate) uid: String,
    pub(crate) pod_ip: String,
    pub(crate) hostname: String,
    pub(crate) minting: Minting,
    pub(crate) slots: Mutex<BTreeMap<String, Slot>>,
    pub(crate) stop: watch::Sender<Option<Stop>>,
    /// That the containers have ended beside which sidecars run.
    is_done: watch::Sender<bool>,
    seen: watch::Sender<(Arc<Pod>, Arc<Value>)>,
    board: Mutex<Board>,
    is_stale: Notify,
}

/// That the Pod is to end.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct Stop {
    /// How long its processes get.
    pub(crate) grace: Duration,
}

/// What others may do with a container.
#[derive(Debug, Clone, Default)]
pub(crate) struct Slot {
    pub(crate) running: Option<Running>,
    pub(crate) log: Option<Log>,
    pub(crate) previous: Option<Log>,
}

/// A container that runs.
#[derive(Debug, Clone)]
pub(crate) struct Running {
    pub(crate) pid: i32,
    pub(crate) signals: Signals,
    pub(crate) hub: Hub,
    pub(crate) process: ProcessSpec,
    /// A terminal's other end, for its size.
    pub(crate) terminal: Option<Arc<std::os::fd::OwnedFd>>,
}

impl Live {
    pub(crate) fn new(shared: Arc<Shared>, pod: Pod, object: Arc<Value>, pod_ip: String) -> Self {
        let now = shared.settings.now();
        let mut board = Board::new(&pod, now, &pod_ip, &shared.settings.host_ip);
        board.count_earlier_runs(&object);
        let hostname = match pod.spec.hostname.as_str() {
            "" => pod.metadata.name.chars().take(63).collect(),
            written => written.to_owned(),
        };
        Self {
            uid: pod.metadata.uid.clone(),
            shared,
            pod_ip,
            hostname,
            minting: Minting::default(),
            slots: Mutex::default(),
            stop: watch::Sender::new(None),
            is_done: watch::Sender::new(false),
            seen: watch::Sender::new((Arc::new(pod), object)),
            board: Mutex::new(board),
            is_stale: Notify::new(),
        }
    }

    /// The Pod as it was last seen.
    pub(crate) fn pod(&self) -> Arc<Pod> {
        Arc::clone(&self.seen.borrow().0)
    }

    /// Takes a newer version of the Pod.
    pub(crate) fn see(&self, pod: Pod, object: Arc<Value>) {
        if pod.is_being_deleted() {
            self.end(Duration::from_secs(pod.grace_seconds()));
        }
        self.seen.send_replace((Arc::new(pod), object));
    }

    /// Begins the end of the Pod, or hastens it.
    pub(crate) fn end(&self, grace: Duration) {
        self.stop.send_if_modified(|stop| {
            let is_sooner = stop.is_none_or(|stop| grace < stop.grace);
            if is_sooner {
                *stop = Some(Stop { grace });
            }
            is_sooner
        });
    }

    /// Returns once the Pod is to end.
    pub(crate) async fn stopped(&self) -> Stop {
        let mut stop = self.stop.subscribe();
        let stop = stop.wait_for(Option::is_some).await.map(|stop| *stop);
        let now = Stop {
            grace: Duration::ZERO,
        };
        stop.ok().flatten().unwrap_or(now)
    }

    /// Returns once a container is to end: a sidecar ends after those beside which it runs.
    pub(crate) async fn ends(&self, container: &Container) -> Stop {
        if !container.is_sidecar() {
            return self.stopped().await;
        }
        // The sender lives as long as this does.
        let _ = self.is_done.subscribe().wait_for(|is_done| *is_done).await;
        let grace = Duration::from_secs(self.pod().grace_seconds());
        self.stop.borrow().unwrap_or(Stop { grace })
    }

    /// Whether a container is not to start again.
    pub(crate) fn is_over(&self, container: &Container) -> bool {
        let has_to_end = match container.is_sidecar() {
            true => *self.is_done.borrow(),
            false => self.stop.borrow().is_some(),
        };
        has_to_end || self.has_failed()
    }

    /// Lives through to the end.
    pub(crate) async fn live(self: Arc<Self>) {
        let publisher = tokio::spawn(Arc::clone(&self).publish());
        self.is_stale.notify_one();
        self.warn_if_plain().await;
        self.warn_if_limits_are_loose();
        let is_set_up = self.prepare_volumes().await;
        if is_set_up {
            let keeper = {
                let live = Arc::clone(&self);
                tokio::spawn(async move { live.keep_volumes().await })
            };
            self.work().await;
            keeper.abort();
        }
        // A Pod that has done its work stays until somebody deletes it.
        self.stopped().await;
        publisher.abort();
        self.bury().await;
    }

    /// Sets up the volumes, as often as it takes; false when the Pod was stopped before.
    async fn prepare_volumes(&self) -> bool {
        let mut changes = self.shared.caches.changes();
        loop {
            let problem = tokio::select! {
                done = self.set_up_volumes() => match done {
                    Ok(()) => break,
                    Err(problem) => problem,
                },
                _ = self.stopped() => return false,
            };
            self.tell(Severity::Warning, "FailedMount", problem.to_string(), None);
            tokio::select! {
                _ = changes.next() => {}
                () = tokio::time::sleep(self.shared.settings.backoff.first) => {}
                _ = self.stopped() => return false,
            }
        }
        self.change(|board| board.is_set_up = true);
        true
    }

    /// Runs the containers: those that prepare one after the other, then all others; what runs beside
    /// them ends after them.
    async fn work(self: &Arc<Self>) {
        let deadline = self.pod().spec.active_deadline_seconds;
        let watchdog = deadline.map(Duration::from_secs).map(|deadline| {
            let live = Arc::clone(self);
            tokio::spawn(async move { live.expire_after(deadline).await })
        });
        let mut beside = JoinSet::new();
        if self.initialise(&mut beside).await {
            self.run_all().await;
        }
        self.is_done.send_replace(true);
        while beside.join_next().await.is_some() {}
        if let Some(watchdog) = watchdog {
            watchdog.abort();
        }
    }

    /// Runs what prepares the Pod; false when it was stopped, or failed.
    async fn initialise(self: &Arc<Self>, beside: &mut JoinSet<()>) -> bool {
        for container in &self.pod().spec.init_containers {
            if container.is_sidecar() {
                self.spawn(container, beside);
                self.until_started(&container.name).await;
            } else if !self.keep(container, true).await {
                return false;
            }
        }
        true
    }

    async fn run_all(self: &Arc<Self>) {
        let mut all = JoinSet::new();
        for container in &self.pod().spec.containers {
            self.change(|board| {
                if let Some(entry) = board.containers.get_mut(&container.name) {
                    *entry = Entry::waiting("ContainerCreating");
                }
            });
            self.spawn(container, &mut all);
        }
        while all.join_next().await.is_some() {}
    }

    fn spawn(self: &Arc<Self>, container: &Container, all: &mut JoinSet<()>) {
        let (live, container) = (Arc::clone(self), container.clone());
        all.spawn(async move {
            live.keep(&container, false).await;
        });
    }

    async fn until_started(&self, name: &str) {
        let has_started = || {
            let board = self.board();
            board
                .containers
                .get(name)
                .is_some_and(|entry| entry.has_started)
        };
        while !has_started() && self.stop.borrow().is_none() {
            // A sidecar's start has no signal of its own; it takes milliseconds.
            tokio::time::sleep(Duration::from_millis(10)).await;
        }
    }

    async fn expire_after(&self, deadline: Duration) {
        tokio::time::sleep(deadline).await;
        let message = "Pod was active on the node longer than the specified deadline";
        self.tell(
            Severity::Normal,
            "DeadlineExceeded",
            message.to_owned(),
            None,
        );
        self.change(|board| {
            board.failed = Some(("DeadlineExceeded".to_owned(), message.to_owned()));
        });
        let running: Vec<_> = self
            .slots()
            .values()
            .filter_map(|slot| slot.running.clone())
            .collect();
        for running in running {
            running.signals.send(9);
        }
    }

    /// Whether the Pod failed as a whole, so that nothing in it starts again.
    pub(crate) fn has_failed(&self) -> bool {
        self.board().failed.is_some()
    }

    /// Writes the last status, removes the Pod from the API, and forgets its files.
    async fn bury(&self) {
        self.write_status(&mut Value::Null).await;
        let pod = self.pod();
        if pod.is_being_deleted() {
            let deletion = Deletion {
                uid: Some(self.uid.clone()),
                grace_seconds: Some(0),
                propagation: None,
            };
            let metadata = &pod.metadata;
            // A Pod that is gone already is what was wanted.
            let _ = self
                .shared
                .api
                .delete(
                    resources::PODS,
                    &metadata.namespace,
                    &metadata.name,
                    deletion,
                )
                .await;
        }
        for base in [&self.shared.settings.volatile, &self.shared.settings.pods] {
            let _ = std::fs::remove_dir_all(base.join(&self.uid));
        }
    }

    async fn warn_if_plain(&self) {
        if let Some(why) = &self.shared.granted().await.plain_because {
            let message = format!(
                "Namespaces are refused on this host ({why}): the containers run as plain processes \
                 that see the host's files and processes"
            );
            self.tell(Severity::Warning, "SandboxUnavailable", message, None);
        }
    }

    fn warn_if_limits_are_loose(&self) {
        if let Err(why) = &self.shared.cgroups
            && let Some(message) = limits::loosened(&self.pod(), why)
        {
            self.tell(Severity::Warning, "LimitsNotHeld", message, None);
        }
    }

    /// Writes the status whenever it changed; changes that come together are written once.
    async fn publish(self: Arc<Self>) {
        let mut written = Value::Null;
        loop {
            self.is_stale.notified().await;
            while !self.write_status(&mut written).await {
                tokio::time::sleep(RETRY).await;
            }
        }
    }

    /// False if it is worth trying again.
    async fn write_status(&self, written: &mut Value) -> bool {
        let (pod, object) = self.seen.borrow().clone();
        let before = if written.is_null() {
            &object["status"]
        } else {
            &*written
        };
        let status = self
            .board()
            .status(&pod, self.shared.settings.now(), before);
        if status == *written {
            return true;
        }
        let metadata = &pod.metadata;
        let patch = json!({"metadata": {"uid": self.uid}, "status": status});
        let merged = self
            .shared
            .api
            .merge(
                resources::PODS,
                &metadata.namespace,
                &metadata.name,
                Part::Status,
                patch,
            )
            .await;
        match merged {
            Ok(_) => {
                *written = status;
                true
            }
            Err(refused) => refused.is_not_found() || self.stop.borrow().is_some(),
        }
    }

    /// Changes what is known; the status follows.
    pub(crate) fn change(&self, change: impl FnOnce(&mut Board)) {
        change(&mut self.board());
        self.is_stale.notify_one();
    }

    /// Changes what is known of a container.
    pub(crate) fn change_entry(&self, name: &str, change: impl FnOnce(&mut Entry)) {
        self.change(|board| {
            if let Some(entry) = board.containers.get_mut(name) {
                change(entry);
            }
        });
    }

    /// Says that a container waits, and for what.
    pub(crate) fn wait_for(&self, name: &str, reason: &str, message: String) {
        let reason = reason.to_owned();
        self.change_entry(name, |entry| {
            if let State::Terminated(end) = &entry.state {
                entry.last = Some(end.clone());
            }
            entry.state = State::Waiting { reason, message };
            entry.is_ready = false;
            entry.has_started = false;
        });
    }

    pub(crate) fn board(&self) -> MutexGuard<'_, Board> {
        self.board.lock().unwrap_or_else(PoisonError::into_inner)
    }

    pub(crate) fn slots(&self) -> MutexGuard<'_, BTreeMap<String, Slot>> {
        self.slots.lock().unwrap_or_else(PoisonError::into_inner)
    }

    pub(crate) fn downward<'a>(&'a self, pod: &'a Pod) -> Downward<'a> {
        Downward {
            pod,
            hostname: &self.hostname,
            pod_ip: &self.pod_ip,
            host_ip: &self.shared.settings.host_ip,
        }
    }

    pub(crate) fn tell(
        &self,
        severity: Severity,
        reason: &'static str,
        message: String,
        container: Option<&str>,
    ) {
        self.shared.teller.tell(News {
            severity,
            reason,
            message,
            at: self.shared.settings.now(),
            about: events::about(&self.pod(), container),
            component: "kubelet",
            host: self.pod().spec.node_name.clone(),
        });
    }
}
