//! The runs of one container: started, watched, ended, and started again.

use super::board::{State, Terminated, starts_again};
use super::command;
use super::env;
use super::events::Severity;
use super::image::{self, Image};
use super::limits::{Fence, Limits, Watch};
use super::live::{Live, Running, Stop};
use super::logs::Log;
use super::mounts;
use super::problem::Problem;
use super::streams::{self, Hub};
use crate::pod::{Container, Pod, RestartPolicy, SecurityContext};
use crate::runner::backoff::Backoff;
use crate::sandbox::{
    BindMount, Isolation, Keep, Launch, ProcessSpec, Request, Root, RunAs, StartFailure,
};
use std::path::PathBuf;
use std::sync::Arc;
use std::time::Duration;
use tokio::sync::watch;

/// What Docker lets a container's root do.
const CAPABILITIES: [&str; 14] = [
    "CHOWN",
    "DAC_OVERRIDE",
    "FSETID",
    "FOWNER",
    "MKNOD",
    "NET_RAW",
    "SETGID",
    "SETUID",
    "SETFCAP",
    "SETPCAP",
    "NET_BIND_SERVICE",
    "SYS_CHROOT",
    "KILL",
    "AUDIT_WRITE",
];

/// Most bytes of a termination message.
const MESSAGE_BYTES_MAX: usize = 4096;

/// How long the output of a container that has ended may take to arrive.
const DRAIN: Duration = Duration::from_secs(2);

/// Where a container may write its last words.
const MESSAGE_PATH: &str = "/dev/termination-log";

/// Why a run ends before its program does.
enum Interrupted {
    Stop(Stop),
    Unhealthy(String),
}

