//! Who may what, row by row.

use objects::{KubeUser, Object};
use rbac::{
    Decision, MayNotGrant, PolicyRule, ResourceTarget, Rights, RightsKind, RoleKind, RoleRef,
    Target, aggregated, bootstrap_objects, confirm_may_bind, confirm_no_escalation, decide,
    explain, rules_of,
};
use serde_json::{Value, json};

fn user(name: &str, groups: &[&str]) -> KubeUser {
    KubeUser {
        name: name.to_owned(),
        groups: groups.iter().map(|group| (*group).to_owned()).collect(),
        ..KubeUser::default()
    }
}

/// `VERB PLURAL[/SUBRESOURCE][.GROUP] [NAMESPACE[/NAME]]`, or `VERB /PATH`.
fn asked(text: &str) -> (&str, Target<'_>) {
    let mut words = text.split(' ');
    let mut word = || words.next().unwrap_or_default();
    let (verb, what, place) = (word(), word(), word());
    if what.starts_with('/') {
        return (verb, Target::Path(what));
    }
    let (resource, group) = what.split_once('.').unwrap_or((what, ""));
    let (plural, subresource) = match resource.split_once('/') {
        Some((plural, subresource)) => (plural, Some(subresource)),
        None => (resource, None),
    };
    let (namespace, name) = place.split_once('/').unwrap_or((place, ""));
    let target = ResourceTarget {
        group,
        plural,
        subresource,
        namespace: Some(namespace).filter(|one| !one.is_empty()),
        name: Some(name).filter(|one| !one.is_empty()),
    };
    (verb, Target::Resource(target))
}

fn rights(objects: &[(RightsKind, Value)]) -> Rights {
    let mut rights = Rights::default();
    for (kind, object) in objects {
        rights
            .put(*kind, &object_of(object))
            .expect("it can be read");
    }
    rights
}

fn object_of(value: &Value) -> Object {
    Object::from_value(value.clone()).expect("an object")
}

fn cluster_role(name: &str, rules: &Value) -> (RightsKind, Value) {
    let role = json!({ "metadata": { "name": name }, "rules": rules });
    (RightsKind::ClusterRole, role)
}

fn role(namespace: &str, name: &str, rules: &Value) -> (RightsKind, Value) {
    let metadata = json!({ "namespace": namespace, "name": name });
    (
        RightsKind::Role,
        json!({ "metadata": metadata, "rules": rules }),
    )
}

fn bind_all(name: &str, role: &str, subject: &Value) -> (RightsKind, Value) {
    let binding = json!({
        "metadata": { "name": name },
        "roleRef": { "kind": "ClusterRole", "name": role },
        "subjects": [subject],
    });
    (RightsKind::ClusterRoleBinding, binding)
}

fn bind(
    namespace: &str,
    name: &str,
    (kind, role): (&str, &str),
    subject: &Value,
) -> (RightsKind, Value) {
    let binding = json!({
        "metadata": { "namespace": namespace, "name": name },
        "roleRef": { "kind": kind, "name": role },
        "subjects": [subject],
    });
    (RightsKind::RoleBinding, binding)
}

fn group(name: &str) -> Value {
    json!({ "kind": "Group", "name": name })
}

fn person(name: &str) -> Value {
    json!({ "kind": "User", "name": name })
}

fn check(rights: &Rights, user: &KubeUser, rows: &[(&str, bool)]) {
    for (text, wanted) in rows {
        let found = decide(user, &asked(text), rights).is_allowed();
        assert_eq!(found, *wanted, "{}: {text}", user.name);
    }
}

#[test]
fn superusers_may_everything_and_nobody_may_anything_by_default() {
    let rights = Rights::default();
    let text = "delete pods ci/x";
    check(
        &rights,
        &user("root", &["system:masters"]),
        &[(text, true), ("get /x", true)],
    );
    check(
        &rights,
        &user("system:masters", &[]),
        &[(text, false), ("get /x", false)],
    );
}

