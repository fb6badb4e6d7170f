//! What holds for every operation and every constraint of the models.
#![expect(
    clippy::unwrap_used,
    clippy::wildcard_enum_match_arm,
    reason = "helpers of tests"
)]

use std::collections::BTreeSet;

use awswire::client::{decode_value, encode_value as encode_request};
use awswire::{Head, Kind, Operation, Shape, Value, encode_value, route, services, violations};
use names::RequestId;
use names::secret::Secret;
use proptest::prelude::*;

fn operations() -> impl Iterator<Item = &'static Operation> {
    services().iter().flat_map(|service| service.operations)
}

/// Every structure that a request can contain.
fn input_structures() -> Vec<&'static Shape> {
    let mut seen = BTreeSet::new();
    let mut open: Vec<&'static Shape> = operations().map(|operation| operation.input).collect();
    let mut structures = Vec::new();
    while let Some(shape) = open.pop() {
        if !seen.insert(std::ptr::from_ref(shape).addr()) {
            continue;
        }
        match shape.kind {
            Kind::Structure(members) => {
                structures.push(shape);
                open.extend(members.iter().map(|member| member.shape));
            }
            Kind::List { item, .. } => open.push(item),
            Kind::Map { value, .. } => open.push(value),
            _ => {}
        }
    }
    structures
}

fn text(shape: &Shape, length: i64) -> Value {
    let text = "a".repeat(usize::try_from(length).unwrap());
    if shape.sensitive {
        Value::Secret(Secret::from(text))
    } else {
        Value::String(text)
    }
}

/// A value of that size: length of text, items of a list, a number.
fn sized(shape: &Shape, size: i64) -> Option<Value> {
    match shape.kind {
        Kind::String if size >= 0 => Some(text(shape, size)),
        Kind::Integer => Some(Value::Integer(size)),
        Kind::List { item, .. } if item.is_scalar() && size >= 0 => {
            let one = sized(item, item.min.unwrap_or(1).max(1))?;
            Some(Value::List(vec![one; usize::try_from(size).unwrap()]))
        }
        _ => None,
    }
}

fn broken(structure: &Shape, index: usize, value: Value) -> String {
    violations(structure, &Value::Structure(vec![(index, value)])).join("; ")
}

/// The edge itself is accepted and the next value beyond it is refused by name.
fn check_edge(structure: &Shape, index: usize, edge: i64, beyond: i64, words: &str) -> usize {
    let member = &structure.members()[index];
    let (Some(at), Some(over)) = (sized(member.shape, edge), sized(member.shape, beyond)) else {
        return 0;
    };
    let place = format!("{}.{}", structure.name, member.name);
    let phrase = format!("{words} than or equal to {edge}");
    assert!(
        !broken(structure, index, at).contains(&phrase),
        "{place} refuses {edge}"
    );
    assert!(
        broken(structure, index, over).contains(&phrase),
        "{place} accepts {beyond}"
    );
    1
}

#[test]
fn every_bound_holds_at_its_edge() {
    let mut checked = 0;
    for structure in input_structures() {
        for (index, member) in structure.members().iter().enumerate() {
            if let Some(max) = member.shape.max.filter(|max| *max < 200_000) {
                checked += check_edge(structure, index, max, max + 1, "less");
            }
            if let Some(min) = member.shape.min {
                checked += check_edge(structure, index, min, min - 1, "greater");
            }
        }
    }
    assert!(checked > 700, "only {checked} bounds were checked");
}

#[test]
fn every_required_member_is_missed_by_name() {
    let mut checked = 0;
    for structure in input_structures() {
        let missed = violations(structure, &Value::Structure(Vec::new()));
        let required = structure.members().iter().filter(|member| member.required);
        for (member, violation) in required.zip(&missed) {
            let (first, rest) = member.name.split_at(1);
            let name = format!("Value null at '{}{rest}'", first.to_ascii_lowercase());
            assert!(violation.starts_with(&name), "{violation}");
            checked += 1;
        }
        assert_eq!(
            missed.len(),
            structure.members().iter().filter(|m| m.required).count()
        );
    }
    assert!(checked > 400, "only {checked} members were checked");
}

