//! What kubectl 1.37.1 really sent, and what Go makes of the same object in JSON (`--dry-run=client -o json`).

use data_encoding::BASE64;
use objects::Object;
use objects::decode::{FieldValidation, MediaType, decode_builtin};
use serde::Deserialize;

const ROWS: &str = include_str!("../../../tests/corpus/kubectl-protobuf.json");

#[derive(Deserialize)]
struct Row {
    command: String,
    body: String,
    object: Object,
}

#[test]
fn bodies_of_kubectl_are_read_as_go_reads_them() {
    let rows: Vec<Row> = serde_json::from_str(ROWS).unwrap();
    assert!(rows.len() >= 17);
    for row in rows {
        let gvk = row.object.gvk().unwrap();
        let body = BASE64.decode(row.body.as_bytes()).unwrap();
        let decoded = decode_builtin(&body, MediaType::Protobuf, &gvk, FieldValidation::Strict);
        assert_eq!(decoded.unwrap().object, row.object, "{}", row.command);
    }
}
