//! The versions of a template, kept as ControllerRevisions: what a StatefulSet or a DaemonSet was, it
//! can be again (`kubectl rollout undo`).

use super::deployment::template_hash;
use super::{Desk, owner_reference};
use crate::api::{Deletion, Part, Refused, Resource, resources};
use crate::object;
use serde_json::{Value, json};

/// The label by which a Pod says of which revision it is.
pub(super) const LABEL: &str = "controller-revision-hash";

/// The newest revision of a template, and the one that held before.
#[derive(Debug, Default)]
pub(super) struct Revisions {
    /// What Pods of the newest template say.
    pub(super) update: String,
    /// What Pods of the one before say; the same when there is none.
    pub(super) current: String,
    /// The template that `current` stands for.
    current_template: Option<Value>,
}

/// The revision of a Pod.
pub(super) fn of(pod: &Value) -> &str {
    object::label(pod, LABEL).unwrap_or_default()
}

impl Revisions {
    #[cfg(test)]
    pub(super) fn of_names(current: &str, update: &str) -> Self {
        Self {
            update: update.to_owned(),
            current: current.to_owned(),
            current_template: None,
        }
    }

    pub(super) fn are_one(&self) -> bool {
        self.update == self.current
    }

    /// The newest template, or the one before: what its Pods say, and the template itself.
    pub(super) fn chosen<'a>(&'a self, is_new: bool, set: &'a Value) -> (&'a str, &'a Value) {
        match &self.current_template {
            Some(template) if !is_new => (&self.current, template),
            Some(_) | None => (&self.update, &set["spec"]["template"]),
        }
    }
}

/// What is to be done about the revisions of an object.
#[derive(Debug, PartialEq)]
struct Plan {
    /// A new one of this number is made; without a number, the newest is the right one.
    number: Option<i64>,
    /// One that was before, and is the newest again.
    again: Option<String>,
    forget: Vec<String>,
}

/// Compares the revisions that are kept with the one that is wanted; those in use are never forgotten.
fn decide(kept: &[Value], wanted: &str, in_use: &str, limit: usize) -> Plan {
    let number = |one: &Value| object::number(one, "/revision");
    let newest = kept.iter().max_by_key(|one| number(one));
    let next = newest.map_or(1, |one| number(one) + 1);
    let is_newest = newest.is_some_and(|one| object::name(one) == wanted);
    let is_known = kept.iter().any(|one| object::name(one) == wanted);
    let mut old: Vec<_> = kept
        .iter()
        .filter(|one| ![wanted, in_use].contains(&object::name(one)))
        .collect();
    old.sort_by_key(|one| number(one));
    let surplus = old.len().saturating_sub(limit);
    Plan {
        number: (!is_newest).then_some(next),
        again: (is_known && !is_newest).then(|| wanted.to_owned()),
        forget: old
            .iter()
            .take(surplus)
            .map(|one| object::name(one).to_owned())
            .collect(),
    }
}

/// Keeps the revision of an object's template, and forgets those that are too many.
pub(super) async fn settle(
    desk: &Desk,
    resource: &Resource,
    set: &Value,
) -> Result<Revisions, Refused> {
    let (namespace, template) = (object::namespace(set), &set["spec"]["template"]);
    let revisions = resources::CONTROLLER_REVISIONS;
    let mut kept = desk.api.list(revisions.clone(), namespace).await?;
    kept.retain(|one| object::is_controlled_by(one, object::uid(set)));
    let hash = template_hash(template);
    let name = format!("{}-{hash}", object::name(set));
    let in_use = match object::text(set, "/status/currentRevision") {
        "" => name.clone(),
        known => known.to_owned(),
    };
    let limit = set["spec"]["revisionHistoryLimit"].as_u64().unwrap_or(10);
    let limit = usize::try_from(limit).unwrap_or(usize::MAX);
    let plan = decide(&kept, &name, &in_use, limit);
    match (plan.number, plan.again) {
        (Some(number), Some(name)) => {
            let patch = json!({"revision": number});
            desk.api
                .merge(revisions.clone(), namespace, &name, Part::Main, patch)
                .await?;
        }
        (Some(number), None) => {
            let mut labels = template["metadata"]["labels"].clone();
            labels[LABEL] = json!(hash);
            let made = json!({
                "apiVersion": revisions.api_version(),
                "kind": revisions.kind,
                "metadata": {
                    "name": name,
                    "namespace": namespace,
                    "labels": labels,
                    "annotations": set["metadata"]["annotations"],
                    "ownerReferences": [owner_reference(resource, set)],
                },
                "data": {"spec": {"template": replaced(template)}},
                "revision": number,
            });
            let made = object::without_nulls(&made);
            desk.api.create(revisions.clone(), made).await?;
        }
        (None, _) => {}
    }
    for old in plan.forget {
        desk.api
            .delete(revisions.clone(), namespace, &old, Deletion::default())
            .await?;
    }
    let current = kept.iter().find(|one| object::name(one) == in_use);
    Ok(Revisions {
        update: name,
        current_template: current.map(|one| one["data"]["spec"]["template"].clone()),
        current: in_use,
    })
}

/// The template as a patch that replaces the one of its object.
fn replaced(template: &Value) -> Value {
    let mut replaced = template.clone();
    replaced["$patch"] = json!("replace");
    replaced
}

#[cfg(test)]
mod tests {
    use super::*;

    fn kept(names: &str) -> Vec<Value> {
        let one = |(number, name): (usize, &str)| json!({"metadata": {"name": name}, "revision": number + 1});
        names.split_whitespace().enumerate().map(one).collect()
    }

    #[track_caller]
    fn check(names: &str, wanted: &str, number: Option<i64>, again: Option<&str>, forget: &str) {
        let plan = decide(&kept(names), wanted, "c", 1);
        assert_eq!(plan.number, number);
        assert_eq!(plan.again.as_deref(), again);
        assert_eq!(plan.forget.join(" "), forget);
    }

    #[test]
    fn a_new_template_is_the_next_revision() {
        check("", "a", Some(1), None, "");
        check("a", "a", None, None, "");
        check("a", "b", Some(2), None, "");
    }

    #[test]
    fn a_template_that_was_before_is_the_newest_again() {
        check("a b", "a", Some(3), Some("a"), "");
    }

    #[test]
    fn revisions_are_forgotten_above_the_limit_but_never_those_in_use() {
        check("a b d", "d", None, None, "a");
        check("c a b d", "d", None, None, "a");
    }
}
