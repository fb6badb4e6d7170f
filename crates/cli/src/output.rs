//! What a command says, and how it ends.
//!
//! The result goes to standard output in the form asked for; everything else goes to standard error.
//! The machine form is one envelope for every command; its `schemaVersion` changes only when a
//! reader would break.

use crate::args::{Colour, Format, Global};
use anstream::ColorChoice;
use anstyle::{AnsiColor, Style};
use serde_json::{Value, json};
use std::io::Write;
use std::process::ExitCode;

/// Version of the envelope's shape.
const SCHEMA_VERSION: u32 = 1;

/// How a command ends, as its exit code.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Exit {
    /// The answer is no: refused, unhealthy, not found.
    No = 1,
    /// The words of the call are off.
    Usage = 2,
    /// There is no answer: unreachable, missing data, a fault of ours.
    Unanswered = 3,
}

/// A command's good end.
#[derive(Debug)]
pub(crate) enum Outcome {
    /// A result to print.
    Report(Report),
    /// Another program ran; its exit code is ours.
    Child(u8),
    /// The command has already said everything (streams, scripts to `eval`).
    Said,
}

/// A result in all the forms that it can be asked for.
#[derive(Debug, Default)]
pub(crate) struct Report {
    /// For machines.
    pub(crate) data: Value,
    /// For people.
    pub(crate) text: String,
    /// For pipes: `-o name`.
    pub(crate) names: Vec<String>,
    /// The answer is no, although it could be given.
    pub(crate) refused: bool,
}

/// A command's bad end.
#[derive(Debug)]
pub(crate) struct Failure {
    pub(crate) exit: Exit,
    /// One of [`CODES`](crate::codes::CODES); scripts may match it.
    pub(crate) code: &'static str,
    pub(crate) message: String,
    /// What to do about it, one command or sentence each.
    pub(crate) actions: Vec<String>,
}

impl Failure {
    pub(crate) fn new(exit: Exit, code: &'static str, message: impl Into<String>) -> Self {
        Self {
            exit,
            code,
            message: message.into(),
            actions: Vec::new(),
        }
    }

    pub(crate) fn no(code: &'static str, message: impl Into<String>) -> Self {
        Self::new(Exit::No, code, message)
    }

    pub(crate) fn usage(code: &'static str, message: impl Into<String>) -> Self {
        Self::new(Exit::Usage, code, message)
    }

    pub(crate) fn unanswered(code: &'static str, message: impl Into<String>) -> Self {
        Self::new(Exit::Unanswered, code, message)
    }

    /// Adds what to do about it.
    pub(crate) fn help(mut self, action: impl Into<String>) -> Self {
        self.actions.push(action.into());
        self
    }
}

/// Prints a command's end in the form asked for.
pub(crate) struct Printer {
    command: &'static str,
    format: Format,
    query: Option<String>,
}

impl Printer {
    pub(crate) fn new(command: &'static str, global: &Global) -> Self {
        match global.color {
            Colour::Auto => {}
            Colour::Always => ColorChoice::Always.write_global(),
            Colour::Never => ColorChoice::Never.write_global(),
        }
        let asked = if global.json {
            Format::Json
        } else {
            global.output
        };
        let format = match (asked, &global.query) {
            (Format::Table | Format::Wide | Format::Name, Some(_)) => Format::Json,
            (format, _) => format,
        };
        Self {
            command,
            format,
            query: global.query.clone(),
        }
    }

    pub(crate) fn outcome(&self, outcome: Outcome) -> ExitCode {
        let report = match outcome {
            Outcome::Report(report) => report,
            Outcome::Child(code) => return ExitCode::from(code),
            Outcome::Said => return ExitCode::SUCCESS,
        };
        let code = if report.refused { Exit::No as u8 } else { 0 };
        match self.render(&report) {
            Ok(text) => say(&text),
            Err(failure) => return self.failure(&failure),
        }
        ExitCode::from(code)
    }

