//! Cases with alphabets so small that things match often.

use crate::case::{
    ACCOUNT, Case, GUEST, OTHER_ACCOUNT, OTHER_PROVIDER, OTHER_ROLE, OTHER_SESSION, PROVIDER, ROLE,
    SERVICE, SESSION, USER,
};
use proptest::prelude::*;
use proptest::sample::select;
use serde_json::{Value, json};

/// A family of operators: their names, the key that is of their kind, what a policy may say of it, and
/// what a request may bring.
#[derive(Debug)]
pub(crate) struct Family {
    pub(crate) bases: &'static [&'static str],
    pub(crate) key: &'static str,
    pub(crate) wanted: &'static [&'static str],
    pub(crate) found: &'static [&'static str],
}

pub(crate) static FAMILIES: [Family; 7] = [
    Family {
        bases: &[
            "StringEquals",
            "StringNotEquals",
            "StringEqualsIgnoreCase",
            "StringNotEqualsIgnoreCase",
            "StringLike",
            "StringNotLike",
        ],
        key: "k:text",
        wanted: &[
            "a",
            "A",
            "ab",
            "a*",
            "?",
            "*",
            "",
            "${k:text}",
            "${K:Two}",
            "${k:none, 'a'}b",
            "${*}",
            "${k:none}",
        ],
        found: &["a", "A", "ab", "b", "*", "", "a*", "${k:text}"],
    },
    Family {
        bases: &[
            "NumericEquals",
            "NumericNotEquals",
            "NumericLessThan",
            "NumericLessThanEquals",
            "NumericGreaterThan",
            "NumericGreaterThanEquals",
        ],
        key: "k:number",
        wanted: &[
            "1",
            "2",
            "1.0",
            "-1",
            "+2",
            "01",
            ".5",
            "1e1",
            "1.",
            "${k:number}",
        ],
        found: &["1", "2", "0.5", "-1.00", "x", ""],
    },
    Family {
        bases: &[
            "DateEquals",
            "DateNotEquals",
            "DateLessThan",
            "DateLessThanEquals",
            "DateGreaterThan",
            "DateGreaterThanEquals",
        ],
        key: "k:date",
        wanted: &[
            "2026-01-01",
            "2026",
            "2026-02",
            "2026-01-01T01:00:00+01:00",
            "2026-01-01T00:00:00.5Z",
            "1767225600",
        ],
        found: &[
            "2026-01-01T00:00:00Z",
            "1767225600",
            "1767225601",
            "2026-01-31",
            "soon",
        ],
    },
    Family {
        bases: &["Bool"],
        key: "k:bool",
        wanted: &["true", "False", "yes", "${k:bool}"],
        found: &["true", "TRUE", "false", "no"],
    },
    Family {
        bases: &["BinaryEquals"],
        key: "k:binary",
        wanted: &["AQI=", "AQ==", "AQI", "!!!!"],
        found: &["AQI=", "AQID", "AQ==", "AQ"],
    },
    Family {
        bases: &["IpAddress", "NotIpAddress"],
        key: "k:address",
        wanted: &[
            "10.0.0.1",
            "10.9.9.9/8",
            "0.0.0.0/0",
            "::/0",
            "fd00::/8",
            "::ffff:10.0.0.0/104",
            "::ffff:10.0.0.1",
            "10.0.0.0/33",
            "home",
        ],
        found: &[
            "10.0.0.1",
            "10.1.2.3",
            "11.0.0.1",
            "::ffff:10.0.0.1",
            "fd00::1",
            "::1",
            "x",
        ],
    },
    Family {
        bases: &["ArnEquals", "ArnNotEquals", "ArnLike", "ArnNotLike"],
        key: "k:arn",
        wanted: &[
            "arn:aws:iam::111111111111:role/*",
            "arn:aws:iam::*:role/ci",
            "arn:aws:*:role/ci",
            "arn:*:iam::?11111111111:*",
            "arn:aws:iam::111111111111:role/${k:text}",
            "arn:aws:iam",
            "${k:arn}",
            "*",
        ],
        found: &[
            ROLE,
            USER,
            "arn:aws:iam::111111111111:role/a",
            "arn:aws:s3:::b:c",
            "bob",
        ],
    },
];

