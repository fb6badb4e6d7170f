//! What a command answered.

use std::process::{Command, Stdio};

/// Exit code and both streams of a command that ended.
#[derive(Debug, Clone)]
pub struct Ran {
    /// The command, for messages.
    pub command: String,
    /// The exit code; none when a signal ended it.
    pub code: Option<i32>,
    /// Standard output.
    pub stdout: String,
    /// Standard error.
    pub stderr: String,
}

impl Ran {
    /// Runs a command to its end.
    ///
    /// # Panics
    /// When it cannot be started.
    #[track_caller]
    pub fn of(command: &mut Command) -> Self {
        let program = command.get_program().to_string_lossy().into_owned();
        let output = command.stdin(Stdio::null()).output();
        let output = output.unwrap_or_else(|error| panic!("`{program}`: {error}"));
        let arguments = command
            .get_args()
            .map(|word| word.to_string_lossy().into_owned());
        let words: Vec<_> = std::iter::once(program).chain(arguments).collect();
        Self {
            command: words.join(" "),
            code: output.status.code(),
            stdout: String::from_utf8_lossy(&output.stdout).into_owned(),
            stderr: String::from_utf8_lossy(&output.stderr).into_owned(),
        }
    }

    /// Standard output without the line end, of a command that succeeded.
    ///
    /// # Panics
    /// When it did not.
    #[track_caller]
    pub fn text(&self) -> &str {
        assert_eq!(
            self.code,
            Some(0),
            "`{}` failed:\n{}{}",
            self.command,
            self.stdout,
            self.stderr
        );
        self.stdout.trim_end()
    }

    /// Standard output as JSON, of a command that succeeded.
    ///
    /// # Panics
    /// When it did not succeed, or did not write JSON.
    #[track_caller]
    pub fn json(&self) -> serde_json::Value {
        let text = self.text();
        serde_json::from_str(text)
            .unwrap_or_else(|error| panic!("`{}` wrote no JSON: {error}\n{text}", self.command))
    }

    /// Standard error, of a command that failed.
    ///
    /// # Panics
    /// When it succeeded.
    #[track_caller]
    pub fn refusal(&self) -> &str {
        assert_ne!(
            self.code,
            Some(0),
            "`{}` succeeded:\n{}",
            self.command,
            self.stdout
        );
        self.stderr.trim()
    }
}
