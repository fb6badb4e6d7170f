//! What a container asks for and may use at most.

use super::faults::{Faults, entries};
use crate::field_path::FieldPath;
use crate::quantity::Quantity;
use crate::spelling;
use serde_json::Value;

pub(super) fn check(resources: &Value, path: FieldPath<'_>, faults: &mut Faults) {
    for list in ["limits", "requests"] {
        let place = path.child(list);
        for (name, amount) in entries(&resources[list]) {
            let item = place.key(name);
            faults.misspelt(item, name, &spelling::qualified_name(name));
            match Quantity::of(amount) {
                Some(found) if found.is_negative() => {
                    faults.invalid(item, amount, "must be greater than or equal to 0");
                }
                Some(_) | None => {}
            }
        }
    }
    let place = path.child("requests");
    for (name, request) in entries(&resources["requests"]) {
        let limit = &resources["limits"][name];
        if let (Some(asked), Some(allowed)) = (Quantity::of(request), Quantity::of(limit))
            && asked > allowed
        {
            let limit = limit
                .as_str()
                .map_or_else(|| limit.to_string(), str::to_owned);
            let complaint = format!("must be less than or equal to {name} limit of {limit}");
            faults.invalid(place, request, &complaint);
        }
    }
}
