use super::*;

fn now() -> Timestamp {
    "2026-01-02T00:00:00Z".parse().unwrap()
}

fn row(object: &Value) -> Vec<Value> {
    let object = Object::from_value(object.clone()).unwrap();
    let cells = cells(&object, now());
    let (group, kind) = group_kind(&object);
    assert_eq!(
        cells.len(),
        columns(group, kind).len(),
        "{kind}: a cell for each column"
    );
    cells
}

fn pod(rest: &Value) -> Value {
    let mut pod = json!({
        "apiVersion": "v1", "kind": "Pod",
        "metadata": {"name": "web", "creationTimestamp": "2026-01-01T23:57:00Z"},
        "spec": {"containers": [{"name": "a"}]},
        "status": {"phase": "Running"},
    });
    for (part, fields) in rest.as_object().unwrap() {
        for (field, value) in fields.as_object().unwrap() {
            pod[part][field] = value.clone();
        }
    }
    pod
}

#[test]
fn a_pod_shows_the_word_that_kubectl_shows() {
    let state = |state: Value| {
        pod(
            &json!({"status": {"containerStatuses": [{"ready": false, "restartCount": 0, "state": state}]}}),
        )
    };
    let init = |state: Value| {
        pod(&json!({
            "spec": {"initContainers": [{"name": "i"}, {"name": "j"}]},
            "status": {"phase": "Pending", "initContainerStatuses": [{"name": "i", "state": state}]},
        }))
    };
    let rows = [
        (
            pod(&json!({"status": {"phase": "Pending"}})),
            "0/1",
            "Pending",
        ),
        (
            pod(
                &json!({"status": {"containerStatuses": [{"ready": true, "state": {"running": {}}}]}}),
            ),
            "1/1",
            "Running",
        ),
        (
            state(json!({"waiting": {"reason": "CrashLoopBackOff"}})),
            "0/1",
            "CrashLoopBackOff",
        ),
        (
            state(json!({"waiting": {"reason": "ContainerCreating"}})),
            "0/1",
            "ContainerCreating",
        ),
        (
            state(json!({"terminated": {"reason": "Completed", "exitCode": 0}})),
            "0/1",
            "Completed",
        ),
        (
            state(json!({"terminated": {"exitCode": 3}})),
            "0/1",
            "ExitCode:3",
        ),
        (
            state(json!({"terminated": {"signal": 9}})),
            "0/1",
            "Signal:9",
        ),
        (init(json!({"running": {}})), "0/1", "Init:0/2"),
        (
            init(json!({"waiting": {"reason": "ImagePullBackOff"}})),
            "0/1",
            "Init:ImagePullBackOff",
        ),
        (
            init(json!({"terminated": {"exitCode": 1, "reason": "Error"}})),
            "0/1",
            "Init:Error",
        ),
        (
            pod(&json!({"metadata": {"deletionTimestamp": "2026-01-02T00:00:00Z"}})),
            "0/1",
            "Terminating",
        ),
        (
            pod(&json!({"status": {"phase": "Failed", "reason": "Evicted"}})),
            "0/1",
            "Evicted",
        ),
        (
            pod(
                &json!({"status": {"conditions": [{"type": "PodScheduled", "reason": "SchedulingGated"}]}}),
            ),
            "0/1",
            "SchedulingGated",
        ),
        (
            pod(&json!({
                "spec": {"initContainers": [{"name": "side", "restartPolicy": "Always"}]},
                "status": {
                    "initContainerStatuses": [{"name": "side", "started": true, "ready": true, "state": {"running": {}}}],
                    "containerStatuses": [{"ready": true, "state": {"running": {}}}],
                },
            })),
            "2/2",
            "Running",
        ),
    ];
    for (pod, ready, word) in rows {
        let cells = row(&pod);
        assert_eq!(
            (&cells[1], &cells[2]),
            (&json!(ready), &json!(word)),
            "{pod}"
        );
        assert_eq!(cells[4], "3m");
    }
}

#[test]
fn restarts_tell_when_the_last_one_was() {
    let pod = pod(&json!({"status": {"containerStatuses": [{
        "restartCount": 4, "state": {"running": {}},
        "lastState": {"terminated": {"finishedAt": "2026-01-01T23:59:30Z"}},
    }]}}));
    assert_eq!(row(&pod)[3], "4 (30s ago)");
}

