//! Which layers must allow: roles, ordinary resources, organisations.

use crate::fixtures::*;
use policy::{Layers, PolicyKind, PolicySet, Principal, RequestContext, ResourcePolicy, decide};

/// Trust entry, target, identity, boundary, session; `""`: no such layer.
pub(crate) fn check_role(
    caller: &Principal,
    entry: &str,
    target: &str,
    own: [&str; 3],
    answer: &str,
) {
    let trust = trusting(entry);
    check_layers(caller, ResourcePolicy::Trust(&trust), target, own, answer);
}

pub(crate) fn check_layers(
    caller: &Principal,
    resource: ResourcePolicy<'_>,
    target: &str,
    own: [&str; 3],
    answer: &str,
) {
    let kinds = [
        PolicyKind::Identity,
        PolicyKind::Boundary,
        PolicyKind::Session,
    ];
    let sets: Vec<_> = kinds
        .into_iter()
        .zip(own)
        .map(|(kind, elements)| (!elements.is_empty()).then(|| set(kind, elements)))
        .collect();
    let layers = Layers {
        identity: sets[0].as_ref(),
        boundary: sets[1].as_ref(),
        session: sets[2].as_ref(),
        resource: Some(resource),
        ..Layers::default()
    };
    let context = RequestContext::new();
    let question = assume(caller, target, &context);
    assert_eq!(
        said(decide(&question, &layers)),
        answer,
        "{} {target} {own:?}",
        caller.shown_arn()
    );
}

#[test]
fn a_role_is_assumed_only_by_whom_it_trusts() {
    let (any, own_account) = (r#"{"AWS":"*"}"#, r#"{"AWS":"111111111111"}"#);
    let (role, stranger) = (
        format!(r#"{{"AWS":"{ROLE}"}}"#),
        r#"{"AWS":"333333333333"}"#,
    );
    let session = session();
    for (entry, target, own, answer) in [
        (any, OWN_TARGET, ["", SILENT, SILENT], "allow"),
        (any, OWN_TARGET, [DENY, "", ""], "Identity denies"),
        (any, OWN_TARGET, ["", DENY, ""], "Boundary denies"),
        (&role, OWN_TARGET, ["", "", ""], "allow"),
        (&role, OWN_TARGET, ["", SILENT, ""], "Boundary is silent"),
        (&role, OWN_TARGET, ["", ALLOW, SILENT], "Session is silent"),
        (own_account, OWN_TARGET, ["", "", ""], "Identity is silent"),
        (
            own_account,
            OWN_TARGET,
            [SILENT, "", ""],
            "Identity is silent",
        ),
        (own_account, OWN_TARGET, [ALLOW, "", ""], "allow"),
        (
            own_account,
            OWN_TARGET,
            [ALLOW, SILENT, ""],
            "Boundary is silent",
        ),
        (
            own_account,
            OWN_TARGET,
            [ALLOW, ALLOW, SILENT],
            "Session is silent",
        ),
        (stranger, OWN_TARGET, [ALLOW, "", ""], "Trust is silent"),
        (any, TARGET, ["", "", ""], "Identity is silent"),
        (any, TARGET, [ALLOW, "", ""], "allow"),
        (&role, TARGET, [ALLOW, SILENT, ""], "Boundary is silent"),
        (&role, TARGET, [ALLOW, ALLOW, ALLOW], "allow"),
        (stranger, TARGET, [ALLOW, "", ""], "Trust is silent"),
    ] {
        check_role(&session, entry, target, own, answer);
    }
    check_role(
        &root(),
        own_account,
        OWN_TARGET,
        [DENY, DENY, DENY],
        "allow",
    );
    check_role(&root(), own_account, TARGET, ["", "", ""], "allow");
    check_role(
        &federated(),
        own_account,
        OWN_TARGET,
        [ALLOW, "", ""],
        "Session is silent",
    );
    check_role(
        &federated(),
        own_account,
        OWN_TARGET,
        [ALLOW, "", ALLOW],
        "allow",
    );
}

#[test]
fn an_ordinary_resource_needs_no_policy_in_its_own_account() {
    let (stranger, any) = (
        trusting(r#"{"AWS":"333333333333"}"#),
        trusting(r#"{"AWS":"*"}"#),
    );
    let (stranger, any) = (
        ResourcePolicy::Ordinary(stranger.set()),
        ResourcePolicy::Ordinary(any.set()),
    );
    check_layers(&user(), stranger, OWN_TARGET, [ALLOW, "", ""], "allow");
    check_layers(
        &user(),
        stranger,
        OWN_TARGET,
        [SILENT, "", ""],
        "Identity is silent",
    );
    check_layers(&user(), any, OWN_TARGET, ["", SILENT, ""], "allow");
    check_layers(
        &user(),
        stranger,
        TARGET,
        [ALLOW, "", ""],
        "Resource is silent",
    );
    check_layers(&user(), any, TARGET, [ALLOW, "", ""], "allow");
    check_layers(&root(), stranger, OWN_TARGET, ["", "", ""], "allow");
    check_layers(
        &root(),
        stranger,
        TARGET,
        ["", "", ""],
        "Resource is silent",
    );
    let nameless = set(PolicyKind::Identity, ALLOW);
    check_layers(
        &user(),
        ResourcePolicy::Ordinary(&nameless),
        TARGET,
        [ALLOW, "", ""],
        "Resource is silent",
    );
}

#[test]
fn every_level_of_an_organisation_must_allow() {
    let level = |elements: &str| set(PolicyKind::ServiceControl, elements);
    let trust = trusting(r#"{"AWS":"*","Service":"pods.eks.amazonaws.com"}"#);
    let check = |caller: &Principal, levels: &[PolicySet], answer: &str| {
        let layers = Layers {
            service_control: Some(levels),
            resource: Some(ResourcePolicy::Trust(&trust)),
            ..Layers::default()
        };
        let context = RequestContext::new();
        assert_eq!(
            said(decide(&assume(caller, OWN_TARGET, &context), &layers)),
            answer
        );
    };
    check(&user(), &[level(ALLOW), level(ALLOW)], "allow");
    check(
        &user(),
        &[level(ALLOW), level(SILENT)],
        "ServiceControl(1) is silent",
    );
    check(
        &user(),
        &[level(ALLOW), PolicySet::default()],
        "ServiceControl(1) is silent",
    );
    check(
        &user(),
        &[level(SILENT), level(DENY)],
        "ServiceControl(1) denies",
    );
    check(&root(), &[level(DENY)], "ServiceControl(0) denies");
    check(&service(), &[level(DENY)], "allow");
}
