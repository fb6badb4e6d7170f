//! What becomes of an object, given its owners and what it owns. Pure.

use crate::object;
use serde_json::Value;
use std::collections::BTreeMap;

/// An owner, as far as its dependents care.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Owner {
    /// It exists.
    Present,
    /// It exists, and waits for its dependents to go before it.
    Waiting,
    /// It does not exist.
    Absent,
}

/// A dependent, as far as its owner cares.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct Dependent {
    /// The owner must wait for it.
    pub(super) blocks: bool,
    /// It waits for its own dependents.
    pub(super) waits: bool,
}

/// What is known of the objects around one.
#[derive(Debug, Clone, Copy)]
pub(super) struct Known<'a> {
    /// Its owners by uid.
    pub(super) owners: &'a BTreeMap<String, Owner>,
    /// What it owns.
    pub(super) dependents: &'a [Dependent],
}

/// What is to be done about an object.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) enum Verdict {
    Keep,
    Delete(&'static str),
    /// Forget these owners.
    Disown(Vec<String>),
    /// Stop owners from waiting for it, then delete it: they wait for each other.
    Unblock,
    /// Let go of all dependents, then let it go.
    Orphan,
    /// It waits for its dependents: look at each.
    WakeDependents,
    /// Its dependents are gone: let it go.
    Finish,
}

impl Owner {
    pub(super) fn of(owner: &Value) -> Self {
        if waits(owner) {
            Self::Waiting
        } else {
            Self::Present
        }
    }
}

impl Dependent {
    pub(super) fn of(dependent: &Value, owner: &str) -> Self {
        let mut references = references(dependent).into_iter();
        Self {
            blocks: references.any(|(uid, blocks)| uid == owner && blocks),
            waits: waits(dependent),
        }
    }
}

fn waits(object: &Value) -> bool {
    object::is_being_deleted(object) && object::has_finalizer(object, "foregroundDeletion")
}

/// The uids of an object's owners, and whether each waits for it.
pub(super) fn references(object: &Value) -> Vec<(&str, bool)> {
    let all = object::items(object, "/metadata/ownerReferences").iter();
    let reference = |one: &'_ Value| one["blockOwnerDeletion"] == true;
    all.filter_map(|one| Some((one["uid"].as_str()?, reference(one))))
        .collect()
}

/// Decides about an object.
pub(super) fn judge(object: &Value, known: &Known<'_>) -> Verdict {
    if object::is_being_deleted(object) {
        return ending(object, known);
    }
    let references = references(object);
    if references.is_empty() {
        return Verdict::Keep;
    }
    let state = |uid: &str| known.owners.get(uid).copied().unwrap_or(Owner::Present);
    let of = |wanted: Owner| {
        references
            .iter()
            .filter(move |(uid, _)| state(uid) == wanted)
    };
    if of(Owner::Present).next().is_some() {
        let gone = of(Owner::Absent).chain(of(Owner::Waiting));
        let gone: Vec<_> = gone.map(|(uid, _)| (*uid).to_owned()).collect();
        return if gone.is_empty() {
            Verdict::Keep
        } else {
            Verdict::Disown(gone)
        };
    }
    let is_awaited = of(Owner::Waiting).next().is_some();
    if is_awaited && !known.dependents.is_empty() {
        let is_circle = known.dependents.iter().any(|dependent| dependent.waits);
        return if is_circle {
            Verdict::Unblock
        } else {
            Verdict::Delete("Foreground")
        };
    }
    if object::has_finalizer(object, "orphan") {
        return Verdict::Delete("Orphan");
    }
    Verdict::Delete("Background")
}

fn ending(object: &Value, known: &Known<'_>) -> Verdict {
    if object::has_finalizer(object, "orphan") {
        return Verdict::Orphan;
    }
    if !object::has_finalizer(object, "foregroundDeletion") {
        return Verdict::Keep;
    }
    if known.dependents.iter().any(|dependent| dependent.blocks) {
        return Verdict::WakeDependents;
    }
    Verdict::Finish
}

#[cfg(test)]
#[expect(
    clippy::needless_pass_by_value,
    reason = "rows of data read better without a borrow in each"
)]
mod tests {
    use super::*;
    use serde_json::json;

    const FREE: Dependent = Dependent {
        blocks: false,
        waits: false,
    };

    #[track_caller]
    fn check(
        owners: &[(&str, Owner)],
        dependents: &[Dependent],
        finalizers: &[&str],
        is_going: bool,
        expected: Verdict,
    ) {
        let references: Vec<_> = owners.iter().map(|(uid, _)| json!({"uid": uid})).collect();
        let mut object = json!({"metadata": {
            "ownerReferences": references, "finalizers": finalizers,
        }});
        if is_going {
            object["metadata"]["deletionTimestamp"] = json!("2026-01-01T00:00:00Z");
        }
        let owners = owners
            .iter()
            .map(|(uid, owner)| ((*uid).to_owned(), *owner))
            .collect();
        let known = Known {
            owners: &owners,
            dependents,
        };
        assert_eq!(judge(&object, &known), expected);
    }

    #[test]
    fn an_object_goes_with_its_last_owner() {
        check(&[], &[], &[], false, Verdict::Keep);
        check(&[("a", Owner::Present)], &[], &[], false, Verdict::Keep);
        check(
            &[("a", Owner::Absent)],
            &[],
            &[],
            false,
            Verdict::Delete("Background"),
        );
        let two = [("a", Owner::Absent), ("b", Owner::Present)];
        check(&two, &[], &[], false, Verdict::Disown(vec!["a".to_owned()]));
    }

    #[test]
    fn an_owner_that_waits_takes_its_dependents_first() {
        let waiting = [("a", Owner::Waiting)];
        check(&waiting, &[], &[], false, Verdict::Delete("Background"));
        check(&waiting, &[FREE], &[], false, Verdict::Delete("Foreground"));
        let blocking = Dependent {
            blocks: true,
            waits: false,
        };
        let foreground = ["foregroundDeletion"];
        check(&[], &[blocking], &foreground, true, Verdict::WakeDependents);
        check(&[], &[FREE], &foreground, true, Verdict::Finish);
        check(&[], &[], &foreground, true, Verdict::Finish);
    }

    #[test]
    fn a_circle_does_not_wait_for_itself() {
        let waits = Dependent {
            blocks: true,
            waits: true,
        };
        check(
            &[("a", Owner::Waiting)],
            &[waits],
            &[],
            false,
            Verdict::Unblock,
        );
    }

    #[test]
    fn orphans_are_let_go_before_their_owner() {
        check(&[], &[FREE], &["orphan"], true, Verdict::Orphan);
        check(&[], &[FREE], &["other"], true, Verdict::Keep);
    }
}
