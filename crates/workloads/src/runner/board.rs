//! What the runner knows of a Pod, and the status that it comes to, as the kubelet writes it.

use crate::pod::{Container, Pod, RestartPolicy};
use crate::sandbox::Exit;
use jiff::Timestamp;
use objects::quantity::Quantity;
use serde_json::{Value, json};
use std::collections::BTreeMap;

/// A container's state.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) enum State {
    Waiting { reason: String, message: String },
    Running { since: Timestamp },
    Terminated(Terminated),
}

/// How a run of a container ended.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Terminated {
    pub(crate) exit_code: i32,
    pub(crate) signal: Option<i32>,
    pub(crate) reason: String,
    pub(crate) message: String,
    pub(crate) started: Option<Timestamp>,
    pub(crate) finished: Timestamp,
    pub(crate) container_id: String,
}

/// One container.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Entry {
    pub(crate) state: State,
    pub(crate) last: Option<Terminated>,
    pub(crate) restarts: u32,
    /// Its readiness probe succeeds; without one, it runs.
    pub(crate) is_ready: bool,
    /// Its startup probe has succeeded; without one, it runs.
    pub(crate) has_started: bool,
    pub(crate) image_id: String,
    pub(crate) container_id: String,
}

/// A Pod.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Board {
    pub(crate) start_time: Timestamp,
    pub(crate) pod_ip: String,
    pub(crate) host_ip: String,
    pub(crate) is_set_up: bool,
    pub(crate) containers: BTreeMap<String, Entry>,
    /// Why the Pod failed as a whole: reason and message.
    pub(crate) failed: Option<(String, String)>,
}

impl Terminated {
    pub(crate) fn of(exit: Exit, started: Timestamp, finished: Timestamp, id: &str) -> Self {
        let signal = match exit {
            Exit::Code(_) => None,
            Exit::Signal(signal) => Some(signal),
        };
        let reason = if exit.code() == 0 {
            "Completed"
        } else {
            "Error"
        };
        Self {
            exit_code: exit.code(),
            signal,
            reason: reason.to_owned(),
            message: String::new(),
            started: Some(started),
            finished,
            container_id: id.to_owned(),
        }
    }

    /// The end of a container that never ran its program.
    pub(crate) fn at_start(message: String, finished: Timestamp, id: &str) -> Self {
        Self {
            exit_code: 128,
            signal: None,
            reason: "StartError".to_owned(),
            message,
            started: None,
            finished,
            container_id: id.to_owned(),
        }
    }

    fn is_good(&self) -> bool {
        self.exit_code == 0
    }
}

impl Entry {
    pub(crate) fn waiting(reason: &str) -> Self {
        Self {
            state: State::Waiting {
                reason: reason.to_owned(),
                message: String::new(),
            },
            last: None,
            restarts: 0,
            is_ready: false,
            has_started: false,
            image_id: String::new(),
            container_id: String::new(),
        }
    }

    /// Whether it runs, or did before.
    fn has_ever_started(&self) -> bool {
        self.has_started || self.last.is_some() || matches!(self.state, State::Terminated(_))
    }

    fn has_succeeded(&self) -> bool {
        matches!(&self.state, State::Terminated(end) if end.is_good())
    }
}

/// Whether a container that ended is started again.
pub(crate) fn starts_again(policy: RestartPolicy, exit_code: i32) -> bool {
    match policy {
        RestartPolicy::Always => true,
        RestartPolicy::OnFailure => exit_code != 0,
        RestartPolicy::Never => false,
    }
}

