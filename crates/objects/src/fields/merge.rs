//! A configuration merged into a live value: what it sets wins, what it does not mention stays.

use super::path::PathElement;
use super::typed::{Parts, element_of, parts};
use crate::schema::{ListKind, Schema};
use serde_json::{Map, Value};
use std::collections::BTreeMap;

/// The object with the configuration merged in.
pub(super) fn merge(
    schema: Schema<'_>,
    live: &Map<String, Value>,
    applied: &Map<String, Value>,
) -> Map<String, Value> {
    merge_keys(schema, live, applied)
}

fn merge_value(schema: Option<Schema<'_>>, live: &Value, applied: &Value) -> Value {
    match (parts(schema), live, applied) {
        (Parts::Keys(schema), Value::Object(live), Value::Object(applied)) => {
            Value::Object(merge_keys(schema, live, applied))
        }
        (Parts::Items(item, kind), Value::Array(live), Value::Array(applied)) => {
            Value::Array(merge_items(item, kind, live, applied))
        }
        // Nothing said about the parts of a value is no wish to take them away.
        (Parts::Keys(_) | Parts::Items(..), live, Value::Null) => live.clone(),
        (Parts::Whole | Parts::Keys(_) | Parts::Items(..), _, applied) => applied.clone(),
    }
}

fn merge_keys(
    schema: Schema<'_>,
    live: &Map<String, Value>,
    applied: &Map<String, Value>,
) -> Map<String, Value> {
    let mut merged = live.clone();
    for (key, value) in applied {
        let value = match live.get(key) {
            Some(live) => merge_value(schema.member(key), live, value),
            None => value.clone(),
        };
        merged.insert(key.clone(), value);
    }
    merged
}

/// The items of both. The order is that of the configuration; live items that it does not mention
/// stay where they stood among the others.
fn merge_items(
    item: Option<Schema<'_>>,
    kind: ListKind<'_>,
    live: &[Value],
    applied: &[Value],
) -> Vec<Value> {
    let (live, applied) = (Keyed::of(kind, live), Keyed::of(kind, applied));
    let mut shared = applied
        .elements()
        .filter(|element| live.place(element).is_some())
        .peekable();
    let mut merged = Vec::with_capacity(live.items.len().max(applied.items.len()));
    let (mut of_live, mut of_applied) = (0, 0);
    while of_live < live.items.len() || of_applied < applied.items.len() {
        let ahead_live = live.items.get(of_live);
        let ahead_applied = applied.items.get(of_applied);
        match (ahead_live, ahead_applied) {
            // Not mentioned: it stays.
            (Some((element, value)), _) if !applied.has(element.as_ref()) => {
                merged.push((*value).clone());
                of_live += 1;
            }
            // Mentioned, and not the next that both have: its turn comes, or came, with the
            // configuration's.
            (Some((element, _)), Some((wanted, _)))
                if element != wanted
                    && shared
                        .peek()
                        .is_some_and(|next| Some(*next) != element.as_ref()) =>
            {
                of_live += 1;
            }
            (ahead_live, Some((element, value))) => {
                let counterpart = element.as_ref().and_then(|element| live.place(element));
                merged.push(match counterpart {
                    Some(place) => merge_value(item, live.items[place].1, value),
                    None => (*value).clone(),
                });
                if ahead_live.is_some_and(|(ahead, _)| ahead == element) {
                    of_live += 1;
                }
                shared.next_if(|next| Some(*next) == element.as_ref());
                of_applied += 1;
            }
            (Some(_), None) => of_live += 1,
            (None, None) => break,
        }
    }
    merged
}

/// A list's items, each with that by which it is found.
struct Keyed<'v> {
    items: Vec<(Option<PathElement>, &'v Value)>,
    /// The first place of each.
    places: BTreeMap<PathElement, usize>,
}

impl<'v> Keyed<'v> {
    fn of(kind: ListKind<'_>, items: &'v [Value]) -> Self {
        let keyed = items
            .iter()
            .map(|value| (element_of(kind, value).ok(), value));
        let items: Vec<_> = keyed.collect();
        let mut places = BTreeMap::new();
        for (place, (element, _)) in items.iter().enumerate() {
            if let Some(element) = element {
                places.entry(element.clone()).or_insert(place);
            }
        }
        Self { items, places }
    }

    fn elements(&self) -> impl Iterator<Item = &PathElement> {
        self.items
            .iter()
            .filter_map(|(element, _)| element.as_ref())
    }

    fn place(&self, element: &PathElement) -> Option<usize> {
        self.places.get(element).copied()
    }

    fn has(&self, element: Option<&PathElement>) -> bool {
        element.is_some_and(|element| self.places.contains_key(element))
    }
}
