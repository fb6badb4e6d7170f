//! Allowing a request allocates nothing: whatever the layers, whatever the conditions.
#![expect(
    unsafe_code,
    reason = "an allocator that counts is unsafe to implement, and there is no other way to see allocations"
)]

use names::{Arn, UniqueId};
use policy::{
    Layers, PermissionsPolicy, PolicyKind, PolicySet, PolicySource, Principal, PrincipalDirectory,
    Question, RequestContext, ResourceControlPolicy, ResourcePolicy, TrustPolicy, decide,
};
use std::alloc::{GlobalAlloc, Layout, System};
use std::cell::Cell;

/// The system's allocator, and how often this thread has asked it.
struct Counting;

thread_local! {
    static ASKED: Cell<u32> = const { Cell::new(0) };
}

// SAFETY: every call goes to the system's allocator unchanged; counting touches a plain cell only.
unsafe impl GlobalAlloc for Counting {
    unsafe fn alloc(&self, layout: Layout) -> *mut u8 {
        ASKED.set(ASKED.get() + 1);
        // SAFETY: the caller keeps the contract of `alloc`.
        unsafe { System.alloc(layout) }
    }

    unsafe fn dealloc(&self, memory: *mut u8, layout: Layout) {
        // SAFETY: the memory came from `alloc` above, hence from the system.
        unsafe { System.dealloc(memory, layout) }
    }
}

#[global_allocator]
static COUNTING: Counting = Counting;

const ROLE: &str = "arn:aws:iam::111111111111:role/team/ci";
const OWN: &str = "arn:aws:iam::111111111111:role/dev";
const OTHER: &str = "arn:aws:iam::222222222222:role/dev";
const OTHER_USER: &str = "arn:aws:iam::222222222222:user/dev";
const PROVIDER: &str = "arn:aws:iam::111111111111:oidc-provider/oidc.example/id/A";

/// The account has one role.
struct OneRole;

impl PrincipalDirectory for OneRole {
    fn id_of(&self, arn: &Arn) -> Option<UniqueId> {
        (arn.as_str() == ROLE).then(id_of_role)
    }

    fn arn_of(&self, _: &UniqueId) -> Option<String> {
        None
    }
}

fn id_of_role() -> UniqueId {
    "AROAAAAAAAAAAAAAAAAAA".parse().expect("an id")
}

/// A session of the role.
fn session() -> Principal {
    Principal::RoleSession {
        role: ROLE.parse().expect("an ARN"),
        role_id: id_of_role(),
        session: "build".parse().expect("a name"),
    }
}