    pub(crate) fn failure(&self, failure: &Failure) -> ExitCode {
        match self.format {
            Format::Json | Format::Jsonl | Format::Yaml => {
                say(&self.envelope(&Value::Null, Some(failure)));
            }
            Format::Table | Format::Wide | Format::Name => complain(failure),
        }
        ExitCode::from(failure.exit as u8)
    }

    fn render(&self, report: &Report) -> Result<String, Failure> {
        let text = match self.format {
            Format::Table | Format::Wide => report.text.clone(),
            Format::Name => report.names.join("\n"),
            Format::Jsonl => {
                let data = self.asked_for(&report.data)?;
                let items = data
                    .as_array()
                    .map_or(std::slice::from_ref(&data), Vec::as_slice);
                items
                    .iter()
                    .map(Value::to_string)
                    .collect::<Vec<_>>()
                    .join("\n")
            }
            Format::Json | Format::Yaml => match &self.query {
                Some(_) => self.document(&self.asked_for(&report.data)?),
                None => self.envelope(&report.data, None),
            },
        };
        Ok(text)
    }

    fn asked_for(&self, data: &Value) -> Result<Value, Failure> {
        let Some(query) = &self.query else {
            return Ok(data.clone());
        };
        let off = |why: jmespath::JmespathError| {
            Failure::usage("bad-query", format!("`--query {query}`: {why}"))
        };
        let expression = jmespath::compile(query).map_err(off)?;
        let found = expression.search(data).map_err(off)?;
        serde_json::to_value(found)
            .map_err(|why| Failure::unanswered("internal", format!("query result: {why}")))
    }

    fn envelope(&self, data: &Value, failure: Option<&Failure>) -> String {
        self.document(&json!({
            "schemaVersion": SCHEMA_VERSION,
            "command": self.command,
            "status": if failure.is_some() { "error" } else { "ok" },
            "data": data,
            "warnings": [],
            "error": failure.map(|failure| json!({
                "code": failure.code,
                "category": match failure.exit {
                    Exit::No => "refused",
                    Exit::Usage => "usage",
                    Exit::Unanswered => "unanswered",
                },
                "message": failure.message,
                "retryable": failure.code == "unreachable",
                "details": Value::Null,
                "actions": failure.actions,
            })),
        }))
    }

    fn document(&self, value: &Value) -> String {
        match self.format {
            Format::Yaml => serde_saphyr::to_string(value).unwrap_or_else(|_| value.to_string()),
            Format::Table | Format::Wide | Format::Name | Format::Json | Format::Jsonl => {
                serde_json::to_string_pretty(value).unwrap_or_else(|_| value.to_string())
            }
        }
    }
}

/// Prints a parse error of the command line: help and version are good ends, all else is usage.
pub(crate) fn usage(refusal: &clap::Error) -> ExitCode {
    // A closed pipe is no reason to fail: there is nobody to tell.
    let _ = refusal.print();
    ExitCode::from(u8::try_from(refusal.exit_code()).unwrap_or(Exit::Usage as u8))
}

/// Writes a line to standard output; a reader that went away ends the program quietly.
pub(crate) fn say(text: &str) {
    let mut out = anstream::stdout().lock();
    let wrote = if text.ends_with('\n') || text.is_empty() {
        write!(out, "{text}")
    } else {
        writeln!(out, "{text}")
    };
    if wrote.and_then(|()| out.flush()).is_err() {
        std::process::exit(0);
    }
}

/// Writes a line to standard error.
pub(crate) fn note(text: &str) {
    let _ = writeln!(anstream::stderr(), "{text}");
}

fn complain(failure: &Failure) {
    let red = Style::new().bold().fg_color(Some(AnsiColor::Red.into()));
    note(&format!(
        "{red}error{red:#}[{}]: {}",
        failure.code, failure.message
    ));
    for action in &failure.actions {
        note(&format!("  help: {action}"));
    }
}
