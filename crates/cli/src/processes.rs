//! Other processes: whether one lives, and running a command to its end.

use crate::environment::Environment;
use crate::output::{Failure, Outcome};
use std::ffi::OsString;
use std::os::unix::process::ExitStatusExt;
use tokio::signal::unix::{Signal, SignalKind, signal};

/// Whether a process with that id exists.
pub(crate) fn lives(pid: u32) -> bool {
    i32::try_from(pid)
        .ok()
        .and_then(rustix::process::Pid::from_raw)
        .is_some_and(|pid| rustix::process::test_kill_process(pid) != Err(rustix::io::Errno::SRCH))
}

/// Asks a process to end.
pub(crate) fn terminate(pid: u32) -> bool {
    i32::try_from(pid)
        .ok()
        .and_then(rustix::process::Pid::from_raw)
        .is_some_and(|pid| {
            rustix::process::kill_process(pid, rustix::process::Signal::TERM).is_ok()
        })
}

/// Runs a command in an environment until it ends; its exit code becomes ours.
///
/// An interrupt from the terminal reaches the command itself (it is in our process group), so here
/// it is only survived. A request to end comes to us alone, and is passed on.
pub(crate) async fn run(words: &[OsString], environment: &Environment) -> Result<Outcome, Failure> {
    let (program, arguments) = words
        .split_first()
        .ok_or_else(|| Failure::usage("no-command", "there is no command to run"))?;
    let mut command = tokio::process::Command::new(program);
    command.args(arguments);
    environment.apply(&mut command);
    let mut interrupted = listen(SignalKind::interrupt())?;
    let mut terminated = listen(SignalKind::terminate())?;
    let mut child = command.spawn().map_err(|why| {
        Failure::unanswered(
            "cannot-run",
            format!("`{}`: {why}", program.to_string_lossy()),
        )
    })?;
    loop {
        tokio::select! {
            ended = child.wait() => {
                let status = ended
                    .map_err(|why| Failure::unanswered("internal", format!("wait: {why}")))?;
                return Ok(Outcome::Child(code_of(status)));
            }
            _ = interrupted.recv() => {}
            _ = terminated.recv() => drop(child.id().map(terminate)),
        }
    }
}

fn listen(kind: SignalKind) -> Result<Signal, Failure> {
    signal(kind).map_err(|why| Failure::unanswered("internal", format!("signals: {why}")))
}

/// A command's end as a shell reports it: its code, or 128 and the signal that ended it.
fn code_of(status: std::process::ExitStatus) -> u8 {
    let code = status
        .code()
        .or_else(|| status.signal().map(|signal| 128 + signal));
    code.and_then(|code| u8::try_from(code).ok()).unwrap_or(1)
}
