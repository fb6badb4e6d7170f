//! Creating and changing objects, their parts, and what may not be.

use crate::patches::web;
use crate::stage::{APPLY, Api, JSON, JSON_PATCH, MERGE, YAML};
use serde_json::{Value, json};

const MAPS: &str = "/api/v1/namespaces/default/configmaps";
const ONE: &str = "/api/v1/namespaces/default/configmaps/one";
const DEPLOYMENTS: &str = "/apis/apps/v1/namespaces/default/deployments";
const WEB: &str = "/apis/apps/v1/namespaces/default/deployments/web";
const PODS: &str = "/api/v1/namespaces/default/pods";

fn map(name: &str) -> Value {
    json!({"metadata": {"name": name}, "data": {"k": "v"}})
}

fn pod(name: &str) -> Value {
    json!({"metadata": {"name": name}, "spec": {"containers": [{"name": "c", "image": "i"}]}})
}

async fn with_map() -> Api {
    let api = Api::start().await;
    api.post(MAPS, &map("one")).await.ok();
    api
}

#[tokio::test]
async fn the_server_alone_says_what_identifies_an_object() {
    let api = Api::start().await;
    let mut asked = map("one");
    asked["metadata"]["uid"] = "mine".into();
    asked["metadata"]["selfLink"] = "/x".into();
    asked["metadata"]["generation"] = 7.into();
    asked["metadata"]["deletionTimestamp"] = "2020-01-01T00:00:00Z".into();
    asked["metadata"]["creationTimestamp"] = "2020-01-01T00:00:00Z".into();
    let made = api.post(MAPS, &asked).await.ok();
    let metadata = &made["metadata"];
    assert_ne!(metadata["uid"], "mine");
    assert_eq!(metadata["creationTimestamp"], "2026-01-02T03:04:05Z");
    for field in ["selfLink", "generation", "deletionTimestamp"] {
        assert_eq!(metadata.get(field), None, "{field}");
    }
}

#[tokio::test]
async fn creations_that_cannot_be_are_refused() {
    let api = with_map().await;
    let mut versioned = map("two");
    versioned["metadata"]["resourceVersion"] = "1".into();
    let mut elsewhere = map("two");
    elsewhere["metadata"]["namespace"] = "kube-system".into();
    let rows = [
        (map("one"), 409, "configmaps \"one\" already exists"),
        (
            versioned,
            400,
            "resourceVersion should not be set on objects to be created",
        ),
        (
            elsewhere,
            400,
            "the namespace of the provided object does not match the namespace sent on the request",
        ),
        (
            json!({"metadata": {}}),
            422,
            "ConfigMap \"\" is invalid: metadata.name: Required value: name or generateName is required",
        ),
    ];
    for (body, code, message) in rows {
        api.post(MAPS, &body).await.refused(code, message);
        let dry = api.post(&format!("{MAPS}?dryRun=All"), &body).await;
        dry.refused(code, message);
    }
    api.post("/api/v1/namespaces/none/configmaps", &map("one"))
        .await
        .refused(404, "namespaces \"none\" not found");
}

#[tokio::test]
async fn a_generated_name_is_drawn_until_one_is_free() {
    let api = Api::start().await;
    let named = json!({"metadata": {"generateName": "job-"}});
    let mut names = Vec::new();
    for _ in 0..20 {
        let made = api.post(MAPS, &named).await.ok();
        assert_eq!(made["metadata"]["generateName"], "job-");
        let name = made["metadata"]["name"].as_str().unwrap().to_owned();
        assert!(name.starts_with("job-") && name.len() == 9, "{name}");
        names.push(name);
    }
    names.sort();
    names.dedup();
    assert_eq!(names.len(), 20);
}

#[tokio::test]
async fn an_update_of_another_version_or_object_is_a_conflict() {
    let api = with_map().await;
    let there = api.get(ONE).await.ok();
    let mut stale = there.clone();
    stale["metadata"]["resourceVersion"] = "1".into();
    api.put(ONE, &stale).await.refused(
        409,
        "Operation cannot be fulfilled on configmaps \"one\": the object has been modified; please apply your changes to the latest version and try again",
    );
    let mut other = there.clone();
    other["metadata"]["uid"] = "other".into();
    let refused = api.put(ONE, &other).await;
    let uid = there["metadata"]["uid"].as_str().unwrap();
    refused.refused(
        409,
        &format!("Operation cannot be fulfilled on configmaps \"one\": Precondition failed: UID in precondition: other, UID in object meta: {uid}"),
    );
    let mut renamed = there;
    renamed["metadata"]["name"] = "two".into();
    api.put(ONE, &renamed).await.refused(
        400,
        "the name of the object (two) does not match the name on the URL (one)",
    );
    api.put(ONE, &json!({"data": {"k": "w"}})).await.ok();
}

