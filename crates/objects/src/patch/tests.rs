use super::*;
use crate::schema::Schemas;
use crate::status::Reason;
use names::Gvk;
use proptest::prelude::*;
use serde_json::json;

fn deployment() -> Schema<'static> {
    Schemas::builtin()
        .of(&Gvk::parse_api_version("apps/v1", "Deployment").unwrap())
        .unwrap()
}

fn map(value: &Value) -> Map<String, Value> {
    value.as_object().unwrap().clone()
}

fn patched(patch: Result<Patch, PatchRefused>, object: &Value) -> Result<Value, PatchRefused> {
    Ok(Value::Object(patch?.apply(deployment(), &map(object))?))
}

fn strategic(object: &Value, patch: &Value) -> Result<Value, PatchRefused> {
    patched(Patch::strategic(patch.to_string().as_bytes()), object)
}

fn pod_spec(spec: &Value) -> Value {
    json!({"spec": {"template": {"spec": spec}}})
}

#[test]
fn a_json_patch_is_carried_out_in_order() {
    let object = json!({"metadata": {"labels": {"a": "1"}}, "spec": {"list": [1, 2]}});
    let rows = [
        (
            json!([{"op": "add", "path": "/spec/list/-", "value": 3}]),
            json!({"metadata": {"labels": {"a": "1"}}, "spec": {"list": [1, 2, 3]}}),
        ),
        (
            json!([{"op": "test", "path": "/spec/list/0", "value": 1}, {"op": "remove", "path": "/spec/list/0"}]),
            json!({"metadata": {"labels": {"a": "1"}}, "spec": {"list": [2]}}),
        ),
        (
            json!([{"op": "move", "from": "/metadata/labels/a", "path": "/metadata/labels/b~1c"}]),
            json!({"metadata": {"labels": {"b/c": "1"}}, "spec": {"list": [1, 2]}}),
        ),
    ];
    for (patch, expected) in rows {
        assert_eq!(
            patched(Patch::json(patch.to_string().as_bytes()), &object),
            Ok(expected)
        );
    }
}

#[test]
fn a_json_patch_that_does_not_fit_is_unprocessable() {
    let rows = [
        json!([{"op": "remove", "path": "/spec/none"}]),
        json!([{"op": "replace", "path": "/spec/none", "value": 1}]),
        json!([{"op": "add", "path": "/spec/none/deeper", "value": 1}]),
        json!([{"op": "test", "path": "/spec/a", "value": 2}]),
        json!([{"op": "replace", "path": "", "value": []}]),
    ];
    for patch in rows {
        let patch = Patch::json(patch.to_string().as_bytes());
        let status = patched(patch, &json!({"spec": {"a": 1}}))
            .unwrap_err()
            .status();
        assert_eq!((status.code, status.reason), (422, Reason::Invalid));
        assert_eq!(
            status.message,
            "the server rejected our request due to an error in our request"
        );
    }
}

#[test]
fn a_patch_cannot_be_made_to_swell() {
    let doubling: Vec<_> = (0..64)
        .map(|_| json!({"op": "copy", "from": "/spec", "path": "/spec/again"}))
        .collect();
    let swollen = patched(
        Patch::json(Value::from(doubling).to_string().as_bytes()),
        &json!({"spec": {"text": "a".repeat(100_000)}}),
    );
    assert!(matches!(swollen, Err(PatchRefused::DoesNotFit(_))));
    let long = vec![json!({"op": "remove", "path": "/x"}); 10_001];
    let long = Patch::json(Value::from(long).to_string().as_bytes())
        .unwrap_err()
        .status();
    assert_eq!(long.code, 413);
}

