//! What is to be done about a Deployment's ReplicaSets. Pure.

use super::{REVISION, TEMPLATE_HASH, hash};
use crate::api::resources;
use crate::controllers::owner_reference;
use crate::object;
use serde_json::{Value, json};

/// One step.
#[derive(Debug, Clone, PartialEq)]
pub(super) enum Action {
    /// Make a ReplicaSet.
    Create(Value),
    /// Change how many Pods a ReplicaSet has.
    Scale { set: String, from: i64, to: i64 },
    /// Number the version of a ReplicaSet, or of the Deployment itself.
    Annotate {
        set: Option<String>,
        revision: String,
    },
    /// Delete an old, empty ReplicaSet.
    Forget(String),
}

/// The next steps. Each is small: what follows from them is decided when they are seen.
pub(super) fn decide(deployment: &Value, sets: &[Value]) -> Vec<Action> {
    if object::is_being_deleted(deployment) {
        return Vec::new();
    }
    let (new, old) = versions(deployment, sets);
    let is_paused = deployment["spec"]["paused"] == true;
    let Some(new) = new else {
        if is_paused {
            return resized(deployment, &old);
        }
        return vec![Action::Create(new_set(deployment, &old))];
    };
    let mut actions = numbered(deployment, new, &old);
    if is_paused {
        let all: Vec<_> = old.iter().copied().chain([new]).collect();
        actions.extend(resized(deployment, &all));
        return actions;
    }
    if object::text(deployment, "/spec/strategy/type") == "Recreate" {
        actions.extend(recreate(deployment, new, &old));
    } else {
        actions.extend(roll(deployment, new, &old));
    }
    actions.extend(forgotten(deployment, new, &old));
    actions
}

/// The ReplicaSet of the Deployment's template, and the others.
pub(super) fn versions<'a>(
    deployment: &Value,
    sets: &'a [Value],
) -> (Option<&'a Value>, Vec<&'a Value>) {
    let wanted = bare(&deployment["spec"]["template"]);
    let mut matching: Vec<_> = sets
        .iter()
        .filter(|set| bare(&set["spec"]["template"]) == wanted)
        .collect();
    matching.sort_by_key(|set| object::text(set, "/metadata/creationTimestamp"));
    let new = matching.first().copied();
    let is_new = |set: &&Value| new.is_some_and(|new| object::uid(new) == object::uid(set));
    (new, sets.iter().filter(|set| !is_new(set)).collect())
}

/// A template without the label that only the ReplicaSet's copy has.
fn bare(template: &Value) -> Value {
    let mut template = template.clone();
    if let Some(labels) = template["metadata"]["labels"].as_object_mut() {
        labels.remove(TEMPLATE_HASH);
    }
    if let Some(metadata) = template["metadata"].as_object_mut() {
        metadata.retain(|_, value| !value.is_null());
    }
    template
}

fn new_set(deployment: &Value, old: &[&Value]) -> Value {
    let template = &deployment["spec"]["template"];
    let hash = hash::of(
        template,
        object::number(deployment, "/status/collisionCount"),
    );
    let mut template = template.clone();
    template["metadata"]["labels"][TEMPLATE_HASH] = json!(hash);
    let mut selector = deployment["spec"]["selector"].clone();
    selector["matchLabels"][TEMPLATE_HASH] = json!(hash);
    let is_recreated = object::text(deployment, "/spec/strategy/type") == "Recreate";
    let has_old_pods = old.iter().any(|set| pods_of(set) > 0);
    let replicas = if is_recreated && has_old_pods {
        0
    } else {
        room_for_new(deployment, 0, old)
    };
    let mut annotations = deployment["metadata"]["annotations"].clone();
    if let Some(annotations) = annotations.as_object_mut() {
        annotations.remove("kubectl.kubernetes.io/last-applied-configuration");
    }
    annotations[REVISION] = json!((newest_revision(old) + 1).to_string());
    annotations["deployment.kubernetes.io/desired-replicas"] =
        json!(wanted(deployment).to_string());
    annotations["deployment.kubernetes.io/max-replicas"] = json!(most(deployment).to_string());
    json!({
        "apiVersion": "apps/v1",
        "kind": "ReplicaSet",
        "metadata": {
            "name": format!("{}-{hash}", object::name(deployment)),
            "namespace": object::namespace(deployment),
            "labels": template["metadata"]["labels"],
            "annotations": annotations,
            "ownerReferences": [owner_reference(&resources::DEPLOYMENTS, deployment)],
        },
        "spec": {
            "replicas": replicas,
            "minReadySeconds": object::number(deployment, "/spec/minReadySeconds"),
            "selector": selector,
            "template": template,
        },
    })
}