#[tokio::test]
async fn a_dry_run_answers_as_if_and_writes_nothing() {
    let api = with_map().await;
    let before = api.get(MAPS).await.ok();
    let made = api.post(&format!("{MAPS}?dryRun=All"), &map("two")).await;
    assert_eq!(
        (made.code, &made.body["metadata"]["name"]),
        (201, &json!("two"))
    );
    let put = api
        .put(&format!("{ONE}?dryRun=All"), &json!({"data": {"k": "w"}}))
        .await;
    assert_eq!(put.ok()["data"]["k"], "w");
    let patch = r#"{"data":{"k":"x"}}"#;
    let patched = api
        .send("PATCH", &format!("{ONE}?dryRun=All"), MERGE, patch)
        .await;
    assert_eq!(patched.ok()["data"]["k"], "x");
    let apply = r#"{"apiVersion":"v1","kind":"ConfigMap","data":{"a":"b"}}"#;
    let path = format!("{MAPS}/three?dryRun=All&fieldManager=m");
    assert_eq!(api.send("PATCH", &path, APPLY, apply).await.code, 201);
    api.delete(&format!("{ONE}?dryRun=All"), &json!({}))
        .await
        .ok();
    api.delete(ONE, &json!({"dryRun": ["All"]})).await.ok();
    api.delete(&format!("{MAPS}?dryRun=All"), &json!({}))
        .await
        .ok();
    assert_eq!(api.get(MAPS).await.ok(), before);
    let refused = api.post(&format!("{MAPS}?dryRun=Some"), &map("two")).await;
    assert_eq!(refused.code, 422);
    assert!(
        refused
            .message()
            .contains("dryRun: Unsupported value: \"Some\": supported values: \"All\"")
    );
}