impl Board {
    pub(crate) fn new(pod: &Pod, now: Timestamp, pod_ip: &str, host_ip: &str) -> Self {
        let entry = |reason: &'static str| {
            move |container: &Container| (container.name.clone(), Entry::waiting(reason))
        };
        let has_init = !pod.spec.init_containers.is_empty();
        let waits_for = if has_init {
            "PodInitializing"
        } else {
            "ContainerCreating"
        };
        let init = pod
            .spec
            .init_containers
            .iter()
            .map(entry("PodInitializing"));
        let main = pod.spec.containers.iter().map(entry(waits_for));
        Self {
            start_time: now,
            pod_ip: pod_ip.to_owned(),
            host_ip: host_ip.to_owned(),
            is_set_up: false,
            containers: init.chain(main).collect(),
            failed: None,
        }
    }

    /// Goes on counting where an earlier life of the plane stopped.
    pub(crate) fn count_earlier_runs(&mut self, object: &Value) {
        for before in crate::object::items(object, "/status/containerStatuses") {
            let name = before["name"].as_str().unwrap_or_default();
            let has_run = before["containerID"]
                .as_str()
                .is_some_and(|id| !id.is_empty());
            let restarts = before["restartCount"]
                .as_u64()
                .and_then(|n| u32::try_from(n).ok());
            if let (Some(entry), true) = (self.containers.get_mut(name), has_run) {
                entry.restarts = restarts.unwrap_or_default().saturating_add(1);
            }
        }
    }

    fn of<'a>(
        &'a self,
        containers: &'a [Container],
    ) -> impl Iterator<Item = (&'a Container, &'a Entry)> {
        let entry =
            |container: &'a Container| Some((container, self.containers.get(&container.name)?));
        containers.iter().filter_map(entry)
    }

    fn unfinished_init<'a>(&'a self, pod: &'a Pod) -> Vec<&'a str> {
        self.of(&pod.spec.init_containers)
            .filter(|(container, entry)| match container.is_sidecar() {
                true => !entry.has_ever_started(),
                false => !entry.has_succeeded(),
            })
            .map(|(container, _)| container.name.as_str())
            .collect()
    }

    /// The kubelet's `getPhase`.
    pub(crate) fn phase(&self, pod: &Pod) -> &'static str {
        if self.failed.is_some() {
            return "Failed";
        }
        let policy = pod.spec.restart_policy;
        let init = self.of(&pod.spec.init_containers);
        let mut init = init.filter(|(container, _)| !container.is_sidecar());
        let has_failed_init = init.any(|(_, entry)| match &entry.state {
            State::Terminated(end) => !end.is_good() && policy == RestartPolicy::Never,
            State::Waiting { .. } | State::Running { .. } => false,
        });
        if has_failed_init {
            return "Failed";
        }
        if !self.unfinished_init(pod).is_empty() {
            return "Pending";
        }
        let (mut waiting, mut running, mut stopped, mut succeeded) = (0, 0, 0, 0);
        for (_, entry) in self.of(&pod.spec.containers) {
            match &entry.state {
                State::Waiting { .. } if entry.last.is_some() => stopped += 1,
                State::Waiting { .. } => waiting += 1,
                State::Running { .. } => running += 1,
                State::Terminated(end) => {
                    stopped += 1;
                    succeeded += i32::from(end.is_good());
                }
            }
        }
        match (waiting, running, stopped) {
            (1.., _, _) => "Pending",
            (_, 1.., _) => "Running",
            (_, _, 0) => "Pending",
            _ => match policy {
                // Of a Pod that is being deleted nothing starts again.
                _ if pod.is_being_deleted() && stopped > succeeded => "Failed",
                RestartPolicy::Always if !pod.is_being_deleted() => "Running",
                _ if stopped == succeeded => "Succeeded",
                RestartPolicy::Never => "Failed",
                RestartPolicy::OnFailure | RestartPolicy::Always => "Running",
            },
        }
    }

    /// The whole status. What others wrote (that the Pod is scheduled) stays, and a condition that did
    /// not change keeps its time.
    pub(crate) fn status(&self, pod: &Pod, now: Timestamp, before: &Value) -> Value {
        let phase = self.phase(pod);
        let mut status = json!({
            "phase": phase,
            "conditions": self.conditions(pod, phase, now, before),
            "startTime": seconds(self.start_time),
            "podIP": self.pod_ip,
            "podIPs": [{"ip": self.pod_ip}],
            "hostIP": self.host_ip,
            "hostIPs": [{"ip": self.host_ip}],
            "qosClass": qos_class(pod),
            "containerStatuses": self.statuses(&pod.spec.containers),
        });
        if !pod.spec.init_containers.is_empty() {
            status["initContainerStatuses"] = self.statuses(&pod.spec.init_containers);
        }
        if let Some((reason, message)) = &self.failed {
            status["reason"] = json!(reason);
            status["message"] = json!(message);
        }
        status
    }

    fn statuses(&self, containers: &[Container]) -> Value {
        self.of(containers)
            .map(|(container, entry)| entry.status(container))
            .collect()
    }

    fn conditions(&self, pod: &Pod, phase: &str, now: Timestamp, before: &Value) -> Value {
        let unfinished = self.unfinished_init(pod);
        let sidecars = self.of(&pod.spec.init_containers);
        let sidecars = sidecars.filter(|(container, _)| container.is_sidecar());
        let unready: Vec<_> = self
            .of(&pod.spec.containers)
            .chain(sidecars)
            .filter(|(_, entry)| !entry.is_ready)
            .map(|(container, _)| container.name.as_str())
            .collect();
        let initialized = match unfinished.as_slice() {
            [] => Ok(()),
            names => Err((
                "ContainersNotInitialized",
                format!("containers with incomplete status: [{}]", names.join(" ")),
            )),
        };
        let ready = if phase == "Succeeded" {
            Err(("PodCompleted", String::new()))
        } else if phase == "Failed" {
            Err(("PodFailed", String::new()))
        } else if unready.is_empty() {
            Ok(())
        } else {
            let text = format!("containers with unready status: [{}]", unready.join(" "));
            Err(("ContainersNotReady", text))
        };
        let set_up = if self.is_set_up {
            Ok(())
        } else {
            Err(("", String::new()))
        };
        let ours = [
            ("PodReadyToStartContainers", &set_up),
            ("Initialized", &initialized),
            ("Ready", &ready),
            ("ContainersReady", &ready),
        ];
        let known = crate::object::items(before, "/conditions");
        ours.iter()
            .map(|(kind, holds)| condition(kind, holds, now, known))
            .collect()
    }
}

