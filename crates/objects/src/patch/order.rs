//! The order of a merged list: the patch's among its items, the server's among the others.

use serde_json::Value;
use std::collections::HashMap;

/// By what items of a list are told apart: a field of theirs, or themselves.
#[derive(Debug, Clone, Copy)]
pub(super) struct Identity<'k>(pub(super) Option<&'k str>);

impl Identity<'_> {
    /// The item's identity, if it has one.
    pub(super) fn of(self, item: &Value) -> Option<String> {
        match self.0 {
            Some(key) => item.get(key).map(Value::to_string),
            None => Some(item.to_string()),
        }
    }

    /// The first place of each identity.
    pub(super) fn places(self, items: &[Value]) -> HashMap<String, usize> {
        let mut places = HashMap::with_capacity(items.len());
        for (place, item) in items.iter().enumerate() {
            if let Some(identity) = self.of(item) {
                places.entry(identity).or_insert(place);
            }
        }
        places
    }
}

/// An item, and where it stands in the patch's order and in the server's.
struct Placed {
    in_patch: Option<usize>,
    on_server: Option<usize>,
    item: Value,
}

/// The items, in order: those in `patch_order` as there, the others as in `server_order`; where the
/// server knows both, its order decides between the two.
pub(super) fn arrange(
    merged: Vec<Value>,
    patch_order: &[Value],
    server_order: &[Value],
    identity: Identity<'_>,
) -> Vec<Value> {
    let (of_patch, of_server) = (identity.places(patch_order), identity.places(server_order));
    let placed = merged.into_iter().map(|item| {
        let found = identity.of(&item);
        let place = |places: &HashMap<String, usize>| places.get(found.as_ref()?).copied();
        Placed {
            in_patch: place(&of_patch),
            on_server: place(&of_server),
            item,
        }
    });
    let (mut patched, mut others): (Vec<_>, Vec<_>) =
        placed.partition(|placed| placed.in_patch.is_some());
    patched.sort_by_key(|placed| placed.in_patch);
    others.sort_by_key(|placed| placed.on_server.unwrap_or(usize::MAX));
    let mut arranged = Vec::with_capacity(patched.len() + others.len());
    let mut others = others.into_iter().peekable();
    for Placed {
        on_server, item, ..
    } in patched
    {
        let is_before = |other: &Placed| {
            other
                .on_server
                .zip(on_server)
                .is_some_and(|(other, this)| other < this)
        };
        while let Some(other) = others.next_if(is_before) {
            arranged.push(other.item);
        }
        arranged.push(item);
    }
    arranged.extend(others.map(|other| other.item));
    arranged
}
