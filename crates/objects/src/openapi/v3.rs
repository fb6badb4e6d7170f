//! OpenAPI v3: one document for each version of a group.

use serde_json::{Map, Value, json};

use super::Served;
use super::definitions::{Definitions, Dialect};
use super::operations::{Operation, operations};

const DIALECT: Dialect = Dialect {
    prefix: "#/components/schemas/",
    wraps_references: true,
    quantity: || json!({"oneOf": [{"type": "string"}, {"type": "number"}]}),
    int_or_string: || json!({"format": "int-or-string", "oneOf": [{"type": "integer"}, {"type": "string"}]}),
};

/// What is sent with a patch.
const PATCHES: [&str; 4] = [
    "application/apply-patch+yaml",
    "application/json-patch+json",
    "application/merge-patch+json",
    "application/strategic-merge-patch+json",
];

/// The document about the paths of one version of a group.
pub(crate) fn document(version: &str, served: &[&Served]) -> Value {
    let mut definitions = Definitions::new(&DIALECT);
    let mut paths = Map::new();
    for operation in operations(served.iter().copied()) {
        let item = paths
            .entry(operation.path.clone())
            .or_insert_with(|| path_item(&operation.path));
        item[operation.method] = method(&operation, &mut definitions);
    }
    json!({
        "openapi": "3.0.0",
        "info": {"title": "Kubernetes", "version": version},
        "paths": paths,
        "components": {"schemas": definitions.finish()},
    })
}

fn path_item(path: &str) -> Value {
    let names = ["name", "namespace"].into_iter();
    let parameters: Vec<Value> = names
        .filter(|name| path.contains(&format!("{{{name}}}")))
        .map(|name| {
            json!({"name": name, "in": "path", "required": true,
                "schema": {"type": "string", "uniqueItems": true}})
        })
        .collect();
    json!({ "parameters": parameters })
}

fn method(operation: &Operation<'_>, definitions: &mut Definitions<'_>) -> Value {
    let kind = operation.served.kind();
    let schema = definitions.kind(kind);
    let parameters: Vec<Value> = operation
        .parameters
        .iter()
        .map(|(name, of)| {
            json!({"name": name, "in": "query", "schema": {"type": of, "uniqueItems": true}})
        })
        .collect();
    let mut method = json!({
        "operationId": operation.id,
        "parameters": parameters,
        "responses": {"200": {"description": "OK",
            "content": {"application/json": {"schema": schema}}}},
        "x-kubernetes-action": operation.action,
        "x-kubernetes-group-version-kind": {
            "group": kind.group.as_str(),
            "version": kind.version.as_str(),
            "kind": kind.kind.as_str(),
        },
    });
    match operation.action {
        "patch" => {
            let content: Map<String, Value> = PATCHES
                .iter()
                .map(|name| ((*name).to_owned(), json!({"schema": {"type": "object"}})))
                .collect();
            method["requestBody"] = json!({"content": content, "required": true});
        }
        "post" | "put" => {
            method["requestBody"] =
                json!({"content": {"*/*": {"schema": schema}}, "required": true});
        }
        _ => {}
    }
    method
}