/// The newest version has the highest number, also when it is an old one taken up again.
fn numbered(deployment: &Value, new: &Value, old: &[&Value]) -> Vec<Action> {
    let highest = newest_revision(old);
    let own = revision_of(new);
    let revision = if own > highest { own } else { highest + 1 };
    let text = revision.to_string();
    let mut actions = Vec::new();
    if own != revision {
        actions.push(Action::Annotate {
            set: Some(object::name(new).to_owned()),
            revision: text.clone(),
        });
    }
    if object::annotation(deployment, REVISION) != Some(text.as_str()) {
        actions.push(Action::Annotate {
            set: None,
            revision: text,
        });
    }
    actions
}

fn revision_of(set: &Value) -> i64 {
    let text = object::annotation(set, REVISION);
    text.and_then(|text| text.parse().ok()).unwrap_or(0)
}

fn newest_revision(sets: &[&Value]) -> i64 {
    sets.iter().map(|set| revision_of(set)).max().unwrap_or(0)
}

/// While a Deployment is paused, a change of its size goes to the ReplicaSet that has Pods.
fn resized(deployment: &Value, sets: &[&Value]) -> Vec<Action> {
    let active: Vec<_> = sets.iter().filter(|set| replicas_of(set) > 0).collect();
    match active.as_slice() {
        [only] => scale(only, wanted(deployment)),
        _ => Vec::new(),
    }
}

/// All old Pods go before a new one comes.
fn recreate(deployment: &Value, new: &Value, old: &[&Value]) -> Vec<Action> {
    let down: Vec<_> = old.iter().flat_map(|set| scale(set, 0)).collect();
    let has_old_pods = old.iter().any(|set| pods_of(set) > 0);
    if !down.is_empty() || has_old_pods {
        return down;
    }
    scale(new, wanted(deployment))
}

/// New Pods come as far as the surge allows, old ones go as far as enough Pods stay available.
fn roll(deployment: &Value, new: &Value, old: &[&Value]) -> Vec<Action> {
    let mut actions = Vec::new();
    let current = replicas_of(new);
    let wanted = wanted(deployment);
    if current > wanted {
        actions.extend(scale(new, wanted));
    } else if current < wanted {
        let target = current + room_for_new(deployment, current, old);
        actions.extend(scale(new, target));
    }
    let old_total: i64 = old.iter().map(|set| replicas_of(set)).sum();
    if old_total == 0 {
        return actions;
    }
    let least = wanted - unavailable(deployment);
    let new_unavailable = current - available_of(new);
    let mut removable = (old_total + current - least - new_unavailable).max(0);
    let mut left: Vec<_> = old.iter().map(|set| (*set, replicas_of(set))).collect();
    left.sort_by_key(|(set, _)| revision_of(set));
    // Pods that do no work go first: they are not missed.
    for (set, replicas) in &mut left {
        let idle = (*replicas - available_of(set)).max(0).min(removable);
        *replicas -= idle;
        removable -= idle;
    }
    let available: i64 = old.iter().map(|set| available_of(set)).sum::<i64>() + available_of(new);
    let mut spare = (available - least).max(0).min(removable);
    for (_, replicas) in &mut left {
        let fewer = (*replicas).min(spare);
        *replicas -= fewer;
        spare -= fewer;
    }
    actions.extend(
        left.into_iter()
            .flat_map(|(set, replicas)| scale(set, replicas)),
    );
    actions
}

/// How many more Pods the new ReplicaSet may have.
fn room_for_new(deployment: &Value, current: i64, old: &[&Value]) -> i64 {
    let total = current + old.iter().map(|set| replicas_of(set)).sum::<i64>();
    (most(deployment) - total)
        .min(wanted(deployment) - current)
        .max(0)
}

fn scale(set: &Value, to: i64) -> Vec<Action> {
    let from = replicas_of(set);
    if from == to {
        return Vec::new();
    }
    let set = object::name(set).to_owned();
    vec![Action::Scale { set, from, to }]
}

/// Old, empty ReplicaSets beyond the history that is kept.
fn forgotten(deployment: &Value, new: &Value, old: &[&Value]) -> Vec<Action> {
    let is_complete = replicas_of(new) == wanted(deployment);
    let kept = deployment["spec"]["revisionHistoryLimit"]
        .as_u64()
        .unwrap_or(10);
    let mut empty: Vec<_> = old
        .iter()
        .filter(|set| replicas_of(set) == 0 && pods_of(set) == 0 && !object::is_being_deleted(set))
        .collect();
    empty.sort_by_key(|set| revision_of(set));
    let surplus = empty
        .len()
        .saturating_sub(usize::try_from(kept).unwrap_or(usize::MAX));
    let forgotten = empty
        .into_iter()
        .take(if is_complete { surplus } else { 0 });
    forgotten
        .map(|set| Action::Forget(object::name(set).to_owned()))
        .collect()
}

