//! Bodies of all media types, read back: what the tables can write, the decoder reads.

mod encode;
mod generate;

use objects::decode::{FieldValidation, MediaType, check, decode, decode_builtin, json, yaml};
use objects::schema::{Schema, Schemas};
use objects::{Gvk, Object};
use proptest::prelude::*;
use serde_json::{Value, json};

use generate::Source;

fn kinds() -> Vec<(Gvk, Schema<'static>)> {
    let schemas = Schemas::builtin();
    let gvks = schemas
        .kinds()
        .map(|(group, version, kind)| Gvk::parse(group, version, kind).expect("well spelt"));
    // A WatchEvent has no type of its own, and is never a body.
    gvks.filter(|gvk| gvk.kind != "WatchEvent")
        .map(|gvk| {
            let schema = schemas.of(&gvk).expect("listed");
            (gvk, schema)
        })
        .collect()
}

/// Kinds whose definitions no Go client's protobuf is known of.
fn has_wire(gvk: &Gvk) -> bool {
    !["apiextensions.k8s.io", "apiregistration.k8s.io"].contains(&gvk.group.as_str())
}

fn object(gvk: &Gvk, schema: Schema<'_>, seed: &[u8]) -> Object {
    let value = generate::value(schema, &mut Source::of(seed));
    let mut object = Object::from_value(value).expect("a structure");
    object.set_gvk(gvk);
    object
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 12, max_shrink_iters: 4, failure_persistence: None, ..ProptestConfig::default() })]

    #[test]
    fn every_kind_comes_out_of_protobuf_as_it_went_in(seed in proptest::collection::vec(any::<u8>(), 64)) {
        for (gvk, schema) in kinds().into_iter().filter(|(gvk, _)| has_wire(gvk)) {
            let object = object(&gvk, schema, &seed);
            let body = encode::body(&gvk, schema, object.as_map());
            let decoded = decode_builtin(&body, MediaType::Protobuf, &gvk, FieldValidation::Strict);
            let decoded = decoded.expect("what was encoded");
            prop_assert_eq!(decoded.object, object);
        }
    }

    #[test]
    fn every_kind_comes_out_of_json_and_yaml_as_it_went_in(seed in proptest::collection::vec(any::<u8>(), 64)) {
        for (gvk, schema) in kinds() {
            let object = object(&gvk, schema, &seed);
            let text = serde_json::to_vec(&object).expect("JSON");
            for media_type in [MediaType::Json, MediaType::Yaml] {
                let decoded = decode_builtin(&text, media_type, &gvk, FieldValidation::Strict);
                prop_assert_eq!(decoded.expect("what was written").object, object.clone());
            }
        }
    }

    #[test]
    fn hostile_bytes_are_refused_or_read_but_never_panic(bytes in proptest::collection::vec(any::<u8>(), 0..200)) {
        let gvk = Gvk::parse_api_version("v1", "Pod").expect("well spelt");
        let enveloped: Vec<u8> = b"k8s\0".iter().chain(&bytes).copied().collect();
        for media_type in [MediaType::Json, MediaType::Yaml, MediaType::Protobuf] {
            for body in [&bytes, &enveloped] {
                let _ = decode_builtin(body, media_type, &gvk, FieldValidation::Warn);
            }
        }
    }

    #[test]
    fn a_spoilt_message_never_panics(
        seed in proptest::collection::vec(any::<u8>(), 64),
        at in any::<prop::sample::Index>(),
        byte in any::<u8>(),
    ) {
        let gvk = Gvk::parse_api_version("apps/v1", "Deployment").expect("well spelt");
        let schema = Schemas::builtin().of(&gvk).expect("listed");
        let mut body = encode::body(&gvk, schema, object(&gvk, schema, &seed).as_map());
        let at = at.index(body.len());
        body[at] = byte;
        let _ = decode_builtin(&body, MediaType::Protobuf, &gvk, FieldValidation::Warn);
        body.truncate(at);
        let _ = decode_builtin(&body, MediaType::Protobuf, &gvk, FieldValidation::Warn);
    }
}

