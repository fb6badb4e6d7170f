use super::*;
use proptest::prelude::*;
use serde_json::json;

fn faults(object: &Value) -> Vec<String> {
    let mut object = Object::from_value(object.clone()).unwrap();
    crate::defaults::default(&mut object);
    validate_create(&object)
        .iter()
        .map(ToString::to_string)
        .collect()
}

fn update_faults(old: &Value, new: &Value) -> Vec<String> {
    let object = |value: &Value| {
        let mut object = Object::from_value(value.clone()).unwrap();
        crate::defaults::default(&mut object);
        object
    };
    validate_update(&object(new), &object(old))
        .iter()
        .map(ToString::to_string)
        .collect()
}

fn pod(spec: &Value) -> Value {
    let mut whole = json!({"containers": [{"name": "a", "image": "a"}]});
    for (field, value) in spec.as_object().unwrap() {
        whole[field] = value.clone();
    }
    json!({"apiVersion": "v1", "kind": "Pod", "metadata": {"name": "web", "namespace": "default"}, "spec": whole})
}

fn container(fields: &Value) -> Value {
    let mut container = json!({"name": "a", "image": "a"});
    for (field, value) in fields.as_object().unwrap() {
        container[field] = value.clone();
    }
    pod(&json!({"containers": [container], "volumes": [{"name": "v", "emptyDir": {}}]}))
}

fn deployment(spec: &Value) -> Value {
    let mut whole = json!({
        "selector": {"matchLabels": {"app": "web"}},
        "template": {"metadata": {"labels": {"app": "web"}}, "spec": {"containers": [{"name": "a", "image": "a"}]}},
    });
    for (field, value) in spec.as_object().unwrap() {
        whole[field] = value.clone();
    }
    json!({"apiVersion": "apps/v1", "kind": "Deployment", "metadata": {"name": "web", "namespace": "default"}, "spec": whole})
}

fn named(api_version: &str, kind: &str, rest: &Value) -> Value {
    let mut object = json!({"apiVersion": api_version, "kind": kind, "metadata": {"name": "x"}});
    for (field, value) in rest.as_object().unwrap() {
        object[field] = value.clone();
    }
    object
}

#[test]
fn what_is_right_passes() {
    let rbac = "rbac.authorization.k8s.io/v1";
    let rows = [
        pod(&json!({})),
        deployment(&json!({})),
        container(
            &json!({"ports": [{"containerPort": 80, "name": "http"}], "volumeMounts": [{"name": "v", "mountPath": "/v"}]}),
        ),
        named("v1", "ConfigMap", &json!({"data": {"a.yaml": "1"}})),
        named("v1", "Service", &json!({"spec": {"ports": [{"port": 80}]}})),
        named(
            rbac,
            "Role",
            &json!({"rules": [{"apiGroups": [""], "resources": ["pods"], "verbs": ["get"]}]}),
        ),
        named(
            rbac,
            "RoleBinding",
            &json!({"roleRef": {"kind": "Role", "name": "system:r"}, "subjects": [{"kind": "User", "name": "u"}]}),
        ),
        named(
            "batch/v1",
            "Job",
            &json!({"spec": {"template": {"spec": {"restartPolicy": "Never", "containers": [{"name": "a", "image": "a"}]}}}}),
        ),
    ];
    for object in rows {
        assert_eq!(faults(&object), [""; 0], "{object}");
    }
}

