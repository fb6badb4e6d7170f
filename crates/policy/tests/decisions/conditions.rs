//! Condition operators, presence of keys, variables, language versions.

use crate::fixtures::*;
use crate::matching::allows;
use policy::{Layers, RequestContext, ResourcePolicy, TrustPolicy, decide};

/// Whether `{operator: {k: wanted}}` holds when `k` has these values.
fn holds(operator: &str, wanted: &str, found: &[&str]) -> bool {
    let mut context = RequestContext::new();
    match found {
        [one] => context.set("K", *one),
        several => context.set_list("K", several.iter().copied()),
    };
    context
        .set("aws:username", "bob")
        .set("tag:star", "b*")
        .set_list("many", ["a", "b"]);
    let elements =
        format!(r#""Action":"*","Resource":"*","Condition":{{"{operator}":{{"k":{wanted}}}}}"#);
    allows(&elements, "iam:GetRole", "*", &context)
}

#[test]
fn presence_is_decided_before_anything_is_compared() {
    // Operator, and what it says of: an absent key, an equal value, another value, several values.
    for (operator, absent, equal, other, several) in [
        ("StringEquals", false, true, false, false),
        ("StringNotEquals", true, false, true, false),
        ("StringEqualsIfExists", true, true, false, false),
        ("StringNotEqualsIfExists", true, false, true, false),
        ("ForAllValues:StringEquals", true, true, false, false),
        ("ForAllValues:StringNotEquals", true, false, true, false),
        ("ForAnyValue:StringEquals", false, true, false, true),
        ("ForAnyValue:StringNotEquals", false, false, true, true),
        (
            "ForAllValues:StringEqualsIfExists",
            true,
            true,
            false,
            false,
        ),
        ("ForAnyValue:StringEqualsIfExists", false, true, false, true),
        ("forallvalues:stringlike", true, true, false, false),
    ] {
        let said =
            [&[][..], &["a"], &["b"], &["a", "b"]].map(|found| holds(operator, r#""a""#, found));
        assert_eq!(said, [absent, equal, other, several], "{operator}");
    }
    for (wanted, said) in [
        (r#""true""#, [true, false, false]),
        ("false", [false, true, true]),
        (r#""x""#, [false; 3]),
    ] {
        assert_eq!(
            [&[][..], &[""], &["a", "b"]].map(|found| holds("Null", wanted, found)),
            said,
            "Null {wanted}"
        );
    }
    assert!(
        holds("StringNotEquals", r#""a""#, &[""]),
        "an empty text is a value"
    );
    assert!(
        holds("ForAllValues:StringEquals", r#""a""#, &[""]),
        "but not to a set operator"
    );
    assert!(
        !holds("ForAnyValue:StringNotEquals", r#""a""#, &[""]),
        "nor to the other"
    );
    assert!(!holds("StringEquals", "[]", &["a"]));
    assert!(holds("StringNotEquals", "[]", &["a"]));
}

#[test]
fn every_operator_compares_as_the_manual_says() {
    for (operator, wanted, found, said) in [
        ("StringEquals", r#""a*""#, "abc", false),
        ("StringEquals", r#"["x","abc"]"#, "abc", true),
        ("StringEquals", r#""ABC""#, "abc", false),
        ("StringNotEquals", r#"["x","abc"]"#, "abc", false),
        ("StringEqualsIgnoreCase", r#""ABC""#, "abc", true),
        ("StringNotEqualsIgnoreCase", r#""ABC""#, "abc", false),
        ("StringLike", r#""a*:/?""#, "abc:/d", true),
        ("StringLike", r#""A*""#, "abc", false),
        ("StringNotLike", r#""a*""#, "abc", false),
        ("NumericEquals", "10", "10.0", true),
        ("NumericNotEquals", "10", "10.0", false),
        ("NumericNotEquals", r#""ten""#, "10", false),
        ("NumericNotEquals", "10", "ten", false),
        ("NumericLessThan", "10", "9", true),
        ("NumericLessThan", "10", "10", false),
        ("NumericLessThanEquals", "10", "10", true),
        ("NumericGreaterThan", "-1", "0", true),
        ("NumericGreaterThanEquals", "0", "-1", false),
        ("NumericEquals", r#""1e1""#, "10", false),
        (
            "DateEquals",
            r#""2026-01-01""#,
            "2026-01-01T00:00:00Z",
            true,
        ),
        (
            "DateNotEquals",
            r#""2026-01-01""#,
            "2026-01-01T00:00:00Z",
            false,
        ),
        ("DateNotEquals", r#""2026-01-01""#, "never", false),
        (
            "DateLessThan",
            r#""2026-01-01T01:00:00+01:00""#,
            "2025-12-31T23:59:59Z",
            true,
        ),
        (
            "DateLessThanEquals",
            "1700000000",
            "2023-11-14T22:13:20Z",
            true,
        ),
        ("DateGreaterThan", "1700000000", "1700000001", true),
        ("DateGreaterThanEquals", "1700000000", "1699999999", false),
        ("Bool", "true", "TRUE", true),
        ("Bool", r#""False""#, "false", true),
        ("Bool", r#""yes""#, "true", false),
        ("Bool", "true", "yes", false),
        ("BinaryEquals", r#""AQI=""#, "AQI=", true),
        ("BinaryEquals", r#""AQI""#, "AQI", false),
        ("IpAddress", r#""10.1.2.3/8""#, "10.9.9.9", true),
        ("IpAddress", r#""10.1.2.3""#, "10.1.2.3", true),
        ("IpAddress", r#""10.1.2.3""#, "::ffff:10.1.2.3", true),
        ("IpAddress", r#""::ffff:10.0.0.0/104""#, "10.1.2.3", true),
        ("IpAddress", r#""fd00::/8""#, "fd00::1", true),
        ("IpAddress", r#""::/0""#, "10.1.2.3", false),
        ("NotIpAddress", r#""::/0""#, "10.1.2.3", true),
        ("NotIpAddress", r#""10.0.0.0/8""#, "10.1.2.3", false),
        ("NotIpAddress", r#""home""#, "10.1.2.3", false),
        ("NotIpAddress", r#""10.0.0.0/8""#, "home", false),
        ("ArnEquals", r#""arn:aws:iam::*:role/*""#, ROLE, true),
        ("ArnLike", r#""arn:aws:*:role/*""#, ROLE, false),
        ("ArnLike", r#""arn:aws:iam::*:ROLE/*""#, ROLE, false),
        ("ArnNotEquals", r#""arn:aws:iam::*:user/*""#, ROLE, true),
        ("ArnNotLike", r#""arn:aws:iam::*:role/*""#, ROLE, false),
        ("ArnNotLike", r#""arn:aws:iam""#, ROLE, false),
        ("ArnNotLike", r#""arn:aws:iam::*:role/*""#, "bob", false),
        ("StringEquals", r#""${aws:username}""#, "bob", true),
        ("StringEquals", r#""${AWS:UserName}""#, "bob", true),
        ("StringEquals", r#""${aws:none}""#, "bob", false),
        ("StringNotEquals", r#""${aws:none}""#, "bob", true),
        ("StringNotEquals", r#""${many}""#, "a", true),
        ("StringEquals", r#""${aws:none, 'bob'}""#, "bob", true),
        ("StringLike", r#""${tag:star}""#, "bob", false),
        ("StringLike", r#""${tag:star}""#, "b*", true),
        ("StringLike", r#""${*}${?}${$}*""#, "*?$x", true),
        ("StringLike", r#""${*}""#, "x", false),
        ("StringEquals", r#""${open""#, "${open", false),
        (
            "ArnLike",
            r#""arn:aws:iam::*:user/${aws:username}""#,
            USER,
            true,
        ),
        (
            "ArnNotLike",
            r#""arn:aws:iam::*:user/${aws:none}""#,
            USER,
            true,
        ),
        ("NumericEquals", r#""${aws:none, '1'}""#, "1", false),
    ] {
        assert_eq!(
            holds(operator, wanted, &[found]),
            said,
            "{operator} {wanted} {found}"
        );
    }
}

#[test]
fn the_old_language_has_no_variables() {
    let document = r#"{"Statement":[{"Effect":"Allow","Principal":{"AWS":"*"},"Action":"sts:AssumeRole",
        "Condition":{"StringEquals":{"k":"${aws:username}"}}}]}"#;
    let trust = TrustPolicy::parse(document, &Directory).unwrap();
    for (value, allowed) in [("bob", false), ("${aws:username}", true)] {
        let mut context = RequestContext::new();
        context.set("k", value).set("aws:username", "bob");
        let layers = Layers {
            resource: Some(ResourcePolicy::Trust(&trust)),
            ..Layers::default()
        };
        assert_eq!(
            decide(&assume(&user(), OWN_TARGET, &context), &layers).is_allowed(),
            allowed,
            "{value}"
        );
    }
}
