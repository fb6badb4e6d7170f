//! The documents, as kubectl reads them.

use objects::Gvk;
use objects::openapi::{OpenApi, Served};
use serde_json::{Value, json};

const ALL: [&str; 8] = [
    "create",
    "delete",
    "deletecollection",
    "get",
    "list",
    "patch",
    "update",
    "watch",
];

fn served(api_version: &str, kind: &str, plural: &str) -> Served {
    Served {
        resource: Gvk::parse_api_version(api_version, kind).expect("well spelt"),
        plural: plural.to_owned(),
        subresource: None,
        is_namespaced: kind != "Namespace",
        verbs: ALL.to_vec(),
    }
}

fn openapi() -> OpenApi {
    let scale = Gvk::parse_api_version("autoscaling/v1", "Scale").expect("well spelt");
    let deployments = served("apps/v1", "Deployment", "deployments");
    let scale = Served {
        subresource: Some(("scale".to_owned(), scale)),
        verbs: vec!["get", "patch", "update"],
        ..deployments.clone()
    };
    let served = vec![
        served("v1", "Pod", "pods"),
        served("v1", "Namespace", "namespaces"),
        deployments,
        scale,
    ];
    OpenApi::of("v1.37.0", served)
}

fn document(path: &str) -> Value {
    let openapi = openapi();
    serde_json::from_slice(openapi.v3(path).expect("served")).expect("JSON")
}

#[test]
fn the_index_names_each_version_of_a_group() {
    let openapi = openapi();
    let index: Value = serde_json::from_slice(&openapi.index()).unwrap();
    for path in ["api/v1", "apis/apps/v1"] {
        let url = format!("/openapi/v3/{path}?hash={}", openapi.hash(path));
        assert_eq!(index["paths"][path], json!({ "serverRelativeURL": url }));
    }
    assert!(openapi.v3("apis/batch/v1").is_none());
}

#[test]
fn a_hash_changes_with_what_is_served() {
    let pods = OpenApi::of("v1.37.0", vec![served("v1", "Pod", "pods")]);
    assert_ne!(openapi().hash("api/v1"), pods.hash("api/v1"));
    assert_eq!(openapi().hash("api/v1"), openapi().hash("api/v1"));
}

#[test]
fn operations_say_what_they_do_and_what_they_take() {
    let apps = document("apis/apps/v1");
    let path = "/apis/apps/v1/namespaces/{namespace}/deployments/{name}";
    let patch = &apps["paths"][path]["patch"];
    assert_eq!(patch["x-kubernetes-action"], "patch");
    let gvk = json!({"group": "apps", "version": "v1", "kind": "Deployment"});
    assert_eq!(patch["x-kubernetes-group-version-kind"], gvk);
    let parameters: Vec<&str> = patch["parameters"]
        .as_array()
        .unwrap()
        .iter()
        .filter_map(|parameter| parameter["name"].as_str())
        .collect();
    assert_eq!(
        parameters,
        ["dryRun", "fieldManager", "fieldValidation", "force"]
    );
    let scale = &apps["paths"][format!("{path}/scale")]["get"];
    assert_eq!(scale["x-kubernetes-group-version-kind"]["kind"], "Scale");
    assert!(apps["paths"][format!("{path}/scale")]["post"].is_null());
    assert!(apps["paths"]["/apis/apps/v1/deployments"]["get"].is_object());
    assert!(apps["paths"]["/apis/apps/v1/deployments"]["post"].is_null());
}

#[test]
fn cluster_wide_resources_have_no_namespace_in_their_path() {
    let core = document("api/v1");
    assert!(core["paths"]["/api/v1/namespaces/{name}"]["get"].is_object());
    assert!(core["paths"]["/api/v1/namespaces"]["post"].is_object());
    assert!(core["paths"]["/api/v1/namespaces/{namespace}/namespaces"].is_null());
}

#[test]
fn operations_have_names_of_their_own() {
    for path in ["api/v1", "apis/apps/v1"] {
        let document = document(path);
        let mut ids: Vec<&str> = Vec::new();
        for item in document["paths"].as_object().unwrap().values() {
            let methods = item.as_object().unwrap().values();
            ids.extend(methods.filter_map(|method| method["operationId"].as_str()));
        }
        let count = ids.len();
        ids.sort_unstable();
        ids.dedup();
        assert_eq!(ids.len(), count, "{ids:?}");
    }
}

#[test]
fn every_reference_leads_to_a_definition() {
    fn references<'v>(value: &'v Value, found: &mut Vec<&'v str>) {
        match value {
            Value::Object(members) => {
                for (key, value) in members {
                    match value.as_str() {
                        Some(text) if key == "$ref" => found.push(text),
                        _ => references(value, found),
                    }
                }
            }
            Value::Array(items) => items.iter().for_each(|item| references(item, found)),
            Value::Null | Value::Bool(_) | Value::Number(_) | Value::String(_) => {}
        }
    }
    for path in ["api/v1", "apis/apps/v1"] {
        let document = document(path);
        let mut found = Vec::new();
        references(&document, &mut found);
        assert!(found.len() > 100);
        for reference in found {
            let name = reference.strip_prefix("#/components/schemas/").unwrap();
            assert!(
                document["components"]["schemas"][name].is_object(),
                "{name}"
            );
        }
    }
}

#[test]
fn definitions_carry_kinds_and_merge_keys() {
    let schemas = document("api/v1")["components"]["schemas"].take();
    let kinds = &schemas["io.k8s.api.core.v1.Pod"]["x-kubernetes-group-version-kind"];
    assert_eq!(
        *kinds,
        json!([{"group": "", "version": "v1", "kind": "Pod"}])
    );
    let containers = &schemas["io.k8s.api.core.v1.PodSpec"]["properties"]["containers"];
    assert_eq!(containers["x-kubernetes-patch-merge-key"], "name");
    assert_eq!(containers["x-kubernetes-patch-strategy"], "merge");
    assert_eq!(containers["x-kubernetes-list-type"], "map");
    assert_eq!(containers["x-kubernetes-list-map-keys"], json!(["name"]));
}

#[test]
fn version_2_is_a_gnostic_document() {
    let openapi = openapi();
    let bytes = openapi.v2();
    // swagger (field 1) = "2.0", then info (field 2).
    assert_eq!(&bytes[..5], b"\x0a\x032.0");
    assert_eq!(bytes[5], 2 << 3 | 2);
    let has = |text: &str| {
        bytes
            .windows(text.len())
            .any(|part| part == text.as_bytes())
    };
    assert!(has("#/definitions/io.k8s.api.core.v1.PodSpec"));
    assert!(has("x-kubernetes-patch-merge-key"));
    assert!(has(
        "/apis/apps/v1/namespaces/{namespace}/deployments/{name}/scale"
    ));
}
