//! Rows of Pods, with the word that says how they fare.

use super::look::{Look, NONE, time_of};
use jiff::Timestamp;
use serde_json::{Value, json};
use std::collections::HashSet;

pub(super) fn cells(look: &Look<'_>) -> Vec<Value> {
    let fate = Fate::of(look);
    let restarts = match fate.last_restart {
        Some(time) if fate.restarts != 0 => {
            format!(
                "{} ({} ago)",
                fate.restarts,
                look.since(&json!(time.to_string()))
            )
        }
        _ => fate.restarts.to_string(),
    };
    vec![
        look.name(),
        json!(format!("{}/{}", fate.ready, fate.containers)),
        json!(fate.word),
        json!(restarts),
        look.age(),
        json!(look.text_or("status.podIP", NONE)),
        json!(look.text_or("spec.nodeName", NONE)),
        json!(look.text_or("status.nominatedNodeName", NONE)),
        readiness_gates(look),
    ]
}

/// That a Pod has run to its end, for those who print such rows otherwise.
pub(super) fn completion(look: &Look<'_>) -> Option<Value> {
    let (reason, message) = match (look.text("kind"), look.text("status.phase")) {
        ("Pod", "Succeeded") => ("Succeeded", "The pod has completed successfully."),
        ("Pod", "Failed") => ("Failed", "The pod failed."),
        _ => return None,
    };
    Some(json!({"type": "Completed", "status": "True", "reason": reason, "message": message}))
}

fn readiness_gates(look: &Look<'_>) -> Value {
    let gates = look.items("spec.readinessGates");
    if gates.is_empty() {
        return json!(NONE);
    }
    let is_open = |gate: &&Value| {
        gate["conditionType"]
            .as_str()
            .is_some_and(|sort| look.has_condition(sort))
    };
    json!(format!(
        "{}/{}",
        gates.iter().filter(is_open).count(),
        gates.len()
    ))
}

/// How a Pod fares.
struct Fate {
    word: String,
    ready: usize,
    containers: usize,
    restarts: i64,
    last_restart: Option<Timestamp>,
}

impl Fate {
    fn of(look: &Look<'_>) -> Self {
        let sidecars = sidecars(look);
        let mut fate = Self {
            word: look
                .text_or("status.reason", look.text("status.phase"))
                .to_owned(),
            ready: 0,
            containers: look.items("spec.containers").len() + sidecars.len(),
            restarts: 0,
            last_restart: None,
        };
        let mut conditions = look.items("status.conditions").iter();
        if conditions.any(|condition| {
            condition["type"] == *"PodScheduled" && condition["reason"] == *"SchedulingGated"
        }) {
            "SchedulingGated".clone_into(&mut fate.word);
        }
        let is_initialising = fate.follow_init(look, &sidecars);
        if !is_initialising || look.has_condition("Initialized") {
            fate.restarts = 0;
            fate.last_restart = None;
            for status in look.items("status.initContainerStatuses") {
                if status["name"]
                    .as_str()
                    .is_some_and(|name| sidecars.contains(name))
                {
                    fate.count_restarts(status);
                }
            }
            fate.follow_containers(look);
        }
        if !look.value("metadata.deletionTimestamp").is_null() {
            let is_over = matches!(look.text("status.phase"), "Succeeded" | "Failed");
            match look.text("status.reason") {
                "NodeLost" => "Unknown".clone_into(&mut fate.word),
                _ if !is_over => "Terminating".clone_into(&mut fate.word),
                _ => {}
            }
        }
        fate
    }

    /// Goes through the init containers up to the one that is not done; says whether there is one.
    fn follow_init(&mut self, look: &Look<'_>, sidecars: &HashSet<&str>) -> bool {
        let count = look.items("spec.initContainers").len();
        for (index, status) in look
            .items("status.initContainerStatuses")
            .iter()
            .enumerate()
        {
            self.count_restarts(status);
            let (waiting, terminated) =
                (&status["state"]["waiting"], &status["state"]["terminated"]);
            let is_sidecar = status["name"]
                .as_str()
                .is_some_and(|name| sidecars.contains(name));
            if !terminated.is_null() && terminated["exitCode"] == 0 {
                continue;
            }
            if is_sidecar && status["started"] == true {
                self.ready += usize::from(status["ready"] == true);
                continue;
            }
            let why_waiting = waiting["reason"].as_str().unwrap_or_default();
            self.word = if !terminated.is_null() {
                format!("Init:{}", end_of(terminated))
            } else if !why_waiting.is_empty() && why_waiting != "PodInitializing" {
                format!("Init:{why_waiting}")
            } else {
                format!("Init:{index}/{count}")
            };
            return true;
        }
        false
    }

    fn follow_containers(&mut self, look: &Look<'_>) {
        let mut has_running = false;
        for status in look.items("status.containerStatuses").iter().rev() {
            self.count_restarts(status);
            let state = &status["state"];
            let why_waiting = state["waiting"]["reason"].as_str().unwrap_or_default();
            if !why_waiting.is_empty() {
                why_waiting.clone_into(&mut self.word);
            } else if !state["terminated"].is_null() {
                self.word = end_of(&state["terminated"]);
            } else if status["ready"] == true && !state["running"].is_null() {
                has_running = true;
                self.ready += 1;
            }
        }
        if self.word == "Completed" && has_running {
            let word = if look.has_condition("Ready") {
                "Running"
            } else {
                "NotReady"
            };
            word.clone_into(&mut self.word);
        }
    }

    fn count_restarts(&mut self, status: &Value) {
        self.restarts += status["restartCount"].as_i64().unwrap_or_default();
        let finished = time_of(&status["lastState"]["terminated"]["finishedAt"]);
        self.last_restart = self.last_restart.max(finished);
    }
}

/// Init containers that go on running beside the others.
fn sidecars<'o>(look: &Look<'o>) -> HashSet<&'o str> {
    let containers = look.items("spec.initContainers").iter();
    let sidecars = containers.filter(|container| container["restartPolicy"] == *"Always");
    sidecars
        .filter_map(|container| container["name"].as_str())
        .collect()
}

/// How a container ended.
fn end_of(terminated: &Value) -> String {
    let signal = terminated["signal"].as_i64().unwrap_or_default();
    match terminated["reason"].as_str().unwrap_or_default() {
        "" if signal != 0 => format!("Signal:{signal}"),
        "" => format!(
            "ExitCode:{}",
            terminated["exitCode"].as_i64().unwrap_or_default()
        ),
        reason => reason.to_owned(),
    }
}