const KEYS: [&str; 2] = ["K:Text", "k:two"];

fn effect() -> impl Strategy<Value = &'static str> {
    prop_oneof![4 => Just("Allow"), 1 => Just("Deny")]
}

/// Operator, key and values of one line of a Condition.
fn condition() -> impl Strategy<Value = (String, &'static str, Vec<&'static str>)> {
    let families: Vec<_> = FAMILIES.iter().collect();
    let of_family = select(families).prop_flat_map(|family| {
        (
            select(vec!["", "", "ForAllValues:", "ForAnyValue:"]),
            select(family.bases),
            select(vec!["", "", "IfExists"]),
            prop_oneof![6 => Just(family.key), 1 => select(KEYS.to_vec())],
            prop::collection::vec(select(family.wanted), 0..3),
        )
    });
    let compared = of_family
        .prop_map(|(set, base, suffix, key, values)| (format!("{set}{base}{suffix}"), key, values));
    let keys: Vec<_> = FAMILIES.iter().map(|family| family.key).collect();
    let truths = prop::collection::vec(select(vec!["true", "False", "x"]), 0..3);
    let null = (select(keys), truths).prop_map(|(key, values)| ("Null".to_owned(), key, values));
    prop_oneof![9 => compared, 1 => null]
}

fn conditions() -> impl Strategy<Value = Value> {
    prop::collection::vec(condition(), 0..3).prop_map(|lines| {
        let mut conditions = json!({});
        for (operator, key, values) in lines {
            conditions[operator][key] = json!(values);
        }
        conditions
    })
}

fn resources() -> impl Strategy<Value = Vec<&'static str>> {
    let resources = select(vec![
        "*",
        "arn:aws:iam::*",
        "arn:aws:i*",
        "arn:aws:iam::111111111111",
        "arn:aws:iam::111111111111:role/a",
        "arn:aws:iam::*:role/a?",
        "arn:aws:IAM::222222222222:role/*",
        "arn:aws:iam::111111111111:role/${k:text}",
        "arn:aws:iam::111111111111:role/${k:none, 'a'}",
        "arn:aws:s3:::b",
        "arn:aws:iam::111111111111:role/ab",
    ]);
    prop::collection::vec(resources, 1..3)
}

/// A statement of an identity, a boundary, a session or a service control policy.
pub(crate) fn permission() -> impl Strategy<Value = Value> {
    let actions = select(vec![
        "*",
        "sts:*",
        "STS:assumerole",
        "sts:Assume*",
        "sts:?ssumeRole",
        "sts:TagSession",
        "sts:Assume Role",
        "s3:*",
    ]);
    let actions = prop::collection::vec(actions, 1..3);
    let names = (
        prop_oneof![5 => Just("Action"), 1 => Just("NotAction")],
        prop_oneof![5 => Just("Resource"), 1 => Just("NotResource")],
    );
    (effect(), names, actions, resources(), conditions()).prop_map(|(effect, (action, resource), actions, resources, conditions)| {
        json!({"Effect": effect, action: actions, resource: resources, "Condition": conditions})
    })
}

/// A statement of a resource control policy.
pub(crate) fn control() -> impl Strategy<Value = Value> {
    let actions = select(vec!["sts:*", "sts:Assume*", "sts:TagSession", "s3:*"]);
    let names = prop_oneof![5 => Just("Resource"), 1 => Just("NotResource")];
    (names, prop::collection::vec(actions, 1..3), resources(), conditions()).prop_map(|(resource, actions, resources, conditions)| {
        json!({"Effect": "Deny", "Principal": "*", "Action": actions, resource: resources, "Condition": conditions})
    })
}

