//! `rolecall explain`: what a stable code means, offline.

use crate::args::Explain;
use crate::codes::{CODES, meaning};
use crate::output::{Failure, Outcome, Report};
use serde_json::json;

pub(super) fn run(flags: &Explain) -> Result<Outcome, Failure> {
    match &flags.code {
        Some(code) => one(code),
        None => Ok(all()),
    }
}

fn one(code: &str) -> Result<Outcome, Failure> {
    let mut explained = all_codes().filter_map(|code| Some((code, explanation(code)?)));
    let found = explained.find(|(one, _)| one.eq_ignore_ascii_case(code));
    let (code, text) = found.ok_or_else(|| {
        Failure::usage("no-such-code", format!("there is no code `{code}`"))
            .help("rolecall explain lists them all")
    })?;
    Ok(Outcome::Report(Report {
        data: json!({ "code": code, "explanation": text }),
        text: format!("{code}\n\n{text}"),
        names: vec![code.to_owned()],
        refused: false,
    }))
}

/// Each part knows its own codes.
fn explanation(code: &str) -> Option<&'static str> {
    policy::lint::explanation(code)
        .or_else(|| podidentity::explanation(code))
        .or_else(|| meaning(code))
}

/// Those of findings, and those of failures.
fn all_codes() -> impl Iterator<Item = &'static str> {
    let findings = policy::lint::codes().chain(podidentity::codes());
    findings.chain(CODES.map(|(code, _)| code))
}

fn all() -> Outcome {
    let codes: Vec<_> = all_codes().collect();
    let titles = codes.iter().map(|code| {
        let first = explanation(code).and_then(|text| text.lines().next());
        format!("{code}  {}", first.unwrap_or_default())
    });
    Outcome::Report(Report {
        data: json!(codes),
        text: titles.collect::<Vec<_>>().join("\n"),
        names: codes.iter().map(|code| (*code).to_owned()).collect(),
        refused: false,
    })
}