#[test]
fn a_pod_is_refused_in_kubernetes_words() {
    let rows = [
        (
            pod(&json!({"containers": []})),
            "spec.containers: Required value",
        ),
        (
            pod(&json!({"restartPolicy": "Sometimes"})),
            r#"spec.restartPolicy: Unsupported value: "Sometimes": supported values: "Always", "OnFailure", "Never""#,
        ),
        (
            pod(
                &json!({"volumes": [{"name": "v", "emptyDir": {}, "secret": {"secretName": "s"}}]}),
            ),
            "spec.volumes[0].secret: Forbidden: may not specify more than 1 volume type",
        ),
        (
            pod(
                &json!({"volumes": [{"name": "v", "emptyDir": {}}, {"name": "v", "emptyDir": {}}]}),
            ),
            r#"spec.volumes[1].name: Duplicate value: "v""#,
        ),
        (
            pod(&json!({"volumes": [{"name": "v", "hostPath": {"path": "/a/../b"}}]})),
            r#"spec.volumes[0].hostPath.path: Invalid value: "/a/../b": must not contain '..'"#,
        ),
        (
            pod(
                &json!({"volumes": [{"name": "v", "configMap": {"name": "c", "items": [{"key": "k", "path": "../x"}]}}]}),
            ),
            r#"spec.volumes[0].configMap.items[0].path: Invalid value: "../x": must not contain '..'"#,
        ),
        (
            pod(
                &json!({"volumes": [{"name": "v", "projected": {"sources": [{"serviceAccountToken": {"path": "token", "expirationSeconds": 60}}]}}]}),
            ),
            "spec.volumes[0].projected.sources[0].serviceAccountToken.expirationSeconds: Invalid value: 60: may not specify a duration less than 10 minutes",
        ),
        (
            pod(&json!({"initContainers": [{"name": "a", "image": "a"}]})),
            r#"spec.initContainers[0].name: Duplicate value: "a""#,
        ),
        (
            container(&json!({"image": ""})),
            "spec.containers[0].image: Required value",
        ),
        (
            container(&json!({"name": "A_b"})),
            r#"spec.containers[0].name: Invalid value: "A_b": a lowercase RFC 1123 label must consist of lower case alphanumeric characters or '-', and must start and end with an alphanumeric character (e.g. 'my-name',  or '123-abc', regex used for validation is '[a-z0-9]([-a-z0-9]*[a-z0-9])?')"#,
        ),
        (
            container(&json!({"ports": [{"containerPort": 70000}]})),
            "spec.containers[0].ports[0].containerPort: Invalid value: 70000: must be between 1 and 65535, inclusive",
        ),
        (
            container(&json!({"ports": [{"containerPort": 1, "protocol": "ICMP"}]})),
            r#"spec.containers[0].ports[0].protocol: Unsupported value: "ICMP": supported values: "SCTP", "TCP", "UDP""#,
        ),
        (
            container(&json!({"env": [{"name": ""}]})),
            "spec.containers[0].env[0].name: Required value",
        ),
        (
            container(
                &json!({"env": [{"name": "A", "value": "1", "valueFrom": {"secretKeyRef": {"name": "s", "key": "k"}}}]}),
            ),
            r#"spec.containers[0].env[0].valueFrom: Invalid value: "": may not be specified when `value` is not empty"#,
        ),
        (
            container(&json!({"volumeMounts": [{"name": "none", "mountPath": "/v"}]})),
            r#"spec.containers[0].volumeMounts[0].name: Not found: "none""#,
        ),
        (
            container(
                &json!({"volumeMounts": [{"name": "v", "mountPath": "/v"}, {"name": "v", "mountPath": "/v"}]}),
            ),
            r#"spec.containers[0].volumeMounts[1].mountPath: Invalid value: "/v": must be unique"#,
        ),
        (
            container(
                &json!({"volumeMounts": [{"name": "v", "mountPath": "/v", "subPath": "/abs"}]}),
            ),
            r#"spec.containers[0].volumeMounts[0].subPath: Invalid value: "/abs": must be a relative path"#,
        ),
        (
            container(&json!({"livenessProbe": {}})),
            "spec.containers[0].livenessProbe: Required value: must specify a handler type",
        ),
        (
            container(&json!({"livenessProbe": {"exec": {}}})),
            "spec.containers[0].livenessProbe.exec.command: Required value",
        ),
        (
            container(&json!({"imagePullPolicy": "Often"})),
            r#"spec.containers[0].imagePullPolicy: Unsupported value: "Often": supported values: "Always", "IfNotPresent", "Never""#,
        ),
        (
            container(&json!({"resources": {"requests": {"cpu": "2"}, "limits": {"cpu": "1"}}})),
            r#"spec.containers[0].resources.requests: Invalid value: "2": must be less than or equal to cpu limit of 1"#,
        ),
    ];
    for (object, complaint) in rows {
        assert_eq!(faults(&object), [complaint], "{object}");
    }
}

