//! The runs of one container: started, watched, ended, and started again.

mod prepare;
mod run;
mod security;

use super::board::{State, Terminated, starts_again};
use super::events::Severity;
use super::live::Live;
use super::problem::Problem;
use crate::pod::{Container, RestartPolicy};
use crate::runner::backoff::Backoff;
use crate::sandbox::StartFailure;
use std::time::Duration;

impl Live {
    /// Runs a container as often as its Pod's policy says. True when it has done its work; false when
    /// it was stopped, or failed for good.
    pub(crate) async fn keep(&self, container: &Container, is_init: bool) -> bool {
        let policy = match (self.pod().spec.restart_policy, is_init) {
            (_, false) if container.is_sidecar() => RestartPolicy::Always,
            // What prepares the Pod is done once it has succeeded.
            (RestartPolicy::Always, true) => RestartPolicy::OnFailure,
            (policy, _) => policy,
        };
        let name = &container.name;
        let (mut run, mut failures) = (0, 0);
        loop {
            if self.is_over(container) {
                return false;
            }
            let end = match self.run(container, run).await {
                Ok(end) => end,
                Err(problem) => {
                    let is_image = matches!(problem, Problem::Image(_));
                    match self.note(container, &problem, run) {
                        Some(end) => end,
                        None if is_image => {
                            self.pause_pulling(container, failures).await;
                            failures += 1;
                            continue;
                        }
                        None => {
                            self.pause(container, failures).await;
                            failures += 1;
                            continue;
                        }
                    }
                }
            };
            run += 1;
            let started = end.started.unwrap_or(end.finished);
            let ran = Duration::try_from(end.finished.duration_since(started)).unwrap_or_default();
            if self.shared.settings.backoff.is_forgotten_after(ran) {
                failures = 0;
            }
            let exit_code = end.exit_code;
            self.change_entry(name, |entry| {
                entry.state = State::Terminated(end);
                (entry.is_ready, entry.has_started) = (false, false);
            });
            if self.is_over(container) || !starts_again(policy, exit_code) {
                return exit_code == 0;
            }
            self.wait_before_restart(container, failures).await;
            if self.is_over(container) {
                self.come_back_to_rest(name);
                return false;
            }
            failures += 1;
        }
    }

    /// Says why a container cannot start; a program that cannot run counts as a run that failed.
    fn note(&self, container: &Container, problem: &Problem, run: u32) -> Option<Terminated> {
        let name = &container.name;
        let message = problem.to_string();
        self.tell(
            Severity::Warning,
            "Failed",
            format!("Error: {message}"),
            Some(name),
        );
        self.wait_for(name, problem.reason(), message.clone());
        let is_run = matches!(problem, Problem::Start(StartFailure::Program(_)));
        let now = self.shared.settings.now();
        is_run.then(|| {
            self.change_entry(name, |entry| entry.restarts += u32::from(run > 0));
            Terminated::at_start(message, now, &self.container_id(name, run))
        })
    }

    /// An image that is not there is first an error, and then waited for.
    async fn pause_pulling(&self, container: &Container, failures: u32) {
        tokio::select! {
            () = tokio::time::sleep(self.shared.settings.backoff.first / 2) => {}
            _ = self.ends(container) => return,
        }
        let message = format!("Back-off pulling image \"{}\"", container.image);
        self.tell(
            Severity::Normal,
            "BackOff",
            message.clone(),
            Some(&container.name),
        );
        self.wait_for(&container.name, "ImagePullBackOff", message);
        self.pause(container, failures).await;
    }

    /// Waits until what a container refers to may have changed.
    async fn pause(&self, container: &Container, failures: u32) {
        let mut changes = self.shared.caches.changes();
        let wait = self
            .shared
            .settings
            .backoff
            .before(failures.saturating_add(1));
        tokio::select! {
            _ = changes.next() => {}
            () = tokio::time::sleep(wait) => {}
            _ = self.ends(container) => {}
        }
    }

    async fn wait_before_restart(&self, container: &Container, failures: u32) {
        let wait = self.shared.settings.backoff.before(failures);
        if wait.is_zero() {
            return;
        }
        let (pod, name) = (self.pod(), &container.name);
        let of = format!(
            "restarting failed container={name} pod={}_{}({})",
            pod.metadata.name, pod.metadata.namespace, self.uid
        );
        let message = format!("back-off {} {of}", Backoff::spelt(wait));
        self.wait_for(name, "CrashLoopBackOff", message);
        self.tell(
            Severity::Warning,
            "BackOff",
            format!("Back-off {of}"),
            Some(name),
        );
        tokio::select! {
            () = tokio::time::sleep(wait) => {}
            _ = self.ends(container) => {}
        }
    }

    /// A container that waited for its restart when the Pod was stopped has ended as it last did.
    fn come_back_to_rest(&self, name: &str) {
        self.change_entry(name, |entry| {
            if let Some(end) = entry.last.take() {
                entry.state = State::Terminated(end);
            }
        });
    }

    fn container_id(&self, name: &str, run: u32) -> String {
        format!("process://{}/{name}/{run}", self.uid)
    }
}