#[test]
fn each_kind_has_its_columns() {
    let meta = json!({"name": "x", "creationTimestamp": "2026-01-01T00:00:00Z"});
    let with = |api_version: &str, kind: &str, rest: Value| {
        let mut object = json!({"apiVersion": api_version, "kind": kind, "metadata": meta});
        for (field, value) in rest.as_object().unwrap() {
            object[field] = value.clone();
        }
        row(&object)
    };
    let template = json!({"spec": {"containers": [{"name": "a", "image": "a:1"}]}});
    let selector = json!({"matchLabels": {"app": "web"}});
    let rbac = "rbac.authorization.k8s.io/v1";
    let rows = [
        (
            with(
                "apps/v1",
                "Deployment",
                json!({"spec": {"replicas": 2, "template": template, "selector": selector}, "status": {"readyReplicas": 1, "updatedReplicas": 2, "availableReplicas": 1}}),
            ),
            json!(["x", "1/2", 2, 1, "24h", "a", "a:1", "app=web"]),
        ),
        (
            with(
                "v1",
                "ConfigMap",
                json!({"data": {"a": ""}, "binaryData": {"b": ""}}),
            ),
            json!(["x", 2, "24h"]),
        ),
        (
            with("v1", "Secret", json!({"type": "Opaque", "data": {"a": ""}})),
            json!(["x", "Opaque", 1, "24h"]),
        ),
        (
            with("v1", "ServiceAccount", json!({})),
            json!(["x", 0, "24h"]),
        ),
        (
            with("v1", "Namespace", json!({"status": {"phase": "Active"}})),
            json!(["x", "Active", "24h"]),
        ),
        (
            with(
                "v1",
                "Service",
                json!({"spec": {"type": "NodePort", "clusterIP": "10.0.0.1", "ports": [{"port": 80, "nodePort": 30080, "protocol": "TCP"}]}}),
            ),
            json!([
                "x",
                "NodePort",
                "10.0.0.1",
                "<none>",
                "80:30080/TCP",
                "24h",
                "<none>"
            ]),
        ),
        (
            with(
                "v1",
                "Node",
                json!({"spec": {"unschedulable": true}, "status": {"conditions": [{"type": "Ready", "status": "True"}], "nodeInfo": {"kubeletVersion": "v1.37.0"}}}),
            ),
            json!([
                "x",
                "Ready,SchedulingDisabled",
                "<none>",
                "24h",
                "v1.37.0",
                "<none>",
                "<none>",
                "<unknown>",
                "<unknown>",
                "<unknown>"
            ]),
        ),
        (
            with(
                "v1",
                "Event",
                json!({"type": "Normal", "reason": "Started", "message": "Started it\n", "involvedObject": {"kind": "Pod", "name": "web"}, "source": {"component": "kubelet", "host": "n"}, "lastTimestamp": "2026-01-01T23:59:00Z", "firstTimestamp": "2026-01-01T23:00:00Z", "count": 3}),
            ),
            json!([
                "60s",
                "Normal",
                "Started",
                "pod/web",
                "",
                "kubelet, n",
                "Started it",
                "60m",
                "3",
                "x"
            ]),
        ),
        (
            with(
                rbac,
                "RoleBinding",
                json!({"roleRef": {"kind": "Role", "name": "r"}, "subjects": [{"kind": "ServiceAccount", "namespace": "n", "name": "s"}, {"kind": "User", "name": "u"}]}),
            ),
            json!(["x", "Role/r", "24h", "u", "", "n/s"]),
        ),
        (
            with(rbac, "Role", json!({})),
            json!(["x", "2026-01-01T00:00:00Z"]),
        ),
        (
            with(
                "batch/v1",
                "Job",
                json!({"spec": {"completions": 1, "template": template}, "status": {"succeeded": 1, "startTime": "2026-01-01T00:00:00Z", "completionTime": "2026-01-01T00:00:07Z", "conditions": [{"type": "Complete", "status": "True"}]}}),
            ),
            json!(["x", "Complete", "1/1", "7s", "24h", "a", "a:1", "<none>"]),
        ),
    ];
    for (found, expected) in rows {
        assert_eq!(Value::from(found), expected);
    }
}

#[test]
fn an_age_has_two_figures_at_most() {
    let rows = [
        (-5, "<invalid>"),
        (-1, "0s"),
        (0, "0s"),
        (119, "119s"),
        (120, "2m"),
        (185, "3m5s"),
        (600, "10m"),
        (10_799, "179m"),
        (10_800, "3h"),
        (12_000, "3h20m"),
        (28_800, "8h"),
        (172_799, "47h"),
        (172_800, "2d"),
        (190_800, "2d5h"),
        (691_200, "8d"),
        (63_072_000, "2y"),
        (64_000_000, "2y10d"),
        (252_288_000, "8y"),
    ];
    for (seconds, text) in rows {
        assert_eq!(human_duration(seconds), text, "{seconds}");
    }
}

#[test]
fn a_table_carries_as_much_of_the_objects_as_was_asked_for() {
    let object = Object::from_value(pod(&json!({"status": {"phase": "Succeeded"}}))).unwrap();
    let table = |include| {
        let metadata = Map::from_iter([("resourceVersion".to_owned(), json!("7"))]);
        let form = TableForm {
            version: "v1",
            include,
            has_head: true,
        };
        table(("", "Pod"), [&object], &metadata, form, now())
    };
    let metadata = table(IncludeObject::Metadata);
    assert_eq!(
        (&metadata["kind"], &metadata["apiVersion"]),
        (&json!("Table"), &json!("meta.k8s.io/v1"))
    );
    assert_eq!(metadata["metadata"]["resourceVersion"], "7");
    assert_eq!(metadata["columnDefinitions"][0]["format"], "name");
    assert_eq!(metadata["columnDefinitions"][8]["priority"], 1);
    assert_eq!(
        metadata["rows"][0]["object"]["kind"],
        "PartialObjectMetadata"
    );
    assert_eq!(metadata["rows"][0]["object"]["metadata"]["name"], "web");
    assert_eq!(metadata["rows"][0]["conditions"][0]["reason"], "Succeeded");
    assert_eq!(table(IncludeObject::None)["rows"][0].get("object"), None);
    assert_eq!(
        table(IncludeObject::Object)["rows"][0]["object"],
        object.clone().into_value()
    );
    assert_eq!(IncludeObject::parse("Everything"), None);
}