#[test]
fn what_is_no_patch_is_a_bad_request() {
    for (body, parse) in [
        ("{}", Patch::json as fn(&[u8]) -> _),
        ("[]", Patch::merge),
        ("[", Patch::merge),
        ("1", Patch::strategic),
        (r#"[{"op": "grow", "path": "/a"}]"#, Patch::json),
    ] {
        assert_eq!(
            parse(body.as_bytes()).unwrap_err().status().code,
            400,
            "{body}"
        );
    }
}

/// The appendix of RFC 7386, as far as both are objects.
#[test]
fn a_merge_patch_does_as_its_rfc_says() {
    let rows = [
        (json!({"a": "b"}), json!({"a": "c"}), json!({"a": "c"})),
        (
            json!({"a": "b"}),
            json!({"b": "c"}),
            json!({"a": "b", "b": "c"}),
        ),
        (json!({"a": "b"}), json!({"a": null}), json!({})),
        (
            json!({"a": "b", "b": "c"}),
            json!({"a": null}),
            json!({"b": "c"}),
        ),
        (json!({"a": ["b"]}), json!({"a": "c"}), json!({"a": "c"})),
        (json!({"a": "c"}), json!({"a": ["b"]}), json!({"a": ["b"]})),
        (
            json!({"a": {"b": "c"}}),
            json!({"a": {"b": "d", "c": null}}),
            json!({"a": {"b": "d"}}),
        ),
        (
            json!({"a": [{"b": "c"}]}),
            json!({"a": [1]}),
            json!({"a": [1]}),
        ),
        (
            json!({"e": null}),
            json!({"a": 1}),
            json!({"e": null, "a": 1}),
        ),
        (
            json!({}),
            json!({"a": {"bb": {"ccc": null}}}),
            json!({"a": {"bb": {}}}),
        ),
    ];
    for (object, patch, expected) in rows {
        let patch = Patch::merge(patch.to_string().as_bytes());
        assert_eq!(patched(patch, &object), Ok(expected));
    }
}

#[test]
fn a_strategic_patch_merges_lists_by_their_key() {
    let live = pod_spec(&json!({"containers": [
        {"name": "a", "image": "a:1", "env": [{"name": "X", "value": "1"}]},
        {"name": "b", "image": "b:1"},
    ]}));
    let rows = [
        // An item that both have is merged, the others stay where they were.
        (
            json!({"containers": [{"name": "b", "image": "b:2"}]}),
            json!({"containers": [
                {"name": "a", "image": "a:1", "env": [{"name": "X", "value": "1"}]},
                {"name": "b", "image": "b:2"},
            ]}),
        ),
        // A new item comes before those that only the server has.
        (
            json!({"containers": [{"name": "c", "image": "c:1"}]}),
            json!({"containers": [
                {"name": "c", "image": "c:1"},
                {"name": "a", "image": "a:1", "env": [{"name": "X", "value": "1"}]},
                {"name": "b", "image": "b:1"},
            ]}),
        ),
        (
            json!({"containers": [{"name": "a", "$patch": "delete"}]}),
            json!({"containers": [{"name": "b", "image": "b:1"}]}),
        ),
        (
            json!({"containers": [{"$patch": "replace"}, {"name": "z"}]}),
            json!({"containers": [{"name": "z"}]}),
        ),
        (
            json!({"containers": [{"name": "a", "env": [{"name": "Y", "value": "2"}], "image": null}]}),
            json!({"containers": [
                {"name": "a", "env": [{"name": "Y", "value": "2"}, {"name": "X", "value": "1"}]},
                {"name": "b", "image": "b:1"},
            ]}),
        ),
        (
            json!({"$setElementOrder/containers": [{"name": "b"}, {"name": "a"}],
                   "containers": [{"name": "a", "image": "a:2"}]}),
            json!({"containers": [
                {"name": "b", "image": "b:1"},
                {"name": "a", "image": "a:2", "env": [{"name": "X", "value": "1"}]},
            ]}),
        ),
        (json!({"$patch": "delete"}), json!({})),
        (
            json!({"$patch": "replace", "hostNetwork": true}),
            json!({"hostNetwork": true}),
        ),
    ];
    for (patch, expected) in rows {
        assert_eq!(
            strategic(&live, &pod_spec(&patch)),
            Ok(pod_spec(&expected)),
            "{patch}"
        );
    }
}

#[test]
fn a_strategic_patch_merges_lists_of_plain_values() {
    let live = json!({"metadata": {"finalizers": ["a", "b", "c"]}});
    let rows = [
        (
            json!({"finalizers": ["d", "a"]}),
            json!({"finalizers": ["d", "a", "b", "c"]}),
        ),
        (
            json!({"$deleteFromPrimitiveList/finalizers": ["b"]}),
            json!({"finalizers": ["a", "c"]}),
        ),
        (
            json!({"$setElementOrder/finalizers": ["c", "a", "b"]}),
            json!({"finalizers": ["c", "a", "b"]}),
        ),
        (json!({"finalizers": null}), json!({})),
    ];
    for (patch, expected) in rows {
        let patch = json!({"metadata": patch});
        assert_eq!(
            strategic(&live, &patch),
            Ok(json!({"metadata": expected})),
            "{patch}"
        );
    }
}

#[test]
fn retained_keys_are_all_that_stay() {
    let live =
        json!({"spec": {"strategy": {"type": "RollingUpdate", "rollingUpdate": {"maxSurge": 1}}}});
    let patch = json!({"spec": {"strategy": {"$retainKeys": ["type"], "type": "Recreate"}}});
    let expected = json!({"spec": {"strategy": {"type": "Recreate"}}});
    assert_eq!(strategic(&live, &patch), Ok(expected));
    let patch = json!({"spec": {"strategy": {"$retainKeys": [], "type": "Recreate"}}});
    let refused = strategic(&live, &patch).unwrap_err();
    assert_eq!(
        refused,
        PatchRefused::Malformed("invalid patch format of retainKeys".to_owned())
    );
}

#[test]
fn a_list_without_a_merge_strategy_is_replaced() {
    let live = pod_spec(&json!({"containers": [{"name": "a", "command": ["x", "y"]}]}));
    let patch = pod_spec(&json!({"containers": [{"name": "a", "command": ["z"]}]}));
    assert_eq!(strategic(&live, &patch), Ok(patch));
}

#[test]
fn a_patch_without_its_merge_key_is_refused_as_kubernetes_does() {
    let live = pod_spec(&json!({"containers": [{"name": "a"}]}));
    let rows = [
        (
            json!({"containers": [{"image": "x"}]}),
            "map: map[image:x] does not contain declared merge key: name",
        ),
        (
            json!({"containers": [{"name": "a", "$patch": "grow"}]}),
            "unknown patch type: grow in map: map[$patch:grow name:a]",
        ),
        (
            json!({"$setElementOrder/containers": [{"name": "b"}], "containers": [{"name": "a"}]}),
            "The order in patch list:\n[map[name:a]]\n doesn't match $setElementOrder list:\n[map[name:b]]\n",
        ),
    ];
    for (patch, complaint) in rows {
        let refused = strategic(&live, &pod_spec(&patch)).unwrap_err();
        assert_eq!(refused.to_string(), complaint);
    }
}

#[test]
fn directives_never_reach_the_object() {
    let patch = pod_spec(&json!({
        "$setElementOrder/containers": [{"name": "a"}],
        "$retainKeys": ["containers"],
        "containers": [{"name": "a", "$setElementOrder/ports": []}, {"name": "b", "$patch": "delete"}],
    }));
    let expected = pod_spec(&json!({"containers": [{"name": "a"}]}));
    assert_eq!(strategic(&json!({}), &patch), Ok(expected));
}

#[test]
fn ten_thousand_items_are_merged_quickly() {
    let items = |image: &str| -> Vec<Value> {
        (0..10_000)
            .map(|n| json!({"name": format!("c{n}"), "image": image}))
            .collect()
    };
    let live = pod_spec(&json!({"containers": items("old")}));
    let patch = pod_spec(&json!({"containers": items("new")}));
    assert_eq!(strategic(&live, &patch), Ok(patch));
}

/// JSON objects that look like parts of a Deployment.
fn an_object() -> impl Strategy<Value = Value> {
    let container = ("[abc]", proptest::option::of("[xy]")).prop_map(|(name, image)| match image {
        Some(image) => json!({"name": name, "image": image}),
        None => json!({"name": name}),
    });
    let containers = proptest::collection::btree_map("[abc]", container, 0..4);
    let labels = proptest::collection::btree_map("[ab]", "[xy]", 0..3);
    (containers, labels).prop_map(|(containers, labels)| {
        let containers: Vec<_> = containers
            .into_iter()
            .map(|(name, mut container)| {
                container["name"] = json!(name);
                container
            })
            .collect();
        json!({
            "metadata": {"labels": labels},
            "spec": {"template": {"spec": {"containers": containers}}},
        })
    })
}

proptest! {
    #[test]
    fn an_empty_patch_changes_nothing(object in an_object()) {
        for patch in [Patch::strategic(b"{}"), Patch::merge(b"{}"), Patch::json(b"[]")] {
            prop_assert_eq!(&patched(patch, &object).unwrap(), &object);
        }
    }

    #[test]
    fn a_patch_applied_twice_is_applied_once(object in an_object(), patch in an_object()) {
        let once = strategic(&object, &patch).unwrap();
        prop_assert_eq!(strategic(&once, &patch).unwrap(), once);
        let merge = || Patch::merge(patch.to_string().as_bytes());
        let once = patched(merge(), &object).unwrap();
        prop_assert_eq!(patched(merge(), &once).unwrap(), once);
    }

    #[test]
    fn whatever_is_patched_into_whatever_there_is_an_answer(
        object in an_object(),
        key in prop_oneof!["\\$(patch|retainKeys|setElementOrder/containers|deleteFromPrimitiveList/x)", "[a-z]"],
        value in prop_oneof![Just(json!("delete")), Just(json!(["a"])), Just(json!([{"name": "a"}])), Just(json!({}))],
    ) {
        let container = json!({"name": "a", key.clone(): value});
        let patch = pod_spec(&json!({key: value, "containers": [container]}));
        let _ = strategic(&object, &patch);
    }
}
