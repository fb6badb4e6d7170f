//! `rolecall why`: the trail of one request.

use super::block_on;
use crate::args::{Global, Why};
use crate::client;
use crate::output::{Failure, Outcome, Report};
use crate::running::RunningPlane;

pub(super) fn run(global: &Global, flags: &Why) -> Result<Outcome, Failure> {
    let plane = RunningPlane::of(global.state.as_deref())?;
    let path = match &flags.request_id {
        Some(id) => format!("/_rolecall/why/{}", id.trim()),
        None => "/_rolecall/why".to_owned(),
    };
    let administrator = plane.administrator(&plane.account(None)?.alias)?;
    let answer = block_on(client::admin(&plane, &administrator, "GET", &path, b""))?;
    if answer.status == 404 {
        let wanted = flags.request_id.as_deref().unwrap_or("any request");
        return Err(
            Failure::no("no-such-request", format!("no record of `{wanted}`"))
                .help("records are kept for the newest requests; `rolecall audit tail` shows them"),
        );
    }
    let data = answer.json()?;
    let record: audit::Record = serde_json::from_value(data.clone())
        .map_err(|why| Failure::unanswered("internal", format!("audit record: {why}")))?;
    Ok(Outcome::Report(Report {
        data,
        text: audit::render(&record),
        names: flags.request_id.iter().cloned().collect(),
        refused: false,
    }))
}
