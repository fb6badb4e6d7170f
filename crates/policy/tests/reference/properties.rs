//! What is true of every case.

use crate::case::{ACCOUNT, Case, OTHER_ACCOUNT, row, statements};
use crate::engine::{allows, answer, explained, outcome, said};
use crate::generate::{self, FAMILIES, case, permission};
use crate::manual;
use policy::{Decision, Effect, Failure, Layer, Repair, StatementRef};
use proptest::prelude::*;
use proptest::sample::select;
use serde_json::{Value, json};

/// A user of the account asks; one Allow with one condition is all there is.
fn with_condition(operator: &str, wanted: &[&str], key: &str, found: &[&str]) -> bool {
    let condition = json!({operator: {key: wanted}});
    let statement =
        json!({"Effect": "Allow", "Action": "*", "Resource": "*", "Condition": condition});
    allows(&Case {
        caller: "user".to_owned(),
        action: "sts:AssumeRole".to_owned(),
        resource: "*".to_owned(),
        owner: ACCOUNT.to_owned(),
        context: [(
            key.to_owned(),
            found.iter().map(|one| (*one).to_owned()).collect(),
        )]
        .into(),
        identity: Some(vec![
            json!({"Version": "2012-10-17", "Statement": [statement]}),
        ]),
        ..Case::default()
    })
}

/// A base that has a negation, a key of its kind, and values that are well formed.
fn negatable() -> impl Strategy<
    Value = (
        &'static str,
        &'static str,
        Vec<&'static str>,
        Vec<&'static str>,
    ),
> {
    let pairs = [
        ("StringEquals", "StringNotEquals", 0),
        ("StringEqualsIgnoreCase", "StringNotEqualsIgnoreCase", 0),
        ("StringLike", "StringNotLike", 0),
        ("NumericEquals", "NumericNotEquals", 1),
        ("DateEquals", "DateNotEquals", 2),
        ("IpAddress", "NotIpAddress", 5),
        ("ArnLike", "ArnNotLike", 6),
    ];
    let malformed = [
        "1e1",
        "1.",
        "${k:number}",
        "x",
        "soon",
        "home",
        "10.0.0.0/33",
        "arn:aws:iam",
        "arn:aws:*:role/ci",
        "${k:arn}",
        "*",
        "bob",
    ];
    select(pairs.to_vec()).prop_flat_map(move |(base, negated, family)| {
        let family = &FAMILIES[family];
        let sound = |values: &[&'static str]| -> Vec<_> {
            let textual = family.key == "k:text";
            let sound = |one: &&&str| textual || !(one.is_empty() || malformed.contains(one));
            values.iter().filter(sound).copied().collect()
        };
        (
            Just(base),
            Just(negated),
            prop::collection::vec(select(sound(family.wanted)), 0..3),
            prop::collection::vec(select(sound(family.found)), 0..3),
        )
    })
}

/// Every document turned round, and every list in it.
fn turned(case: &Case) -> Case {
    fn turn(value: &mut Value) {
        match value {
            Value::Array(items) => {
                items.reverse();
                items.iter_mut().for_each(turn);
            }
            Value::Object(members) => members.values_mut().for_each(turn),
            Value::Null | Value::Bool(_) | Value::Number(_) | Value::String(_) => {}
        }
    }
    let mut turned = case.clone();
    turned.documents().for_each(turn);
    for layer in [&mut turned.identity, &mut turned.session] {
        layer.iter_mut().for_each(|documents| documents.reverse());
    }
    turned
}

/// A statement after the change that its explanation proposes.
fn repaired(statement: &Value, failure: &Failure, caller: &str) -> Value {
    let mut statement = statement.clone();
    let element = failure.element.as_str();
    let list = match element.strip_prefix("Condition ") {
        Some(condition) => {
            let (operator, key) = condition.split_once(' ').expect("operator and key");
            let operators = &mut statement["Condition"];
            match &failure.repair {
                Repair::TakeOut => {
                    let keys = operators[operator].as_object_mut().expect("keys");
                    keys.remove(key);
                    return statement;
                }
                Repair::Operator(name) => {
                    let keys = operators[operator].as_object_mut().expect("keys");
                    let values = keys.remove(key).expect("values");
                    operators[name][key] = values;
                    return statement;
                }
                Repair::Add(_) | Repair::Remove(_) => &mut operators[operator][key],
            }
        }
        None if element == "Principal" => {
            let kind = match caller {
                "service" => "Service",
                "web" => "Federated",
                _ => "AWS",
            };
            let list = &mut statement["Principal"][kind];
            if !list.is_array() {
                *list = Value::Array(list.as_str().map(|one| json!(one)).into_iter().collect());
            }
            list
        }
        None => &mut statement[element],
    };
    let list = list.as_array_mut().expect("a list");
    match &failure.repair {
        Repair::Add(values) => list.extend(values.iter().map(|value| json!(value))),
        Repair::Remove(values) => list.retain(|one| !values.iter().any(|value| one == value)),
        Repair::TakeOut | Repair::Operator(_) => panic!("{element} cannot be taken out"),
    }
    // An element without items speaks of nothing.
    if list.is_empty() && element.starts_with("Not") {
        list.push(json!(if element == "NotAction" {
            "none:none"
        } else {
            "arn:aws:none:::none"
        }));
    }
    statement
}