#[test]
fn a_rule_allows_every_combination_of_what_it_lists() {
    let rules = json!([
        { "apiGroups": ["", "apps"], "resources": ["pods", "deployments"], "verbs": ["get", "list"] },
        { "apiGroups": [""], "resources": ["pods/exec", "*/scale"], "verbs": ["create"] },
        { "apiGroups": [""], "resources": ["secrets"], "resourceNames": ["one"], "verbs": ["get", "create"] },
        { "nonResourceURLs": ["/metrics", "/logs/*"], "verbs": ["get"] },
    ]);
    let rights = rights(&[cluster_role("r", &rules), bind_all("b", "r", &person("u"))]);
    check(
        &rights,
        &user("u", &[]),
        &[
            ("get pods ci/x", true),
            ("list pods", true),
            ("get pods.apps ci/x", true),
            ("get deployments ci/x", true),
            ("watch pods", false),
            ("get pods.batch ci", false),
            ("create pods/exec ci/x", true),
            ("create pods/log ci/x", false),
            ("create pods ci/x", false),
            ("create deployments/scale ci/x", true),
            ("create scale ci/x", false),
            ("get secrets ci/one", true),
            ("get secrets ci/two", false),
            ("create secrets ci", false),
            ("get /metrics", true),
            ("get /metrics/slis", false),
            ("get /logs/kubelet", true),
            ("get /logs", false),
            ("post /metrics", false),
        ],
    );
}

#[test]
fn a_star_means_everything() {
    let rules = json!([
        { "apiGroups": ["*"], "resources": ["*"], "verbs": ["*"] },
        { "nonResourceURLs": ["*"], "verbs": ["*"] },
    ]);
    let rights = rights(&[
        cluster_role("all", &rules),
        bind_all("b", "all", &group("g")),
    ]);
    let rows = [("patch pods/status.x ci/y", true), ("delete /any", true)];
    check(&rights, &user("u", &["g"]), &rows);
}

#[test]
fn a_role_binding_counts_in_its_namespace_and_never_for_paths() {
    let rules = json!([
        { "apiGroups": [""], "resources": ["pods"], "verbs": ["get"] },
        { "nonResourceURLs": ["*"], "verbs": ["get"] },
    ]);
    let rights = rights(&[
        cluster_role("reader", &rules),
        role(
            "ci",
            "reader",
            &json!([{ "apiGroups": [""], "resources": ["secrets"], "verbs": ["get"] }]),
        ),
        bind("ci", "cluster", ("ClusterRole", "reader"), &person("u")),
        bind("ci", "own", ("Role", "reader"), &person("u")),
        bind("dev", "own", ("Role", "reader"), &person("u")),
    ]);
    check(
        &rights,
        &user("u", &[]),
        &[
            ("get pods ci/x", true),
            ("get secrets ci/x", true),
            ("get pods dev/x", false),
            ("get secrets dev/x", false),
            ("get pods", false),
            ("get /version", false),
        ],
    );
}

#[test]
fn a_service_account_is_of_its_own_namespace_or_the_bindings() {
    let rules = json!([{ "apiGroups": [""], "resources": ["pods"], "verbs": ["get"] }]);
    let rights = rights(&[
        cluster_role("reader", &rules),
        bind(
            "ci",
            "a",
            ("ClusterRole", "reader"),
            &json!({ "kind": "ServiceAccount", "name": "here" }),
        ),
        bind(
            "ci",
            "b",
            ("ClusterRole", "reader"),
            &json!({ "kind": "ServiceAccount", "name": "there", "namespace": "dev" }),
        ),
    ]);
    let rows = [("get pods ci/x", true)];
    check(&rights, &user("system:serviceaccount:ci:here", &[]), &rows);
    check(
        &rights,
        &user("system:serviceaccount:dev:there", &[]),
        &rows,
    );
    let rows = [("get pods ci/x", false)];
    check(&rights, &user("system:serviceaccount:dev:here", &[]), &rows);
    check(&rights, &user("there", &[]), &rows);
}

