//! One run of a container, from the start of its program to its end.

use crate::pod::Container;
use crate::runner::board::{State, Terminated};
use crate::runner::events::Severity;
use crate::runner::image::Image;
use crate::runner::limits::{Limits, Watch};
use crate::runner::live::{Live, Running, Stop};
use crate::runner::logs::Log;
use crate::runner::problem::Problem;
use crate::runner::streams::{self, Hub};
use crate::sandbox::{Request, Root, StartFailure};
use std::path::PathBuf;
use std::sync::Arc;
use std::time::Duration;
use tokio::sync::watch;

/// Most bytes of a termination message.
const MESSAGE_BYTES_MAX: usize = 4096;

/// How long the output of a container that has ended may take to arrive.
const DRAIN: Duration = Duration::from_secs(2);

/// Why a run ends before its program does.
enum Interrupted {
    Stop(Stop),
    Unhealthy(String),
}

impl Live {
    /// One run, from the start of the program to its end.
    pub(super) async fn run(&self, container: &Container, run: u32) -> Result<Terminated, Problem> {
        let name = &container.name;
        let prepared = self.prepare(container, run).await?;
        let log = self.new_log(name, run)?;
        let helper =
            |error: std::io::Error| Problem::Start(StartFailure::Helper(error.to_string()));
        let (streams, ends) = streams::open(container.stdin && !container.tty).map_err(helper)?;
        let id = self.container_id(name, run);
        self.tell(
            Severity::Normal,
            "Pulled",
            pulled(container, &prepared.image),
            Some(name),
        );
        self.tell(
            Severity::Normal,
            "Created",
            format!("Created container: {name}"),
            Some(name),
        );
        let process = prepared.launch.process.clone();
        let request = Request::Start(prepared.launch);
        let permit = self.shared.starts.acquire().await;
        let started = self.shared.sandboxes.start(&request, &streams).await;
        drop(permit);
        let mut running = started.map_err(Problem::Start)?;
        drop(streams);
        let terminal = running.terminal.take();
        let size = terminal
            .as_ref()
            .map(|terminal| terminal.try_clone())
            .transpose();
        let size = size.map_err(helper)?.map(Arc::new);
        let ends = match terminal {
            Some(terminal) => streams::of_terminal(terminal).map_err(helper)?,
            None => ends,
        };
        let (hub, copying) = Hub::start(ends, log, &self.shared.settings.clock);
        let slot = Running {
            pid: running.pid,
            signals: running.signals(),
            hub,
            process,
            terminal: size,
        };
        let since = self.shared.settings.now();
        self.slots().entry(name.clone()).or_default().running = Some(slot);
        self.change_entry(name, |entry| {
            if let State::Terminated(end) = &entry.state {
                entry.last = Some(end.clone());
            }
            entry.state = State::Running { since };
            entry.restarts += u32::from(run > 0);
            entry.image_id.clone_from(&prepared.image.id);
            entry.container_id.clone_from(&id);
            entry.has_started = container.startup_probe.is_none();
            entry.is_ready = entry.has_started && container.readiness_probe.is_none();
        });
        self.tell(
            Severity::Normal,
            "Started",
            format!("Started container {name}"),
            Some(name),
        );
        let limit = Limits::of(container).memory_bytes;
        let watch = limit.filter(|_| prepared.fence.is_none());
        let watch = watch.map(|limit| Watch::over(&running, limit));
        let exit = self.attend(container, &mut running).await;
        let has_outgrown = watch.is_some_and(|watch| watch.has_killed())
            || prepared.fence.is_some_and(|fence| fence.has_killed());
        self.slots().entry(name.clone()).or_default().running = None;
        let _ = tokio::time::timeout(DRAIN, copying).await;
        let now = self.shared.settings.now();
        let mut end = Terminated::of(exit, since, now, &id);
        if has_outgrown {
            "OOMKilled".clone_into(&mut end.reason);
        }
        end.message = self
            .last_words(container, &prepared.message_file, end.exit_code)
            .await;
        Ok(end)
    }

