//! A running container's hooks and probes.

use super::events::Severity;
use super::live::Live;
use super::probe::{self, Count, Verdict};
use crate::pod::{Container, Hook, Probe};
use std::time::Duration;
use tokio::sync::watch;

/// How long a hook may take whose container has all the time it wants.
const HOOK: Duration = Duration::from_secs(600);

impl Live {
    /// Asks a container how it is, for as long as it runs: first whether it has started, then whether
    /// it lives and is ready. The word goes to `unhealthy` when it must be restarted.
    pub(crate) async fn probe(
        &self,
        container: &Container,
        unhealthy: &watch::Sender<Option<String>>,
    ) {
        let name = &container.name;
        if let Some(startup) = &container.startup_probe {
            if !self.ask_until_good(container, startup).await {
                unhealthy.send_replace(Some("startup probe".to_owned()));
                return;
            }
            self.change_entry(name, |entry| {
                entry.has_started = true;
                entry.is_ready = container.readiness_probe.is_none();
            });
        }
        let lives = async {
            if let Some(liveness) = &container.liveness_probe {
                self.ask_until_bad(container, liveness).await;
                unhealthy.send_replace(Some("liveness probe".to_owned()));
            }
        };
        let is_ready = async {
            if let Some(readiness) = &container.readiness_probe {
                self.follow_readiness(container, readiness).await;
            }
        };
        tokio::join!(lives, is_ready);
    }

    async fn ask_until_good(&self, container: &Container, probe: &Probe) -> bool {
        let mut count = Count::of(probe);
        self.first_delay(probe).await;
        loop {
            match count.take(self.ask(container, probe, "Startup").await) {
                Verdict::Good => return true,
                Verdict::Bad => return false,
                Verdict::Open => {}
            }
            self.period(probe).await;
        }
    }

    async fn ask_until_bad(&self, container: &Container, probe: &Probe) {
        let mut count = Count::of(probe);
        self.first_delay(probe).await;
        while count.take(self.ask(container, probe, "Liveness").await) != Verdict::Bad {
            self.period(probe).await;
        }
    }

    async fn follow_readiness(&self, container: &Container, probe: &Probe) {
        let mut count = Count::of(probe);
        self.first_delay(probe).await;
        loop {
            let verdict = count.take(self.ask(container, probe, "Readiness").await);
            let known = match verdict {
                Verdict::Good => Some(true),
                Verdict::Bad => Some(false),
                Verdict::Open => None,
            };
            if let Some(is_ready) = known {
                self.change_entry(&container.name, |entry| entry.is_ready = is_ready);
            }
            self.period(probe).await;
        }
    }

    async fn first_delay(&self, probe: &Probe) {
        tokio::time::sleep(self.seconds(probe.initial_delay_seconds)).await;
    }

    async fn period(&self, probe: &Probe) {
        tokio::time::sleep(self.seconds(probe.period_seconds.unwrap_or(10).max(1))).await;
    }

    fn seconds(&self, count: u64) -> Duration {
        let count = u32::try_from(count).unwrap_or(u32::MAX);
        self.shared.settings.probe_second.saturating_mul(count)
    }

    async fn ask(&self, container: &Container, probe: &Probe, what: &str) -> bool {
        let patience = Duration::from_secs(probe.timeout_seconds.unwrap_or(1).max(1));
        let answer = self.act(container, &probe.action, patience).await;
        if let Err(why) = &answer {
            let message = format!("{what} probe failed: {why}");
            self.tell(
                Severity::Warning,
                "Unhealthy",
                message,
                Some(&container.name),
            );
        }
        answer.is_ok()
    }

    /// Runs the hook that follows a start.
    pub(crate) async fn post_start(&self, container: &Container) -> Result<(), String> {
        match &container.lifecycle.post_start {
            Some(hook) => self
                .act(container, hook, HOOK)
                .await
                .map_err(|why| format!("PostStartHook failed: {why}")),
            None => Ok(()),
        }
    }

    /// Runs the hook that comes before the end.
    pub(crate) async fn pre_stop(&self, container: &Container) {
        let Some(hook) = &container.lifecycle.pre_stop else {
            return;
        };
        if let Err(why) = self.act(container, hook, HOOK).await {
            let message = format!("PreStopHook failed: {why}");
            self.tell(
                Severity::Warning,
                "FailedPreStopHook",
                message,
                Some(&container.name),
            );
        }
    }

    async fn act(
        &self,
        container: &Container,
        action: &Hook,
        patience: Duration,
    ) -> Result<(), String> {
        if let Some(exec) = &action.exec {
            return self
                .run_inside(&container.name, &exec.command, patience)
                .await;
        }
        if let Some(get) = &action.http_get {
            return probe::http(get, container, &self.pod_ip, patience).await;
        }
        if let Some(socket) = &action.tcp_socket {
            return probe::tcp(socket, container, &self.pod_ip, patience).await;
        }
        if let Some(sleep) = &action.sleep {
            tokio::time::sleep(self.seconds(sleep.seconds)).await;
            return Ok(());
        }
        Err("this kind of probe is not built".to_owned())
    }
}
