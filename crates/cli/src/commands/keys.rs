//! `rolecall keys`: the keys that sign tokens and seal sessions.

use super::block_on;
use crate::args::{Global, KeysRotate};
use crate::client;
use crate::output::{Failure, Outcome, Report};
use crate::running::RunningPlane;
use serde::Deserialize;
use serde_json::json;
use std::fmt::Write;

/// What the plane answers.
#[derive(Deserialize)]
struct Answered {
    keys: Vec<Row>,
}

#[derive(Deserialize)]
struct Row {
    of: String,
    key: String,
    phase: String,
    used_from: String,
    used_until: Option<String>,
    gone_at: Option<String>,
}

pub(super) fn list(global: &Global) -> Result<Outcome, Failure> {
    asked(global, "GET", "/_rolecall/keys", &[])
}

pub(super) fn rotate(global: &Global, flags: &KeysRotate) -> Result<Outcome, Failure> {
    let body = match &flags.cluster {
        Some(cluster) => json!({ "cluster": cluster }),
        None => json!({ "sessions": flags.sessions }),
    };
    let body = body.to_string();
    asked(global, "POST", "/_rolecall/keys/rotate", body.as_bytes())
}

fn asked(
    global: &Global,
    method: &'static str,
    path: &str,
    body: &[u8],
) -> Result<Outcome, Failure> {
    let plane = RunningPlane::of(global.state.as_deref())?;
    let administrator = plane.administrator(&plane.account(None)?.alias)?;
    let answer = block_on(client::admin(&plane, &administrator, method, path, body))?;
    let data = answer.accepted()?.json()?;
    let answered = Answered::deserialize(&data)
        .map_err(|why| Failure::unanswered("unreadable-answer", format!("keys: {why}")))?;
    Ok(Outcome::Report(Report {
        text: table(&answered.keys),
        names: answered.keys.iter().map(|row| row.key.clone()).collect(),
        data,
        refused: false,
    }))
}

fn table(rows: &[Row]) -> String {
    let of = rows
        .iter()
        .map(|row| row.of.len())
        .max()
        .unwrap_or(0)
        .max(2);
    let key = rows
        .iter()
        .map(|row| row.key.len())
        .max()
        .unwrap_or(0)
        .max(3);
    let mut text = format!(
        "{:of$}  {:key$}  {:8}  {:20}  {:20}  GONE AT",
        "OF", "KEY", "PHASE", "USED FROM", "USED UNTIL"
    );
    for row in rows {
        let time = |time: &Option<String>| time.clone().unwrap_or_else(|| "-".to_owned());
        // Writing to a string does not fail.
        let _ = write!(
            text,
            "\n{:of$}  {:key$}  {:8}  {:20}  {:20}  {}",
            row.of,
            row.key,
            row.phase,
            seconds(&row.used_from),
            seconds(&time(&row.used_until)),
            seconds(&time(&row.gone_at))
        );
    }
    text
}

/// A time without the part of a second.
fn seconds(time: &str) -> String {
    match time.split_once('.') {
        Some((seconds, _)) => format!("{seconds}Z"),
        None => time.to_owned(),
    }
}