struct Prepared {
    launch: Launch,
    image: Image,
    message_file: PathBuf,
    /// What the kernel holds it by, where it does.
    fence: Option<Fence>,
}

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

    /// One run, from the start of the program to its end.
    async fn run(&self, container: &Container, run: u32) -> Result<Terminated, Problem> {
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

    fn container_id(&self, name: &str, run: u32) -> String {
        format!("process://{}/{name}/{run}", self.uid)
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

    async fn prepare(&self, container: &Container, run: u32) -> Result<Prepared, Problem> {
        let pod = self.pod();
        let settings = &self.shared.settings;
        let image = self.image_of(container).await?;
        let run_as = run_as(&pod, container, &image)?;
        let sources = self.sources();
        let downward = self.downward(&pod);
        let mut env = env::environment(container, &downward, &sources, &image.config.env)?;
        if !env.iter().any(|(name, _)| name == "HOME") {
            env.push(("HOME".to_owned(), "/root".to_owned()));
        }
        let folder_of = |volume: &crate::pod::Volume| self.folder_of(volume);
        let mut binds = mounts::mounts(container, &pod.spec.volumes, folder_of, &env)?;
        let isolation = self.shared.granted().await.isolation;
        if isolation == Isolation::Plain {
            env = mounts::redirected(env, &binds);
        }
        let command = command::words(container, &image.config, &env)?;
        let message_file = self.message_file(container)?;
        binds.push(BindMount {
            volume: "termination-log".to_owned(),
            source: message_file.clone(),
            sub_path: None,
            target: message_path(container).into(),
            read_only: false,
        });
        let fence = self.fence(container, run)?;
        let working_dir = [&container.working_dir, &image.config.working_dir];
        let working_dir = working_dir.into_iter().find(|folder| !folder.is_empty());
        let context = &container.security_context;
        let launch = Launch {
            isolation,
            root: image.root.clone(),
            read_only_root: context.read_only_root_filesystem,
            hostname: self.hostname.clone(),
            stage: settings.stage(),
            hidden: settings.hidden.clone(),
            mounts: binds,
            process: ProcessSpec {
                command,
                env,
                working_dir: working_dir.map_or("/", String::as_str).into(),
                run_as,
                terminal: container.tty,
                capabilities: capabilities(context),
                no_new_privileges: context.allow_privilege_escalation == Some(false),
                cgroup: fence.as_ref().map(|fence| fence.folder().to_owned()),
            },
        };
        Ok(Prepared {
            launch,
            image,
            message_file,
            fence,
        })
    }

    /// The control group of a container that has limits, where groups can be made.
    fn fence(&self, container: &Container, run: u32) -> Result<Option<Fence>, Problem> {
        let limits = Limits::of(container);
        match &self.shared.cgroups {
            Ok(cgroups) if !limits.are_none() => {
                let id = format!("{}-{}-{run}", self.uid, container.name);
                let fence = cgroups.fence(&id, limits);
                let failed = |why: std::io::Error| Problem::Config(format!("control group: {why}"));
                fence.map(Some).map_err(failed)
            }
            Ok(_) | Err(_) => Ok(None),
        }
    }

    /// The container's image, unpacked if it was not yet.
    async fn image_of(&self, container: &Container) -> Result<Image, Problem> {
        let (name, images) = (container.image.clone(), self.shared.settings.images.clone());
        let _one_at_a_time = self.shared.unpacking.lock().await;
        let found = tokio::task::spawn_blocking(move || image::find(&name, &images)).await;
        found.unwrap_or_else(|error| Err(Problem::Image(error.to_string())))
    }

    fn message_file(&self, container: &Container) -> Result<PathBuf, Problem> {
        let folder = self
            .shared
            .settings
            .volatile
            .join(&self.uid)
            .join("messages");
        let file = folder.join(&container.name);
        let made = std::fs::create_dir_all(&folder).and_then(|()| {
            use std::os::unix::fs::PermissionsExt;
            std::fs::write(&file, "")?;
            std::fs::set_permissions(&file, std::fs::Permissions::from_mode(0o666))
        });
        made.map_err(|error| Problem::Config(format!("termination log: {error}")))?;
        Ok(file)
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

fn message_path(container: &Container) -> &str {
    match container.termination_message_path.as_str() {
        "" => MESSAGE_PATH,
        written => written,
    }
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

fn run_as(pod: &Pod, container: &Container, image: &Image) -> Result<RunAs, Problem> {
    let (outer, inner) = (&pod.spec.security_context, &container.security_context);
    let uid = inner.run_as_user.or(outer.run_as_user).or(image.config.uid);
    let gid = inner
        .run_as_group
        .or(outer.run_as_group)
        .or(image.config.gid);
    let must_not_be_root = inner.run_as_non_root.or(outer.run_as_non_root);
    if must_not_be_root == Some(true) && uid.unwrap_or(0) == 0 {
        let why = if uid.is_some() {
            "container's runAsUser breaks non-root policy"
        } else {
            "container has runAsNonRoot and image will run as root"
        };
        let pod_name = format!(
            "{}_{}({})",
            pod.metadata.name, pod.metadata.namespace, pod.metadata.uid
        );
        let text = format!("{why} (pod: \"{pod_name}\", container: {})", container.name);
        return Err(Problem::Config(text));
    }
    let mut groups = outer.supplemental_groups.clone();
    groups.extend(outer.fs_group);
    Ok(RunAs {
        uid: uid.unwrap_or(0),
        gid: gid.unwrap_or(0),
        groups,
    })
}

fn capabilities(context: &SecurityContext) -> Keep {
    if context.privileged {
        return Keep::All;
    }
    let (add, drop) = (&context.capabilities.add, &context.capabilities.drop);
    let bare = |name: &String| name.trim_start_matches("CAP_").to_uppercase();
    let (add, drop): (Vec<_>, Vec<_>) = (
        add.iter().map(bare).collect(),
        drop.iter().map(bare).collect(),
    );
    if add.iter().any(|name| name == "ALL") {
        return Keep::All;
    }
    let drops_all = drop.iter().any(|name| name == "ALL");
    let kept = CAPABILITIES.iter().map(|name| (*name).to_owned());
    let kept = kept.filter(|name| !drops_all && !drop.contains(name));
    Keep::Named(kept.chain(add.iter().cloned()).collect())
}