/// A statement of a trust policy.
pub(crate) fn trust_statement() -> impl Strategy<Value = Value> {
    let principals = select(vec![
        json!({"AWS": "*"}),
        json!({"AWS": ACCOUNT}),
        json!({"AWS": [OTHER_ACCOUNT, ROLE]}),
        json!({"AWS": USER}),
        json!({"AWS": OTHER_ROLE}),
        json!({"AWS": SESSION}),
        json!({"AWS": [OTHER_SESSION, GUEST]}),
        json!({"Service": SERVICE}),
        json!({"Federated": [OTHER_PROVIDER, PROVIDER]}),
        json!({"Federated": OTHER_PROVIDER, "Service": "eks.amazonaws.com"}),
        json!({"AWS": [ROLE, ACCOUNT], "Service": SERVICE}),
    ]);
    let actions = select(vec![
        "sts:*",
        "sts:AssumeRole",
        "sts:Assume*",
        "sts:TagSession",
    ]);
    (effect(), principals, prop::collection::vec(actions, 1..3), conditions()).prop_map(|(effect, principal, actions, conditions)| {
        json!({"Effect": effect, "Principal": principal, "Action": actions, "Condition": conditions})
    })
}

fn document(statement: impl Strategy<Value = Value>, most: usize) -> impl Strategy<Value = Value> {
    prop::collection::vec(statement, 1..=most)
        .prop_map(|statements| json!({"Version": "2012-10-17", "Statement": statements}))
}

pub(crate) fn trust_document() -> impl Strategy<Value = Value> {
    (document(trust_statement(), 6), 0..4).prop_map(|(mut document, language)| {
        match language {
            0 => document["Version"] = json!("2008-10-17"),
            1 => drop(
                document
                    .as_object_mut()
                    .expect("an object")
                    .remove("Version"),
            ),
            _ => {}
        }
        document
    })
}

fn found() -> impl Strategy<Value = std::collections::BTreeMap<String, Vec<String>>> {
    let values = |family: &'static Family| {
        let many = prop::collection::vec(select(family.found), 0..3);
        let one = prop::collection::vec(select(family.found), 1);
        prop_oneof![many, one]
    };
    let two = values(&FAMILIES[0]);
    let each: Vec<_> = FAMILIES.iter().map(values).collect();
    (each, two).prop_map(|(each, two)| {
        let named = FAMILIES.iter().map(|family| family.key).zip(each);
        let text = |values: Vec<&str>| values.into_iter().map(str::to_owned).collect();
        let all = named.chain([("k:two", two)]);
        all.map(|(key, values)| (key.to_owned(), text(values)))
            .collect()
    })
}

pub(crate) fn case() -> impl Strategy<Value = Case> {
    let own = |documents, statements| {
        prop::option::of(prop::collection::vec(
            document(permission(), statements),
            0..=documents,
        ))
    };
    let question = (
        select(vec![
            "user",
            "session",
            "session",
            "guest",
            "root",
            "service",
            "web",
            "anonymous",
        ]),
        select(vec!["sts:AssumeRole", "sts:TagSession"]),
        select(vec![
            "arn:aws:iam::111111111111:role/a",
            "arn:aws:iam::111111111111:role/ab",
            "arn:aws:iam::222222222222:role/a",
            "*",
        ]),
        select(vec![ACCOUNT, ACCOUNT, OTHER_ACCOUNT]),
        found(),
    );
    let service_control = prop::option::weighted(
        0.3,
        prop::collection::vec(prop::collection::vec(document(permission(), 2), 0..3), 1..3),
    );
    let resource_control = prop::option::weighted(
        0.2,
        prop::collection::vec(prop::collection::vec(document(control(), 2), 0..2), 1..3),
    );
    let resource = prop::option::weighted(0.8, trust_document());
    let organisation = (service_control, resource_control);
    let layers = (
        own(3, 4),
        own(1, 3),
        own(2, 2),
        organisation,
        resource,
        any::<bool>(),
    );
    (question, layers).prop_map(|(question, layers)| {
        let (caller, action, resource, owner, context) = question;
        let (identity, boundary, session, organisation, resource_policy, is_trust) = layers;
        Case {
            caller: caller.to_owned(),
            action: action.to_owned(),
            resource: resource.to_owned(),
            owner: owner.to_owned(),
            context,
            identity,
            boundary,
            session,
            service_control: organisation.0,
            resource_control: organisation.1,
            resource_policy,
            is_trust,
        }
    })
}
