//! Who sees what of a denial, and how many are kept.

use super::*;
use crate::Authorizations;

fn party(account: &str, organisation: Option<&'static str>) -> Party {
    Party {
        account: account.parse().unwrap(),
        organisation: organisation.map(Text::fixed),
    }
}

const CI: &str = "111111111111";
const PROD: &str = "444444444444";

fn check(kind: CheckKind, of: &Party, effect: Effect) -> Check {
    let policy = EvaluatedPolicy {
        uri: Text::new(&format!("arn:aws:iam::{}:policy/{kind:?}", of.account)),
        inline: false,
        attached_to: None,
        document: "{}".into(),
        matched: Vec::new(),
    };
    Check {
        kind,
        of: of.clone(),
        effect,
        target: None,
        policies: vec![policy],
    }
}

/// A call from one account to another, whose resource denies it.
fn denied(of: &Party, owner: &Party) -> Authorization {
    let key = |name, value| ContextKey {
        name: Text::fixed(name),
        value: ContextValue::One(Text::fixed(value)),
    };
    Authorization {
        id: AuthorizationId::from_random([1; 16]),
        of: of.clone(),
        context: Vec::new(),
        evaluations: vec![Evaluation {
            action: Text::fixed("sts:AssumeRole"),
            resource: Text::fixed("arn:aws:iam::444444444444:role/target"),
            owner: owner.clone(),
            context: vec![
                key("aws:ResourceTag/team", "red"),
                key("sts:ExternalId", "x"),
            ],
            checks: vec![
                check(CheckKind::Resource, owner, Effect::ExplicitDeny),
                check(CheckKind::Principal, of, Effect::Allow),
            ],
            effect: Effect::ExplicitDeny,
        }],
    }
}

#[test]
fn a_foreign_account_keeps_its_policies_and_keys_to_itself() {
    let (ci, prod) = (party(CI, None), party(PROD, None));
    let seen = denied(&ci, &prod).seen_by(&ci).unwrap();
    let evaluation = &seen.evaluations[0];
    assert_eq!(evaluation.checks.len(), 1);
    assert_eq!(evaluation.checks[0].kind, CheckKind::Principal);
    assert_eq!(evaluation.context.len(), 1);
    assert_eq!(evaluation.context[0].name.as_str(), "sts:ExternalId");
    assert_eq!(evaluation.effect, Effect::ImplicitDeny);
    assert!(
        seen.document("arn:aws:iam::444444444444:policy/Resource")
            .is_none()
    );
    assert!(
        seen.document("arn:aws:iam::111111111111:policy/Principal")
            .is_some()
    );
}

#[test]
fn an_organisation_sees_what_is_its_own() {
    let (ci, prod) = (party(CI, Some("o-one")), party(PROD, Some("o-one")));
    let whole = denied(&ci, &prod);
    let colleague = party("222222222222", Some("o-one"));
    assert_eq!(whole.seen_by(&colleague), Some(whole.clone()));
    assert_eq!(whole.seen_by(&prod), Some(whole));
}

#[test]
fn a_stranger_may_not_know_of_it() {
    let (ci, prod) = (party(CI, None), party(PROD, None));
    for stranger in [&prod, &party("222222222222", Some("o-one"))] {
        assert_eq!(denied(&ci, &prod).seen_by(stranger), None);
    }
}

#[test]
fn the_oldest_make_room_for_the_newest() {
    let (ci, prod) = (party(CI, None), party(PROD, None));
    let numbered = |number: u8| Authorization {
        id: AuthorizationId::from_random([number; 16]),
        ..denied(&ci, &prod)
    };
    let mut kept = Authorizations::new(denied(&ci, &prod).cost() * 3);
    for number in 0..10 {
        kept.keep(numbered(number));
    }
    for (number, is_kept) in [(6, false), (7, true), (9, true)] {
        let id = AuthorizationId::from_random([number; 16]);
        assert_eq!(kept.find(&id).is_some(), is_kept, "{number}");
    }
    let mut small = Authorizations::new(10);
    small.keep(numbered(0));
    assert!(small.find(&numbered(0).id).is_none());
}
