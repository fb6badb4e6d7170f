//! Golden tables: which operations are built, and why the others are not.

mod conformance;

pub use conformance::{Restated, conformance};

use std::collections::BTreeSet;

/// The gaps as they stand, `service:Operation` with the reason.
pub fn parity() -> Vec<(String, String)> {
    read(include_str!("../parity.toml"))
}

/// Every operation of the models, as `service:Operation`.
pub fn known() -> BTreeSet<String> {
    let operations = awswire::services()
        .iter()
        .flat_map(|service| service.operations);
    operations
        .map(|operation| format!("{operation:?}"))
        .collect()
}

/// Where built operations, gaps and models disagree; each sentence says what to do.
pub fn disagreements(
    built: &BTreeSet<String>,
    gaps: &[(String, String)],
    known: &BTreeSet<String>,
) -> Vec<String> {
    let named: BTreeSet<String> = gaps
        .iter()
        .map(|(operation, _)| operation.clone())
        .collect();
    let mut found = Vec::new();
    found.extend(
        named
            .difference(known)
            .map(|o| format!("{o} is no operation: remove it")),
    );
    found.extend(
        named
            .intersection(built)
            .map(|o| format!("{o} is built: remove it")),
    );
    let covered: BTreeSet<String> = named.union(built).cloned().collect();
    found.extend(
        known
            .difference(&covered)
            .map(|o| format!("{o} is missing: build or list it")),
    );
    let silent = gaps.iter().filter(|(_, reason)| reason.is_empty());
    found.extend(silent.map(|(o, _)| format!("{o} has no reason: say why")));
    found
}

/// `[service]` and `Operation = "reason"`: all of TOML that the list uses.
fn read(text: &str) -> Vec<(String, String)> {
    let mut service = "";
    let mut gaps = Vec::new();
    for line in text.lines() {
        if let Some(name) = line
            .strip_prefix('[')
            .and_then(|line| line.strip_suffix(']'))
        {
            service = name;
        } else if let Some((operation, reason)) = line.split_once(" = ") {
            gaps.push((
                format!("{service}:{operation}"),
                reason.trim_matches('"').to_owned(),
            ));
        }
    }
    gaps
}

#[cfg(test)]
mod tests {
    use super::*;

    fn set(operations: &[&str]) -> BTreeSet<String> {
        operations
            .iter()
            .map(|operation| (*operation).to_owned())
            .collect()
    }

    fn check(built: &[&str], gaps: &str, expected: &[&str]) {
        let known = set(&["sts:A", "sts:B"]);
        assert_eq!(disagreements(&set(built), &read(gaps), &known), expected);
    }

    #[test]
    fn each_operation_is_built_or_listed_with_a_reason() {
        check(&["sts:A"], "[sts]\nB = \"later\"\n", &[]);
        check(&["sts:A"], "", &["sts:B is missing: build or list it"]);
        check(
            &["sts:A", "sts:B"],
            "[sts]\nB = \"later\"",
            &["sts:B is built: remove it"],
        );
        check(
            &["sts:A", "sts:B"],
            "[sts]\nC = \"later\"",
            &["sts:C is no operation: remove it"],
        );
        check(
            &["sts:A"],
            "[sts]\nB = \"\"",
            &["sts:B has no reason: say why"],
        );
    }

    #[test]
    fn every_gap_is_an_operation_with_a_reason() {
        let gaps = parity();
        let listed: BTreeSet<String> = gaps
            .iter()
            .map(|(operation, _)| operation.clone())
            .collect();
        let others: BTreeSet<String> = known().difference(&listed).cloned().collect();
        assert_eq!(
            disagreements(&others, &gaps, &known()),
            Vec::<String>::new()
        );
        assert_eq!(listed.len(), gaps.len(), "an operation is listed twice");
    }
}