/// Every Action and Resource list as statements of one item each.
fn split(case: &Case) -> Case {
    let items = |statement: &Value, element: &str| {
        let list = statement[element].as_array().cloned();
        list.unwrap_or_else(|| vec![Value::Null])
    };
    let mut split = case.clone();
    for document in split.documents() {
        let whole = std::mem::take(statements(document));
        for statement in whole {
            for action in items(&statement, "Action") {
                for resource in items(&statement, "Resource") {
                    let mut one = statement.clone();
                    for (element, item) in [("Action", &action), ("Resource", &resource)] {
                        if !item.is_null() {
                            one[element] = item.clone();
                        }
                    }
                    statements(document).push(one);
                }
            }
        }
    }
    split
}

const ALL: &str =
    r#"{"Version":"2012-10-17","Statement":[{"Effect":"Allow","Action":"*","Resource":"*"}]}"#;

proptest! {
    #![proptest_config(ProptestConfig { cases: 1_000, failure_persistence: None, ..ProptestConfig::default() })]

    #[test]
    fn the_engine_decides_as_the_manual_reads_and_names_the_same_statement(case in case()) {
        let wanted = manual::answer(&case);
        prop_assert_eq!(answer(&case), wanted.clone(), "{}", row(&case, &wanted));
    }

    #[test]
    fn explaining_decides_alike_and_names_every_statement_that_matches(case in case()) {
        let explanation = explained(&case);
        prop_assert_eq!(said(&explanation.decision), answer(&case));
        for (layer, wanted) in explanation.layers.iter().zip(manual::layers(&case)) {
            prop_assert_eq!(format!("{:?}", layer.layer), wanted.name.clone());
            let matching = layer.statements.iter().filter(|one| one.failure.is_none());
            let mut found: Vec<_> = matching
                .map(|one| (one.policy.parse().unwrap_or(0), one.number as usize - 1))
                .collect();
            found.sort_unstable();
            let wanted: Vec<_> = manual::matched(&case, &wanted).into_iter().map(|(place, _)| place).collect();
            prop_assert_eq!(found, wanted);
        }
    }

    #[test]
    fn the_order_of_statements_documents_and_lists_is_irrelevant(case in case()) {
        prop_assert_eq!(outcome(&turned(&case)), outcome(&case));
    }

    #[test]
    fn a_list_means_what_its_items_mean_in_statements_of_their_own(case in case()) {
        prop_assert_eq!(outcome(&split(&case)), outcome(&case));
    }

    #[test]
    fn adding_a_deny_never_allows_and_adding_an_allow_never_denies(
        case in case(), statement in permission(), trusting in generate::trust_statement(), control in generate::control(), at in 0..9_usize,
    ) {
        let with = |effect: &str| {
            let mut more = case.clone();
            let documents: Vec<_> = more.documents().collect();
            let count = documents.len();
            let Some(document) = documents.into_iter().nth(at % count.max(1)) else { return allows(&more) };
            let mut added = if !document["Statement"][0]["Principal"].is_object() { statement.clone() } else { trusting.clone() };
            if document["Statement"][0]["Principal"] == "*" {
                // A resource control policy only denies.
                if effect == "Allow" { return allows(&more) }
                added = control.clone();
            }
            added["Effect"] = json!(effect);
            statements(document).push(added);
            allows(&more)
        };
        let before = allows(&case);
        prop_assert!(before || !with("Deny"));
        prop_assert!(!before || with("Allow"));
    }

    #[test]
    fn without_an_organisation_nothing_is_lost(case in case()) {
        let alone = Case { service_control: None, resource_control: None, ..case.clone() };
        prop_assert!(!allows(&case) || allows(&alone));
    }

    #[test]
    fn in_one_account_a_direct_grant_needs_no_other(case in case()) {
        let case = Case { caller: "user".to_owned(), owner: ACCOUNT.to_owned(), ..case };
        let by_resource = |by: StatementRef| matches!(by.layer, Layer::Resource | Layer::Trust);
        let decision = explained(&case).decision;
        if !matches!(decision, Decision::Allow { by: Some(by) } if by_resource(by)) {
            return Ok(());
        }
        let mut silent = case;
        for layer in [&mut silent.identity, &mut silent.boundary, &mut silent.session] {
            layer.iter_mut().for_each(Vec::clear);
        }
        prop_assert!(allows(&silent));
    }

    #[test]
    fn across_accounts_both_sides_must_allow(case in case()) {
        let caller = if case.caller == "user" { "user" } else { "session" };
        let case = Case { caller: caller.to_owned(), owner: OTHER_ACCOUNT.to_owned(), ..case };
        let caller_side = Case { owner: ACCOUNT.to_owned(), resource_policy: None, resource_control: None, ..case.clone() };
        let all = Some(vec![serde_json::from_str(ALL).unwrap()]);
        let resource_side = Case { identity: all, boundary: None, session: None, service_control: None, ..case.clone() };
        prop_assert_eq!(allows(&case), allows(&caller_side) && allows(&resource_side));
    }

    #[test]
    fn without_variables_both_languages_mean_the_same(case in case()) {
        let Some(mut document) = case.resource_policy.clone() else { return Ok(()) };
        prop_assume!(!document.to_string().contains("${"));
        let mut in_language = |version: &str| {
            document["Version"] = json!(version);
            answer(&Case { resource_policy: Some(document.clone()), ..case.clone() })
        };
        prop_assert_eq!(in_language("2008-10-17"), in_language("2012-10-17"));
    }

    #[test]
    fn for_all_values_is_not_for_any_value_not((base, negated, wanted, found) in negatable()) {
        let with = |operator: String| with_condition(&operator, &wanted, "k:one", &found);
        prop_assert_ne!(with(format!("ForAllValues:{base}")), with(format!("ForAnyValue:{negated}")));
        prop_assert_ne!(with(format!("ForAllValues:{negated}")), with(format!("ForAnyValue:{base}")));
    }

    #[test]
    fn of_one_present_value_every_form_of_an_operator_says_the_same((base, negated, wanted, found) in negatable()) {
        let [one] = found.as_slice() else { return Ok(()) };
        if one.is_empty() {
            return Ok(());
        }
        let with = |operator: String| with_condition(&operator, &wanted, "k:one", &found);
        let plain = with(base.to_owned());
        for form in [format!("ForAnyValue:{base}"), format!("ForAllValues:{base}"), format!("{base}IfExists")] {
            prop_assert_eq!(with(form), plain);
        }
        prop_assert_eq!(with(negated.to_owned()), !plain);
    }

    #[test]
    fn the_change_that_is_proposed_makes_the_statement_match(case in case()) {
        let explanation = explained(&case);
        for layer in explanation.layers {
            for statement in layer.statements {
                let Some(failure) = statement.failure.filter(|failure| failure.alone) else { continue };
                let mut changed = case.clone();
                let document = match layer.layer {
                    Layer::Identity => &mut changed.identity.as_mut().unwrap()[statement.policy.parse::<usize>().unwrap()],
                    Layer::Resource | Layer::Trust => changed.resource_policy.as_mut().unwrap(),
                    Layer::ResourceControl(_) | Layer::ServiceControl(_) | Layer::Boundary | Layer::Session => continue,
                };
                let number = statement.number as usize - 1;
                let written = &mut statements(document)[number];
                *written = repaired(written, &failure, &case.caller);
                let again = explained(&changed);
                let mut there = again.layers.iter().filter(|one| one.layer == layer.layer).flat_map(|one| &one.statements);
                let same = there.find(|one| one.policy == statement.policy && one.number == statement.number).unwrap();
                prop_assert!(same.failure.is_none(), "{failure:?} still {:?}", same.failure);
            }
        }
    }

    #[test]
    fn a_denial_names_the_statements_that_deny(case in case()) {
        let explanation = explained(&case);
        if let Decision::ExplicitDeny { by } = explanation.decision {
            let mut named = explanation.layers.iter().filter(|one| one.layer == by.layer).flat_map(|one| &one.statements);
            prop_assert!(named.any(|one| one.failure.is_none() && one.effect == Effect::Deny && one.number == by.statement + 1));
        }
    }
}