fn wanted(deployment: &Value) -> i64 {
    deployment["spec"]["replicas"].as_i64().unwrap_or(1)
}

/// Most Pods at one time: those wanted and the surge.
pub(super) fn most(deployment: &Value) -> i64 {
    let update = &deployment["spec"]["strategy"]["rollingUpdate"];
    wanted(deployment) + share(&update["maxSurge"], wanted(deployment), Rounding::Up)
}

/// How many of the wanted Pods may be missing. At least one, where no surge is allowed either.
fn unavailable(deployment: &Value) -> i64 {
    let update = &deployment["spec"]["strategy"]["rollingUpdate"];
    let wanted = wanted(deployment);
    let missing = share(&update["maxUnavailable"], wanted, Rounding::Down);
    let surge = share(&update["maxSurge"], wanted, Rounding::Up);
    if missing == 0 && surge == 0 {
        1
    } else {
        missing.min(wanted)
    }
}

#[derive(Clone, Copy, PartialEq)]
enum Rounding {
    Up,
    Down,
}

/// A number, or a percentage of a total; a quarter where nothing is said.
fn share(value: &Value, total: i64, rounding: Rounding) -> i64 {
    if let Some(number) = value.as_i64() {
        return number.max(0);
    }
    let percent = value
        .as_str()
        .and_then(|text| text.strip_suffix('%')?.parse::<i64>().ok());
    let hundredfold = total.saturating_mul(percent.unwrap_or(25).max(0));
    match rounding {
        Rounding::Up => (hundredfold + 99) / 100,
        Rounding::Down => hundredfold / 100,
    }
}

fn replicas_of(set: &Value) -> i64 {
    set["spec"]["replicas"].as_i64().unwrap_or(1)
}

fn available_of(set: &Value) -> i64 {
    object::number(set, "/status/availableReplicas")
}

fn pods_of(set: &Value) -> i64 {
    object::number(set, "/status/replicas")
}

#[cfg(test)]
mod tests {
    use super::*;

    fn deployment(replicas: i64, image: &str) -> Value {
        json!({
            "metadata": {"name": "web", "namespace": "shop", "uid": "d1"},
            "spec": {
                "replicas": replicas,
                "selector": {"matchLabels": {"app": "web"}},
                "template": template(image, None),
                "strategy": {"type": "RollingUpdate",
                    "rollingUpdate": {"maxSurge": "25%", "maxUnavailable": "25%"}},
            },
        })
    }

    fn template(image: &str, hash: Option<&str>) -> Value {
        let mut labels = json!({"app": "web"});
        if let Some(hash) = hash {
            labels[TEMPLATE_HASH] = json!(hash);
        }
        json!({"metadata": {"labels": labels}, "spec": {"containers": [{"image": image}]}})
    }

    fn set(image: &str, revision: i64, replicas: i64, available: i64) -> Value {
        json!({
            "metadata": {"name": format!("web-{image}"), "uid": image,
                "annotations": {REVISION: revision.to_string()}},
            "spec": {"replicas": replicas, "template": template(image, Some(image))},
            "status": {"replicas": replicas, "availableReplicas": available},
        })
    }

    fn scales(deployment: &Value, sets: &[Value]) -> Vec<(String, i64)> {
        let actions = decide(deployment, sets).into_iter();
        let scales = actions.filter_map(|action| match action {
            Action::Scale { set, to, .. } => Some((set, to)),
            Action::Create(_) | Action::Annotate { .. } | Action::Forget(_) => None,
        });
        scales.collect()
    }

    #[test]
    fn a_new_deployment_gets_a_replica_set_with_all_its_pods() {
        let actions = decide(&deployment(3, "one"), &[]);
        let [Action::Create(set)] = actions.as_slice() else {
            panic!("{actions:?}");
        };
        assert_eq!(set["spec"]["replicas"], 3);
        assert_eq!(set["metadata"]["annotations"][REVISION], "1");
        let hash = set["metadata"]["labels"][TEMPLATE_HASH].as_str().unwrap();
        assert_eq!(set["metadata"]["name"], format!("web-{hash}"));
        assert_eq!(set["spec"]["selector"]["matchLabels"][TEMPLATE_HASH], hash);
        assert_eq!(set["metadata"]["ownerReferences"][0]["uid"], "d1");
    }

