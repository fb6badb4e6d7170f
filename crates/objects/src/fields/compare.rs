//! What differs between two states of an object, field by field.

use super::path::PathElement;
use super::set::{FieldSet, Node};
use super::typed::{Parts, element_of, parts};
use crate::schema::{ListKind, Schema, Shape};
use serde_json::{Map, Value};
use std::collections::BTreeMap;

/// The fields that differ.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub(super) struct Difference {
    pub(super) added: FieldSet,
    pub(super) modified: FieldSet,
    pub(super) removed: FieldSet,
}

impl Difference {
    /// What leads from `old` to `new`.
    pub(super) fn between(
        schema: Schema<'_>,
        old: &Map<String, Value>,
        new: &Map<String, Value>,
    ) -> Self {
        of_keys(schema, Some(Some(old)), Some(Some(new)))
    }

    pub(super) fn is_empty(&self) -> bool {
        self.added.is_empty() && self.modified.is_empty() && self.removed.is_empty()
    }

    /// What was given a new value.
    pub(super) fn written(&self) -> FieldSet {
        self.added.clone().union(&self.modified)
    }

    /// Without whole top-level fields.
    pub(super) fn without(&self, names: &[&str]) -> Self {
        Self {
            added: self.added.without(names),
            modified: self.modified.without(names),
            removed: self.removed.without(names),
        }
    }

    fn put(&mut self, element: PathElement, part: Part) {
        let Part { difference, change } = part;
        let is = |wanted| change == wanted;
        let node = |is_member, below| Node { is_member, below };
        self.added
            .put(element.clone(), node(is(Change::Added), difference.added));
        self.modified.put(
            element.clone(),
            node(is(Change::Modified), difference.modified),
        );
        self.removed
            .put(element, node(is(Change::Removed), difference.removed));
    }
}

/// What differs in a part: below it, and at itself.
struct Part {
    difference: Difference,
    change: Change,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Change {
    None,
    Added,
    Modified,
    Removed,
}

impl Change {
    fn between(old: Option<&Value>, new: Option<&Value>) -> Self {
        match (old, new) {
            (None, Some(_)) => Self::Added,
            (Some(_), None) => Self::Removed,
            _ => Self::None,
        }
    }
}

fn part(schema: Option<Schema<'_>>, old: Option<&Value>, new: Option<&Value>) -> Part {
    let change = Change::between(old, new);
    let is_null = |value: Option<&Value>| value.is_some_and(Value::is_null);
    if is_blank(old) && is_blank(new) && (is_null(old) || is_null(new)) {
        let difference = Difference::default();
        return Part { difference, change };
    }
    let inside = if is_blank(old) && is_blank(new) {
        None
    } else {
        inside(schema, old, new)
    };
    match inside {
        Some(difference) => Part { difference, change },
        None if change == Change::None && old != new => Part {
            difference: Difference::default(),
            change: Change::Modified,
        },
        None => Part {
            difference: Difference::default(),
            change,
        },
    }
}

/// What differs inside values that are owned part by part.
fn inside(
    schema: Option<Schema<'_>>,
    old: Option<&Value>,
    new: Option<&Value>,
) -> Option<Difference> {
    match parts(schema) {
        Parts::Whole => None,
        Parts::Keys(schema) => Some(of_keys(schema, map_of(old)?, map_of(new)?)),
        Parts::Items(item, kind) => Some(of_items(item, kind, list_of(old)?, list_of(new)?)),
    }
}

fn is_blank(value: Option<&Value>) -> bool {
    match value {
        None | Some(Value::Null) => true,
        Some(Value::Object(map)) => map.is_empty(),
        Some(Value::Array(items)) => items.is_empty(),
        Some(Value::Bool(_) | Value::Number(_) | Value::String(_)) => false,
    }
}

/// A map that is there or not; one that is there may be without keys.
type Side<'v> = Option<Option<&'v Map<String, Value>>>;

/// The map that the value is; nothing if it is of another type.
fn map_of(value: Option<&Value>) -> Option<Side<'_>> {
    match value {
        None => Some(None),
        Some(Value::Null) => Some(Some(None)),
        Some(Value::Object(map)) => Some(Some(Some(map))),
        Some(_) => None,
    }
}

fn list_of(value: Option<&Value>) -> Option<&[Value]> {
    match value {
        None | Some(Value::Null) => Some(&[]),
        Some(Value::Array(items)) => Some(items),
        Some(_) => None,
    }
}

fn of_keys(schema: Schema<'_>, old: Side<'_>, new: Side<'_>) -> Difference {
    let mut difference = Difference::default();
    let only_new = keys(new).filter(|key| old.flatten().is_none_or(|old| !old.contains_key(*key)));
    for key in keys(old).chain(only_new) {
        // What is always there is empty before it is written, not absent.
        let absent = is_always_there(schema, key).then_some(&Value::Null);
        let of_old = old.and_then(|old| old.and_then(|old| old.get(key)).or(absent));
        let of_new = new.and_then(|new| new.and_then(|new| new.get(key)).or(absent));
        let part = part(schema.member(key), of_old, of_new);
        difference.put(PathElement::Field(key.as_str().into()), part);
    }
    difference
}

fn keys<'v>(side: Side<'v>) -> impl Iterator<Item = &'v String> {
    side.flatten().into_iter().flatten().map(|(key, _)| key)
}

/// Structures that Kubernetes' own types hold by value, and what they always write: nobody comes to
/// own these by being the first to write into them.
fn is_always_there(schema: Schema<'_>, key: &str) -> bool {
    const BY_VALUE: [&str; 15] = [
        "metadata",
        "spec",
        "status",
        "template",
        "strategy",
        "updateStrategy",
        "resources",
        "jobTemplate",
        "involvedObject",
        "source",
        "regarding",
        "state",
        "lastState",
        "nodeInfo",
        "loadBalancer",
    ];
    schema.field(key).is_some_and(|field| {
        let is_struct = matches!(field.schema().shape(), Shape::Struct(_));
        let is_whole = matches!(parts(Some(field.schema())), Parts::Whole);
        !is_whole && (field.is_required() || is_struct && BY_VALUE.contains(&key))
    })
}

fn of_items(
    item: Option<Schema<'_>>,
    kind: ListKind<'_>,
    old: &[Value],
    new: &[Value],
) -> Difference {
    let mut both: BTreeMap<PathElement, (Vec<&Value>, Vec<&Value>)> = BTreeMap::new();
    for value in old {
        if let Ok(element) = element_of(kind, value) {
            both.entry(element).or_default().0.push(value);
        }
    }
    for value in new {
        if let Ok(element) = element_of(kind, value) {
            both.entry(element).or_default().1.push(value);
        }
    }
    let mut difference = Difference::default();
    for (element, (old, new)) in both {
        let compared = match (old.as_slice(), new.as_slice()) {
            ([] | [_], [] | [_]) => part(item, old.first().copied(), new.first().copied()),
            // Items that cannot be told apart change together, and nobody owns parts of them: of one that
            // becomes several its parts go, and of several that become one its parts come.
            (old, new) => Part {
                difference: match (old, new) {
                    ([old], _) => part(item, Some(old), None).difference,
                    (_, [new]) => part(item, None, Some(new)).difference,
                    _ => Difference::default(),
                },
                change: match (old, new) {
                    ([], _) => Change::Added,
                    (_, []) => Change::Removed,
                    (old, new) if old == new => Change::None,
                    _ => Change::Modified,
                },
            },
        };
        difference.put(element, compared);
    }
    difference
}
