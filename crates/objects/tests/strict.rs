//! What Kubernetes says of JSON that does not fit, row by row.

use objects::Gvk;
use objects::decode::{Decoded, FieldValidation, MediaType, decode_builtin};
use objects::{Status, decode};
use serde_json::json;

fn gvk(text: &str) -> Gvk {
    let (api_version, kind) = text.rsplit_once('/').unwrap_or(("v1", text));
    Gvk::parse_api_version(api_version, kind).expect("well spelt")
}

fn read(body: &str, kind: &str, validation: FieldValidation) -> Result<Decoded, Status> {
    decode_builtin(body.as_bytes(), MediaType::Json, &gvk(kind), validation)
}

const DEPLOYMENT: &str = r#"{"apiVersion": "apps/v1", "kind": "Deployment", "metadata": {"name": "a", "nam": "b"},
    "spec": {"foo": 1, "replicas": 1, "replicas": 2, "template": {"spec": {"containers": [
        {"name": "a", "imag": "b", "env": [{"name": "x", "name": "y"}]}]}}}}"#;

const FINDINGS: [&str; 5] = [
    "unknown field \"metadata.nam\"",
    "unknown field \"spec.foo\"",
    "duplicate field \"spec.replicas\"",
    "unknown field \"spec.template.spec.containers[0].imag\"",
    "duplicate field \"spec.template.spec.containers[0].env[0].name\"",
];

#[test]
fn strict_refuses_all_unknown_and_duplicate_fields_at_once() {
    let refusal = read(DEPLOYMENT, "apps/v1/Deployment", FieldValidation::Strict).unwrap_err();
    assert_eq!(refusal.code, 400);
    assert_eq!(
        refusal.message,
        format!(
            "Deployment in version \"v1\" cannot be handled as a Deployment: strict decoding error: {}",
            FINDINGS.join(", ")
        )
    );
}

#[test]
fn warn_tells_and_ignore_does_not() {
    let warned = read(DEPLOYMENT, "apps/v1/Deployment", FieldValidation::Warn).unwrap();
    assert_eq!(warned.warnings, FINDINGS);
    let ignored = read(DEPLOYMENT, "apps/v1/Deployment", FieldValidation::Ignore).unwrap();
    assert_eq!(ignored.warnings, [""; 0]);
    assert_eq!(ignored.object, warned.object);
}

#[test]
fn unknown_fields_are_left_out_and_the_last_of_two_counts() {
    let object = read(DEPLOYMENT, "apps/v1/Deployment", FieldValidation::Ignore)
        .unwrap()
        .object;
    let spec = json!({"replicas": 2, "template": {"spec": {"containers": [
        {"name": "a", "env": [{"name": "y"}]}]}}});
    assert_eq!(object.get(&["spec"]), Some(&spec));
    assert_eq!(object.metadata().unwrap().len(), 1);
}

#[test]
fn a_value_of_the_wrong_type_is_told_as_go_tells_it() {
    let rows = [
        (
            "apps/v1/Deployment",
            r#"{"spec": {"replicas": "3"}}"#,
            "json: cannot unmarshal string into Go struct field DeploymentSpec.spec.replicas of type int32",
        ),
        (
            "apps/v1/Deployment",
            r#"{"spec": {"replicas": 1.5}}"#,
            "json: cannot unmarshal number 1.5 into Go struct field DeploymentSpec.spec.replicas of type int32",
        ),
        (
            "apps/v1/Deployment",
            r#"{"spec": {"replicas": 3000000000}}"#,
            "json: cannot unmarshal number 3000000000 into Go struct field DeploymentSpec.spec.replicas of type int32",
        ),
        (
            "Pod",
            r#"{"spec": {"containers": [{"ports": [{"containerPort": "80"}]}]}}"#,
            "json: cannot unmarshal string into Go struct field ContainerPort.spec.containers.ports.containerPort of type int32",
        ),
        (
            "Pod",
            r#"{"spec": {"containers": {"name": "a"}}}"#,
            "json: cannot unmarshal object into Go struct field PodSpec.spec.containers of type []v1.Container",
        ),
        (
            "Pod",
            r#"{"spec": {"dnsPolicy": 1}}"#,
            "json: cannot unmarshal number into Go struct field PodSpec.spec.dnsPolicy of type v1.DNSPolicy",
        ),
        (
            "Pod",
            r#"{"metadata": {"labels": {"a": true}}}"#,
            "json: cannot unmarshal bool into Go struct field ObjectMeta.metadata.labels of type string",
        ),
        (
            "ConfigMap",
            r#"{"data": ["a"]}"#,
            "json: cannot unmarshal array into Go struct field ConfigMap.data of type map[string]string",
        ),
        (
            "Secret",
            r#"{"data": {"a": "not base64"}}"#,
            "illegal base64 data at input byte 3",
        ),
        (
            "Pod",
            r#"{"spec": {"containers": [{"resources": {"limits": {"cpu": "1 core"}}}]}}"#,
            "quantities must match the regular expression '^([+-]?[0-9.]+)([eEinumkKMGTP]*[-+]?[0-9]*)$'",
        ),
        (
            "Service",
            r#"{"spec": {"ports": [{"targetPort": true}]}}"#,
            "json: cannot unmarshal bool into Go value of type int32",
        ),
        (
            "Pod",
            r#"{"metadata": {"creationTimestamp": "yesterday"}}"#,
            "parsing time \"yesterday\" as \"2006-01-02T15:04:05Z07:00\": cannot parse \"yesterday\" as \"2006\"",
        ),
    ];
    for (kind, body, told) in rows {
        let refusal = read(body, kind, FieldValidation::Ignore).unwrap_err();
        let kind = gvk(kind).kind;
        assert_eq!(
            refusal.message,
            format!("{kind} in version \"v1\" cannot be handled as a {kind}: {told}")
        );
    }
}

