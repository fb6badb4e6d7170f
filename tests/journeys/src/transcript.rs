//! Sessions of a shell as data: what is typed, and what must be answered.
//!
//! ```text
//! Prose, up to the first command.
//! $ kubectl get configmaps
//! NAME       DATA   AGE
//! settings   1      [..]
//! ...
//! $ kubectl get nothings
//! error: the server doesn't have a resource type "nothings"
//! [exit 1]
//! $ cat >file <<END
//! > a further line of the same command
//! > END
//! ```
//!
//! Answers are both streams in their order. Runs of blanks count as one, since columns are as wide as
//! what stands in them. `[..]` is any text within a line, and a line of `...` is any lines.

use std::process::Command;

use harness::Ran;

/// Longest time of one command, in seconds: far above what any takes.
const LONGEST: &str = "120";

/// Walks a session to its end, each command in a shell of its own, and tells what was not answered as it
/// says. The shells are `bash` with their folder and environment.
#[must_use]
pub fn faults(session: &str, shell: impl Fn() -> Command) -> Vec<String> {
    let steps = steps(session).into_iter();
    steps.filter_map(|step| step.fault(&shell())).collect()
}

/// A command, and what it must answer.
#[derive(Debug, Clone, PartialEq, Eq)]
struct Step {
    command: String,
    code: i32,
    answer: Vec<String>,
}

/// Reads a transcript.
fn steps(text: &str) -> Vec<Step> {
    let mut steps: Vec<Step> = Vec::new();
    for line in text.lines() {
        if let Some(command) = line.strip_prefix("$ ") {
            steps.push(Step {
                command: command.to_owned(),
                code: 0,
                answer: Vec::new(),
            });
        } else if let Some(step) = steps.last_mut() {
            step.take(line);
        }
    }
    steps
}

impl Step {
    fn take(&mut self, line: &str) {
        let code = line
            .strip_prefix("[exit ")
            .and_then(|rest| rest.strip_suffix(']'));
        if let Some(more) = line.strip_prefix('>') {
            self.command.push('\n');
            self.command
                .push_str(more.strip_prefix(' ').unwrap_or(more));
        } else if let Some(Ok(code)) = code.map(str::parse) {
            self.code = code;
        } else if !line.trim().is_empty() {
            self.answer.push(narrow(line));
        }
    }

    fn fault(&self, shell: &Command) -> Option<String> {
        let ran = Ran::of(both_streams(shell).arg(&self.command));
        if self.is_answered_by(ran.code, &ran.stdout) {
            return None;
        }
        Some(format!(
            "$ {}\n{}[exit {:?}]\n--- wanted:\n{}\n[exit {}]\n",
            self.command,
            ran.stdout,
            ran.code,
            self.answer.join("\n"),
            self.code,
        ))
    }

    fn is_answered_by(&self, code: Option<i32>, answer: &str) -> bool {
        let lines: Vec<_> = answer
            .lines()
            .map(narrow)
            .filter(|line| !line.is_empty())
            .collect();
        code == Some(self.code) && fit(&self.answer, &lines)
    }
}

/// `bash -c` with both streams as one, ended when it takes too long.
fn both_streams(shell: &Command) -> Command {
    let mut timed = Command::new("timeout");
    timed
        .arg(LONGEST)
        .arg(shell.get_program())
        .args(["-c", "exec 2>&1; eval \"$1\"", "bash"]);
    timed.env_clear();
    for (name, value) in shell.get_envs() {
        timed.env(name, value.unwrap_or_default());
    }
    if let Some(folder) = shell.get_current_dir() {
        timed.current_dir(folder);
    }
    timed
}

/// With runs of blanks made one.
fn narrow(line: &str) -> String {
    line.split_whitespace().collect::<Vec<_>>().join(" ")
}

fn fit(wanted: &[String], lines: &[String]) -> bool {
    match (wanted.split_first(), lines.split_first()) {
        (None, None) => true,
        (Some((first, rest)), _) if first == "..." => {
            (0..=lines.len()).any(|skipped| fit(rest, &lines[skipped..]))
        }
        (Some((first, rest)), Some((line, more))) => fits(first, line) && fit(rest, more),
        (None, Some(_)) | (Some(_), None) => false,
    }
}

fn fits(pattern: &str, line: &str) -> bool {
    let Some((start, rest)) = pattern.split_once("[..]") else {
        return pattern == line;
    };
    let Some(line) = line.strip_prefix(start) else {
        return false;
    };
    let mut ends = line.char_indices().map(|(at, _)| at).chain([line.len()]);
    ends.any(|at| fits(rest, &line[at..]))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[track_caller]
    fn check(wanted: &str, answer: &str, is_answered: bool) {
        let step = &steps(&format!("$ command\n{wanted}"))[0];
        assert_eq!(
            step.is_answered_by(Some(0), answer),
            is_answered,
            "{wanted}"
        );
    }

    #[test]
    fn an_answer_is_its_lines_with_any_text_where_that_is_said() {
        check("NAME  AGE\na  [..]", "NAME    AGE\na       12s\n", true);
        check("NAME  AGE\na  [..]", "NAME    AGE\nb       12s\n", false);
        check("a", "a\nb", false);
        check("a\nb", "a", false);
        check("", "a", false);
        check("[..]a[..]", "banana", true);
        check("[..]x", "banana", false);
        check("a\n...\nd", "a\nb\nc\nd", true);
        check("a\n...\nd", "a\nb\nc", false);
        check("...", "", true);
    }

    #[test]
    fn a_command_may_have_lines_and_a_code() {
        let read = steps("prose\n$ cat <<END\n> a\n>\n> END\na\n[exit 3]\n\n$ next\n");
        assert_eq!(read.len(), 2);
        assert_eq!(
            (read[0].command.as_str(), read[0].code),
            ("cat <<END\na\n\nEND", 3)
        );
        assert!(read[0].is_answered_by(Some(3), "a\n\n"));
        assert!(!read[0].is_answered_by(Some(0), "a\n"));
    }
}