#[test]
fn an_unknown_tag_is_refused_by_name() {
    let gvk = Gvk::parse_api_version("v1", "ConfigMap").expect("well spelt");
    // Field 9 of a ConfigMap, a number.
    let body = encode::envelope(&gvk, &[9 << 3, 1]);
    let refusal = decode_builtin(&body, MediaType::Protobuf, &gvk, FieldValidation::Ignore)
        .expect_err("no such tag");
    assert_eq!(
        refusal.message,
        "the object provided is unrecognized (must be of type ConfigMap): io.k8s.api.core.v1.ConfigMap \
         has no field with protobuf tag 9 (6b3873000a0f0a0276311209436f6e6669674d6170120248011a002200)"
    );
}

#[test]
fn zero_is_left_out_unless_go_writes_it() {
    let gvk = Gvk::parse_api_version("apps/v1", "Deployment").expect("well spelt");
    // spec { replicas: 0 (a pointer), minReadySeconds: 0, paused: false }
    let spec = [1 << 3, 0, 5 << 3, 0, 7 << 3, 0];
    let message = [&[2 << 3 | 2, 6][..], &spec].concat();
    let body = encode::envelope(&gvk, &message);
    let decoded = decode_builtin(&body, MediaType::Protobuf, &gvk, FieldValidation::Strict);
    let object = decoded.expect("well formed").object;
    assert_eq!(object.get(&["spec"]), Some(&json!({"replicas": 0})));
}

#[test]
fn a_kind_without_protobuf_says_so() {
    let gvk = Gvk::parse_api_version("example.com/v1", "Thing").expect("well spelt");
    let body = encode::envelope(&gvk, b"");
    let refusal = decode(
        &body,
        MediaType::Protobuf,
        &gvk,
        None,
        FieldValidation::Warn,
    )
    .expect_err("no schema");
    assert!(
        refusal.message.contains("has no protobuf form; send JSON"),
        "{}",
        refusal.message
    );
}

#[test]
fn deep_nesting_is_refused() {
    let deep = |open: &str, close: &str| open.repeat(5_000) + &close.repeat(5_000);
    assert!(json(deep("[", "]").as_bytes()).is_err());
    assert!(yaml(deep("[", "]").as_bytes()).is_err());
    assert!(json(deep("{\"a\":", "}").as_bytes()).is_err());
}

#[test]
fn an_alias_bomb_is_refused() {
    let mut bomb = "a: &a [x, x, x, x, x, x, x, x, x, x]\n".to_owned();
    for (before, name) in "abcdefgh".chars().zip("bcdefghi".chars()) {
        let aliases = vec![format!("*{before}"); 10].join(", ");
        bomb.push_str(&format!("{name}: &{name} [{aliases}]\n"));
    }
    let refusal = yaml(bomb.as_bytes()).expect_err("too many aliases");
    assert!(refusal.contains("alias"), "{refusal}");
}

#[test]
fn yaml_is_read_as_version_1_1() {
    let rows = [
        ("yes", json!(true)),
        ("off", json!(false)),
        ("0755", json!(493)),
        ("'0755'", json!("0755")),
        ("~", Value::Null),
        ("1e3", json!(1000.0)),
        ("1.20", json!(1.2)),
        ("a: &x b\nc: *x", json!({"a": "b", "c": "b"})),
        ("1: a", json!({"1": "a"})),
    ];
    for (text, value) in rows {
        assert_eq!(
            yaml(text.as_bytes()).map(|(value, _)| value),
            Ok(value),
            "{text}"
        );
    }
}

#[test]
fn a_value_that_a_patch_made_is_checked_as_a_body_is() {
    let gvk = Gvk::parse_api_version("v1", "Pod").expect("well spelt");
    let schema = Schemas::builtin().of(&gvk).expect("listed");
    let patched = json!({"spec": {"nodeName": "a", "nodName": "b", "hostname": null}});
    let (value, findings) = check(&patched, schema);
    assert_eq!(value, json!({"spec": {"nodeName": "a"}}));
    assert_eq!(findings.strict, ["unknown field \"spec.nodName\""]);
}