#[test]
fn null_is_as_good_as_absent() {
    let body = r#"{"metadata": {"creationTimestamp": null, "labels": {"a": null}}, "spec": null}"#;
    let object = read(body, "Pod", FieldValidation::Strict).unwrap().object;
    let expected = json!({"apiVersion": "v1", "kind": "Pod", "metadata": {"labels": {"a": ""}}});
    assert_eq!(object.into_value(), expected);
}

#[test]
fn a_quantity_may_be_a_number() {
    let body = r#"{"spec": {"overhead": {"cpu": 2, "memory": "1Gi"}}}"#;
    let object = read(body, "Pod", FieldValidation::Strict).unwrap().object;
    let expected = json!({"cpu": "2", "memory": "1Gi"});
    assert_eq!(object.get(&["spec", "overhead"]), Some(&expected));
}

#[test]
fn a_body_of_another_type_is_refused() {
    let rows = [
        (
            r#"{"apiVersion": "v1", "kind": "ConfigMap"}"#,
            "ConfigMap in version \"v1\" cannot be handled as a Pod: converting (v1.ConfigMap) to (v1.Pod): unknown conversion",
        ),
        (
            r#"{"apiVersion": "apps/v1", "kind": "Pod"}"#,
            "the API version in the data (apps/v1) does not match the expected API version (v1)",
        ),
        (
            "[1, 2]",
            "the object provided is unrecognized (must be of type Pod): couldn't get version/kind; json parse error: invalid type: integer `1`, expected a string at line 1 column 2 (5b312c20325d)",
        ),
        (
            "",
            "the object provided is unrecognized (must be of type Pod): couldn't get version/kind; json parse error: EOF while parsing a value at line 1 column 0 (<empty>)",
        ),
    ];
    for (body, told) in rows {
        let refusal = read(body, "Pod", FieldValidation::Warn).unwrap_err();
        assert_eq!((refusal.code, refusal.message.as_str()), (400, told));
    }
}

#[test]
fn options_may_come_in_any_group_version() {
    for api_version in ["v1", "apps/v1", "meta.k8s.io/v1"] {
        let body = format!(
            r#"{{"apiVersion": "{api_version}", "kind": "DeleteOptions", "propagationPolicy": "Background"}}"#
        );
        let options = read(&body, "DeleteOptions", FieldValidation::Strict).unwrap();
        assert_eq!(
            options.object.text(&["propagationPolicy"]),
            Some("Background")
        );
    }
}

#[test]
fn bodies_are_json_unless_they_say_otherwise() {
    let rows = [
        (None, Some(MediaType::Json)),
        (
            Some("application/json; charset=utf-8"),
            Some(MediaType::Json),
        ),
        (Some("application/YAML"), Some(MediaType::Yaml)),
        (
            Some("application/vnd.kubernetes.protobuf"),
            Some(MediaType::Protobuf),
        ),
        (Some("application/cbor"), None),
        (Some("text/plain"), None),
    ];
    for (content_type, media_type) in rows {
        assert_eq!(MediaType::of(content_type).ok(), media_type);
    }
    let refusal = MediaType::of(Some("application/cbor")).unwrap_err();
    assert_eq!(refusal.code, 415);
}

#[test]
fn a_body_may_have_three_mebibytes() {
    let name = "a".repeat(decode::BODY_BYTES_MAX);
    let refusal = read(&name, "Pod", FieldValidation::Warn).map(|_| ());
    assert!(refusal.is_err_and(|status| status.code == 400));
    let refusal = read(&(name + "a"), "Pod", FieldValidation::Warn).unwrap_err();
    assert_eq!(
        refusal.message,
        "Request entity too large: limit is 3145728"
    );
}

#[test]
fn the_parameter_is_one_of_three_words() {
    assert_eq!(FieldValidation::of(None), Ok(FieldValidation::Warn));
    assert_eq!(
        FieldValidation::of(Some("Strict")),
        Ok(FieldValidation::Strict)
    );
    assert!(FieldValidation::of(Some("strict")).is_err());
}
