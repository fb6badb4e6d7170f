//! Cluster roles that gather the rules of others by their labels.
//!
//! <https://kubernetes.io/docs/reference/access-authn-authz/rbac/#aggregated-clusterroles>

use crate::rule::PolicyRule;
use objects::Object;
use objects::selector::LabelSelector;
use serde::Deserialize;

/// The rules that a cluster role with an `aggregationRule` has: those of every other cluster role that
/// one of its selectors matches, in the order of their names and each once. `None`: it has no such rule.
///
/// A selector that cannot be read matches nothing.
#[must_use]
pub fn aggregated<'a>(
    role: &Object,
    cluster_roles: impl IntoIterator<Item = &'a Object>,
) -> Option<Vec<PolicyRule>> {
    role.get(&["aggregationRule"])?.as_object()?;
    let selectors = role.items(&["aggregationRule", "clusterRoleSelectors"]);
    let selectors: Vec<_> = selectors
        .iter()
        .filter_map(|selector| LabelSelector::from_object(selector).ok())
        .collect();
    let is_meant = |other: &&Object| {
        let labels = other.get(&["metadata", "labels"]);
        let labels = labels.and_then(|labels| labels.as_object());
        other.name() != role.name() && selectors.iter().any(|selector| selector.matches(labels))
    };
    let mut others: Vec<_> = cluster_roles.into_iter().filter(is_meant).collect();
    others.sort_by_key(|other| other.name());
    let mut rules = Vec::new();
    for rule in others.iter().flat_map(|other| other.items(&["rules"])) {
        match PolicyRule::deserialize(rule) {
            Ok(rule) if !rules.contains(&rule) => rules.push(rule),
            // Said already, or a rule that allows nothing since nobody can read it.
            Ok(_) | Err(_) => {}
        }
    }
    Some(rules)
}
