//! Strategic merge patches: merged as the schema says, unless a directive says otherwise.
//!
//! The directives: `$patch` (replace, delete), `$retainKeys`, `$deleteFromPrimitiveList/FIELD`,
//! `$setElementOrder/FIELD`.

use super::PatchRefused;
use super::order::{Identity, arrange};
use crate::schema::{PatchAction, PatchStrategy, Schema};
use serde_json::{Map, Value};
use std::collections::HashSet;

const PATCH: &str = "$patch";
const RETAIN_KEYS: &str = "$retainKeys";
const DELETE_FROM_LIST: &str = "$deleteFromPrimitiveList";
const SET_ORDER: &str = "$setElementOrder";

/// The object with the patch merged in. What no schema describes is replaced.
pub(super) fn merge_map(
    schema: Option<Schema<'_>>,
    mut original: Map<String, Value>,
    mut patch: Map<String, Value>,
) -> Result<Map<String, Value>, PatchRefused> {
    if let Some(directive) = patch.remove(PATCH) {
        return match directive.as_str() {
            Some("replace") => Ok(patch),
            Some("delete") => Ok(Map::new()),
            _ => Err(unknown_directive(&directive, &patch)),
        };
    }
    retain_keys(&mut original, &mut patch)?;
    set_orders(schema, &mut original, &mut patch)?;
    for (key, value) in patch {
        merge_member(schema, &mut original, key, value)?;
    }
    Ok(original)
}

fn merge_member(
    schema: Option<Schema<'_>>,
    original: &mut Map<String, Value>,
    key: String,
    value: Value,
) -> Result<(), PatchRefused> {
    if let Some(field) = directive_field(&key, DELETE_FROM_LIST) {
        delete_from_list(original, field?, &value);
        return Ok(());
    }
    let before = original.remove(&key);
    if value.is_null() {
        return Ok(());
    }
    let member = schema.and_then(|schema| schema.member(&key));
    let merged = match (before, value) {
        (Some(Value::Object(before)), Value::Object(patch)) => {
            Some(Value::Object(match strategy_of(member).action {
                PatchAction::Replace => patch,
                PatchAction::Ordinary | PatchAction::Merge => merge_map(member, before, patch)?,
            }))
        }
        (Some(Value::Array(before)), Value::Array(patch)) => {
            Some(Value::Array(merge_list(member, before, patch)?))
        }
        (_, value) => without_directives(value),
    };
    original.extend(merged.map(|merged| (key, merged)));
    Ok(())
}

fn delete_from_list(original: &mut Map<String, Value>, field: &str, gone: &Value) {
    if let (Some(Value::Array(items)), Value::Array(gone)) = (original.get_mut(field), gone) {
        let gone: HashSet<_> = gone.iter().map(Value::to_string).collect();
        items.retain(|item| !gone.contains(&item.to_string()));
    }
}

fn strategy_of(schema: Option<Schema<'_>>) -> PatchStrategy<'_> {
    schema.map_or(PatchStrategy::ORDINARY, Schema::patch)
}

/// A list as its schema says: merged, or replaced.
fn merge_list(
    schema: Option<Schema<'_>>,
    original: Vec<Value>,
    patch: Vec<Value>,
) -> Result<Vec<Value>, PatchRefused> {
    let strategy = strategy_of(schema);
    if strategy.action != PatchAction::Merge {
        return Ok(patch);
    }
    if original.iter().chain(&patch).any(Value::is_array) {
        return Err(PatchRefused::DoesNotFit(
            "lists of lists are not supported".to_owned(),
        ));
    }
    if !original.iter().chain(&patch).any(Value::is_object) {
        let merged = deduplicated(original.iter().chain(&patch));
        return Ok(arrange(merged, &patch, &original, Identity(None)));
    }
    let Some(key) = strategy.merge_key else {
        return Err(PatchRefused::NotMergeable(
            "cannot merge lists without merge key".to_owned(),
        ));
    };
    let (original, patch) = obey_items(original, patch, key)?;
    let merged = merge_items(schema.and_then(Schema::item), original.clone(), &patch, key)?;
    Ok(arrange(merged, &patch, &original, Identity(Some(key))))
}

fn deduplicated<'v>(items: impl Iterator<Item = &'v Value>) -> Vec<Value> {
    let mut seen = HashSet::new();
    items
        .filter(|item| seen.insert(item.to_string()))
        .cloned()
        .collect()
}

