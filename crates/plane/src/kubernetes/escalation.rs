//! Nobody writes a role or a binding that gives more than he holds.

use super::rights::{GROUP, RightsNow};
use apiserver::{Admission, Operation, Review};
use names::GroupResource;
use objects::{Object, Status};
use rbac::{MayNotGrant, PolicyRule, RoleKind, RoleRef};
use serde::Deserialize;
use serde_json::Value;
use std::sync::Arc;
use store::Pending;

/// What only an administrator may use.
const MAY_NOT_GATHER: &str = "must have cluster-admin privileges to use the aggregationRule";
/// What changes when an object is on its way out: it grants nothing.
const ENDING: [&str; 5] = [
    "finalizers",
    "ownerReferences",
    "managedFields",
    "resourceVersion",
    "generation",
];

/// Looks at each role and binding before it is written.
pub(super) struct NoEscalation(pub(super) Arc<RightsNow>);

impl Admission for NoEscalation {
    fn validate<'a>(&'a self, review: &'a Review<'_>) -> Pending<'a, Result<(), Status>> {
        Box::pin(async move {
            let is_written = matches!(review.operation, Operation::Create | Operation::Update);
            let object = review.object.as_ref();
            let Some(object) = object.filter(|_| is_written && review.resource.group() == GROUP)
            else {
                return Ok(());
            };
            if review.old.is_some_and(|old| is_only_ending(object, old)) {
                return Ok(());
            }
            let rights = self.0.now().await?;
            match review.resource.plural() {
                "roles" => confirm_role(review, object, RoleKind::Role, &rights),
                "clusterroles" => confirm_role(review, object, RoleKind::ClusterRole, &rights),
                _ => confirm_binding(review, object, &rights),
            }
        })
    }
}

/// A role that is not there is not found; all else is forbidden.
fn refusal(review: &Review<'_>, why: &MayNotGrant) -> Status {
    if let MayNotGrant::NoSuchRole(role) = why {
        let plural = match role.kind {
            RoleKind::Role => "roles",
            RoleKind::ClusterRole => "clusterroles",
        };
        if let Ok(plural) = plural.parse() {
            let group = review.resource.resource.group.clone();
            return Status::not_found(&GroupResource { group, plural }, &role.name);
        }
    }
    forbidden(review, &why.to_string())
}

fn forbidden(review: &Review<'_>, why: &str) -> Status {
    Status::forbidden(&review.resource.resource, review.name, why)
}

fn namespace<'r>(review: &'r Review<'_>) -> Option<&'r str> {
    Some(review.namespace).filter(|namespace| !namespace.is_empty())
}

fn confirm_role(
    review: &Review<'_>,
    object: &Object,
    kind: RoleKind,
    rights: &rbac::Rights,
) -> Result<(), Status> {
    let role = RoleRef {
        kind,
        name: review.name.to_owned(),
    };
    let confirm = |rules: &[PolicyRule]| {
        rbac::confirm_no_escalation(review.user, &role, namespace(review), rules, rights)
    };
    let gathers = |object: &Object| {
        object
            .get(&["aggregationRule"])
            .is_some_and(Value::is_object)
    };
    if gathers(object) || review.old.is_some_and(gathers) {
        confirm(&everything()).map_err(|_| forbidden(review, MAY_NOT_GATHER))?;
    }
    let rules = object.items(&["rules"]).iter().map(PolicyRule::deserialize);
    let rules: Result<Vec<_>, _> = rules.collect();
    let rules = rules.map_err(|why| Status::bad_request(why.to_string()))?;
    confirm(&rules).map_err(|why| refusal(review, &why))
}

fn confirm_binding(
    review: &Review<'_>,
    object: &Object,
    rights: &rbac::Rights,
) -> Result<(), Status> {
    let role = object.get(&["roleRef"]).unwrap_or(&Value::Null);
    // What names no role is refused by validation, which says more of it.
    let Ok(role) = RoleRef::deserialize(role) else {
        return Ok(());
    };
    let confirmed = rbac::confirm_may_bind(review.user, &role, namespace(review), rights);
    confirmed.map_err(|why| refusal(review, &why))
}

/// All that can be granted.
fn everything() -> [PolicyRule; 2] {
    let all = || vec!["*".to_owned()];
    let objects = PolicyRule {
        api_groups: all(),
        resources: all(),
        verbs: all(),
        ..PolicyRule::default()
    };
    let paths = PolicyRule {
        non_resource_urls: all(),
        verbs: all(),
        ..PolicyRule::default()
    };
    [objects, paths]
}

/// Whether nothing differs but what the end of an object takes.
fn is_only_ending(object: &Object, old: &Object) -> bool {
    let rest = |object: &Object| {
        let mut rest = object.clone();
        for field in ENDING {
            rest.metadata_mut().remove(field);
        }
        rest
    };
    rest(object) == rest(old)
}
