//! `rolecall healthcheck`: asks the running plane whether it is ready.

use super::block_on;
use crate::args::Global;
use crate::client;
use crate::output::{Failure, Outcome, Report};
use crate::running::RunningPlane;

pub(super) fn run(global: &Global) -> Result<Outcome, Failure> {
    let plane = RunningPlane::of(global.state.as_deref())?;
    let answer = block_on(client::get(&plane, "/readyz?verbose"))?;
    Ok(Outcome::Report(Report {
        data: serde_json::json!({ "ready": answer.status == 200, "checks": answer.text() }),
        text: answer.text(),
        names: Vec::new(),
        refused: answer.status != 200,
    }))
}
