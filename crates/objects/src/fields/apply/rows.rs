//! How items of lists are merged and owned, in rows: what structured-merge-diff, which Kubernetes
//! applies with, makes of the same steps.

use super::tests::{applied_as, config, owners, updated};
use serde_json::{Value, json};

/// Who writes the environment of a container, and what: `a=1 b=2`.
enum Step {
    Update(&'static str, &'static str),
    Apply(&'static str, &'static str),
    Force(&'static str, &'static str),
    /// An apply that is refused, with the field that it conflicts in.
    Refused(&'static str, &'static str, &'static str),
}
use Step::{Apply, Force, Refused, Update};

fn spec(env: &str) -> Value {
    let variable = |word: &str| {
        let (name, value) = word.split_once('=').unwrap_or((word, ""));
        json!({"name": name, "value": value})
    };
    let env: Vec<_> = env.split_whitespace().map(variable).collect();
    json!({"template": {"spec": {"containers": [{"name": "c", "env": env}]}}})
}

fn env_of(object: &Value) -> String {
    let env = &object["spec"]["template"]["spec"]["containers"][0]["env"];
    let words = env.as_array().into_iter().flatten().map(|variable| {
        let text = |field: &str| variable[field].as_str().unwrap_or_default().to_owned();
        format!("{}={}", text("name"), text("value"))
    });
    words.collect::<Vec<_>>().join(" ")
}

/// What an owner has of the list: `.` is the list, `a` an item alone, `a+` one with its fields, `a-` one
/// without its value, `a~` its value alone.
fn owned_by(object: &Value, owner: &str) -> String {
    let container = &owners(object)[owner]["f:spec"]["f:template"]["f:spec"]["f:containers"];
    let env = &container[r#"k:{"name":"c"}"#]["f:env"];
    let words = env.as_object().into_iter().flatten().map(|(key, below)| {
        let name = key.strip_prefix(r#"k:{"name":""#);
        let name = name
            .and_then(|rest| rest.strip_suffix(r#""}"#))
            .unwrap_or(key);
        let has = |field: &str| below.get(field).is_some();
        match (has("f:name"), has("f:value")) {
            (true, true) => format!("{name}+"),
            (true, false) => format!("{name}-"),
            (false, true) => format!("{name}~"),
            (false, false) => name.to_owned(),
        }
    });
    words.collect::<Vec<_>>().join(" ")
}

#[track_caller]
fn check(steps: &[Step], env: &str, owned: &[(&str, &str)]) {
    let mut object = Value::Null;
    for step in steps {
        object = match step {
            Update(owner, env) => updated(&object, &spec(env), owner),
            Apply(owner, env) => applied_as(&object, &config(&spec(env)), owner, false).unwrap(),
            Force(owner, env) => applied_as(&object, &config(&spec(env)), owner, true).unwrap(),
            Refused(owner, env, field) => {
                let refused = applied_as(&object, &config(&spec(env)), owner, false).unwrap_err();
                let end = format!(r#".spec.template.spec.containers[name="c"].env{field}"#);
                let text = refused.to_string();
                assert!(text.ends_with(&end), "{text}");
                continue;
            }
        };
    }
    assert_eq!(env_of(&object), env);
    for (owner, expected) in owned {
        assert_eq!(owned_by(&object, owner), *expected, "{owner}");
    }
}

#[test]
fn an_item_that_is_there_twice_is_owned_once_and_without_its_fields() {
    check(
        &[Update("one", "a=1 a=2 b=3")],
        "a=1 a=2 b=3",
        &[("one Update", ". a b+")],
    );
    check(
        &[Update("one", "a=1 a=2 b=3"), Update("two", "a=1 a=3 b=3")],
        "a=1 a=3 b=3",
        &[("one Update", ". b+"), ("two Update", "a")],
    );
    check(
        &[Update("one", "a=1 b=3"), Update("two", "a=1 a=2 b=3")],
        "a=1 a=2 b=3",
        &[("one Update", ". b+"), ("two Update", "a")],
    );
    check(
        &[Update("one", "a=1 a=2"), Update("two", "a=1 a=2 b=3")],
        "a=1 a=2 b=3",
        &[("one Update", ". a"), ("two Update", "b+")],
    );
}

#[test]
fn applying_an_item_makes_one_of_two() {
    check(
        &[
            Update("one", "a=1 a=2 b=3"),
            Refused("ci", "a=3", r#"[name="a"]"#),
            Force("ci", "a=3"),
        ],
        "a=3 b=3",
        &[("one Update", ". b+"), ("ci Apply", "a+")],
    );
    check(
        &[Update("one", "a=1 a=2 b=3"), Force("ci", "b=4")],
        "a=1 a=2 b=4",
        &[("one Update", ". a b-"), ("ci Apply", "b+")],
    );
}

#[test]
fn an_item_that_is_no_longer_applied_stays_where_another_made_two_of_it() {
    check(
        &[
            Apply("ci", "a=1 b=3"),
            Update("one", "a=1 a=2 b=3"),
            Apply("ci", "b=3"),
        ],
        "a=1 a=2 b=3",
        &[("ci Apply", "b+"), ("one Update", "a")],
    );
}

#[test]
fn an_item_goes_when_the_last_who_applied_it_stops() {
    let both = [Apply("one", "a=1 b=2"), Apply("two", "a=1 c=3")];
    check(
        &both,
        "a=1 b=2 c=3",
        &[("one Apply", "a+ b+"), ("two Apply", "a+ c+")],
    );
    check(
        &[
            Apply("one", "a=1 b=2"),
            Apply("two", "a=1 c=3"),
            Apply("one", "b=2"),
        ],
        "a=1 b=2 c=3",
        &[("one Apply", "b+"), ("two Apply", "a+ c+")],
    );
    check(
        &[
            Apply("one", "a=1 b=2"),
            Apply("two", "a=1 c=3"),
            Apply("one", "b=2"),
            Apply("two", "c=3"),
        ],
        "b=2 c=3",
        &[("one Apply", "b+"), ("two Apply", "c+")],
    );
}

#[test]
fn a_value_that_others_changed_is_no_longer_the_appliers_but_its_item_is() {
    check(
        &[
            Apply("ci", "a=1"),
            Update("ops", "a=2"),
            Refused("ci", "a=1", r#"[name="a"].value"#),
        ],
        "a=2",
        &[("ci Apply", "a-"), ("ops Update", "a~")],
    );
}

fn ports(ports: &Value) -> Value {
    json!({"template": {"spec": {"containers": [{"name": "c", "ports": ports}]}}})
}

#[test]
fn a_port_that_names_no_protocol_is_the_one_of_tcp() {
    let port = |more: Value| {
        let mut port = json!({"containerPort": 80});
        for (field, value) in more.as_object().into_iter().flatten() {
            port[field] = value.clone();
        }
        port
    };
    let apply = |object: &Value, found: Value, owner: &str| {
        applied_as(object, &config(&ports(&found)), owner, false)
    };
    let both = json!([port(json!({})), port(json!({"protocol": "UDP"}))]);
    let object = apply(&Value::Null, both.clone(), "ci").unwrap();
    let container = &object["spec"]["template"]["spec"]["containers"][0];
    assert_eq!(container["ports"], both, "what was left out is not written");
    let owned = &owners(&object)["ci Apply"]["f:spec"]["f:template"]["f:spec"]["f:containers"];
    assert_eq!(
        owned[r#"k:{"name":"c"}"#]["f:ports"],
        json!({
            r#"k:{"containerPort":80,"protocol":"TCP"}"#: {".": {}, "f:containerPort": {}},
            r#"k:{"containerPort":80,"protocol":"UDP"}"#:
                {".": {}, "f:containerPort": {}, "f:protocol": {}},
        })
    );
    let named = json!([port(json!({"protocol": "TCP", "name": "foo"}))]);
    let object = apply(&Value::Null, named, "one").unwrap();
    let refused = apply(&object, json!([port(json!({"name": "bar"}))]), "two");
    let end = r#".ports[containerPort=80,protocol="TCP"].name"#;
    let text = refused.unwrap_err().to_string();
    assert!(text.ends_with(end), "{text}");
    for twice in [
        json!([port(json!({})), port(json!({}))]),
        json!([port(json!({})), port(json!({"protocol": "TCP"}))]),
    ] {
        assert!(apply(&Value::Null, twice.clone(), "ci").is_err(), "{twice}");
    }
}

fn with_finalizers(names: &[&str]) -> Value {
    let mut config = config(&json!({}));
    config["metadata"]["finalizers"] = json!(names);
    config
}

#[test]
fn a_set_holds_what_all_who_apply_it_want() {
    let apply = |object: &Value, names: &[&str], owner: &str| {
        applied_as(object, &with_finalizers(names), owner, false).unwrap()
    };
    let object = apply(&Value::Null, &["a", "b"], "one");
    let object = apply(&object, &["b", "c"], "two");
    assert_eq!(object["metadata"]["finalizers"], json!(["a", "b", "c"]));
    let object = apply(&object, &["a"], "one");
    assert_eq!(object["metadata"]["finalizers"], json!(["a", "b", "c"]));
    let object = apply(&object, &["c"], "two");
    assert_eq!(object["metadata"]["finalizers"], json!(["a", "c"]));
}

#[test]
fn a_list_that_is_one_thing_is_replaced_as_a_whole() {
    let command = |words: &[&str]| {
        let containers = json!([{"name": "c", "command": words}]);
        config(&json!({"template": {"spec": {"containers": containers}}}))
    };
    let object = applied_as(&Value::Null, &command(&["a", "b"]), "one", false).unwrap();
    let refused = applied_as(&object, &command(&["b"]), "two", false).unwrap_err();
    let text = refused.to_string();
    assert!(text.ends_with(r#".containers[name="c"].command"#), "{text}");
    let object = applied_as(&object, &command(&["b"]), "two", true).unwrap();
    let container = &object["spec"]["template"]["spec"]["containers"][0];
    assert_eq!(container["command"], json!(["b"]));
    assert!(owners(&object)["one Apply"].to_string().contains("f:name"));
    assert!(
        !owners(&object)["one Apply"]
            .to_string()
            .contains("f:command")
    );
}
