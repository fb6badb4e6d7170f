//! `rolecall init` and `rolecall schema`: what plane.yaml holds.

use crate::args::Init;
use crate::config::STANDARD_INPUT;
use crate::output::{Failure, Outcome, Report, say};
use serde_json::json;
use std::path::Path;

/// The plane that runs when no file is given, written out.
pub(crate) const STARTER: &str = include_str!("plane.yaml");

pub(super) fn run(flags: &Init) -> Result<Outcome, Failure> {
    if flags.file == Path::new(STANDARD_INPUT) {
        say(STARTER);
        return Ok(Outcome::Said);
    }
    let name = flags.file.display().to_string();
    if flags.file.exists() && !flags.force {
        return Err(
            Failure::no("file-exists", format!("`{name}` is there already"))
                .help("write over it: --force")
                .help("or print it: rolecall init -"),
        );
    }
    std::fs::write(&flags.file, STARTER)
        .map_err(|why| Failure::unanswered("cannot-write", format!("`{name}`: {why}")))?;
    Ok(Outcome::Report(Report {
        data: json!({ "file": name }),
        text: format!("wrote {name}; start it with: rolecall up -f {name}"),
        names: vec![name],
        refused: false,
    }))
}

pub(super) fn schema() -> Result<Outcome, Failure> {
    let schema = schemars::schema_for!(plane::PlaneConfig);
    let text = serde_json::to_string_pretty(&schema)
        .map_err(|why| Failure::unanswered("internal", format!("schema: {why}")))?;
    say(&text);
    Ok(Outcome::Said)
}