/// The original and the patch after the directives among the patch's items were obeyed.
fn obey_items(
    mut original: Vec<Value>,
    patch: Vec<Value>,
    key: &str,
) -> Result<(Vec<Value>, Vec<Value>), PatchRefused> {
    let (mut plain, mut gone, mut replaces) = (Vec::new(), HashSet::new(), false);
    for item in patch {
        match item
            .get(PATCH)
            .map(|directive| (directive.as_str(), directive))
        {
            None => plain.push(item),
            Some((Some("delete"), _)) => {
                let value = item.get(key).ok_or_else(|| no_merge_key(&item, key))?;
                gone.insert(value.to_string());
            }
            Some((Some("replace"), _)) => replaces = true,
            Some((Some("merge"), _)) => {
                let complaint = "merging lists cannot yet be specified in the patch";
                return Err(PatchRefused::NotMergeable(complaint.to_owned()));
            }
            Some((_, directive)) => {
                let map = item.as_object().cloned().unwrap_or_default();
                return Err(unknown_directive(directive, &map));
            }
        }
    }
    if replaces {
        return Ok((plain, Vec::new()));
    }
    let is_gone = |item: &Value| {
        item.get(key)
            .is_some_and(|value| gone.contains(&value.to_string()))
    };
    original.retain(|item| gone.is_empty() || !is_gone(item));
    Ok((original, plain))
}

fn merge_items(
    schema: Option<Schema<'_>>,
    mut original: Vec<Value>,
    patch: &[Value],
    key: &str,
) -> Result<Vec<Value>, PatchRefused> {
    let identity = Identity(Some(key));
    let mut places = identity.places(&original);
    for item in patch {
        let found = identity.of(item).ok_or_else(|| no_merge_key(item, key))?;
        let place = *places.entry(found).or_insert(original.len());
        match (original.get_mut(place), item) {
            (Some(counterpart), Value::Object(changes)) => {
                let before = counterpart.as_object().cloned().unwrap_or_default();
                *counterpart = Value::Object(merge_map(schema, before, changes.clone())?);
            }
            _ => original.extend(without_directives(item.clone())),
        }
    }
    Ok(original)
}

/// Drops what `$retainKeys` does not list.
fn retain_keys(
    original: &mut Map<String, Value>,
    patch: &mut Map<String, Value>,
) -> Result<(), PatchRefused> {
    let Some(list) = patch.remove(RETAIN_KEYS) else {
        return Ok(());
    };
    let malformed = || PatchRefused::Malformed("invalid patch format of retainKeys".to_owned());
    let keys = list.as_array().ok_or_else(malformed)?;
    let keys: HashSet<&str> = keys.iter().filter_map(Value::as_str).collect();
    let is_directive = |key: &str| key.starts_with(DELETE_FROM_LIST) || key.starts_with(SET_ORDER);
    let mut listed = patch
        .iter()
        .map(|(key, value)| value.is_null() || is_directive(key) || keys.contains(key.as_str()));
    if !listed.all(|is_listed| is_listed) {
        return Err(malformed());
    }
    original.retain(|key, _| keys.contains(key.as_str()));
    Ok(())
}

/// Merges and orders the lists that have a `$setElementOrder`; they are done thereafter.
fn set_orders(
    schema: Option<Schema<'_>>,
    original: &mut Map<String, Value>,
    patch: &mut Map<String, Value>,
) -> Result<(), PatchRefused> {
    let directives = patch
        .keys()
        .filter(|key| key.starts_with(SET_ORDER))
        .cloned();
    for directive in directives.collect::<Vec<_>>() {
        let malformed = || bad_format(SET_ORDER);
        let order = patch.remove(&directive).unwrap_or_default();
        let order = order.as_array().ok_or_else(malformed)?;
        let field = directive_field(&directive, SET_ORDER).ok_or_else(malformed)??;
        let take = |map: &mut Map<String, Value>| match map.remove(field) {
            Some(Value::Array(items)) => Ok(Some(items)),
            None | Some(Value::Null) => Ok(None),
            Some(_) => Err(malformed()),
        };
        let (before, changes) = (take(original)?, take(patch)?);
        let member = schema.and_then(|schema| schema.member(field));
        let identity = Identity(strategy_of(member).merge_key);
        follows_order(changes.as_deref().unwrap_or_default(), order, identity)?;
        let server_order = before.clone().unwrap_or_default();
        let merged = match (before, changes) {
            (None, None) => continue,
            (Some(before), None) => before,
            (None, Some(changes)) => changes.into_iter().filter_map(without_directives).collect(),
            (Some(before), Some(changes)) => merge_list(member, before, changes)?,
        };
        let arranged = arrange(merged, order, &server_order, identity);
        original.insert(field.to_owned(), Value::Array(arranged));
    }
    Ok(())
}

