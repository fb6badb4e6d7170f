use super::*;
use crate::fields::{keep_times, track_update};
use crate::schema::Schemas;
use jiff::Timestamp;
use names::Gvk;
use serde_json::json;

fn deployment() -> Schema<'static> {
    Schemas::builtin()
        .of(&Gvk::parse_api_version("apps/v1", "Deployment").unwrap())
        .unwrap()
}

fn by(owner: &str) -> Write<'_> {
    Write {
        owner,
        api_version: "apps/v1",
        subresource: "",
        ignored: &["status"],
        now: Timestamp::from_second(1_800_000_000).unwrap(),
    }
}

fn map(value: &Value) -> Map<String, Value> {
    value.as_object().unwrap().clone()
}

pub(super) fn config(spec: &Value) -> Value {
    json!({"apiVersion": "apps/v1", "kind": "Deployment", "metadata": {"name": "web"}, "spec": spec})
}

fn applied(live: &Value, spec: &Value, owner: &str) -> Result<Value, ApplyRefused> {
    applied_as(live, &config(spec), owner, false)
}

pub(super) fn applied_as(
    live: &Value,
    config: &Value,
    owner: &str,
    force: bool,
) -> Result<Value, ApplyRefused> {
    let live = live.as_object();
    apply(deployment(), live, &map(config), &by(owner), force).map(Value::Object)
}

pub(super) fn updated(live: &Value, spec: &Value, owner: &str) -> Value {
    let mut new = live.clone();
    if new.is_null() {
        new = config(spec);
    }
    new["spec"] = spec.clone();
    Value::Object(track_update(
        deployment(),
        live.as_object(),
        &map(&new),
        &by(owner),
    ))
}

pub(super) fn owners(object: &Value) -> Value {
    let entries = object["metadata"]["managedFields"]
        .as_array()
        .cloned()
        .unwrap_or_default();
    let entries = entries.iter().map(|entry| {
        let name = format!(
            "{} {}",
            entry["manager"].as_str().unwrap(),
            entry["operation"].as_str().unwrap()
        );
        (name, entry["fieldsV1"].clone())
    });
    Value::Object(entries.collect())
}

#[test]
fn applying_to_nothing_creates_and_owns_what_was_applied() {
    let object = applied(&Value::Null, &json!({"replicas": 1}), "ci").unwrap();
    assert_eq!(object["spec"], json!({"replicas": 1}));
    assert_eq!(
        object["metadata"]["managedFields"],
        json!([{
            "manager": "ci", "operation": "Apply", "apiVersion": "apps/v1", "time": "2027-01-15T08:00:00Z",
            "fieldsType": "FieldsV1", "fieldsV1": {"f:spec": {"f:replicas": {}}},
        }])
    );
}

#[test]
fn a_field_that_is_no_longer_applied_goes() {
    let first = json!({"replicas": 1, "paused": true, "template": {"spec": {"containers": [{"name": "a"}, {"name": "b"}]}}});
    let second = json!({"replicas": 1, "template": {"spec": {"containers": [{"name": "b"}]}}});
    let object = applied(&Value::Null, &first, "ci").unwrap();
    let object = applied(&object, &second, "ci").unwrap();
    assert_eq!(object["spec"], second);
}

#[test]
fn a_field_that_another_owns_too_stays() {
    let both = json!({"replicas": 1, "paused": true});
    let object = applied(&Value::Null, &both, "ci").unwrap();
    let object = applied(&object, &json!({"paused": true}), "ops").unwrap();
    let object = applied(&object, &json!({"replicas": 1}), "ci").unwrap();
    assert_eq!(object["spec"], both);
    assert_eq!(
        owners(&object),
        json!({
            "ci Apply": {"f:spec": {"f:replicas": {}}}, "ops Apply": {"f:spec": {"f:paused": {}}},
        })
    );
}

#[test]
fn what_others_own_is_refused_by_name() {
    let live = updated(
        &Value::Null,
        &json!({"replicas": 3, "paused": true}),
        "kubectl-client-side-apply",
    );
    let one = applied(&live, &json!({"replicas": 5}), "ci").unwrap_err();
    let text = r#"Apply failed with 1 conflict: conflict with "kubectl-client-side-apply" using apps/v1: .spec.replicas"#;
    assert_eq!(one.to_string(), text);
    let ApplyRefused::Conflicts(conflicts) = one else {
        panic!("a conflict")
    };
    let status = serde_json::to_value(conflicts.status()).unwrap();
    assert_eq!(
        (&status["code"], &status["reason"]),
        (&json!(409), &json!("Conflict"))
    );
    assert_eq!(
        status["details"]["causes"],
        json!([{
            "reason": "FieldManagerConflict",
            "message": r#"conflict with "kubectl-client-side-apply" using apps/v1"#,
            "field": ".spec.replicas",
        }])
    );
    let two = applied(&live, &json!({"replicas": 5, "paused": false}), "ci").unwrap_err();
    assert_eq!(
        two.to_string(),
        concat!(
            r#"Apply failed with 2 conflicts: conflicts with "kubectl-client-side-apply" using apps/v1:"#,
            "\n- .spec.paused\n- .spec.replicas",
        )
    );
}