fn document(statements: &str) -> String {
    format!(r#"{{"Version":"2012-10-17","Statement":[{statements}]}}"#)
}

fn set(kind: PolicyKind, statements: &str) -> PolicySet {
    let text = document(statements);
    let document = if kind == PolicyKind::ResourceControl {
        let policy = ResourceControlPolicy::parse(&text).expect("a document");
        policy.document().clone()
    } else {
        let policy = PermissionsPolicy::parse(&text).expect("a document");
        policy.document().clone()
    };
    let source = PolicySource {
        kind,
        arn: None,
        name: "inline".to_owned(),
        attached_to: None,
        text: text.into(),
    };
    PolicySet::compile(vec![(source, document)])
}

fn trusting(principal: &str, rest: &str) -> TrustPolicy {
    let statement = format!(r#"{{"Effect":"Allow","Principal":{principal},{rest}}}"#);
    TrustPolicy::parse(&document(&statement), &OneRole).expect("a document")
}

/// How often deciding asks for memory. It must allow.
fn asked(what: &str, question: &Question<'_>, layers: &Layers<'_>) -> u32 {
    let before = ASKED.get();
    let decision = decide(question, layers);
    let asked = ASKED.get() - before;
    assert!(decision.is_allowed(), "{what}: {decision:?}");
    assert!(before > 0, "the counter counts");
    asked
}

#[test]
fn the_trust_check_of_irsa_allocates_nothing() {
    let trust = trusting(
        &format!(r#"{{"Federated":"{PROVIDER}"}}"#),
        r#""Action":"sts:AssumeRoleWithWebIdentity",
           "Condition":{"StringEquals":{"oidc.example/id/A:aud":"sts.amazonaws.com"},
                        "StringLike":{"oidc.example/id/A:sub":"system:serviceaccount:ci:*"}}"#,
    );
    let mut context = RequestContext::new();
    context
        .set("oidc.example/id/A:aud", "sts.amazonaws.com")
        .set("oidc.example/id/A:sub", "system:serviceaccount:ci:build");
    let principal = Principal::WebIdentity {
        provider: PROVIDER.parse().unwrap(),
    };
    let question = Question {
        principal: &principal,
        action: "sts:AssumeRoleWithWebIdentity",
        resource: ROLE,
        resource_account: "111111111111".parse().unwrap(),
        context: &context,
    };
    let layers = Layers {
        resource: Some(ResourcePolicy::Trust(&trust)),
        ..Layers::default()
    };
    assert_eq!(asked("IRSA", &question, &layers), 0);
}

const ALLOW: &str =
    r#"{"Effect":"Allow","Action":"sts:Assume*","Resource":"arn:aws:iam::*:role/*"}"#;
/// Enough of them that a set is looked up in instead of walked.
const UNRELATED: &str = r#"{"Effect":"Allow","Action":"s3:*","Resource":"arn:aws:s3:::a/*"},
    {"Effect":"Allow","Action":"s3:Get*","Resource":"*"},
    {"Effect":"Deny","NotAction":"sts:*","Resource":"arn:aws:s3:::b"},
    {"Effect":"Deny","Action":"sts:Get?oken","NotResource":"arn:aws:s3:::c"}"#;

#[test]
fn assuming_a_role_allocates_nothing_under_any_layer() {
    let identity = set(PolicyKind::Identity, &format!("{UNRELATED},{ALLOW}"));
    let [boundary, narrowed] =
        [PolicyKind::Boundary, PolicyKind::Session].map(|kind| set(kind, ALLOW));
    let service_control = [ALLOW, r#"{"Effect":"Allow","Action":"*","Resource":"*"}"#]
        .map(|level| set(PolicyKind::ServiceControl, level));
    let outsiders = r#"{"Effect":"Deny","Principal":"*","Action":"sts:*","Resource":"*",
        "Condition":{"StringNotEqualsIfExists":{"aws:PrincipalOrgID":"o-1234567890"}}}"#;
    let resource_control = [set(PolicyKind::ResourceControl, outsiders)];
    let assume = r#""Action":"sts:AssumeRole""#;
    let by_account = trusting(r#"{"AWS":"arn:aws:iam::111111111111:root"}"#, assume);
    let by_role = trusting(&format!(r#"{{"AWS":"{ROLE}"}}"#), assume);
    let by_session = trusting(
        r#"{"AWS":"arn:aws:sts::111111111111:assumed-role/ci/build"}"#,
        assume,
    );
    let trust = |trust| Layers {
        resource: Some(ResourcePolicy::Trust(trust)),
        ..Layers::default()
    };
    let chained = |policy| Layers {
        identity: Some(&identity),
        ..trust(policy)
    };
    let every = Layers {
        boundary: Some(&boundary),
        session: Some(&narrowed),
        service_control: Some(&service_control),
        resource_control: Some(&resource_control),
        ..chained(&by_role)
    };
    let rows = [
        (
            "in one account, trusting the session",
            OWN,
            trust(&by_session),
        ),
        ("in one account, trusting the role", OWN, trust(&by_role)),
        (
            "in one account, trusting the account",
            OWN,
            chained(&by_account),
        ),
        (
            "across accounts, trusting the session",
            OTHER,
            chained(&by_session),
        ),
        (
            "across accounts, trusting the role",
            OTHER,
            chained(&by_role),
        ),
        (
            "across accounts, trusting the account",
            OTHER,
            chained(&by_account),
        ),
        (
            "with a boundary",
            OTHER,
            Layers {
                boundary: Some(&boundary),
                ..chained(&by_role)
            },
        ),
        (
            "with a session policy",
            OTHER,
            Layers {
                session: Some(&narrowed),
                ..chained(&by_role)
            },
        ),
        (
            "under an organisation",
            OTHER,
            Layers {
                boundary: None,
                session: None,
                ..every
            },
        ),
        ("with every layer", OTHER, every),
    ];
    let mut context = RequestContext::new();
    context.set("aws:PrincipalOrgID", "o-1234567890");
    let principal = session();
    for (what, target, layers) in rows {
        let owner = if target == OWN {
            "111111111111"
        } else {
            "222222222222"
        };
        let question = Question {
            principal: &principal,
            action: "sts:AssumeRole",
            resource: target,
            resource_account: owner.parse().unwrap(),
            context: &context,
        };
        assert_eq!(asked(what, &question, &layers), 0, "{what}");
    }
}

#[test]
fn no_operator_of_a_condition_allocates() {
    let rows = [
        ("StringEquals", "ci", "ci"),
        ("StringNotEquals", "ci", "dev"),
        ("StringEqualsIgnoreCase", "CI", "ci"),
        ("StringLike", "a*c?e*", "abcde"),
        ("StringLike", "a*c*", "abcde"),
        ("StringNotLike", "*b*", "ci"),
        ("ArnLike", "arn:aws:iam::*:role/*", OWN),
        ("ArnNotEquals", "arn:aws:iam::*:role/*", OTHER_USER),
        ("IpAddress", "10.0.0.0/8", "10.1.2.3"),
        ("IpAddress", "2001:db8::/32", "2001:db8::1"),
        ("NotIpAddress", "10.0.0.0/8", "11.1.2.3"),
        (
            "DateGreaterThan",
            "2023-11-14T22:13:20Z",
            "2023-11-14T23:13:20.5-01:00",
        ),
        ("DateLessThanEquals", "1700000000", "2023"),
        ("NumericLessThan", "3600", "900.5"),
        ("NumericNotEquals", "3600", "-1"),
        ("Bool", "true", "True"),
        ("BinaryEquals", "QmluYXJ5", "QmluYXJ5"),
        ("Null", "false", "there"),
        ("ForAnyValue:StringLike", "c?", "ci"),
        ("ForAllValues:StringEquals", "ci", "ci"),
        ("StringLikeIfExists", "c*", "ci"),
    ];
    let principal = session();
    for (operator, wanted, found) in rows {
        let what = format!("{operator} {wanted}");
        let statement = format!(
            r#"{{"Effect":"Allow","Action":"sts:AssumeRole","Resource":"*",
                "Condition":{{"{operator}":{{"k:one":"{wanted}"}}}}}}"#
        );
        let identity = set(PolicyKind::Identity, &statement);
        let mut context = RequestContext::new();
        context.set("k:one", found);
        let question = Question {
            principal: &principal,
            action: "sts:AssumeRole",
            resource: OWN,
            resource_account: "111111111111".parse().unwrap(),
            context: &context,
        };
        let layers = Layers {
            identity: Some(&identity),
            ..Layers::default()
        };
        assert_eq!(asked(&what, &question, &layers), 0, "{what}");
    }
}