#[tokio::test]
async fn a_scale_dry_run_and_a_status_dry_run_write_nothing() {
    let api = Api::start().await;
    api.post(DEPLOYMENTS, &web()).await.ok();
    let before = api.get(WEB).await.ok();
    for (part, patch) in [
        ("scale", r#"{"spec":{"replicas":5}}"#),
        ("status", r#"{"status":{"replicas":5}}"#),
    ] {
        let path = format!("{WEB}/{part}?dryRun=All");
        api.send("PATCH", &path, MERGE, patch).await.ok();
    }
    assert_eq!(api.get(WEB).await.ok(), before);
}

#[tokio::test]
async fn strict_warn_and_ignore_say_what_becomes_of_unknown_fields() {
    let api = Api::start().await;
    let body = r#"{"metadata":{"name":"x","foo":1},"data":{"k":"v","k":"w"},"bar":1}"#;
    let path = |validation: &str| format!("{MAPS}?dryRun=All&fieldValidation={validation}");
    api.send("POST", &path("Strict"), JSON, body).await.refused(
        400,
        "ConfigMap in version \"v1\" cannot be handled as a ConfigMap: strict decoding error: unknown field \"metadata.foo\", duplicate field \"data.k\", unknown field \"bar\"",
    );
    let warned = api.send("POST", &path("Warn"), JSON, body).await;
    assert_eq!(
        warned.warnings(),
        [
            "299 - \"unknown field \\\"metadata.foo\\\"\"",
            "299 - \"duplicate field \\\"data.k\\\"\"",
            "299 - \"unknown field \\\"bar\\\"\"",
        ]
    );
    let ignored = api.send("POST", &path("Ignore"), JSON, body).await;
    assert!(ignored.warnings().is_empty());
    for made in [warned, ignored] {
        let made = made.ok();
        assert_eq!(
            (made.get("bar"), made["data"]["k"].as_str()),
            (None, Some("w"))
        );
    }
    let refused = api.send("POST", &path("Loud"), JSON, body).await;
    assert_eq!(refused.code, 422, "{}", refused.body);
}

#[tokio::test]
async fn status_and_the_rest_are_written_apart() {
    let api = Api::start().await;
    let mut asked = web();
    asked["status"] = json!({"replicas": 9});
    let made = api.post(DEPLOYMENTS, &asked).await.ok();
    assert_eq!(made["status"].get("replicas"), None);
    let mut changed = made;
    changed["spec"]["replicas"] = 4.into();
    changed["status"] = json!({"replicas": 4});
    changed["metadata"]["labels"] = json!({"new": "label"});
    let of_status = api.put(&format!("{WEB}/status"), &changed).await.ok();
    assert_eq!(
        (
            &of_status["spec"]["replicas"],
            &of_status["status"]["replicas"]
        ),
        (&json!(1), &json!(4))
    );
    assert_eq!(of_status["metadata"]["generation"], 1);
    changed["metadata"]["resourceVersion"] = Value::Null;
    changed["status"] = json!({"replicas": 7});
    let of_rest = api.put(WEB, &changed).await.ok();
    assert_eq!(
        (&of_rest["spec"]["replicas"], &of_rest["status"]["replicas"]),
        (&json!(4), &json!(4))
    );
    assert_eq!(of_rest["metadata"]["generation"], 2);
}

#[tokio::test]
async fn a_status_is_written_only_to_the_object_that_is_meant() {
    let api = Api::start().await;
    api.post(DEPLOYMENTS, &web()).await.ok();
    let path = format!("{WEB}/status");
    let status =
        |uid: &Value| json!({"metadata": {"uid": uid}, "status": {"replicas": 7}}).to_string();
    let other = api
        .send("PATCH", &path, MERGE, &status(&json!("another")))
        .await;
    assert_eq!(other.code, 409, "{}", other.body);
    let web = api.get(WEB).await.ok();
    assert_ne!(web["status"]["replicas"], 7);
    let uid = &web["metadata"]["uid"];
    let written = api.send("PATCH", &path, MERGE, &status(uid)).await.ok();
    assert_eq!(written["status"]["replicas"], 7);
}

#[tokio::test]
async fn a_pod_is_bound_only_if_it_is_the_one_that_is_meant() {
    let api = Api::start().await;
    let pods = "/api/v1/namespaces/default/pods";
    let pod = json!({
        "apiVersion": "v1", "kind": "Pod", "metadata": {"name": "web"},
        "spec": {"containers": [{"name": "c", "image": "i"}]},
    });
    let made = api.post(pods, &pod).await.ok();
    let path = format!("{pods}/web/binding");
    let binding = |uid: &Value| {
        json!({
            "apiVersion": "v1", "kind": "Binding", "metadata": {"name": "web", "uid": uid},
            "target": {"apiVersion": "v1", "kind": "Node", "name": "node-1"},
        })
    };
    let other = api.post(&path, &binding(&json!("another"))).await;
    assert_eq!(other.code, 409, "{}", other.body);
    api.post(&path, &binding(&made["metadata"]["uid"]))
        .await
        .ok();
    let bound = api.get(&format!("{pods}/web")).await.ok();
    assert_eq!(bound["spec"]["nodeName"], "node-1");
}

#[tokio::test]
async fn a_scale_shows_and_sets_how_many() {
    let api = Api::start().await;
    api.post(DEPLOYMENTS, &web()).await.ok();
    let path = format!("{WEB}/scale");
    let mut scale = api.get(&path).await.ok();
    assert_eq!(
        (&scale["kind"], &scale["apiVersion"]),
        (&json!("Scale"), &json!("autoscaling/v1"))
    );
    assert_eq!(
        (&scale["spec"]["replicas"], &scale["status"]["selector"]),
        (&json!(1), &json!("app=web"))
    );
    scale["spec"]["replicas"] = 3.into();
    let stale = scale.clone();
    assert_eq!(api.put(&path, &scale).await.ok()["spec"]["replicas"], 3);
    assert_eq!(api.get(WEB).await.ok()["spec"]["replicas"], 3);
    assert_eq!(api.put(&path, &stale).await.code, 409);
    scale["metadata"]["resourceVersion"] = Value::Null;
    scale["spec"]["replicas"] = (-1).into();
    api.put(&path, &scale).await.refused(
        422,
        "Scale.autoscaling \"web\" is invalid: spec.replicas: Invalid value: -1: must be greater than or equal to 0",
    );
}

#[tokio::test]
async fn a_scale_that_is_applied_is_owned_and_conflicts_with_who_else_wants_one() {
    let api = Api::start().await;
    api.post(DEPLOYMENTS, &web()).await.ok();
    let apply = async |manager: &str, replicas: Value, force: &str| {
        let path = format!("{WEB}/scale?fieldManager={manager}{force}");
        let scale = json!({"apiVersion": "autoscaling/v1", "kind": "Scale",
            "metadata": {"name": "web"}, "spec": {"replicas": replicas}});
        api.send("PATCH", &path, APPLY, &scale.to_string()).await
    };
    let shown = apply("one", json!(3), "&force=true").await.ok();
    assert_eq!(
        (&shown["kind"], &shown["spec"]["replicas"]),
        (&json!("Scale"), &json!(3))
    );
    let whole = api.get(WEB).await.ok();
    assert_eq!(whole["spec"]["replicas"], 3);
    assert_eq!(
        whole["spec"]["template"],
        web_as_made(&api).await["spec"]["template"]
    );
    let entries = whole["metadata"]["managedFields"].as_array().unwrap();
    let own = entries
        .iter()
        .find(|entry| entry["manager"] == "one")
        .unwrap();
    assert_eq!(own["subresource"], "scale");
    assert_eq!(own["operation"], "Apply");
    assert_eq!(own["fieldsV1"], json!({"f:spec": {"f:replicas": {}}}));
    let refused = apply("two", json!(5), "").await;
    assert_eq!(
        (refused.code, &refused.body["reason"]),
        (409, &json!("Conflict"))
    );
    assert!(
        refused.message().contains(".spec.replicas"),
        "{}",
        refused.message()
    );
    apply("one", json!(4), "").await.ok();
    assert_eq!(api.get(WEB).await.ok()["spec"]["replicas"], 4);
    apply("one", json!(-1), "").await.refused(
        422,
        "Scale.autoscaling \"web\" is invalid: spec.replicas: Invalid value: -1: must be greater than or equal to 0",
    );
    let odd = r#"{"apiVersion":"apps/v1","kind":"Scale","spec":{"replicas":1}}"#;
    let path = format!("{WEB}/scale?fieldManager=one");
    let refused = api.send("PATCH", &path, APPLY, odd).await;
    assert_eq!(refused.code, 400, "{}", refused.body);
}

async fn web_as_made(api: &Api) -> Value {
    let mut other = web();
    other["metadata"]["name"] = "other".into();
    api.post(DEPLOYMENTS, &other).await.ok()
}

#[tokio::test]
async fn an_apply_after_a_scale_conflicts_with_who_scaled() {
    let api = Api::start().await;
    let mut config = web();
    let text = config.to_string();
    config["metadata"]["annotations"] =
        json!({"kubectl.kubernetes.io/last-applied-configuration": text});
    let path = format!("{DEPLOYMENTS}?fieldManager=kubectl-client-side-apply");
    api.post(&path, &config).await.ok();
    let apply = |manager: &str| format!("{WEB}?fieldManager={manager}");
    let first = api.send("PATCH", &apply("kubectl"), APPLY, &text).await;
    assert_eq!(first.code, 200, "{}", first.body);
    let scale = format!("{WEB}/scale?fieldManager=kubectl");
    let three = r#"{"spec":{"replicas":3}}"#;
    api.send("PATCH", &scale, MERGE, three).await.ok();
    let refused = api.send("PATCH", &apply("kubectl"), APPLY, &text).await;
    refused.refused(
        409,
        "Apply failed with 1 conflict: conflict with \"kubectl\" with subresource \"scale\" using apps/v1: .spec.replicas",
    );
    let other = api.send("PATCH", &apply("other"), APPLY, &text).await;
    assert_eq!(other.code, 409);
}

#[tokio::test]
async fn what_may_not_change_stays() {
    let api = Api::start().await;
    api.post(DEPLOYMENTS, &web()).await.ok();
    let selector = r#"{"spec":{"selector":{"matchLabels":{"app":"x"}},"template":{"metadata":{"labels":{"app":"x"}}}}}"#;
    let refused = api.send("PATCH", WEB, MERGE, selector).await;
    assert_eq!(refused.code, 422);
    assert!(
        refused.message().ends_with("field is immutable"),
        "{}",
        refused.message()
    );
    let sealed = json!({"metadata": {"name": "one"}, "data": {"k": "v"}, "immutable": true});
    api.post(MAPS, &sealed).await.ok();
    api.send("PATCH", ONE, MERGE, r#"{"data":{"k":"w"}}"#).await.refused(
        422,
        "ConfigMap \"one\" is invalid: data: Forbidden: field is immutable when `immutable` is set",
    );
    api.post(PODS, &pod("p")).await.ok();
    let patch = r#"[{"op":"replace","path":"/spec/containers/0/name","value":"d"}]"#;
    let refused = api
        .send("PATCH", &format!("{PODS}/p"), JSON_PATCH, patch)
        .await;
    assert_eq!(refused.code, 422, "{}", refused.body);
    for field in ["uid", "creationTimestamp", "namespace"] {
        let patch = json!({"metadata": {field: "2020-01-01T00:00:00Z"}}).to_string();
        let changed = api.send("PATCH", ONE, MERGE, &patch).await;
        let there = api.get(ONE).await.ok();
        assert_ne!(
            there["metadata"][field], "2020-01-01T00:00:00Z",
            "{field} {}",
            changed.body
        );
    }
}

#[tokio::test]
async fn bodies_that_are_too_much_are_refused() {
    let api = Api::start().await;
    let long = "x".repeat(4 * 1024 * 1024);
    let body = json!({"metadata": {"name": "x"}, "data": {"k": long}}).to_string();
    let refused = api.send("POST", MAPS, JSON, &body).await;
    assert_eq!(
        (refused.code, &refused.body["reason"]),
        (413, &json!("RequestEntityTooLarge"))
    );
    let deep = "[".repeat(5_000) + &"]".repeat(5_000);
    let refused = api.send("POST", MAPS, JSON, &deep).await;
    assert_eq!(refused.code, 400, "{}", refused.body);
    let bomb = "
a: &a [x,x,x,x,x,x,x,x,x]
b: &b [*a,*a,*a,*a,*a,*a,*a,*a,*a]
c: &c [*b,*b,*b,*b,*b,*b,*b,*b,*b]
d: &d [*c,*c,*c,*c,*c,*c,*c,*c,*c]
e: &e [*d,*d,*d,*d,*d,*d,*d,*d,*d]
f: &f [*e,*e,*e,*e,*e,*e,*e,*e,*e]
g: &g [*f,*f,*f,*f,*f,*f,*f,*f,*f]
h: &h [*g,*g,*g,*g,*g,*g,*g,*g,*g]
i: &i [*h,*h,*h,*h,*h,*h,*h,*h,*h]
";
    let refused = api.send("POST", MAPS, YAML, bomb).await;
    assert_eq!(refused.code, 400, "{}", refused.body);
    let path = format!("{ONE}?fieldManager=m");
    let refused = api.send("PATCH", &path, APPLY, bomb).await;
    assert_eq!(refused.code, 400, "{}", refused.body);
    let cbor = api.send("POST", MAPS, "application/cbor", "x").await;
    assert_eq!(cbor.code, 415);
    api.post(MAPS, &map("alive")).await.ok();
}

#[tokio::test]
async fn an_apply_makes_what_is_not_there_and_names_its_manager() {
    let api = Api::start().await;
    let body = r#"{"apiVersion":"v1","kind":"ConfigMap","data":{"a":"b"}}"#;
    api.send("PATCH", ONE, APPLY, body).await.refused(
        422,
        "PatchOptions.meta.k8s.io \"\" is invalid: fieldManager: Required value: is required for apply patch",
    );
    let made = api
        .send("PATCH", &format!("{ONE}?fieldManager=m"), APPLY, body)
        .await;
    assert_eq!(made.code, 201);
    let entry = &made.body["metadata"]["managedFields"][0];
    assert_eq!(
        (&entry["manager"], &entry["operation"]),
        (&json!("m"), &json!("Apply"))
    );
    let plain = api
        .send("PATCH", ONE, MERGE, r#"{"data":{"c":"d"}}"#)
        .await
        .ok();
    assert_eq!(plain["metadata"]["managedFields"][1]["manager"], "tests");
    let long = "m".repeat(129);
    let refused = api
        .send("PATCH", &format!("{ONE}?fieldManager={long}"), MERGE, "{}")
        .await;
    assert_eq!(refused.code, 422, "{}", refused.body);
}