/// The patch's items must stand in the order that the directive gives.
fn follows_order(
    patch: &[Value],
    order: &[Value],
    identity: Identity<'_>,
) -> Result<(), PatchRefused> {
    let is_deletion = |item: &Value| item.get(PATCH).and_then(Value::as_str) == Some("delete");
    let mut order_left = order.iter().map(|item| identity.of(item));
    let mut kept = patch
        .iter()
        .filter(|item| !is_deletion(item))
        .map(|item| identity.of(item));
    if kept.all(|wanted| order_left.any(|next| next == wanted)) {
        return Ok(());
    }
    let print = |items: &[Value]| go(&Value::Array(items.to_vec()));
    Err(PatchRefused::NotMergeable(format!(
        "The order in patch list:\n{}\n doesn't match {SET_ORDER} list:\n{}\n",
        print(patch),
        print(order)
    )))
}

/// The field that `DIRECTIVE/FIELD` names.
fn directive_field<'k>(key: &'k str, directive: &str) -> Option<Result<&'k str, PatchRefused>> {
    let rest = key.strip_prefix(directive)?;
    Some(rest.strip_prefix('/').ok_or_else(|| bad_format(directive)))
}

/// A new value as it is stored: without directives, nulls, and items that only delete.
fn without_directives(value: Value) -> Option<Value> {
    match value {
        Value::Null => None,
        Value::Object(mut map) => {
            if map
                .remove(PATCH)
                .is_some_and(|directive| directive == "delete")
            {
                return None;
            }
            let is_directive = |key: &str| {
                [RETAIN_KEYS, SET_ORDER, DELETE_FROM_LIST]
                    .iter()
                    .any(|word| key.starts_with(word))
            };
            let kept = map.into_iter().filter(|(key, _)| !is_directive(key));
            let kept = kept.filter_map(|(key, value)| Some((key, without_directives(value)?)));
            Some(Value::Object(kept.collect()))
        }
        Value::Array(items) => Some(items.into_iter().filter_map(without_directives).collect()),
        Value::Bool(_) | Value::Number(_) | Value::String(_) => Some(value),
    }
}

fn bad_format(directive: &str) -> PatchRefused {
    let list = if directive == SET_ORDER {
        "setElementOrder list"
    } else {
        "primitive list"
    };
    PatchRefused::Malformed(format!("invalid patch format of {list}"))
}

fn no_merge_key(item: &Value, key: &str) -> PatchRefused {
    let complaint = format!(
        "map: {} does not contain declared merge key: {key}",
        go(item)
    );
    PatchRefused::NotMergeable(complaint)
}

fn unknown_directive(directive: &Value, map: &Map<String, Value>) -> PatchRefused {
    let mut whole = map.clone();
    whole.insert(PATCH.to_owned(), directive.clone());
    let (directive, map) = (go(directive), go(&Value::Object(whole)));
    PatchRefused::NotMergeable(format!("unknown patch type: {directive} in map: {map}"))
}

/// A value as Go prints it with `%v`.
fn go(value: &Value) -> String {
    match value {
        Value::Null => "<nil>".to_owned(),
        Value::Bool(_) | Value::Number(_) => value.to_string(),
        Value::String(text) => text.clone(),
        Value::Array(items) => {
            format!("[{}]", items.iter().map(go).collect::<Vec<_>>().join(" "))
        }
        Value::Object(map) => {
            let parts = map
                .iter()
                .map(|(key, value)| format!("{key}:{}", go(value)));
            format!("map[{}]", parts.collect::<Vec<_>>().join(" "))
        }
    }
}
