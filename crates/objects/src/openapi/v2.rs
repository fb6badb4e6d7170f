//! OpenAPI v2: everything in one document, for kubectl up to 1.27.

use std::collections::BTreeMap;

use serde_json::{Map, Value, json};

use super::Served;
use super::definitions::{Definitions, Dialect};
use super::gnostic;
use super::operations::{Operation, operations};

const DIALECT: Dialect = Dialect {
    prefix: "#/definitions/",
    wraps_references: false,
    quantity: || json!({"type": "string"}),
    int_or_string: || json!({"type": "string", "format": "int-or-string"}),
};

/// The document, in protobuf.
pub(crate) fn document(version: &str, served: &[Served]) -> Vec<u8> {
    let mut definitions = Definitions::new(&DIALECT);
    let mut paths: BTreeMap<String, Map<String, Value>> = BTreeMap::new();
    for operation in operations(served) {
        let method = method(&operation, &mut definitions);
        let item = paths.entry(operation.path).or_default();
        item.insert(operation.method.to_owned(), method);
    }
    gnostic::document(version, &paths, &definitions.finish())
}

fn method(operation: &Operation<'_>, definitions: &mut Definitions<'_>) -> Value {
    let kind = operation.served.kind();
    let schema = definitions.kind(kind);
    let parameters: Vec<Value> = operation
        .parameters
        .iter()
        .map(|(name, of)| json!({"name": name, "type": of}))
        .collect();
    json!({
        "operationId": operation.id,
        "parameters": parameters,
        "schema": schema,
        "x-kubernetes-action": operation.action,
        "x-kubernetes-group-version-kind": {
            "group": kind.group.as_str(),
            "version": kind.version.as_str(),
            "kind": kind.kind.as_str(),
        },
    })
}
