//! Processes in a sandbox.
//!
//! The binary runs itself again as a small single-threaded helper ([`helper`]): a shim that stays
//! outside, and an init that builds the sandbox from within and becomes the program. So no code runs
//! between a fork and an exec, and what the helper is told is one value, a [`Request`].
//!
//! A container ends with the plane, however that ends: the shim sees its socket close.

mod init;
mod launch;
mod program;
mod rootfs;
mod shim;
mod wire;

pub use launch::{
    BindMount, Exit, Isolation, Keep, Launch, ProcessSpec, Request, Root, RunAs, StartFailure,
};

pub(crate) use program::DEFAULT_PATH;

use rustix::thread::UnshareFlags;
use std::os::fd::{AsFd, OwnedFd};
use std::path::{Path, PathBuf};
use std::process::{ExitCode, Stdio};
use std::sync::Arc;
use tokio::io::Interest;
use tokio::net::UnixStream;
use tokio::sync::watch;
use wire::{Notice, Order};

/// The first argument by which the binary knows that it is the helper.
pub const HELPER_ARGUMENT: &str = "__sandbox";

/// Runs the helper if the arguments ask for it. A binary that starts sandboxes calls this first of
/// all, before any thread is started.
#[must_use]
pub fn helper(arguments: &[String]) -> Option<ExitCode> {
    let [_, first, rest @ ..] = arguments else {
        return None;
    };
    if first != HELPER_ARGUMENT {
        return None;
    }
    let ran = match rest {
        [half] if half == init::INIT => init::run(),
        [] => shim::run(),
        _ => return Some(ExitCode::from(2)),
    };
    Some(ran.map_or(ExitCode::FAILURE, |()| ExitCode::SUCCESS))
}

/// Starts sandboxes by means of the helper.
#[derive(Debug, Clone)]
pub struct Sandboxes {
    helper: Arc<Path>,
}

/// What a process reads and writes; a terminal replaces them.
#[derive(Debug)]
pub struct Streams {
    /// Its standard input.
    pub input: OwnedFd,
    /// Its standard output.
    pub output: OwnedFd,
    /// Its standard error.
    pub error: OwnedFd,
}

/// A process that runs; it is killed when this is dropped.
#[derive(Debug)]
pub struct Running {
    /// Its number, as the host counts.
    pub pid: i32,
    /// Our end of its terminal.
    pub terminal: Option<OwnedFd>,
    plane: Arc<UnixStream>,
    ended: watch::Receiver<Option<Exit>>,
}

/// Sees a process end, without keeping it alive.
#[derive(Debug, Clone)]
pub struct End(watch::Receiver<Option<Exit>>);

/// Sends signals to a process.
#[derive(Debug, Clone)]
pub struct Signals {
    plane: Arc<UnixStream>,
}

impl Sandboxes {
    /// By the helper at a path: the binary itself, or one that calls [`helper`].
    #[must_use]
    pub fn new(helper: PathBuf) -> Self {
        Self {
            helper: helper.into(),
        }
    }

    /// The strongest isolation that this host grants, and why not a stronger one.
    pub async fn strongest(&self, stage: &Path) -> (Isolation, Vec<String>) {
        let is_root = rustix::process::geteuid().is_root();
        let mut refusals = Vec::new();
        for isolation in [Isolation::Namespaces, Isolation::UserNamespace] {
            if isolation == Isolation::Namespaces && !is_root {
                continue;
            }
            match self.try_out(isolation, stage).await {
                Ok(()) => return (isolation, refusals),
                Err(failure) => refusals.push(failure.to_string()),
            }
        }
        (Isolation::Plain, refusals)
    }

    async fn try_out(&self, isolation: Isolation, stage: &Path) -> Result<(), StartFailure> {
        let nothing = ProcessSpec {
            command: Vec::new(),
            env: Vec::new(),
            working_dir: PathBuf::from("/"),
            run_as: RunAs::default(),
            terminal: false,
            capabilities: Keep::All,
            no_new_privileges: false,
            cgroup: None,
        };
        let launch = Launch {
            isolation,
            root: Root::Host,
            read_only_root: false,
            hostname: "trial".to_owned(),
            stage: stage.to_owned(),
            hidden: Vec::new(),
            mounts: Vec::new(),
            process: nothing,
        };
        let streams = Streams::closed().map_err(helper_failed)?;
        let mut running = self.start(&Request::Start(launch), &streams).await?;
        match running.ended().await {
            Exit::Code(0) => Ok(()),
            exit @ (Exit::Code(_) | Exit::Signal(_)) => Err(StartFailure::Helper(format!(
                "the trial ended with {exit:?}"
            ))),
        }
    }

