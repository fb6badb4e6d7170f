//! A plane of a test's own.

use std::ffi::OsStr;
use std::fs::File;
use std::path::{Path, PathBuf};
use std::process::{Child, Command, Stdio};
use std::thread::sleep;
use std::time::Duration;

use rustix::process::{Pid, Signal, kill_process};
use serde_json::Value;
use tempfile::TempDir;

use crate::memory::forget;
use crate::{Cli, Clients, Ran, rolecall};

/// Longest wait for `Ready.`, in steps; far above what a start takes.
const READY_STEPS_MAX: u32 = 1500;
/// Longest wait for a plane that was asked to end.
const STOP_STEPS_MAX: u32 = 500;
const STEP: Duration = Duration::from_millis(20);

/// A running `rolecall up` on a free port, with a state folder of its own. Stopped at drop.
#[derive(Debug)]
pub struct Plane {
    process: Child,
    folder: TempDir,
}

impl Plane {
    /// Starts a plane with these flags added, and waits until it says `Ready.`.
    ///
    /// # Panics
    /// When it does not.
    #[track_caller]
    pub fn start(flags: &[&str]) -> Self {
        let folder = TempDir::new().expect("a folder for the state");
        let process = begin(&folder, flags);
        let mut plane = Self { process, folder };
        plane.wait_until_ready();
        plane
    }

    /// Stops the plane, and starts it again on the same state with these flags added.
    ///
    /// # Panics
    /// When it does not get ready.
    #[track_caller]
    pub fn restart(&mut self, flags: &[&str]) {
        self.stop();
        self.process = begin(&self.folder, flags);
        self.wait_until_ready();
    }

    /// The state folder.
    #[must_use]
    pub fn state(&self) -> PathBuf {
        self.folder.path().join("state")
    }

    /// A folder for the test's own files, gone with the plane.
    #[must_use]
    pub fn scratch(&self) -> &Path {
        self.folder.path()
    }

    /// Everything that the plane has written to its streams.
    #[must_use]
    pub fn log(&self) -> String {
        std::fs::read_to_string(self.folder.path().join("up.log")).unwrap_or_default()
    }

    /// Runs `rolecall` against this plane.
    #[track_caller]
    pub fn rolecall<A: AsRef<OsStr>>(&self, arguments: &[A]) -> Ran {
        let mut command = Command::new(rolecall());
        command.arg("--state").arg(self.state()).args(arguments);
        Ran::of(&mut command)
    }

    /// Runs `aws` as an account's administrator; the arguments are split at blanks.
    #[track_caller]
    pub fn aws(&self, version: Cli, account: &str, arguments: &str) -> Ran {
        let words: Vec<&str> = arguments.split_whitespace().collect();
        self.aws_words(version, account, &words)
    }

    /// Runs `aws` as an account's administrator with these arguments, as they are.
    #[track_caller]
    pub fn aws_words<A: AsRef<OsStr>>(&self, version: Cli, account: &str, words: &[A]) -> Ran {
        let mut command = self.command(Clients::installed().aws(version), account);
        Ran::of(command.args(words))
    }

    /// A command under the variables of `rolecall env` for an account, with a home of the test's
    /// own: `aws` caches sessions there, by role and not by endpoint.
    #[track_caller]
    pub fn command(&self, program: impl AsRef<OsStr>, account: &str) -> Command {
        let variables = self
            .rolecall(&["env", "--account", account, "--format", "json"])
            .json();
        let variables = variables
            .as_object()
            .expect("`rolecall env` writes an object");
        let mut command = Command::new(program);
        command
            .env_clear()
            .env("PATH", std::env::var_os("PATH").unwrap_or_default())
            .env("HOME", self.folder.path())
            .env("AWS_PAGER", "");
        for (name, value) in variables {
            if let Value::String(text) = value {
                command.env(name, text);
            }
        }
        command
    }

    /// A token for `NAMESPACE/NAME@CLUSTER`.
    #[track_caller]
    pub fn token(&self, service_account: &str, audience: &str) -> String {
        let arguments = ["token", "create", service_account, "--audience", audience];
        self.rolecall(&arguments).text().to_owned()
    }

    /// What `rolecall why` says about a request, as a person reads it.
    #[track_caller]
    pub fn why(&self, request_id: &str) -> String {
        let told = self.rolecall(&["why", request_id]);
        format!("{}{}", told.stdout, told.stderr)
    }

    #[track_caller]
    fn wait_until_ready(&mut self) {
        for _ in 0..READY_STEPS_MAX {
            if self.log().lines().any(|line| line == "Ready.") {
                return;
            }
            if let Ok(Some(status)) = self.process.try_wait() {
                panic!("`rolecall up` ended with {status}:\n{}", self.log());
            }
            sleep(STEP);
        }
        panic!("`rolecall up` is not ready:\n{}", self.log());
    }

    /// SIGTERM, so that the plane closes its store.
    fn ask_to_end(&self) -> Option<()> {
        let pid = Pid::from_raw(i32::try_from(self.process.id()).ok()?)?;
        kill_process(pid, Signal::TERM).ok()
    }

    fn has_ended(&mut self) -> bool {
        !matches!(self.process.try_wait(), Ok(None))
    }
}

/// Runs `rolecall up` on the folder's state.
fn begin(folder: &TempDir, flags: &[&str]) -> Child {
    let log = File::create(folder.path().join("up.log")).expect("a log file");
    Command::new(rolecall())
        .args(["up", "--listen", "127.0.0.1:0", "--state"])
        .arg(folder.path().join("state"))
        .args(flags)
        .stdin(Stdio::null())
        .stdout(log.try_clone().expect("one log for both streams"))
        .stderr(log)
        .spawn()
        .expect("`rolecall up` runs")
}

impl Drop for Plane {
    fn drop(&mut self) {
        self.stop();
        forget(&self.state());
    }
}

impl Plane {
    /// Ends the process at once, with whatever it was at.
    pub fn kill(&mut self) {
        let _ = self.process.kill();
        let _ = self.process.wait();
    }

    /// Asks the process to end, and sees to it that it has. The state stays.
    pub fn stop(&mut self) {
        if self.ask_to_end().is_some() {
            for _ in 0..STOP_STEPS_MAX {
                if self.has_ended() {
                    return;
                }
                sleep(STEP);
            }
        }
        self.kill();
    }
}