#[test]
fn metadata_is_refused_in_kubernetes_words() {
    let with = |metadata: &Value| named("v1", "ConfigMap", &json!({"metadata": metadata}));
    let rows = [
        (
            with(&json!({})),
            "metadata.name: Required value: name or generateName is required",
        ),
        (
            with(&json!({"name": "x", "labels": {"a": "b c"}})),
            r#"metadata.labels: Invalid value: "b c": a valid label must be an empty string or consist of alphanumeric characters, '-', '_' or '.', and must start and end with an alphanumeric character (e.g. 'MyValue',  or 'my_value',  or '12345', regex used for validation is '(([A-Za-z0-9][-A-Za-z0-9_.]*)?[A-Za-z0-9])?')"#,
        ),
        (
            with(&json!({"name": "x", "annotations": {"a": "b".repeat(300_000)}})),
            "metadata.annotations: Too long: may not be more than 262144 bytes",
        ),
        (
            with(&json!({"name": "x", "finalizers": ["mine"]})),
            r#"metadata.finalizers[0]: Invalid value: "mine": name is neither a standard finalizer name nor is it fully qualified"#,
        ),
        (
            with(
                &json!({"name": "x", "ownerReferences": [{"apiVersion": "v1", "kind": "Pod", "name": "p"}]}),
            ),
            r#"metadata.ownerReferences[0].uid: Invalid value: "": uid must not be empty"#,
        ),
    ];
    for (object, complaint) in rows {
        assert_eq!(faults(&object), [complaint]);
    }
    assert_eq!(
        faults(&with(&json!({"name": "x", "generateName": "x-"}))),
        [""; 0]
    );
}

