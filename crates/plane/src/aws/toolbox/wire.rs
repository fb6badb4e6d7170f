//! What is kept of a denial, in IAM Toolbox's words.

use audit::{
    Authorization, Check, CheckKind, ContextKey, ContextValue, Effect, EvaluatedPolicy, Evaluation,
};
use awswire::dto::iam_toolbox as dto;
use serde_json::Value;
use std::collections::BTreeMap;

/// Answers GetRequestAuthorizationDetails.
pub(super) fn details(of: &Authorization) -> dto::GetRequestAuthorizationDetailsResponse {
    dto::GetRequestAuthorizationDetailsResponse {
        request_context: context(&of.context),
        evaluations: of.evaluations.iter().map(evaluation).collect(),
        policies: policies(of),
        next_token: None,
    }
}

fn context(keys: &[ContextKey]) -> BTreeMap<String, Value> {
    let value = |key: &ContextKey| match &key.value {
        ContextValue::One(value) => Value::from(value.as_str()),
        ContextValue::Many(values) => values.iter().map(|value| value.as_str()).collect(),
    };
    keys.iter()
        .map(|key| (key.name.to_string(), value(key)))
        .collect()
}

fn evaluation(of: &Evaluation) -> dto::Evaluation {
    dto::Evaluation {
        action: of.action.to_string(),
        resource: match of.resource.as_str() {
            // Of an action without resource.
            "*" => String::new(),
            arn => arn.to_owned(),
        },
        context: Some(context(&of.context)),
        evaluated_effect: Some(evaluated(of.effect)),
        matched_policies: Some(decisive(of)),
        checks: Some(of.checks.iter().map(check).collect()),
    }
}

/// What clients older than `checks` read: the policies that matched; an implicit denial has none.
fn decisive(of: &Evaluation) -> Vec<dto::MatchedPolicy> {
    match of.effect {
        Effect::ImplicitDeny => Vec::new(),
        Effect::Allow | Effect::NoImpact | Effect::ExplicitDeny => {
            of.checks.iter().flat_map(matched_policies).collect()
        }
    }
}

fn check(of: &Check) -> dto::Check {
    let kind = match of.kind {
        CheckKind::ResourceControl => "RESOURCE_CONTROL_POLICY",
        CheckKind::ServiceControl => "SERVICE_CONTROL_POLICY",
        CheckKind::Resource => "RESOURCE",
        CheckKind::Principal => "PRINCIPAL",
        CheckKind::Boundary => "PERMISSIONS_BOUNDARY",
        CheckKind::Session => "SESSION",
    };
    dto::Check {
        check_type: kind.to_owned(),
        evaluated_effect: evaluated(of.effect),
        target_arn: of.target.as_ref().map(ToString::to_string),
        relevant_policy_types: Some(vec![policy_type(of.kind).to_owned()]),
        matched_policies: Some(matched_policies(of).collect()),
    }
}

fn matched_policies(of: &Check) -> impl Iterator<Item = dto::MatchedPolicy> {
    let matched = of
        .policies
        .iter()
        .filter(|policy| !policy.matched.is_empty());
    matched.map(matched_policy)
}

fn matched_policy(of: &EvaluatedPolicy) -> dto::MatchedPolicy {
    let statements = of.matched.iter().map(|one| dto::MatchedStatement {
        sid: Some(one.sid.to_string()),
        evaluated_effect: Some(if one.denies { "DENY" } else { "ALLOW" }.to_owned()),
    });
    dto::MatchedPolicy {
        uri: of.uri.to_string(),
        matched_statements: Some(statements.collect()),
    }
}

/// Each policy once, with all that it is attached to.
fn policies(of: &Authorization) -> Vec<dto::PolicyInfo> {
    let mut listed: Vec<dto::PolicyInfo> = Vec::new();
    for (check, policy) in of.policies() {
        let (kind, uri) = (policy_type(check.kind), policy.uri.as_str());
        let is_it = |one: &&mut dto::PolicyInfo| {
            one.uri.as_deref() == Some(uri) && one.r#type.as_deref() == Some(kind)
        };
        let attached_to = policy.attached_to.as_ref().map(|arn| dto::AttachedTo {
            arn: Some(arn.to_string()),
        });
        match listed.iter_mut().find(is_it) {
            Some(there) => {
                let all = there.attached_to.get_or_insert_default();
                all.extend(attached_to.filter(|one| !all.contains(one)));
            }
            None => listed.push(dto::PolicyInfo {
                r#type: Some(kind.to_owned()),
                inline: Some(policy.inline),
                uri: Some(uri.to_owned()),
                attached_to: Some(attached_to.into_iter().collect()),
                // What a policy was built from, a KMS grant say; all that are kept here were written.
                policy_source: None,
            }),
        }
    }
    listed
}

fn policy_type(kind: CheckKind) -> &'static str {
    match kind {
        CheckKind::ResourceControl => "RESOURCE_CONTROL_POLICY",
        CheckKind::ServiceControl => "SERVICE_CONTROL_POLICY",
        CheckKind::Resource => "RESOURCE_BASED_POLICY",
        CheckKind::Principal => "IDENTITY_BASED_POLICY",
        CheckKind::Boundary => "PERMISSIONS_BOUNDARY",
        CheckKind::Session => "SESSION_POLICY",
    }
}

fn evaluated(effect: Effect) -> String {
    let word = match effect {
        Effect::Allow => "ALLOW",
        Effect::NoImpact => "NO_IMPACT",
        Effect::ImplicitDeny => "IMPLICIT_DENY",
        Effect::ExplicitDeny => "EXPLICIT_DENY",
    };
    word.to_owned()
}
