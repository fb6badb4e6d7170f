//! Every restated conformance test exists, and every other one says why it does not.

use std::path::Path;

#[test]
fn every_conformance_test_is_restated_or_open_with_its_reason() {
    let crates = Path::new(env!("CARGO_MANIFEST_DIR")).join("../../crates");
    let rows = matrix::conformance();
    assert!(!rows.is_empty());
    let wrong: Vec<String> = rows
        .iter()
        .filter_map(|row| Some(format!("{}: {}", row.title, row.fault(&crates)?)))
        .collect();
    assert!(wrong.is_empty(), "{}", wrong.join("\n"));
}