#[test]
fn other_kinds_are_refused_in_kubernetes_words() {
    let rbac = "rbac.authorization.k8s.io/v1";
    let rows = [
        (
            deployment(&json!({"selector": {"matchLabels": {"app": "db"}}})),
            r#"spec.template.metadata.labels: Invalid value: {"app":"web"}: `selector` does not match template `labels`"#,
        ),
        (
            deployment(&json!({"selector": null})),
            "spec.selector: Required value",
        ),
        (
            deployment(&json!({"selector": {}})),
            "spec.selector: Invalid value: {}: empty selector is invalid for deployment",
        ),
        (
            deployment(&json!({"replicas": -1})),
            "spec.replicas: Invalid value: -1: must be greater than or equal to 0",
        ),
        (
            deployment(&json!({"strategy": {"type": "Recreate", "rollingUpdate": {}}})),
            "spec.strategy.rollingUpdate: Forbidden: may not be specified when strategy `type` is 'Recreate'",
        ),
        (
            deployment(
                &json!({"strategy": {"rollingUpdate": {"maxSurge": 0, "maxUnavailable": 0}}}),
            ),
            "spec.strategy.rollingUpdate.maxUnavailable: Invalid value: 0: may not be 0 when `maxSurge` is 0",
        ),
        (
            named(
                "batch/v1",
                "Job",
                &json!({"spec": {"template": {"spec": {"containers": [{"name": "a", "image": "a"}]}}}}),
            ),
            r#"spec.template.spec.restartPolicy: Required value: valid values: "OnFailure", "Never""#,
        ),
        (
            named("v1", "ConfigMap", &json!({"data": {"a/b": ""}})),
            r#"data[a/b]: Invalid value: "a/b": a valid config key must consist of alphanumeric characters, '-', '_' or '.' (e.g. 'key.name',  or 'KEY_NAME',  or 'key-name', regex used for validation is '[-._a-zA-Z0-9]+')"#,
        ),
        (
            named(
                "v1",
                "ConfigMap",
                &json!({"data": {"a": "b".repeat(1_048_577)}}),
            ),
            "[]: Too long: may not be more than 1048576 bytes",
        ),
        (
            named(
                "v1",
                "Secret",
                &json!({"type": "kubernetes.io/tls", "data": {"tls.crt": ""}}),
            ),
            "data[tls.key]: Required value",
        ),
        (
            named("v1", "Service", &json!({"spec": {}})),
            "spec.ports: Required value",
        ),
        (
            named("v1", "Service", &json!({"spec": {"ports": [{"port": 0}]}})),
            "spec.ports[0].port: Invalid value: 0: must be between 1 and 65535, inclusive",
        ),
        (
            named(
                rbac,
                "Role",
                &json!({"rules": [{"apiGroups": [""], "resources": ["pods"]}]}),
            ),
            "rules[0].verbs: Required value: verbs must contain at least one value",
        ),
        (
            named(
                rbac,
                "Role",
                &json!({"rules": [{"nonResourceURLs": ["/a"], "verbs": ["get"]}]}),
            ),
            r#"rules[0].nonResourceURLs: Invalid value: ["/a"]: namespaced rules cannot apply to non-resource URLs"#,
        ),
        (
            named(
                rbac,
                "ClusterRoleBinding",
                &json!({"roleRef": {"kind": "Role", "name": "r"}}),
            ),
            r#"roleRef.kind: Unsupported value: "Role": supported values: "ClusterRole""#,
        ),
        (
            named(
                rbac,
                "ClusterRoleBinding",
                &json!({"roleRef": {"kind": "ClusterRole", "name": "r"}, "subjects": [{"kind": "ServiceAccount", "name": "s"}]}),
            ),
            "subjects[0].namespace: Required value",
        ),
        (
            named(
                "authentication.k8s.io/v1",
                "TokenRequest",
                &json!({"spec": {"expirationSeconds": 5}}),
            ),
            "spec.expirationSeconds: Invalid value: 5: may not specify a duration less than 10 minutes",
        ),
    ];
    for (object, complaint) in rows {
        assert!(
            faults(&object).contains(&complaint.to_owned()),
            "{complaint}\n{:?}",
            faults(&object)
        );
        assert_eq!(
            faults(&object)
                .iter()
                .filter(|fault| !fault.contains("targetPort"))
                .count(),
            1,
            "{:?}",
            faults(&object)
        );
    }
}