fn condition(
    kind: &str,
    holds: &Result<(), (&str, String)>,
    now: Timestamp,
    known: &[Value],
) -> Value {
    let status = if holds.is_ok() { "True" } else { "False" };
    let same = |was: &&Value| was["type"] == kind && was["status"] == status;
    let since = known
        .iter()
        .find(same)
        .map(|was| was["lastTransitionTime"].clone());
    let since = since.unwrap_or_else(|| json!(seconds(now)));
    let mut condition = json!({
        "type": kind, "status": status, "lastProbeTime": null, "lastTransitionTime": since,
    });
    if let Err((reason, message)) = holds {
        for (field, text) in [("reason", *reason), ("message", message.as_str())] {
            if !text.is_empty() {
                condition[field] = json!(text);
            }
        }
    }
    condition
}

impl Entry {
    fn status(&self, container: &Container) -> Value {
        json!({
            "name": container.name,
            "image": container.image,
            "imageID": self.image_id,
            "containerID": self.container_id,
            "ready": self.is_ready,
            "started": self.has_started,
            "restartCount": self.restarts,
            "state": self.state.status(),
            "lastState": self.last.as_ref().map_or(json!({}), |end| json!({"terminated": end.status()})),
        })
    }
}

impl State {
    fn status(&self) -> Value {
        match self {
            Self::Waiting { reason, message } if message.is_empty() => {
                json!({"waiting": {"reason": reason}})
            }
            Self::Waiting { reason, message } => {
                json!({"waiting": {"reason": reason, "message": message}})
            }
            Self::Running { since } => json!({"running": {"startedAt": seconds(*since)}}),
            Self::Terminated(end) => json!({"terminated": end.status()}),
        }
    }
}

impl Terminated {
    fn status(&self) -> Value {
        let started = self.started.unwrap_or(Timestamp::UNIX_EPOCH);
        let mut status = json!({
            "exitCode": self.exit_code,
            "reason": self.reason,
            "startedAt": seconds(started),
            "finishedAt": seconds(self.finished),
            "containerID": self.container_id,
        });
        if !self.message.is_empty() {
            status["message"] = json!(self.message);
        }
        if let Some(signal) = self.signal {
            status["signal"] = json!(signal);
        }
        status
    }
}

/// A time as objects write it: whole seconds.
pub(crate) fn seconds(at: Timestamp) -> String {
    format!("{at:.0}")
}

/// Guaranteed, Burstable or BestEffort.
pub(crate) fn qos_class(pod: &Pod) -> &'static str {
    let all = || pod.spec.containers.iter().chain(&pod.spec.init_containers);
    let amount = |map: &BTreeMap<String, Value>, name: &str| {
        let amount = map.get(name).and_then(Quantity::of);
        amount.filter(|amount| *amount != Quantity::default())
    };
    let names = ["cpu", "memory"];
    let says_something = all().any(|container| {
        let Container { resources, .. } = container;
        names.iter().any(|name| {
            amount(&resources.limits, name)
                .or(amount(&resources.requests, name))
                .is_some()
        })
    });
    if !says_something {
        return "BestEffort";
    }
    let is_guaranteed = all().all(|container| {
        names.iter().all(|name| {
            let limit = amount(&container.resources.limits, name);
            let request = amount(&container.resources.requests, name).or(limit);
            limit.is_some() && limit == request
        })
    });
    if is_guaranteed {
        "Guaranteed"
    } else {
        "Burstable"
    }
}

#[cfg(test)]
mod tests;