#[test]
fn what_is_removed_or_replaced_counts_no_more() {
    let rules = json!([{ "apiGroups": [""], "resources": ["pods"], "verbs": ["get"] }]);
    let mut rights = rights(&[
        cluster_role("reader", &rules),
        bind_all("b", "reader", &person("u")),
    ]);
    let before = rights.clone();
    let (kind, other) = bind_all("b", "reader", &person("v"));
    rights.put(kind, &object_of(&other)).unwrap();
    check(&rights, &user("u", &[]), &[("get pods ci/x", false)]);
    check(&rights, &user("v", &[]), &[("get pods ci/x", true)]);
    rights.remove(RightsKind::ClusterRole, None, "reader");
    check(&rights, &user("v", &[]), &[("get pods ci/x", false)]);
    check(&before, &user("u", &[]), &[("get pods ci/x", true)]);
    // An object that cannot be read takes the older one with it.
    let broken = json!({ "metadata": { "name": "b" }, "roleRef": { "kind": "Group" } });
    assert!(
        rights
            .put(RightsKind::ClusterRoleBinding, &object_of(&broken))
            .is_err()
    );
}

#[test]
fn a_reason_names_the_binding_as_upstream_does() {
    let rules = json!([{ "apiGroups": [""], "resources": ["pods"], "verbs": ["get"] }]);
    let account = json!({ "kind": "ServiceAccount", "name": "sa", "namespace": "ci" });
    let rows = [
        (
            bind_all("b", "reader", &group("g")),
            "ClusterRoleBinding \"b\" of ClusterRole \"reader\" to Group \"g\"",
        ),
        (
            bind(
                "ci",
                "b",
                ("ClusterRole", "reader"),
                &person("system:serviceaccount:ci:sa"),
            ),
            "RoleBinding \"b/ci\" of ClusterRole \"reader\" to User \"system:serviceaccount:ci:sa\"",
        ),
        (
            bind("ci", "b", ("Role", "reader"), &account),
            "RoleBinding \"b/ci\" of Role \"reader\" to ServiceAccount \"sa/ci\"",
        ),
    ];
    for (binding, wanted) in rows {
        let rights = rights(&[
            cluster_role("reader", &rules),
            role("ci", "reader", &rules),
            binding,
        ]);
        let user = user("system:serviceaccount:ci:sa", &["g"]);
        let decision = decide(&user, &asked("get pods ci/x"), &rights);
        let Decision::Allow { by } = decision else {
            panic!("not allowed: {decision:?}");
        };
        assert_eq!(by.to_string(), wanted);
    }
}

#[test]
fn who_is_bound_to_nothing_is_told_so() {
    let explanation = explain(&user("u", &[]), &asked("get nodes"), &Rights::default());
    assert_eq!(
        explanation.to_string(),
        "no binding names the user or one of its groups"
    );
}