#[test]
fn every_value_set_and_every_pattern_refuses_what_is_outside() {
    for structure in input_structures() {
        for (index, member) in structure.members().iter().enumerate() {
            let outside = || Value::String("\u{1F4A9} \u{7}no".to_owned());
            if !member.shape.one_of.is_empty() {
                let broken = broken(structure, index, outside());
                assert!(broken.contains("enum value set: ["), "{broken}");
                for text in member.shape.one_of {
                    let inside = Value::String((*text).to_owned());
                    let kept = violations(structure, &Value::Structure(vec![(index, inside)]));
                    assert!(!kept.join("; ").contains("enum value set"));
                }
            }
            if let Some(pattern) = member.shape.pattern
                && !matches!(pattern.source, r"[\s\S]+" | "[^_]*")
            {
                assert!(!pattern.matches("\u{1F4A9} \u{7}no"), "{pattern:?}");
            }
        }
    }
}

/// Texts of which one fits almost every pattern: names, paths, ids, ARNs, documents, URLs.
const TEXTS: [&str; 16] = [
    "reader",
    "/team/",
    "arn:aws:iam::111111111111:role/team/reader",
    "111111111111",
    "AKIAIOSFODNN7EXAMPLE",
    "123456",
    "v1",
    "https://oidc.example/id/1",
    "aaaaaaaa-bbbb-cccc-dddd-eeeeeeeeeeee-and-more-of-it",
    "aaaaaaaa-bbbb-cccc-dddd-eeeeeeeeeeee",
    "a.b-_.c",
    "AWS::S3::Bucket",
    "s3://bucket/key",
    "9990f0f0f0f0f0f0f0f0f0f0f0f0f0f0f0f0f0f0",
    "a1:b2:c3:d4:e5:f6:a7:b8:c9:d0:e1:f2:a3:b4:c5:d6",
    "1.0.0",
];

/// A valid value with every member that can be made; `None` where no text fits.
fn valid(shape: &Shape) -> Option<Value> {
    let value = match shape.kind {
        Kind::Structure(members) => {
            let mut present = Vec::new();
            for (index, member) in members.iter().enumerate() {
                match valid(member.shape) {
                    Some(value) => present.push((index, value)),
                    None if member.required => return None,
                    None => {}
                }
            }
            Value::Structure(present)
        }
        Kind::List { item, .. } => {
            let count = usize::try_from(shape.min.unwrap_or(1).max(1)).unwrap();
            Value::List(vec![valid(item)?; count])
        }
        Kind::Map { key, value, .. } => {
            let Value::String(key) = valid(key)? else {
                return None;
            };
            Value::Map(vec![(key, valid(value)?)])
        }
        Kind::String => return valid_text(shape),
        Kind::Integer => Value::Integer(shape.min.unwrap_or(1)),
        Kind::Double => Value::Double(1.5),
        Kind::Boolean => Value::Boolean(true),
        Kind::Blob => Value::Blob(vec![0, 1, 255]),
        Kind::Timestamp => Value::Timestamp("2024-01-01T00:00:00Z".parse().unwrap()),
        Kind::Document => Value::Document(serde_json::json!({"a": [1, "b"]})),
    };
    Some(value)
}

fn valid_text(shape: &Shape) -> Option<Value> {
    let length = |text: &str| i64::try_from(text.len()).unwrap();
    let fits = |text: &&str| {
        shape.pattern.is_none_or(|pattern| pattern.matches(text))
            && shape.max.is_none_or(|max| length(text) <= max)
            && shape.min.is_none_or(|min| length(text) >= min)
            && (shape.one_of.is_empty() || shape.one_of.contains(text))
    };
    let found = shape.one_of.iter().chain(&TEXTS).find(|text| fits(text))?;
    Some(match shape.sensitive {
        true => Value::Secret(Secret::from(*found)),
        false => Value::String((*found).to_owned()),
    })
}