#[test]
fn an_equal_value_is_owned_together_without_a_conflict() {
    let live = updated(&Value::Null, &json!({"replicas": 3}), "kubectl-create");
    let object = applied(&live, &json!({"replicas": 3}), "ci").unwrap();
    let replicas = json!({"f:spec": {"f:replicas": {}}});
    assert_eq!(
        owners(&object),
        json!({"kubectl-create Update": replicas, "ci Apply": replicas})
    );
}

#[test]
fn force_takes_the_field_from_its_owner() {
    let live = updated(
        &Value::Null,
        &json!({"replicas": 3, "paused": true}),
        "kubectl-create",
    );
    let object = applied_as(&live, &config(&json!({"replicas": 5})), "ci", true).unwrap();
    assert_eq!(object["spec"], json!({"replicas": 5, "paused": true}));
    assert_eq!(
        owners(&object),
        json!({
            "kubectl-create Update": {"f:spec": {"f:paused": {}}},
            "ci Apply": {"f:spec": {"f:replicas": {}}},
        })
    );
}

#[test]
fn applying_the_same_again_changes_nothing_not_even_a_time() {
    let spec = json!({"replicas": 1, "template": {"spec": {"containers": [{"name": "a", "ports": [{"containerPort": 80}]}]}}});
    let object = applied(&Value::Null, &spec, "ci").unwrap();
    let later = Write {
        now: Timestamp::from_second(1_900_000_000).unwrap(),
        ..by("ci")
    };
    let again = apply(
        deployment(),
        object.as_object(),
        &map(&config(&spec)),
        &later,
        false,
    )
    .unwrap();
    assert_eq!(Value::Object(again), object);
}

#[test]
fn an_update_owns_what_it_changes_and_takes_it_from_others() {
    let live = applied(&Value::Null, &json!({"replicas": 1, "paused": true}), "ci").unwrap();
    let object = updated(
        &live,
        &json!({"replicas": 2, "paused": true}),
        "kubectl-edit",
    );
    assert_eq!(
        owners(&object),
        json!({
            "ci Apply": {"f:spec": {"f:paused": {}}},
            "kubectl-edit Update": {"f:spec": {"f:replicas": {}}},
        })
    );
}

#[test]
fn a_removed_field_is_nobodys() {
    let live = applied(&Value::Null, &json!({"replicas": 1, "paused": true}), "ci").unwrap();
    let object = updated(&live, &json!({"replicas": 1}), "kubectl-edit");
    assert_eq!(
        owners(&object),
        json!({"ci Apply": {"f:spec": {"f:replicas": {}}}})
    );
}

#[test]
fn a_created_object_is_tracked_as_kubernetes_tracks_it() {
    let mut new = config(
        &json!({"replicas": 1, "selector": {"matchLabels": {"app": "web"}}, "template": {
            "metadata": {"labels": {"app": "web"}},
            "spec": {"containers": [{"name": "a", "image": "a:1", "resources": {}, "ports": [{"containerPort": 80, "protocol": "TCP"}]}]},
        }}),
    );
    new["metadata"]["labels"] = json!({"app": "web"});
    new["metadata"]["uid"] = json!("1");
    let object = track_update(deployment(), None, &map(&new), &by("kubectl-create"));
    assert_eq!(
        owners(&Value::Object(object)),
        json!({"kubectl-create Update": {
            "f:metadata": {"f:labels": {".": {}, "f:app": {}}},
            "f:spec": {
                "f:replicas": {},
                "f:selector": {},
                "f:template": {
                    "f:metadata": {"f:labels": {".": {}, "f:app": {}}},
                    "f:spec": {"f:containers": {"k:{\"name\":\"a\"}": {
                        ".": {}, "f:image": {}, "f:name": {}, "f:resources": {},
                        "f:ports": {".": {}, "k:{\"containerPort\":80,\"protocol\":\"TCP\"}": {
                            ".": {}, "f:containerPort": {}, "f:protocol": {},
                        }},
                    }}},
                },
            },
        }})
    );
}