    /// Stays with a running container: hooks, probes, and its end.
    async fn attend(
        &self,
        container: &Container,
        running: &mut crate::sandbox::Running,
    ) -> crate::sandbox::Exit {
        let (unhealthy, mut is_unhealthy) = watch::channel(None);
        let watched = async {
            if let Err(message) = self.post_start(container).await {
                self.tell(
                    Severity::Warning,
                    "FailedPostStartHook",
                    message,
                    Some(&container.name),
                );
                unhealthy.send_replace(Some("FailedPostStartHook".to_owned()));
                return std::future::pending::<()>().await;
            }
            self.probe(container, &unhealthy).await;
            std::future::pending::<()>().await;
        };
        let interrupted = tokio::select! {
            exit = running.ended() => return exit,
            stop = self.ends(container) => Interrupted::Stop(stop),
            why = told(&mut is_unhealthy) => Interrupted::Unhealthy(why),
            () = watched => return running.ended().await,
        };
        self.stop_container(container, running, interrupted).await
    }

    async fn stop_container(
        &self,
        container: &Container,
        running: &mut crate::sandbox::Running,
        interrupted: Interrupted,
    ) -> crate::sandbox::Exit {
        let name = &container.name;
        let (grace, message) = match interrupted {
            Interrupted::Stop(stop) => (stop.grace, format!("Stopping container {name}")),
            Interrupted::Unhealthy(why) => {
                let spec = self.pod().spec.termination_grace_period_seconds;
                let text = format!("Container {name} failed {why}, will be restarted");
                (Duration::from_secs(spec.unwrap_or(30)), text)
            }
        };
        self.tell(Severity::Normal, "Killing", message, Some(name));
        let mut stop = self.stop.subscribe();
        let ending = async {
            self.pre_stop(container).await;
            running.signals().send(15);
            std::future::pending::<()>().await;
        };
        let signals = running.signals();
        let sooner = async {
            // A second deletion may shorten the first one's grace.
            let shorter = |stop: &Option<Stop>| stop.is_some_and(|stop| stop.grace < grace);
            let stop = stop.wait_for(shorter).await.map(|stop| *stop);
            let grace = stop.ok().flatten().map_or(grace, |stop| stop.grace);
            tokio::time::sleep(grace).await;
        };
        let ended = {
            let mut end = running.end();
            tokio::select! {
                exit = end.wait() => Some(exit),
                () = ending => None,
                () = tokio::time::sleep(grace) => None,
                () = sooner => None,
            }
        };
        match ended {
            Some(exit) => exit,
            None => {
                signals.send(9);
                running.ended().await
            }
        }
    }

    fn new_log(&self, name: &str, run: u32) -> Result<Log, Problem> {
        let folder = self
            .shared
            .settings
            .pods
            .join(&self.uid)
            .join("logs")
            .join(name);
        let failed = |error: std::io::Error| Problem::Config(format!("log: {error}"));
        std::fs::create_dir_all(&folder).map_err(failed)?;
        let log = Log::create(folder.join(format!("{run}.log"))).map_err(failed)?;
        let mut slots = self.slots();
        let slot = slots.entry(name.to_owned()).or_default();
        let forgotten = slot.previous.take();
        slot.previous = slot.log.replace(log.clone());
        if let Some(forgotten) = forgotten {
            forgotten.remove();
        }
        Ok(log)
    }

    /// What a container left in its termination log, or failing that at the end of its output.
    async fn last_words(&self, container: &Container, file: &PathBuf, exit_code: i32) -> String {
        let mut bytes = std::fs::read(file).unwrap_or_default();
        bytes.truncate(MESSAGE_BYTES_MAX);
        let falls_back = container.termination_message_policy == "FallbackToLogsOnError";
        if bytes.is_empty() && exit_code != 0 && falls_back {
            let log = self
                .slots()
                .get(&container.name)
                .and_then(|slot| slot.log.clone());
            if let Some(log) = log {
                bytes = log.end(80, 2048).await;
            }
        }
        String::from_utf8_lossy(&bytes).into_owned()
    }
}

async fn told(unhealthy: &mut watch::Receiver<Option<String>>) -> String {
    let why = unhealthy
        .wait_for(Option::is_some)
        .await
        .map(|why| why.clone());
    why.ok().flatten().unwrap_or_default()
}

fn pulled(container: &Container, image: &Image) -> String {
    let name = &container.image;
    match image.root {
        Root::Host => format!(
            "Container image \"{name}\" is not unpacked here: the container sees the host's root \
             file system and runs the host's programs"
        ),
        Root::Folder(_) => format!("Container image \"{name}\" already present on machine"),
    }
}
