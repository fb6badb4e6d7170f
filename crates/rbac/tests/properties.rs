//! What holds for all roles and requests.

use objects::{KubeUser, Object};
use proptest::prelude::*;
use rbac::{
    PolicyRule, ResourceTarget, Rights, RightsKind, RoleKind, RoleRef, Target,
    confirm_no_escalation, decide,
};
use serde_json::json;

const VERBS: [&str; 3] = ["get", "create", "*"];
const GROUPS: [&str; 3] = ["", "apps", "*"];
const RESOURCES: [&str; 6] = ["pods", "pods/exec", "nodes/exec", "*/exec", "nodes", "*"];
const NAMES: [&str; 2] = ["one", "two"];
const PATHS: [&str; 4] = ["/a", "/a/b", "/a/*", "*"];

fn some_of(list: &'static [&'static str], at_least: usize) -> impl Strategy<Value = Vec<String>> {
    prop::sample::subsequence(list, at_least..=2.min(list.len()))
        .prop_map(|some| some.into_iter().map(str::to_owned).collect())
}

fn rule() -> impl Strategy<Value = PolicyRule> {
    let objects = (
        some_of(&GROUPS, 1),
        some_of(&RESOURCES, 1),
        some_of(&NAMES, 0),
        some_of(&VERBS, 1),
    );
    let objects = objects.prop_map(
        |(api_groups, resources, resource_names, verbs)| PolicyRule {
            api_groups,
            resources,
            resource_names,
            verbs,
            ..PolicyRule::default()
        },
    );
    let paths = (some_of(&PATHS, 1), some_of(&VERBS, 1));
    let paths = paths.prop_map(|(non_resource_urls, verbs)| PolicyRule {
        non_resource_urls,
        verbs,
        ..PolicyRule::default()
    });
    prop_oneof![3 => objects, 1 => paths]
}

fn requests() -> Vec<(&'static str, Target<'static>)> {
    let mut all = Vec::new();
    for verb in ["get", "create", "delete"] {
        for group in ["", "apps", "batch"] {
            for (plural, subresource) in [
                ("pods", None),
                ("pods", Some("exec")),
                ("nodes", Some("exec")),
                ("nodes", None),
                ("nodes", Some("log")),
            ] {
                for name in [None, Some("one"), Some("two"), Some("three")] {
                    let namespace = None;
                    all.push((
                        verb,
                        Target::Resource(ResourceTarget {
                            group,
                            plural,
                            subresource,
                            namespace,
                            name,
                        }),
                    ));
                }
            }
        }
        all.extend(["/a", "/a/b", "/a/c/d", "/b"].map(|path| (verb, Target::Path(path))));
    }
    all
}

fn holding(rules: &[PolicyRule]) -> Rights {
    let mut rights = Rights::default();
    let role = json!({ "metadata": { "name": "r" }, "rules": rules });
    rights
        .put(RightsKind::ClusterRole, &object(role))
        .expect("a role");
    let binding = json!({
        "metadata": { "name": "b" },
        "roleRef": { "kind": "ClusterRole", "name": "r" },
        "subjects": [{ "kind": "User", "name": "u" }],
    });
    rights
        .put(RightsKind::ClusterRoleBinding, &object(binding))
        .expect("a binding");
    rights
}

fn object(value: serde_json::Value) -> Object {
    Object::from_value(value).expect("an object")
}

fn user() -> KubeUser {
    KubeUser {
        name: "u".to_owned(),
        ..KubeUser::default()
    }
}

proptest! {
    #[test]
    fn whoever_may_grant_rules_may_do_all_that_they_allow(
        held in prop::collection::vec(rule(), 0..4),
        wanted in prop::collection::vec(rule(), 1..3),
    ) {
        let (rights, user) = (holding(&held), user());
        let new = RoleRef { kind: RoleKind::ClusterRole, name: "new".to_owned() };
        let escalate = ("escalate", Target::Resource(ResourceTarget {
            group: "rbac.authorization.k8s.io",
            plural: "clusterroles",
            name: Some("new"),
            ..ResourceTarget::default()
        }));
        prop_assume!(!decide(&user, &escalate, &rights).is_allowed());
        if confirm_no_escalation(&user, &new, None, &wanted, &rights).is_ok() {
            for request in requests() {
                if wanted.iter().any(|rule| rule.allows(&request)) {
                    prop_assert!(decide(&user, &request, &rights).is_allowed(), "{request:?}");
                }
            }
        }
    }

    #[test]
    fn what_one_holds_one_may_grant(held in prop::collection::vec(rule(), 1..4)) {
        let new = RoleRef { kind: RoleKind::ClusterRole, name: "new".to_owned() };
        prop_assert!(confirm_no_escalation(&user(), &new, None, &held, &holding(&held)).is_ok());
    }

    #[test]
    fn another_rule_never_takes_anything_away(
        held in prop::collection::vec(rule(), 0..3),
        more in rule(),
    ) {
        let before = holding(&held);
        let after = holding(&[held, vec![more]].concat());
        for request in requests() {
            if decide(&user(), &request, &before).is_allowed() {
                prop_assert!(decide(&user(), &request, &after).is_allowed());
            }
        }
    }

    #[test]
    fn removing_a_binding_undoes_putting_it(held in prop::collection::vec(rule(), 1..4)) {
        let mut rights = holding(&held);
        rights.remove(RightsKind::ClusterRoleBinding, None, "b");
        for request in requests() {
            prop_assert!(!decide(&user(), &request, &rights).is_allowed());
        }
    }
}
