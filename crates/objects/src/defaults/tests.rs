use super::*;
use serde_json::Value;

fn defaulted(object: &Value) -> Value {
    let mut object = Object::from_value(object.clone()).unwrap();
    default(&mut object);
    let again = {
        let mut again = object.clone();
        default(&mut again);
        again
    };
    assert_eq!(again, object, "a default is filled in once");
    object.into_value()
}

#[test]
fn a_pod_gets_what_kubectl_counts_on() {
    let pod = defaulted(
        &json!({"apiVersion": "v1", "kind": "Pod", "spec": {"containers": [{
        "name": "a", "image": "nginx", "ports": [{"containerPort": 80}],
        "livenessProbe": {"httpGet": {"port": 80}},
        "resources": {"limits": {"cpu": "1"}, "requests": {"memory": "1Gi"}},
        "env": [{"name": "POD", "valueFrom": {"fieldRef": {"fieldPath": "metadata.name"}}}],
    }], "volumes": [{"name": "scratch"}, {"name": "c", "configMap": {"name": "c"}}]}}),
    );
    assert_eq!(
        pod["spec"],
        json!({
            "containers": [{
                "name": "a", "image": "nginx", "imagePullPolicy": "Always",
                "ports": [{"containerPort": 80, "protocol": "TCP"}],
                "livenessProbe": {
                    "httpGet": {"port": 80, "path": "/", "scheme": "HTTP"}, "timeoutSeconds": 1,
                    "periodSeconds": 10, "successThreshold": 1, "failureThreshold": 3,
                },
                "resources": {"limits": {"cpu": "1"}, "requests": {"cpu": "1", "memory": "1Gi"}},
                "terminationMessagePath": "/dev/termination-log", "terminationMessagePolicy": "File",
                "env": [{"name": "POD", "valueFrom": {"fieldRef": {"apiVersion": "v1", "fieldPath": "metadata.name"}}}],
            }],
            "dnsPolicy": "ClusterFirst", "restartPolicy": "Always", "securityContext": {},
            "schedulerName": "default-scheduler", "terminationGracePeriodSeconds": 30,
            "enableServiceLinks": true,
            "volumes": [
                {"name": "scratch", "emptyDir": {}},
                {"name": "c", "configMap": {"name": "c", "defaultMode": 420}},
            ],
        })
    );
}

#[test]
fn an_image_is_pulled_always_if_its_tag_may_move() {
    let rows = [
        ("nginx", "Always"),
        ("nginx:latest", "Always"),
        ("nginx:1", "IfNotPresent"),
        ("host:5000/nginx", "Always"),
        ("host:5000/nginx:1", "IfNotPresent"),
        ("nginx@sha256:00", "IfNotPresent"),
    ];
    for (image, policy) in rows {
        let pod =
            json!({"apiVersion": "v1", "kind": "Pod", "spec": {"containers": [{"image": image}]}});
        assert_eq!(
            defaulted(&pod)["spec"]["containers"][0]["imagePullPolicy"],
            policy,
            "{image}"
        );
    }
}

#[test]
fn a_deployment_rolls_by_quarters() {
    let deployment = defaulted(
        &json!({"apiVersion": "apps/v1", "kind": "Deployment", "spec": {
            "template": {"spec": {"containers": [{"name": "a"}]}},
        }}),
    );
    let spec = &deployment["spec"];
    assert_eq!(
        (
            &spec["replicas"],
            &spec["revisionHistoryLimit"],
            &spec["progressDeadlineSeconds"]
        ),
        (&json!(1), &json!(10), &json!(600))
    );
    assert_eq!(
        spec["strategy"],
        json!({"type": "RollingUpdate", "rollingUpdate": {"maxUnavailable": "25%", "maxSurge": "25%"}})
    );
    assert_eq!(spec["template"]["spec"]["restartPolicy"], "Always");
    assert_eq!(spec["template"]["spec"].get("enableServiceLinks"), None);
}

#[test]
fn other_kinds_get_theirs() {
    let rows = [
        (
            json!({"apiVersion": "v1", "kind": "Secret"}),
            "/type",
            json!("Opaque"),
        ),
        (
            json!({"apiVersion": "v1", "kind": "Service", "spec": {"ports": [{"port": 80}]}}),
            "/spec/ports/0",
            json!({"port": 80, "protocol": "TCP", "targetPort": 80}),
        ),
        (
            json!({"apiVersion": "v1", "kind": "Service", "spec": {"type": "ExternalName"}}),
            "/spec",
            json!({"type": "ExternalName", "sessionAffinity": "None"}),
        ),
        (
            json!({"apiVersion": "v1", "kind": "Namespace", "metadata": {"name": "a"}}),
            "/metadata/labels",
            json!({"kubernetes.io/metadata.name": "a"}),
        ),
        (
            json!({"apiVersion": "batch/v1", "kind": "Job", "spec": {}}),
            "/spec/completions",
            json!(1),
        ),
        (
            json!({"apiVersion": "batch/v1", "kind": "Job", "spec": {"parallelism": 2}}),
            "/spec",
            json!({"parallelism": 2, "backoffLimit": 6, "completionMode": "NonIndexed", "suspend": false, "podReplacementPolicy": "TerminatingOrFailed"}),
        ),
        (
            json!({"apiVersion": "batch/v1", "kind": "Job", "metadata": {"name": "a", "uid": "u"}}),
            "/spec/selector",
            json!({"matchLabels": {"batch.kubernetes.io/controller-uid": "u"}}),
        ),
        (
            json!({"apiVersion": "batch/v1", "kind": "Job", "metadata": {"name": "a", "uid": "u"}}),
            "/spec/template/metadata/labels",
            json!({
                "job-name": "a", "batch.kubernetes.io/job-name": "a",
                "controller-uid": "u", "batch.kubernetes.io/controller-uid": "u",
            }),
        ),
        (
            json!({"apiVersion": "batch/v1", "kind": "Job", "metadata": {"name": "a", "uid": "u"},
                "spec": {"manualSelector": true, "selector": {"matchLabels": {"a": "b"}}}}),
            "/spec/selector",
            json!({"matchLabels": {"a": "b"}}),
        ),
        (
            json!({"apiVersion": "rbac.authorization.k8s.io/v1", "kind": "RoleBinding", "roleRef": {"kind": "Role"}, "subjects": [{"kind": "User"}, {"kind": "ServiceAccount"}]}),
            "/subjects",
            json!([{"kind": "User", "apiGroup": "rbac.authorization.k8s.io"}, {"kind": "ServiceAccount"}]),
        ),
        (
            json!({"apiVersion": "authentication.k8s.io/v1", "kind": "TokenRequest", "spec": {}}),
            "/spec/expirationSeconds",
            json!(3600),
        ),
    ];
    for (object, place, expected) in rows {
        assert_eq!(
            defaulted(&object).pointer(place),
            Some(&expected),
            "{object}"
        );
    }
}
