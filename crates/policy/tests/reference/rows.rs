//! Cases that were found to matter, minimised, with the manual's answer.

use crate::case::Case;
use crate::{engine, manual};
use serde::Deserialize;

#[derive(Deserialize)]
struct Row {
    name: String,
    answer: String,
    case: Case,
}

#[test]
fn cases_that_once_went_wrong_go_right() {
    let rows: Vec<Row> = serde_json::from_str(include_str!("rows.json")).expect("rows");
    assert!(!rows.is_empty());
    for row in rows {
        assert_eq!(
            manual::answer(&row.case),
            row.answer,
            "the manual: {}",
            row.name
        );
        assert_eq!(
            engine::answer(&row.case),
            row.answer,
            "the engine: {}",
            row.name
        );
    }
}
