//! Patches, and what is wrong with what comes of them.

use crate::stage::{APPLY, Api, JSON_PATCH, MERGE, Reply, STRATEGIC};
use serde_json::{Value, json};

const WEB: &str = "/apis/apps/v1/namespaces/default/deployments/web";

pub(crate) fn web() -> Value {
    json!({"apiVersion": "apps/v1", "kind": "Deployment", "metadata": {"name": "web"}, "spec": {
        "replicas": 1,
        "selector": {"matchLabels": {"app": "web"}},
        "template": {
            "metadata": {"labels": {"app": "web"}},
            "spec": {"containers": [{"name": "web", "image": "web"}]},
        },
    }})
}

async fn api() -> Api {
    let api = Api::start().await;
    api.post("/apis/apps/v1/namespaces/default/deployments", &web())
        .await
        .ok();
    api
}

async fn patch(api: &Api, validation: &str, content_type: &str, body: &str) -> Reply {
    let path = format!("{WEB}?fieldValidation={validation}");
    api.send("PATCH", &path, content_type, body).await
}

/// Patches, and what is said of them.
const WRONG: [(&str, &str, &str); 6] = [
    (
        STRATEGIC,
        r#"{"spec":{"foo":1}}"#,
        r#"unknown field "spec.foo""#,
    ),
    (
        MERGE,
        r#"{"spec":{"template":{"spec":{"foo":1}}}}"#,
        r#"unknown field "spec.template.spec.foo""#,
    ),
    (
        MERGE,
        r#"{"spec":{"replicas":1,"replicas":2}}"#,
        r#"duplicate field "spec.replicas""#,
    ),
    (
        JSON_PATCH,
        r#"[{"op":"add","path":"/spec/foo","value":1}]"#,
        r#"unknown field "spec.foo""#,
    ),
    (
        JSON_PATCH,
        r#"[{"op":"add","path":"/spec/replicas","value":1,"foo":1}]"#,
        r#"json patch unknown field "[0].foo""#,
    ),
    (
        JSON_PATCH,
        r#"[{"op":"add","op":"add","path":"/spec/replicas","value":1}]"#,
        r#"json patch duplicate field "[0].op""#,
    ),
];

#[tokio::test]
async fn a_strict_patch_with_an_unknown_or_duplicate_field_is_refused() {
    let api = api().await;
    for (content_type, body, fault) in WRONG {
        let refused = patch(&api, "Strict", content_type, body).await;
        assert_eq!(refused.code, 422, "{body}: {}", refused.body);
        let message = refused.message();
        let end = format!(": strict decoding error: {fault}");
        assert!(
            message.starts_with(" \"\" is invalid: patch: Invalid value: "),
            "{message}"
        );
        assert!(message.ends_with(&end), "{message}");
    }
    let body = r#"{"spec":{"foo":[1,null,"x"],"bar":true}}"#;
    patch(&api, "Strict", STRATEGIC, body).await.refused(
        422,
        r#" "" is invalid: patch: Invalid value: "map[spec:map[bar:true foo:[1 <nil> x]]]": strict decoding error: unknown field "spec.bar", unknown field "spec.foo""#,
    );
}

#[tokio::test]
async fn a_patch_with_such_a_field_is_warned_of_unless_it_wants_no_word() {
    let api = api().await;
    for (content_type, body, fault) in WRONG {
        for validation in ["Warn", ""] {
            let warned = patch(&api, validation, content_type, body).await;
            let text = format!("299 - \"{}\"", fault.replace('"', "\\\""));
            assert_eq!(warned.warnings(), [text], "{body}");
            assert_eq!(warned.ok()["spec"].get("foo"), None, "it is left out");
        }
        let ignored = patch(&api, "Ignore", content_type, body).await;
        assert!(ignored.warnings().is_empty(), "{body}");
        assert_eq!(ignored.ok()["spec"].get("foo"), None);
    }
}

#[tokio::test]
async fn a_patch_that_leaves_a_value_of_another_type_is_refused_whatever_is_wished() {
    let api = api().await;
    for validation in ["Strict", "Warn", "Ignore"] {
        let body = r#"{"spec":{"replicas":"three"}}"#;
        let refused = patch(&api, validation, STRATEGIC, body).await;
        refused.refused(
            422,
            r#" "" is invalid: patch: Invalid value: "map[spec:map[replicas:three]]": json: cannot unmarshal string into Go struct field DeploymentSpec.spec.replicas of type int32"#,
        );
    }
}

#[tokio::test]
async fn an_applied_field_that_the_kind_does_not_have_is_refused_whatever_is_wished() {
    let api = api().await;
    for validation in ["Strict", "Warn", "Ignore"] {
        let mut body = web();
        body["metadata"]["namespace"] = "default".into();
        body["spec"]["foo"] = 1.into();
        let path = format!("{WEB}?fieldManager=m&force=true&fieldValidation={validation}");
        let refused = api.send("PATCH", &path, APPLY, &body.to_string()).await;
        refused.refused(
            500,
            "failed to create typed patch object (default/web; apps/v1, Kind=Deployment): .spec.foo: field not declared in schema",
        );
    }
}

#[tokio::test]
async fn fields_that_are_applied_twice_are_refused_or_warned_of() {
    let api = api().await;
    let body = "{apiVersion: apps/v1, kind: Deployment, spec: {paused: true, paused: true}}";
    let path = |validation: &str| format!("{WEB}?fieldManager=m&fieldValidation={validation}");
    let refused = api.send("PATCH", &path("Strict"), APPLY, body).await;
    assert_eq!(refused.code, 400, "{}", refused.body);
    let warned = api.send("PATCH", &path("Warn"), APPLY, body).await;
    assert_eq!(
        (warned.code, warned.warnings().len()),
        (200, 1),
        "{}",
        warned.body
    );
    let ignored = api.send("PATCH", &path("Ignore"), APPLY, body).await;
    assert_eq!((ignored.code, ignored.warnings().len()), (200, 0));
}
