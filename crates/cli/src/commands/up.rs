//! `rolecall up` and `rolecall down`: the plane's beginning and end.

use super::status;
use crate::args::{Down, Global, PlaneFlags, Up};
use crate::config::STANDARD_INPUT;
use crate::output::{Failure, Outcome, Report, note, say};
use crate::place::{Files, state_folder};
use crate::running::RunningPlane;
use plane::{Limits, Options, Plane, PlaneConfig, PodHost, Running, StartError, StateFolder};
use serde_json::json;
use std::io::Write;
use std::net::SocketAddr;
use std::os::unix::process::CommandExt;
use std::path::Path;
use std::process::Stdio;
use std::time::Duration;
use tokio::signal::unix::{Signal, SignalKind, signal};

/// How long open requests may take to end once the plane stops.
pub(super) const DRAIN: Duration = Duration::from_secs(10);

/// How long a detached plane may take until it is ready.
const READY_SECONDS_MAX: u64 = 30;

/// How advice begins that is printed for people.
const HELP: &str = "  help: ";

/// Threads that serve requests: one a core, and no more than four, since each request is short.
const WORKERS_MAX: usize = 4;

pub(super) fn run(global: &Global, flags: &Up) -> Result<Outcome, Failure> {
    let (config, text) = crate::config::with_text(flags.plane.file.as_deref())?;
    let folder = state_folder(global.state.as_deref())?;
    if flags.detach {
        return detach(flags, &folder, &text);
    }
    let state = match flags.ephemeral {
        true => StateFolder::Ephemeral,
        false => StateFolder::Folder(folder),
    };
    let options = options(flags.listen, state, &flags.plane)?;
    on_workers(async {
        let mut signals = Signals::listen()?;
        let mut running = start(config, options).await?;
        let plane = RunningPlane::find(running.folder())?;
        say(&ready(&plane, running.folder()));
        say("Ready.");
        signals.next().await;
        note("stopping; open requests may end first");
        tokio::select! {
            () = running.drain(DRAIN) => {}
            () = signals.next() => note("stopping now"),
        }
        running.close().await;
        Ok(Outcome::Said)
    })
}

/// What the plane is told about its surroundings.
pub(super) fn options(
    listen: SocketAddr,
    state: StateFolder,
    flags: &PlaneFlags,
) -> Result<Options, Failure> {
    let issuer_ca = match &flags.issuer_ca {
        None => None,
        Some(file) => Some(std::fs::read_to_string(file).map_err(|why| {
            Failure::usage(
                "unreadable-authority",
                format!("`{}`: {why}", file.display()),
            )
        })?),
    };
    Ok(Options {
        listen,
        state,
        allow_private_issuers: flags.allow_private_issuers,
        issuer_ca,
        token_lifetime_max: flags
            .token_lifetime_max
            .map_or(oidc::Lifetime::MAX, oidc::Lifetime::limit),
        pods: pod_host(),
        limits: Limits::default(),
    })
}

pub(super) async fn start(config: PlaneConfig, options: Options) -> Result<Running, Failure> {
    Plane::start(config, options)
        .await
        .map_err(|refusal| not_started(&refusal))
}

/// Folders of the operator's home that hold who they are elsewhere.
const KEPT_FROM_PODS: [&str; 5] = [".aws", ".kube", ".ssh", ".gnupg", ".config/gcloud"];

/// How Pods run: by this very binary, which cannot be found only where it was deleted.
fn pod_host() -> Option<PodHost> {
    let helper = std::env::current_exe().ok()?;
    let home = etcetera::home_dir().ok();
    let hidden = home
        .iter()
        .flat_map(|home| KEPT_FROM_PODS.map(|folder| home.join(folder)));
    Some(PodHost {
        helper,
        hidden: hidden.collect(),
    })
}

fn not_started(refusal: &StartError) -> Failure {
    let failure = Failure::unanswered(refusal.code(), refusal.to_string());
    match refusal.help() {
        Some(help) => failure.help(help),
        None => failure,
    }
}

/// Runs a future on as many threads as the plane is served by.
pub(super) fn on_workers<T>(
    future: impl Future<Output = Result<T, Failure>>,
) -> Result<T, Failure> {
    let cores = std::thread::available_parallelism().map_or(1, usize::from);
    tokio::runtime::Builder::new_multi_thread()
        .worker_threads(cores.min(WORKERS_MAX))
        .enable_all()
        .build()
        .map_err(|why| Failure::unanswered("internal", format!("runtime: {why}")))?
        .block_on(future)
}

fn ready(plane: &RunningPlane, folder: &Path) -> String {
    format!(
        "{}\nstate folder   {}\nauthority      {}\naudit          {}\n\n\
         speak to it:   eval \"$(rolecall env --state {})\"",
        status::describe(plane.written()),
        folder.display(),
        plane.files().authority().display(),
        plane.files().audit().display(),
        folder.display(),
    )
}

/// The signals by which a process is asked to end.
struct Signals {
    terminated: Signal,
    interrupted: Signal,
}

impl Signals {
    fn listen() -> Result<Self, Failure> {
        let listen = |kind| {
            signal(kind).map_err(|why| Failure::unanswered("internal", format!("signals: {why}")))
        };
        Ok(Self {
            terminated: listen(SignalKind::terminate())?,
            interrupted: listen(SignalKind::interrupt())?,
        })
    }