#[test]
fn what_was_there_before_the_first_apply_has_an_owner_of_that_name() {
    let live = config(&json!({"replicas": 3, "paused": true}));
    let refused = applied(&live, &json!({"replicas": 5}), "ci").unwrap_err();
    let text = r#"Apply failed with 1 conflict: conflict with "before-first-apply" using apps/v1: .spec.replicas"#;
    assert_eq!(refused.to_string(), text);
    let object = applied(&live, &json!({"replicas": 3}), "ci").unwrap();
    assert_eq!(
        owners(&object)["before-first-apply Update"],
        json!({"f:spec": {"f:paused": {}, "f:replicas": {}}})
    );
}

#[test]
fn an_empty_entry_empties_the_owners_and_silence_keeps_them() {
    let live = applied(&Value::Null, &json!({"replicas": 1}), "ci").unwrap();
    let mut silent = live.clone();
    silent["metadata"]
        .as_object_mut()
        .unwrap()
        .remove("managedFields");
    let kept = track_update(deployment(), live.as_object(), &map(&silent), &by("x"));
    assert_eq!(Value::Object(kept), live);
    let mut emptied = live.clone();
    emptied["metadata"]["managedFields"] = json!([{}]);
    emptied["spec"]["paused"] = json!(true);
    let mut object = Value::Object(track_update(
        deployment(),
        live.as_object(),
        &map(&emptied),
        &by("x"),
    ));
    let expected = json!({"x Update": {"f:spec": {"f:paused": {}}}});
    let _ = expected;
    assert_eq!(object["metadata"].get("managedFields"), None);
    object["spec"]["paused"] = json!(false);
    let untracked = track_update(deployment(), Some(&map(&emptied)), &map(&object), &by("x"));
    assert_eq!(owners(&Value::Object(untracked)), json!({}));
}

#[test]
fn the_status_has_owners_of_its_own() {
    let live = applied(&Value::Null, &json!({"replicas": 1}), "ci").unwrap();
    let mut new = live.clone();
    new["status"] = json!({"replicas": 1});
    let write = Write {
        subresource: "status",
        ignored: &["spec"],
        ..by("controller")
    };
    let object = Value::Object(track_update(
        deployment(),
        live.as_object(),
        &map(&new),
        &write,
    ));
    let entries = object["metadata"]["managedFields"].as_array().unwrap();
    assert_eq!(
        (&entries[1]["subresource"], &entries[1]["fieldsV1"]),
        (&json!("status"), &json!({"f:status": {"f:replicas": {}}}))
    );
    let refused = apply(
        deployment(),
        object.as_object(),
        &map(&json!({"apiVersion": "apps/v1", "kind": "Deployment", "status": {"replicas": 2}})),
        &Write {
            subresource: "status",
            ignored: &["spec"],
            ..by("other")
        },
        false,
    );
    let text = r#"Apply failed with 1 conflict: conflict with "controller" with subresource "status" using apps/v1: .status.replicas"#;
    assert_eq!(refused.unwrap_err().to_string(), text);
}

#[test]
fn old_updaters_are_put_together() {
    let mut object = updated(&Value::Null, &json!({"replicas": 0}), "owner-0");
    for number in 1..15 {
        let mut new = object.clone();
        new["metadata"]["labels"][format!("l{number}")] = json!("x");
        let owner = format!("owner-{number}");
        let write = Write {
            now: Timestamp::from_second(1_800_000_000 + number).unwrap(),
            ..by(&owner)
        };
        object = Value::Object(track_update(
            deployment(),
            object.as_object(),
            &map(&new),
            &write,
        ));
    }
    let owners = owners(&object);
    assert_eq!(owners.as_object().unwrap().len(), 10);
    assert_eq!(
        owners["ancient-changes Update"]["f:spec"],
        json!({"f:replicas": {}})
    );
    assert_eq!(
        owners["ancient-changes Update"]["f:metadata"]["f:labels"]["f:l5"],
        json!({})
    );
    assert!(owners.get("owner-14 Update").is_some());
}

