//! What a user may do: the answer of SelfSubjectRulesReview.

use crate::SUPERUSERS;
use crate::decide::rules_of as rules_of_bound;
use crate::rights::Rights;
use crate::rule::{ALL, PolicyRule};
use objects::KubeUser;
use serde_json::{Value, json};

/// The rules that hold for a user in a namespace.
#[derive(Debug, Clone, Default, PartialEq)]
pub struct RulesOf {
    /// `status.resourceRules`.
    pub resource_rules: Vec<Value>,
    /// `status.nonResourceRules`.
    pub non_resource_rules: Vec<Value>,
}

/// Lists the rules that hold for a user in a namespace.
#[must_use]
pub fn rules_of(user: &KubeUser, namespace: &str, rights: &Rights) -> RulesOf {
    let mut found = RulesOf::default();
    if user.is_in(SUPERUSERS) {
        found.add(&PolicyRule {
            api_groups: vec![ALL.to_owned()],
            resources: vec![ALL.to_owned()],
            non_resource_urls: Vec::new(),
            resource_names: Vec::new(),
            verbs: vec![ALL.to_owned()],
        });
        found.add(&PolicyRule {
            non_resource_urls: vec![ALL.to_owned()],
            verbs: vec![ALL.to_owned()],
            ..PolicyRule::default()
        });
    }
    for rule in held_rules(user, Some(namespace), rights) {
        found.add(rule);
    }
    found
}

impl RulesOf {
    fn add(&mut self, rule: &PolicyRule) {
        if !rule.resources.is_empty() {
            let mut shown = json!({
                "verbs": rule.verbs,
                "apiGroups": rule.api_groups,
                "resources": rule.resources,
            });
            if !rule.resource_names.is_empty() {
                shown["resourceNames"] = json!(rule.resource_names);
            }
            self.resource_rules.push(shown);
        }
        if rule.is_about_paths() {
            let shown = json!({ "verbs": rule.verbs, "nonResourceURLs": rule.non_resource_urls });
            self.non_resource_rules.push(shown);
        }
    }
}

/// Every rule that a user's bindings give, in the cluster and in a namespace.
pub(crate) fn held_rules<'a>(
    user: &'a KubeUser,
    namespace: Option<&str>,
    rights: &'a Rights,
) -> Vec<&'a PolicyRule> {
    let bound = rights.bound(user, namespace);
    bound
        .filter_map(|bound| rules_of_bound(bound, rights))
        .flatten()
        .collect()
}