#[test]
fn what_may_not_change_is_named() {
    let sealed = named(
        "v1",
        "ConfigMap",
        &json!({"immutable": true, "data": {"a": "1"}}),
    );
    let binding = |role: &str| {
        named(
            "rbac.authorization.k8s.io/v1",
            "RoleBinding",
            &json!({"roleRef": {"kind": "Role", "name": role}}),
        )
    };
    let rows = [
        (
            sealed.clone(),
            named(
                "v1",
                "ConfigMap",
                &json!({"immutable": true, "data": {"a": "2"}}),
            ),
            "data: Forbidden: field is immutable when `immutable` is set",
        ),
        (
            sealed,
            named("v1", "ConfigMap", &json!({"data": {"a": "1"}})),
            "immutable: Forbidden: field is immutable when `immutable` is set",
        ),
        (
            binding("a"),
            binding("b"),
            r#"roleRef: Invalid value: {"apiGroup":"rbac.authorization.k8s.io","kind":"Role","name":"b"}: cannot change roleRef"#,
        ),
        (
            named("v1", "Secret", &json!({"type": "a"})),
            named("v1", "Secret", &json!({"type": "b"})),
            r#"type: Invalid value: "b": field is immutable"#,
        ),
        (
            deployment(&json!({"selector": {"matchLabels": {"app": "web"}}})),
            deployment(
                &json!({"selector": {"matchExpressions": [{"key": "app", "operator": "Exists"}]}}),
            ),
            r#"spec.selector: Invalid value: {"matchExpressions":[{"key":"app","operator":"Exists"}]}: field is immutable"#,
        ),
        (
            pod(&json!({})),
            pod(&json!({"containers": [{"name": "a", "image": "a"}, {"name": "b", "image": "b"}]})),
            "spec.containers: Forbidden: pod updates may not add or remove containers",
        ),
        (
            pod(&json!({})),
            pod(&json!({"hostNetwork": true})),
            "spec: Forbidden: pod updates may not change fields other than `spec.containers[*].image`,`spec.initContainers[*].image`,`spec.activeDeadlineSeconds`,`spec.tolerations` (only additions to existing tolerations),`spec.terminationGracePeriodSeconds` (allow it to be set to 1 if it was previously negative)\n  spec.hostNetwork\n",
        ),
    ];
    for (old, new, complaint) in rows {
        assert_eq!(update_faults(&old, &new), [complaint]);
    }
    assert_eq!(
        update_faults(&pod(&json!({})), &container(&json!({"image": "a"}))).len(),
        1,
        "volumes are new"
    );
    let mut renamed = pod(&json!({}));
    renamed["spec"]["containers"][0]["image"] = json!("b:2");
    renamed["spec"]["containers"][0]["imagePullPolicy"] = json!("Always");
    assert_eq!(update_faults(&pod(&json!({})), &renamed), [""; 0]);
}

#[test]
fn no_finalizer_is_added_to_what_is_being_deleted() {
    let deleting = |finalizers: &Value| {
        named(
            "v1",
            "ConfigMap",
            &json!({"metadata": {
                "name": "x", "deletionTimestamp": "2026-01-01T00:00:00Z", "finalizers": finalizers,
            }}),
        )
    };
    let found = update_faults(
        &deleting(&json!(["a/b"])),
        &deleting(&json!(["a/b", "c/d"])),
    );
    assert_eq!(
        found,
        [
            r#"metadata.finalizers: Forbidden: no new finalizers can be added if the object is being deleted, found new finalizers []string{"c/d"}"#
        ]
    );
}

#[test]
fn ten_thousand_items_are_checked_quickly() {
    let containers: Vec<_> = (0..10_000)
        .map(|number| json!({"name": format!("c{number}"), "image": "x"}))
        .collect();
    assert_eq!(faults(&pod(&json!({"containers": containers}))), [""; 0]);
}

/// Values of every shape, under names that Pods have.
fn a_value() -> impl Strategy<Value = Value> {
    let leaf = prop_oneof![
        Just(Value::Null),
        any::<bool>().prop_map(Value::from),
        any::<i64>().prop_map(Value::from),
        "[a-z0-9./:-]{0,12}".prop_map(Value::from),
    ];
    leaf.prop_recursive(4, 24, 4, |inner| {
        let name = "name|image|containers|env|value|valueFrom|volumes|ports|metadata|labels|spec|x";
        prop_oneof![
            proptest::collection::vec(inner.clone(), 0..3).prop_map(Value::from),
            proptest::collection::btree_map(name, inner, 0..4)
                .prop_map(|members| Value::Object(members.into_iter().collect())),
        ]
    })
}

proptest! {
    #[test]
    fn objects_of_any_shape_get_defaults_and_are_judged(
        kind in "Pod|ConfigMap|Secret|Service|Job",
        metadata in a_value(),
        spec in a_value(),
        field in "spec|data|type",
    ) {
        let whole = json!({"apiVersion": "v1", "kind": kind, "metadata": metadata, field: spec});
        let Ok(mut object) = serde_json::from_value::<Object>(whole) else {
            return Ok(());
        };
        let old = object.clone();
        crate::defaults::default(&mut object);
        let _ = validate_create(&object);
        let _ = validate_update(&object, &old);
        let _ = crate::table::cells(&object, jiff::Timestamp::UNIX_EPOCH);
    }
}