fn as_server(operation: &'static Operation, value: &Value) -> Value {
    let request = encode_request(operation, value);
    let head = Head {
        method: request.method,
        path: &request.path,
        query: &request.query,
        content_type: request.content_type,
        signed_for: Some(request.signing_name),
        ..Head::default()
    };
    let call = route(&head, &request.body).unwrap();
    assert_eq!(call.operation, operation);
    call.value().unwrap()
}

fn as_client(operation: &'static Operation, value: &Value) -> Value {
    let response = encode_value(operation, value, &RequestId::from_random([1; 16]));
    decode_value(operation, response.status, None, &response.body).unwrap()
}

#[test]
fn what_a_client_sends_the_server_reads() {
    let mut read = 0;
    for operation in operations() {
        if let Some(value) = valid(operation.input) {
            assert_eq!(as_server(operation, &value), value, "{operation:?}");
            read += 1;
        }
    }
    assert!(read > 330, "only {read} operations were read");
}

#[test]
fn what_the_server_answers_the_client_reads() {
    for operation in operations() {
        if let Some(value) = valid(operation.output) {
            assert_eq!(as_client(operation, &value), value, "{operation:?}");
        }
    }
}

proptest! {
    #[test]
    fn any_text_survives_an_answer(text in "[\\PC\\t\\n\\r]{0,40}") {
        let operation = awswire::service("iam").unwrap().operation("GetRolePolicy").unwrap();
        let members = (0..3).map(|index| (index, Value::String(text.clone()))).collect();
        let value = Value::Structure(members);
        prop_assert_eq!(as_client(operation, &value), value);
        let json = awswire::service("eks").unwrap().operation("ListTagsForResource").unwrap();
        let entries = vec![(text.clone(), Value::String(text))];
        let value = Value::Structure(vec![(0, Value::Map(entries))]);
        prop_assert_eq!(as_client(json, &value), value);
    }

    #[test]
    fn any_body_is_read_or_refused(body in prop::collection::vec(any::<u8>(), 0..200)) {
        let head = Head { method: "POST", path: "/", signed_for: Some("sts"), ..Head::default() };
        let _ = route(&head, &body).map(|call| call.value());
        let head = Head { path: "/clusters", signed_for: Some("eks"), ..head };
        let _ = route(&head, &body).map(|call| call.value());
    }

    #[test]
    fn any_form_of_known_names_is_read_or_refused(
        parts in prop::collection::vec("(Tags|RoleName|member|1|2|0|-1|Key|\\.|=|&|%2e|%|x){1,6}", 0..12)
    ) {
        let body = format!("Action=CreateRole&{}", parts.join("&"));
        let head = Head { method: "POST", path: "/", signed_for: Some("iam"), ..Head::default() };
        let _ = route(&head, body.as_bytes()).map(|call| call.value());
    }
}

#[test]
fn a_body_beyond_the_limit_is_refused() {
    let head = Head {
        method: "POST",
        path: "/",
        signed_for: Some("sts"),
        ..Head::default()
    };
    let body = vec![b'a'; awswire::limits::BODY_BYTES_MAX + 1];
    let refused = route(&head, &body).unwrap_err();
    assert!(format!("{refused:?}").contains("RequestEntityTooLarge"));
    let deep = format!(
        "{{\"tags\":{}{}}}",
        "[".repeat(100_000),
        "]".repeat(100_000)
    );
    let head = Head {
        path: "/tags/x",
        signed_for: Some("eks"),
        ..head
    };
    let error = route(&head, deep.as_bytes()).unwrap().value().unwrap_err();
    assert_eq!(&*error.code, "SerializationException");
}