    /// Starts a process, and waits until its program runs or cannot.
    ///
    /// # Errors
    /// [`StartFailure`] says at which step it failed, and why.
    pub async fn start(
        &self,
        request: &Request,
        streams: &Streams,
    ) -> Result<Running, StartFailure> {
        let memory = wire::in_memory(request).map_err(helper_failed)?;
        let (ours, theirs) = wire::pair().map_err(helper_failed)?;
        let shim = tokio::process::Command::new(&*self.helper)
            .arg(HELPER_ARGUMENT)
            .env_clear()
            .stdin(Stdio::from(theirs))
            .stdout(Stdio::null())
            .stderr(Stdio::null())
            .spawn()
            .map_err(helper_failed)?;
        let files = [&memory, &streams.input, &streams.output, &streams.error].map(AsFd::as_fd);
        wire::send(&ours, &(), &files).map_err(helper_failed)?;
        let plane = std::os::unix::net::UnixStream::from(ours);
        plane.set_nonblocking(true).map_err(helper_failed)?;
        let plane = UnixStream::from_std(plane).map_err(helper_failed)?;
        Self::follow_start(Arc::new(plane), shim).await
    }

    async fn follow_start(
        plane: Arc<UnixStream>,
        shim: tokio::process::Child,
    ) -> Result<Running, StartFailure> {
        let mut terminal = None;
        loop {
            match next(&plane).await {
                Some((Notice::Terminal, files)) => terminal = files.into_iter().next(),
                Some((Notice::Started { pid }, _)) => {
                    let (sender, ended) = watch::channel(None);
                    tokio::spawn(follow_end(Arc::clone(&plane), shim, sender));
                    return Ok(Running {
                        pid,
                        terminal,
                        plane,
                        ended,
                    });
                }
                Some((Notice::Failed(failure), _)) => return Err(failure),
                Some((Notice::Exited(exit), _)) => {
                    return Err(StartFailure::Helper(format!("it ended early: {exit:?}")));
                }
                None => return Err(StartFailure::Helper("it is gone".to_owned())),
            }
        }
    }
}

impl Streams {
    /// Reads nothing; what is written is lost.
    ///
    /// # Errors
    /// When `/dev/null` cannot be opened.
    pub fn closed() -> std::io::Result<Self> {
        let open = || {
            let file = std::fs::File::options()
                .read(true)
                .write(true)
                .open("/dev/null");
            file.map(OwnedFd::from)
        };
        Ok(Self {
            input: open()?,
            output: open()?,
            error: open()?,
        })
    }
}

impl Running {
    /// A hand that sends signals.
    #[must_use]
    pub fn signals(&self) -> Signals {
        Signals {
            plane: Arc::clone(&self.plane),
        }
    }

    /// How the process ended, once it has.
    pub async fn ended(&mut self) -> Exit {
        self.end().wait().await
    }

    /// Another eye on the end of the process.
    #[must_use]
    pub fn end(&self) -> End {
        End(self.ended.clone())
    }
}

impl End {
    /// How the process ended, once it has.
    pub async fn wait(&mut self) -> Exit {
        match self.0.wait_for(Option::is_some).await {
            Ok(exit) => exit.unwrap_or(KILLED),
            Err(_) => KILLED,
        }
    }
}

impl Drop for Running {
    fn drop(&mut self) {
        self.signals().send(KILL);
    }
}

/// The signal that cannot be refused.
const KILL: i32 = 9;

/// How a process ended whose helper was killed.
const KILLED: Exit = Exit::Signal(KILL);

impl Signals {
    /// Sends a signal. A process that has ended takes none.
    pub fn send(&self, signal: i32) {
        let _ = wire::send(&*self.plane, &Order { signal }, &[]);
    }
}

async fn next(plane: &UnixStream) -> Option<(Notice, Vec<OwnedFd>)> {
    let received = plane
        .async_io(Interest::READABLE, || wire::receive(plane))
        .await;
    received.ok().flatten()
}

/// Waits for the end of a process, and then of its shim.
async fn follow_end(
    plane: Arc<UnixStream>,
    mut shim: tokio::process::Child,
    ended: watch::Sender<Option<Exit>>,
) {
    let exit = match next(&plane).await {
        Some((Notice::Exited(exit), _)) => exit,
        Some(_) | None => KILLED,
    };
    let _ = shim.wait().await;
    ended.send_replace(Some(exit));
}

#[expect(
    clippy::needless_pass_by_value,
    reason = "the shape that `map_err` calls"
)]
fn helper_failed(error: std::io::Error) -> StartFailure {
    StartFailure::Helper(wire::reason(&error))
}

#[expect(
    unsafe_code,
    reason = "the helper has one thread and leaves its table of open files shared with nobody, which \
              is all that the call asks for"
)]
fn unshare(spaces: UnshareFlags) -> rustix::io::Result<()> {
    // SAFETY: no `UnshareFlags::FILES` is given: open files stay as they are.
    unsafe { rustix::thread::unshare_unsafe(spaces) }
}