    #[test]
    fn a_new_template_begins_with_the_surge() {
        let actions = decide(&deployment(4, "two"), &[set("one", 1, 4, 4)]);
        let [Action::Create(set)] = actions.as_slice() else {
            panic!("{actions:?}");
        };
        assert_eq!(set["spec"]["replicas"], 1);
        assert_eq!(set["metadata"]["annotations"][REVISION], "2");
    }

    #[test]
    fn old_pods_go_as_far_as_enough_are_available_and_new_ones_follow() {
        let four = deployment(4, "two");
        let old = |replicas, available| set("one", 1, replicas, available);
        let step = |old: Value, new: Value| scales(&four, &[old, new]);
        let down = |to| vec![("web-one".to_owned(), to)];
        assert_eq!(step(old(4, 4), set("two", 2, 1, 0)), down(3));
        assert_eq!(
            step(old(3, 3), set("two", 2, 1, 0)),
            [("web-two".to_owned(), 2)]
        );
        assert_eq!(step(old(3, 3), set("two", 2, 2, 2)), down(1));
        assert_eq!(step(old(0, 0), set("two", 2, 4, 3)), []);
    }

    #[test]
    fn a_rollout_that_fails_keeps_what_works() {
        let four = deployment(4, "two");
        let stuck = [set("one", 1, 3, 3), set("two", 2, 2, 0)];
        assert_eq!(scales(&four, &stuck), []);
    }

    #[test]
    fn old_pods_that_do_not_work_go_at_once() {
        let four = deployment(4, "two");
        let sets = [set("one", 1, 4, 0), set("two", 2, 1, 0)];
        assert_eq!(scales(&four, &sets), [("web-one".to_owned(), 3)]);
    }

    #[test]
    fn recreate_ends_all_old_pods_before_it_makes_a_new_one() {
        let mut two = deployment(2, "two");
        two["spec"]["strategy"] = json!({"type": "Recreate"});
        let new = set("two", 2, 0, 0);
        assert_eq!(
            scales(&two, &[set("one", 1, 2, 2), new.clone()]),
            [("web-one".to_owned(), 0)]
        );
        let mut going = set("one", 1, 0, 0);
        going["status"]["replicas"] = json!(2);
        assert_eq!(scales(&two, &[going, new.clone()]), []);
        assert_eq!(
            scales(&two, &[set("one", 1, 0, 0), new]),
            [("web-two".to_owned(), 2)]
        );
    }

    #[test]
    fn a_rollback_takes_up_the_old_replica_set_with_the_next_number() {
        let actions = decide(
            &deployment(1, "one"),
            &[set("one", 1, 0, 0), set("two", 2, 1, 1)],
        );
        let renumbered = |set: Option<&str>| Action::Annotate {
            set: set.map(str::to_owned),
            revision: "3".to_owned(),
        };
        assert!(
            actions.contains(&renumbered(Some("web-one"))),
            "{actions:?}"
        );
        assert!(actions.contains(&renumbered(None)), "{actions:?}");
    }

    #[test]
    fn a_paused_deployment_only_changes_its_size() {
        let mut paused = deployment(5, "two");
        paused["spec"]["paused"] = json!(true);
        assert_eq!(
            scales(&paused, &[set("one", 1, 4, 4)]),
            [("web-one".to_owned(), 5)]
        );
    }

    #[test]
    fn history_beyond_its_limit_is_forgotten_the_oldest_first() {
        let mut one = deployment(1, "four");
        one["spec"]["revisionHistoryLimit"] = json!(1);
        let sets = [
            set("one", 1, 0, 0),
            set("two", 2, 0, 0),
            set("three", 3, 0, 0),
            set("four", 4, 1, 1),
        ];
        let forgotten: Vec<_> = decide(&one, &sets)
            .into_iter()
            .filter(|action| matches!(action, Action::Forget(_)))
            .collect();
        let forget = |name: &str| Action::Forget(name.to_owned());
        assert_eq!(forgotten, [forget("web-one"), forget("web-two")]);
    }

    #[test]
    fn shares_are_rounded_so_that_a_rollout_can_move() {
        let check = |surge: Value, missing: Value, replicas: i64, expected: (i64, i64)| {
            let mut one = deployment(replicas, "one");
            one["spec"]["strategy"]["rollingUpdate"] =
                json!({"maxSurge": surge, "maxUnavailable": missing});
            assert_eq!((most(&one) - replicas, unavailable(&one)), expected);
        };
        check(json!("25%"), json!("25%"), 4, (1, 1));
        check(json!("25%"), json!("25%"), 1, (1, 0));
        check(json!(0), json!(0), 3, (0, 1));
        check(json!(2), json!("50%"), 3, (2, 1));
    }
}
