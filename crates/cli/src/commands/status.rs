//! `rolecall status`: whether a plane runs, and where.

use crate::args::Global;
use crate::output::{Failure, Outcome, Report};
use crate::running::{RunningPlane, Written};
use std::fmt::Write;

pub(super) fn run(global: &Global) -> Result<Outcome, Failure> {
    let plane = RunningPlane::of(global.state.as_deref())?;
    let written = plane.written();
    Ok(Outcome::Report(Report {
        data: serde_json::to_value(written).unwrap_or_default(),
        text: describe(written),
        names: vec![written.url.clone()],
        refused: false,
    }))
}

/// The plane in a few lines; `up` says the same when it is ready.
pub(super) fn describe(written: &Written) -> String {
    let mut text = format!(
        "AWS endpoint   {} (HTTP and TLS)\nprocess        {}\nregion         {}\n\n",
        written.url, written.pid, written.region
    );
    let width = written
        .accounts
        .iter()
        .map(|account| account.alias.len())
        .max()
        .unwrap_or(0)
        .max(7);
    // Writing to a string does not fail.
    let _ = writeln!(text, "{:width$}  ID            CLUSTER ISSUERS", "ACCOUNT");
    for account in &written.accounts {
        let mut issuers: Vec<_> = written
            .clusters
            .iter()
            .filter(|cluster| cluster.account == account.id)
            .map(|cluster| format!("{} {}", cluster.name, cluster.issuer))
            .collect();
        if issuers.is_empty() {
            issuers.push("-".to_owned());
        }
        let _ = writeln!(
            text,
            "{:width$}  {}  {}",
            account.alias,
            account.id,
            issuers.join(", ")
        );
    }
    describe_clusters(&mut text, written);
    text
}

fn describe_clusters(text: &mut String, written: &Written) {
    let names = written.clusters.iter().map(|cluster| cluster.name.len());
    let width = names.max().unwrap_or(0).max(7);
    let _ = writeln!(text, "\n{:width$}  KUBERNETES API", "CLUSTER");
    for cluster in &written.clusters {
        let _ = writeln!(text, "{:width$}  {}", cluster.name, cluster.endpoint);
    }
}