#[test]
fn a_binding_without_its_role_is_named() {
    let rights = rights(&[bind_all("b", "gone", &person("u"))]);
    let explanation = explain(&user("u", &[]), &asked("get nodes"), &rights);
    assert_eq!(
        explanation.missing_roles().as_deref(),
        Some(r#"clusterrole.rbac.authorization.k8s.io "gone" not found"#)
    );
}

#[test]
fn an_explanation_names_what_came_closest() {
    let rules = json!([
        { "apiGroups": [""], "resources": ["pods"], "verbs": ["get", "list"] },
        { "apiGroups": [""], "resources": ["secrets"], "resourceNames": ["one"], "verbs": ["get"] },
    ]);
    let rights = rights(&[
        cluster_role("reader", &rules),
        bind("ci", "b", ("ClusterRole", "reader"), &person("u")),
    ]);
    let by = "RoleBinding \"b/ci\" of ClusterRole \"reader\" to User \"u\"";
    let rows = [
        ("delete pods ci/x", "allows the verbs `get`, `list` on it"),
        ("get secrets ci/two", "allows it for the names `one` only"),
        ("get configmaps ci/x", "has no rule for it"),
        ("get pods dev/x", "allows it in the namespace `ci` only"),
    ];
    for (text, wanted) in rows {
        let found = explain(&user("u", &[]), &asked(text), &rights).to_string();
        assert_eq!(found, format!("{by} {wanted}"), "{text}");
    }
}

fn rule(group: &str, resource: &str, verbs: &[&str]) -> PolicyRule {
    PolicyRule {
        api_groups: vec![group.to_owned()],
        resources: vec![resource.to_owned()],
        verbs: verbs.iter().map(|verb| (*verb).to_owned()).collect(),
        ..PolicyRule::default()
    }
}

fn cluster(name: &str) -> RoleRef {
    RoleRef {
        kind: RoleKind::ClusterRole,
        name: name.to_owned(),
    }
}

#[test]
fn nobody_grants_what_he_does_not_hold() {
    let rules =
        json!([{ "apiGroups": [""], "resources": ["pods", "*/status"], "verbs": ["get", "list"] }]);
    let rights = rights(&[
        cluster_role("reader", &rules),
        bind_all("b", "reader", &group("g")),
    ]);
    let user = user("u", &["g", "h"]);
    let confirm =
        |rules: &[PolicyRule]| confirm_no_escalation(&user, &cluster("new"), None, rules, &rights);
    assert_eq!(
        confirm(&[
            rule("", "pods", &["get"]),
            rule("", "nodes/status", &["list"])
        ]),
        Ok(())
    );
    let refused = confirm(&[
        rule("", "pods", &["get", "delete", "create"]),
        rule("", "nodes", &["get"]),
    ]);
    assert_eq!(
        refused.unwrap_err().to_string(),
        "user \"u\" (groups=[\"g\" \"h\"]) is attempting to grant RBAC permissions not currently held:\n\
         {APIGroups:[\"\"], Resources:[\"nodes\"], Verbs:[\"get\"]}\n\
         {APIGroups:[\"\"], Resources:[\"pods\"], Verbs:[\"delete\" \"create\"]}"
    );
    assert!(confirm(&[rule("", "*", &["get"])]).is_err());
    let path = |url: &str| PolicyRule {
        non_resource_urls: vec![url.to_owned()],
        verbs: vec!["get".to_owned()],
        ..PolicyRule::default()
    };
    assert!(confirm(&[path("/x")]).is_err());
}

#[test]
fn escalate_and_bind_are_verbs_that_let_one_grant_more() {
    let group_of_roles = "rbac.authorization.k8s.io";
    let rules = json!([
        { "apiGroups": [group_of_roles], "resources": ["clusterroles"], "resourceNames": ["new"], "verbs": ["escalate", "bind"] },
    ]);
    let rights = rights(&[
        cluster_role(
            "strong",
            &json!([{ "apiGroups": [""], "resources": ["pods"], "verbs": ["get"] }]),
        ),
        cluster_role("granter", &rules),
        bind_all("b", "granter", &person("u")),
    ]);
    let user = user("u", &[]);
    let everything = [rule("*", "*", &["*"])];
    assert!(confirm_no_escalation(&user, &cluster("new"), None, &everything, &rights).is_ok());
    assert!(confirm_no_escalation(&user, &cluster("other"), None, &everything, &rights).is_err());
    assert!(confirm_may_bind(&user, &cluster("new"), None, &rights).is_ok());
    let missing = confirm_may_bind(&user, &cluster("other"), Some("ci"), &rights).unwrap_err();
    assert_eq!(missing, MayNotGrant::NoSuchRole(cluster("other")));
    assert_eq!(
        missing.to_string(),
        r#"clusterroles.rbac.authorization.k8s.io "other" not found"#
    );
    assert!(confirm_may_bind(&user, &cluster("strong"), None, &rights).is_err());
}

#[test]
fn the_rules_of_a_user_are_listed_for_a_review() {
    let rules = json!([
        { "apiGroups": [""], "resources": ["pods"], "resourceNames": ["x"], "verbs": ["get"] },
        { "nonResourceURLs": ["/x"], "verbs": ["get"] },
    ]);
    let rights = rights(&[cluster_role("r", &rules), bind_all("b", "r", &person("u"))]);
    let found = rules_of(&user("u", &[]), "ci", &rights);
    let resource = json!({ "verbs": ["get"], "apiGroups": [""], "resources": ["pods"], "resourceNames": ["x"] });
    assert_eq!(found.resource_rules, [resource]);
    assert_eq!(
        found.non_resource_rules,
        [json!({ "verbs": ["get"], "nonResourceURLs": ["/x"] })]
    );
    let all = rules_of(&user("u", &["system:masters"]), "ci", &rights);
    assert_eq!(all.resource_rules[0]["resources"], json!(["*"]));
}

/// The bootstrap roles, aggregated until nothing changes.
fn bootstrapped() -> Rights {
    let mut objects = bootstrap_objects();
    for _ in 0..4 {
        let roles = objects.clone();
        let roles = || roles.iter().filter(|one| one.kind() == Some("ClusterRole"));
        for object in &mut objects {
            if let Some(rules) = aggregated(object, roles()) {
                object.as_map_mut().insert("rules".to_owned(), json!(rules));
            }
        }
    }
    let mut rights = Rights::default();
    for object in objects {
        let kind = match object.kind() {
            Some("ClusterRole") => RightsKind::ClusterRole,
            Some("ClusterRoleBinding") => RightsKind::ClusterRoleBinding,
            other => panic!("{other:?}"),
        };
        rights.put(kind, &object).expect("it can be read");
    }
    for name in ["admin", "edit", "view"] {
        let (kind, binding) = bind("ci", name, ("ClusterRole", name), &group(name));
        rights
            .put(kind, &object_of(&binding))
            .expect("it can be read");
    }
    rights
}

#[test]
fn the_default_roles_give_what_their_names_say() {
    let rights = bootstrapped();
    // What is asked, and whether viewers, editors and administrators of the namespace may.
    let rows = [
        ("get pods ci/x", [true, true, true]),
        ("get pods/log ci/x", [true, true, true]),
        ("list deployments.apps ci", [true, true, true]),
        ("get secrets ci/x", [false, true, true]),
        ("create pods/exec ci/x", [false, true, true]),
        ("delete deployments.apps ci/x", [false, true, true]),
        ("create serviceaccounts/token ci/x", [false, true, true]),
        ("impersonate serviceaccounts ci/x", [false, true, true]),
        (
            "create rolebindings.rbac.authorization.k8s.io ci",
            [false, false, true],
        ),
        (
            "create localsubjectaccessreviews.authorization.k8s.io ci",
            [false, false, true],
        ),
        ("get pods dev/x", [false, false, false]),
        ("get nodes", [false, false, false]),
        ("update namespaces ci/ci", [false, false, false]),
    ];
    for (text, wanted) in rows {
        let may = ["view", "edit", "admin"]
            .map(|name| decide(&user("u", &[name]), &asked(text), &rights).is_allowed());
        assert_eq!(may, wanted, "{text}");
    }
    let anonymous = user("system:anonymous", &["system:unauthenticated"]);
    check(
        &rights,
        &anonymous,
        &[
            ("get /version", true),
            ("get /livez", true),
            ("get /api", false),
            ("get pods ci/x", false),
        ],
    );
    let anyone = user("u", &["system:authenticated"]);
    let review = "create selfsubjectaccessreviews.authorization.k8s.io";
    check(
        &rights,
        &anyone,
        &[
            ("get /api/v1", true),
            (review, true),
            ("get pods ci/x", false),
        ],
    );
    let account = user("system:serviceaccount:ci:sa", &["system:serviceaccounts"]);
    check(&rights, &account, &[("get /openid/v1/jwks", true)]);
    assert!(matches!(
        decide(&account, &asked("get /metrics"), &rights),
        Decision::NoOpinion
    ));
}
