//! A person at a terminal.

use std::io::Write;
use std::process::{Command, Stdio};

use harness::Ran;

/// Runs a command on a terminal of its own; its input is ours.
const ON_A_TERMINAL: &str = "import os, pty, sys
sys.exit(os.waitstatus_to_exitcode(pty.spawn(sys.argv[1:])))";

/// Runs a command on a terminal of its own, types lines into it, and waits for its end. What it wrote
/// is all in `stdout`, the echo of what was typed included.
///
/// # Panics
/// When it cannot be started.
#[track_caller]
pub fn typed(command: &Command, lines: &str) -> Ran {
    let mut terminal = Command::new("python3");
    terminal.args(["-c", ON_A_TERMINAL]);
    terminal.arg(command.get_program()).args(command.get_args());
    for (name, value) in command.get_envs() {
        terminal.env(name, value.unwrap_or_default());
    }
    terminal.stdin(Stdio::piped()).stdout(Stdio::piped());
    let mut started = terminal.spawn().expect("python3 runs");
    let mut keyboard = started.stdin.take().expect("its input");
    keyboard.write_all(lines.as_bytes()).expect("it is typed");
    // The keyboard stays until the end: without one, the terminal would hang up.
    let output = started.wait_with_output().expect("it ends");
    drop(keyboard);
    Ran {
        command: format!("{command:?}"),
        code: output.status.code(),
        stdout: String::from_utf8_lossy(&output.stdout).into_owned(),
        stderr: String::new(),
    }
}