#[test]
fn a_malformed_configuration_is_refused_with_its_place() {
    let twice = json!({"template": {"spec": {"containers": [{"name": "a"}, {"name": "a"}]}}});
    let keyless = json!({"template": {"spec": {"containers": [{"image": "a"}]}}});
    let rows = [
        (
            config(&twice),
            r#"failed to create typed patch object: .spec.template.spec.containers: duplicate entries for key [name="a"]"#,
        ),
        (
            config(&keyless),
            r#"failed to create typed patch object: .spec.template.spec.containers: element 0: associative list with keys has an element that omits key field "name" (and doesn't have default value)"#,
        ),
        (
            json!({"apiVersion": "apps/v1", "metadata": {"managedFields": []}}),
            "metadata.managedFields must be nil",
        ),
        (
            json!({"apiVersion": "v1"}),
            "Incorrect version specified in apply patch. Specified patch version: v1, expected: apps/v1",
        ),
    ];
    for (config, complaint) in rows {
        let refused = applied_as(&Value::Null, &config, "ci", false).unwrap_err();
        assert_eq!(refused.to_string(), complaint);
    }
}

#[test]
fn kubectl_takes_over_what_it_applied_from_the_client() {
    let mut live = updated(
        &Value::Null,
        &json!({"replicas": 3}),
        "kubectl-client-side-apply",
    );
    let text = config(&json!({"replicas": 3})).to_string();
    live["metadata"]["annotations"] =
        json!({"kubectl.kubernetes.io/last-applied-configuration": text});
    assert!(applied(&live, &json!({"replicas": 5}), "ci").is_err());
    let object = applied(&live, &json!({"replicas": 5}), "kubectl").unwrap();
    assert_eq!(object["spec"]["replicas"], json!(5));
    let kept =
        object["metadata"]["annotations"]["kubectl.kubernetes.io/last-applied-configuration"]
            .as_str()
            .unwrap();
    assert_eq!(kept, format!("{}\n", config(&json!({"replicas": 5}))));
}

#[test]
fn a_write_that_only_tells_the_time_is_none() {
    let live = map(&applied(&Value::Null, &json!({"replicas": 1}), "ci").unwrap());
    let mut later = live.clone();
    later["metadata"]["managedFields"][0]["time"] = json!("2030-01-01T00:00:00Z");
    assert_eq!(keep_times(&live, later.clone()), live);
    later.insert("spec".to_owned(), json!({"replicas": 2}));
    assert_eq!(keep_times(&live, later.clone()), later);
}

#[test]
fn applied_items_keep_their_order_among_those_of_others() {
    let names = |object: &Value| -> Vec<String> {
        let containers = object["spec"]["template"]["spec"]["containers"]
            .as_array()
            .unwrap();
        containers
            .iter()
            .map(|container| container["name"].as_str().unwrap().to_owned())
            .collect()
    };
    let containers = |names: &[&str]| {
        let items: Vec<_> = names.iter().map(|name| json!({"name": name})).collect();
        json!({"template": {"spec": {"containers": items}}})
    };
    let rows = [
        (vec!["a", "b", "c"], vec!["c", "a"], vec!["b", "c", "a"]),
        (vec!["a", "b"], vec!["x", "a"], vec!["x", "a", "b"]),
        (vec!["a"], vec!["b"], vec!["a", "b"]),
        (vec!["a", "x", "b"], vec!["b", "a"], vec!["x", "b", "a"]),
    ];
    for (live, config, expected) in rows {
        let object = updated(&Value::Null, &containers(&live), "one");
        let object = applied(&object, &containers(&config), "two").unwrap();
        assert_eq!(names(&object), expected);
    }
}

#[test]
fn ten_thousand_items_are_applied_quickly() {
    let items: Vec<_> = (0..10_000)
        .map(|number| json!({"name": format!("c{number}"), "image": "x"}))
        .collect();
    let spec = json!({"template": {"spec": {"containers": items}}});
    let object = applied(&Value::Null, &spec, "ci").unwrap();
    let object = applied(&object, &json!({"replicas": 1}), "ci").unwrap();
    assert_eq!(object["spec"], json!({"replicas": 1}));
}

#[test]
fn owners_are_kept_though_nothing_else_is_left_of_the_metadata() {
    let of_labels = json!({"apiVersion": "apps/v1", "metadata": {"labels": {"a": "b"}}});
    let of_spec = json!({"apiVersion": "apps/v1", "spec": {"replicas": 1}});
    let object = applied_as(&Value::Null, &of_labels, "ci", false).unwrap();
    let object = applied_as(&object, &of_spec, "ci", false).unwrap();
    assert_eq!(
        owners(&object),
        json!({"ci Apply": {"f:spec": {"f:replicas": {}}}})
    );
}

#[test]
fn what_an_update_takes_away_it_does_not_own() {
    let live = updated(&Value::Null, &json!({"replicas": 1, "selector": {}}), "one");
    let object = updated(&live, &json!({"replicas": 2}), "two");
    assert_eq!(
        owners(&object),
        json!({"two Update": {"f:spec": {"f:replicas": {}}}})
    );
}
