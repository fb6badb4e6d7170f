//! Every operation of the models is built or stands in `parity.toml` with its reason.

use std::collections::BTreeSet;

#[test]
fn every_operation_is_built_or_a_gap_with_its_reason() {
    let built: BTreeSet<String> = plane::aws::operations()
        .iter()
        .map(|operation| format!("{operation:?}"))
        .collect();
    let found = matrix::disagreements(&built, &matrix::parity(), &matrix::known());
    assert!(
        found.is_empty(),
        "{} disagreements:\n{}",
        found.len(),
        found.join("\n")
    );
}
