//! Nobody grants what he does not hold.
//!
//! <https://kubernetes.io/docs/reference/access-authn-authz/rbac/#privilege-escalation-prevention-and-bootstrapping>

use crate::attributes::{ResourceTarget, Target};
use crate::binding::{RoleKind, RoleRef};
use crate::decide::decide;
use crate::quoted::Quoted;
use crate::review::held_rules;
use crate::rights::Rights;
use crate::rule::{ALL, PolicyRule, path_covers};
use objects::KubeUser;
use std::collections::BTreeSet;

const GROUP: &str = "rbac.authorization.k8s.io";

/// Somebody tries to grant more than he holds.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum MayNotGrant {
    /// Rules that he does not hold.
    #[error(
        "user {user:?} (groups={groups}) is attempting to grant RBAC permissions not currently held:\n{missing}"
    )]
    NotHeld {
        /// Who.
        user: String,
        /// Its groups, as Go prints them.
        groups: String,
        /// The rules, one a line.
        missing: String,
    },
    /// A role that does not exist; what it will allow is not known.
    #[error("{}.rbac.authorization.k8s.io {:?} not found", plural(.0.kind), .0.name)]
    NoSuchRole(RoleRef),
}

/// May a user write these rules into a role? Who holds all of them may, and who has the verb
/// `escalate` on the role.
///
/// # Errors
/// [`MayNotGrant::NotHeld`] lists what is not held.
pub fn confirm_no_escalation(
    user: &KubeUser,
    role: &RoleRef,
    namespace: Option<&str>,
    rules: &[PolicyRule],
    rights: &Rights,
) -> Result<(), MayNotGrant> {
    if may(user, "escalate", role, namespace, rights) {
        return Ok(());
    }
    confirm_held(user, namespace, rules, rights)
}

/// May a user give this role to somebody? Who holds all of its rules may, and who has the verb
/// `bind` on it.
///
/// # Errors
/// [`MayNotGrant`] says what is not held, or that the role does not exist.
pub fn confirm_may_bind(
    user: &KubeUser,
    role: &RoleRef,
    namespace: Option<&str>,
    rights: &Rights,
) -> Result<(), MayNotGrant> {
    if may(user, "bind", role, namespace, rights) {
        return Ok(());
    }
    let rules = rights.rules(role, namespace);
    let rules = rules.ok_or_else(|| MayNotGrant::NoSuchRole(role.clone()))?;
    confirm_held(user, namespace, rules, rights)
}

fn may(
    user: &KubeUser,
    verb: &str,
    role: &RoleRef,
    namespace: Option<&str>,
    rights: &Rights,
) -> bool {
    let target = Target::Resource(ResourceTarget {
        group: GROUP,
        plural: plural(role.kind),
        subresource: None,
        namespace,
        name: Some(&role.name),
    });
    decide(user, &(verb, target), rights).is_allowed()
}

const fn plural(kind: RoleKind) -> &'static str {
    match kind {
        RoleKind::Role => "roles",
        RoleKind::ClusterRole => "clusterroles",
    }
}

fn confirm_held(
    user: &KubeUser,
    namespace: Option<&str>,
    rules: &[PolicyRule],
    rights: &Rights,
) -> Result<(), MayNotGrant> {
    let held = held_rules(user, namespace, rights);
    let missing = not_covered(&held, rules);
    if missing.is_empty() {
        return Ok(());
    }
    let lines: BTreeSet<_> = compact(missing).iter().map(ToString::to_string).collect();
    Err(MayNotGrant::NotHeld {
        user: user.name.clone(),
        groups: Quoted(&user.groups).to_string(),
        missing: lines.into_iter().collect::<Vec<_>>().join("\n"),
    })
}

/// The smallest rules of `wanted` that no single rule of `held` covers.
fn not_covered(held: &[&PolicyRule], wanted: &[PolicyRule]) -> Vec<PolicyRule> {
    let parts = wanted.iter().flat_map(parts);
    parts
        .filter(|part| !held.iter().any(|rule| covers(rule, part)))
        .collect()
}

/// One rule for each combination of what a rule lists.
fn parts(rule: &PolicyRule) -> Vec<PolicyRule> {
    let one = |text: &String| vec![text.clone()];
    let names: Vec<_> = if rule.resource_names.is_empty() {
        vec![Vec::new()]
    } else {
        rule.resource_names.iter().map(one).collect()
    };
    let mut found = Vec::new();
    for verb in &rule.verbs {
        for group in &rule.api_groups {
            for resource in &rule.resources {
                found.extend(names.iter().map(|names| PolicyRule {
                    api_groups: one(group),
                    resources: one(resource),
                    resource_names: names.clone(),
                    verbs: one(verb),
                    ..PolicyRule::default()
                }));
            }
        }
        found.extend(rule.non_resource_urls.iter().map(|url| PolicyRule {
            non_resource_urls: one(url),
            verbs: one(verb),
            ..PolicyRule::default()
        }));
    }
    found
}

/// Whether a rule allows everything that a part allows.
fn covers(rule: &PolicyRule, part: &PolicyRule) -> bool {
    let all = |list: &[String], wanted: &[String]| {
        list.iter().any(|item| item == ALL) || wanted.iter().all(|one| list.contains(one))
    };
    let names = rule.resource_names.is_empty()
        || (!part.resource_names.is_empty() && all(&rule.resource_names, &part.resource_names));
    all(&rule.verbs, &part.verbs)
        && all(&rule.api_groups, &part.api_groups)
        && part.resources.iter().all(|one| resource_covers(rule, one))
        && part.non_resource_urls.iter().all(|url| {
            rule.non_resource_urls
                .iter()
                .any(|one| path_covers(one, url))
        })
        && names
}

fn resource_covers(rule: &PolicyRule, wanted: &str) -> bool {
    let any_of = |subresource| format!("*/{subresource}");
    let wildcard = wanted
        .split_once('/')
        .map(|(_, subresource)| any_of(subresource));
    rule.resources
        .iter()
        .any(|one| one == ALL || one == wanted || Some(one) == wildcard.as_ref())
}

/// Joins the verbs of parts that speak of the same objects.
fn compact(parts: Vec<PolicyRule>) -> Vec<PolicyRule> {
    let mut joined: Vec<PolicyRule> = Vec::new();
    for part in parts {
        let same = joined.iter_mut().find(|one| {
            part.non_resource_urls.is_empty()
                && one.api_groups == part.api_groups
                && one.resources == part.resources
                && one.resource_names == part.resource_names
                && one.non_resource_urls.is_empty()
        });
        match same {
            Some(one) => {
                let new = part
                    .verbs
                    .into_iter()
                    .filter(|verb| !one.verbs.contains(verb));
                let new: Vec<_> = new.collect();
                one.verbs.extend(new);
            }
            None => joined.push(part),
        }
    }
    joined
}