    async fn next(&mut self) {
        tokio::select! {
            _ = self.terminated.recv() => {}
            _ = self.interrupted.recv() => {}
        }
    }
}

/// Starts this binary again in a session of its own, and waits until it is ready. `text` is what
/// plane.yaml holds: where it came from standard input, the other reads it from there, too.
fn detach(flags: &Up, folder: &Path, text: &str) -> Result<Outcome, Failure> {
    let files = Files::of(folder);
    if let Ok(plane) = RunningPlane::find(folder) {
        return Err(Failure::no(
            "already-running",
            format!(
                "a plane runs on `{}` already, as process {}",
                folder.display(),
                plane.written().pid
            ),
        )
        .help("rolecall status"));
    }
    let cannot = |why: std::io::Error| Failure::unanswered("cannot-detach", why.to_string());
    std::fs::create_dir_all(folder).map_err(cannot)?;
    let log = std::fs::File::create(files.log()).map_err(cannot)?;
    let mut command = std::process::Command::new(std::env::current_exe().map_err(cannot)?);
    command
        .arg("up")
        .arg("--state")
        .arg(folder)
        .arg("--listen")
        .arg(flags.listen.to_string());
    let file = flags.plane.file.as_deref();
    let is_standard_input = file == Some(Path::new(STANDARD_INPUT));
    if let Some(file) = file {
        command.arg("--file").arg(match is_standard_input {
            true => file.to_owned(),
            false => std::path::absolute(file).map_err(cannot)?,
        });
    }
    if let Some(file) = &flags.plane.issuer_ca {
        command
            .arg("--issuer-ca")
            .arg(std::path::absolute(file).map_err(cannot)?);
    }
    if let Some(seconds) = flags.plane.token_lifetime_max {
        command.arg("--token-lifetime-max").arg(seconds.to_string());
    }
    if flags.plane.allow_private_issuers {
        command.arg("--allow-private-issuers");
    }
    command
        .stdin(match is_standard_input {
            true => Stdio::piped(),
            false => Stdio::null(),
        })
        .stdout(log.try_clone().map_err(cannot)?)
        .stderr(log)
        .process_group(0);
    let mut child = command.spawn().map_err(cannot)?;
    if let Some(mut input) = child.stdin.take() {
        input.write_all(text.as_bytes()).map_err(cannot)?;
    }
    let plane = wait_until_ready(&mut child, folder)?;
    Ok(Outcome::Report(Report {
        data: serde_json::to_value(plane.written()).unwrap_or_default(),
        text: format!("{}\nReady.", ready(&plane, folder)),
        names: vec![plane.url().to_owned()],
        refused: false,
    }))
}

fn wait_until_ready(
    child: &mut std::process::Child,
    folder: &Path,
) -> Result<RunningPlane, Failure> {
    for _ in 0..READY_SECONDS_MAX * 100 {
        if let Ok(plane) = RunningPlane::find(folder)
            && plane.written().pid == child.id()
        {
            return Ok(plane);
        }
        if let Ok(Some(status)) = child.try_wait() {
            let said = std::fs::read_to_string(Files::of(folder).log()).unwrap_or_default();
            return Err(ended(said.trim(), status));
        }
        std::thread::sleep(Duration::from_millis(10));
    }
    Err(Failure::unanswered(
        "not-started",
        format!("not ready within {READY_SECONDS_MAX} s"),
    )
    .help(format!("its log: {}", Files::of(folder).log().display())))
}

/// Why a detached plane is not there, in its own words where it could write them down.
fn ended(said: &str, status: std::process::ExitStatus) -> Failure {
    if !said.is_empty() {
        return retold(said);
    }
    let silent = format!("the plane ended ({status}), and its log has no word of why");
    Failure::unanswered("not-started", silent)
        .help("see why: start it without --detach")
        .help("is there room on the disk of the state folder?")
}

/// A failure that was printed for people, without its own code and with its advice as ours.
fn retold(said: &str) -> Failure {
    let (advice, message): (Vec<_>, Vec<_>) = said.lines().partition(|line| line.starts_with(HELP));
    let message = message.join("\n");
    let plain = message
        .strip_prefix("error[")
        .and_then(|rest| rest.split_once("]: "));
    let failure = Failure::unanswered("not-started", plain.map_or(&*message, |(_, plain)| plain));
    let advice = advice.iter().filter_map(|line| line.strip_prefix(HELP));
    advice.fold(failure, |failure, line| failure.help(line))
}

/// Stops the plane that runs on the state folder.
pub(super) fn down(global: &Global, flags: &Down) -> Result<Outcome, Failure> {
    let folder = state_folder(global.state.as_deref())?;
    let pid = RunningPlane::find(&folder)?.written().pid;
    if !crate::processes::terminate(pid) {
        return Err(Failure::unanswered(
            "cannot-stop",
            format!("process {pid} takes no signal"),
        ));
    }
    for _ in 0..(flags.timeout + DRAIN.as_secs()) * 100 {
        if !crate::processes::lives(pid) {
            return Ok(Outcome::Report(Report {
                data: json!({ "pid": pid }),
                text: format!("stopped process {pid}"),
                names: vec![pid.to_string()],
                refused: false,
            }));
        }
        std::thread::sleep(Duration::from_millis(10));
    }
    Err(Failure::unanswered(
        "cannot-stop",
        format!("process {pid} is still stopping"),
    ))
}
