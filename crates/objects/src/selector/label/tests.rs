use super::*;
use proptest::prelude::*;

fn matches(selector: &str, labels: &Value) -> bool {
    selector
        .parse::<LabelSelector>()
        .unwrap()
        .matches(labels.as_object())
}

#[test]
fn a_selector_takes_the_objects_that_kubernetes_takes() {
    let labels = json!({"app": "web", "tier": "front", "weight": "10", "empty": ""});
    let rows = [
        ("", true),
        ("app=web", true),
        ("app==web", true),
        ("app = web , tier=front", true),
        ("app=db", false),
        ("app!=db", true),
        ("missing!=db", true),
        ("app in (db, web)", true),
        ("app notin (db)", true),
        ("missing notin (db)", true),
        ("app", true),
        ("missing", false),
        ("!missing", true),
        ("!app", false),
        ("empty=", true),
        ("empty in (,x)", true),
        ("empty in ()", true),
        ("weight>9", true),
        ("weight<10", false),
        ("app>9", false),
        ("in in (in)", false),
    ];
    for (selector, expected) in rows {
        assert_eq!(matches(selector, &labels), expected, "{selector}");
    }
}

#[test]
fn an_object_without_labels_matches_only_what_asks_for_none() {
    for (selector, expected) in [("a", false), ("!a", true), ("a!=b", true), ("", true)] {
        assert_eq!(
            selector.parse::<LabelSelector>().unwrap().matches(None),
            expected
        );
    }
}

#[test]
fn a_bad_selector_is_refused_in_kubernetes_words() {
    let rows = [
        ("a=b c", "found 'c', expected: ',' or 'end of string'"),
        ("a,", "found '', expected: identifier after ','"),
        (
            ",a",
            "found ',', expected: !, identifier, or 'end of string'",
        ),
        (
            "a in b",
            "unable to parse requirement: found 'b' expected: '('",
        ),
        (
            "a in (b",
            "unable to parse requirement: found '', expected: ',' or ')'",
        ),
        (
            "a in (b c)",
            "unable to parse requirement: found 'c', expected: ',' or ')'",
        ),
        (
            "a in (=)",
            "unable to parse requirement: found '=', expected: ',', ')' or identifier",
        ),
        (
            "a b",
            "unable to parse requirement: found 'b', expected: in, notin, =, ==, !=, gt, lt",
        ),
        (
            "a=(",
            "unable to parse requirement: found '(', expected: identifier",
        ),
        (
            "!",
            "unable to parse requirement: found '', expected: identifier",
        ),
        (
            "a>x",
            "unable to parse requirement: values[0]: Invalid value: \"x\": for 'Gt', 'Lt' operators, the value must be an integer",
        ),
        (
            "a=b/c",
            "unable to parse requirement: values[0][a]: Invalid value: \"b/c\": a valid label must be an empty string or consist of alphanumeric characters, '-', '_' or '.', and must start and end with an alphanumeric character (e.g. 'MyValue',  or 'my_value',  or '12345', regex used for validation is '(([A-Za-z0-9][-A-Za-z0-9_.]*)?[A-Za-z0-9])?')",
        ),
        (
            "/a",
            "unable to parse requirement: <nil>: Invalid value: \"/a\": prefix part must be non-empty",
        ),
    ];
    for (selector, complaint) in rows {
        let refused = selector.parse::<LabelSelector>().unwrap_err();
        assert_eq!(refused.to_string(), complaint, "{selector}");
    }
}

#[test]
fn a_selector_object_reads_as_its_text() {
    let object = json!({
        "matchLabels": {"app": "web"},
        "matchExpressions": [
            {"key": "tier", "operator": "In", "values": ["b", "a"]},
            {"key": "canary", "operator": "DoesNotExist"},
        ],
    });
    let selector = LabelSelector::from_object(&object).unwrap();
    assert_eq!(selector.to_string(), "app=web,!canary,tier in (a,b)");
    let operator = json!({"matchExpressions": [{"key": "a", "operator": "Like"}]});
    let refused = LabelSelector::from_object(&operator).unwrap_err();
    assert_eq!(
        refused.to_string(),
        r#""Like" is not a valid label selector operator"#
    );
}

#[test]
fn ten_thousand_values_are_read_and_matched_quickly() {
    let values = (0..10_000)
        .map(|number| format!("v{number}"))
        .collect::<Vec<_>>()
        .join(",");
    let selector: LabelSelector = format!("a in ({values})").parse().unwrap();
    let labels = json!({"a": "v77"});
    assert!((0..10_000).all(|_| selector.matches(labels.as_object())));
}

fn a_requirement() -> impl Strategy<Value = String> {
    let word = "[a-z]([a-z0-9._-]{0,6}[a-z0-9])?";
    prop_oneof![
        (word, word).prop_map(|(key, value)| format!("{key}={value}")),
        (word, word).prop_map(|(key, value)| format!("{key}!={value}")),
        (word, proptest::collection::vec(word, 1..4))
            .prop_map(|(key, values)| format!("{key} in ({})", values.join(","))),
        (word, proptest::collection::vec(word, 1..4))
            .prop_map(|(key, values)| format!("{key} notin ({})", values.join(", "))),
        word.prop_map(|key| format!("!{key}")),
        (word, any::<i64>())
            .prop_map(|(key, number)| format!("{key}>{}", number.unsigned_abs() / 2)),
    ]
}

proptest! {
    #[test]
    fn what_is_printed_reads_back_the_same(parts in proptest::collection::vec(a_requirement(), 0..5)) {
        let selector: LabelSelector = parts.join(",").parse().unwrap();
        prop_assert_eq!(selector.to_string().parse::<LabelSelector>().unwrap(), selector);
    }

    #[test]
    fn any_text_is_read_or_refused(text in "[a-z=!(),<> /\\PC]{0,40}") {
        if let Ok(selector) = text.parse::<LabelSelector>() {
            prop_assert_eq!(selector.to_string().parse::<LabelSelector>().unwrap(), selector);
        }
    }

    #[test]
    fn a_negated_requirement_takes_exactly_the_other_objects(
        label in proptest::option::of("[ab]"), values in proptest::collection::vec("[abc]", 1..3),
    ) {
        let labels = label.map_or(json!({}), |label| json!({"k": label}));
        let list = values.join(",");
        prop_assert_ne!(
            matches(&format!("k in ({list})"), &labels),
            matches(&format!("k notin ({list})"), &labels),
        );
    }
}
