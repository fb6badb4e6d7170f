//! Keeps the roles that every cluster has, and those that gather the rules of others.

use super::rights::place;
use apiserver::Client;
use futures_util::future::try_join_all;
use objects::{Object, Status};
use serde_json::{Value, json};
use std::collections::BTreeMap;

/// The resources of what is kept here.
const ROLES: &str = "clusterroles";
const BINDINGS: &str = "clusterrolebindings";

/// Says whether a default role is kept up to date: `false` is the administrator's wish.
const AUTOUPDATE: &str = "rbac.authorization.kubernetes.io/autoupdate";

/// Makes the default roles and bindings where they are missing, and adds to those that are there what
/// they lack; what somebody added to them stays.
pub(super) async fn settle(client: &Client) -> Result<(), Status> {
    let there = by_place(client).await?;
    let wanted = rbac::bootstrap_objects().into_iter();
    // Side by side, so that the store writes them with few syncs of the disk.
    try_join_all(wanted.map(|wanted| kept(client, &there, wanted))).await?;
    gather(client).await
}

/// The roles and bindings of the cluster by resource and name.
async fn by_place(client: &Client) -> Result<BTreeMap<(&'static str, String), Object>, Status> {
    let mut all = BTreeMap::new();
    for plural in [ROLES, BINDINGS] {
        let (objects, _) = client.list(&place(plural, ""), "", "").await?;
        let named = objects.into_iter().filter_map(|object| {
            let name = object.name()?.to_owned();
            Some(((plural, name), object))
        });
        all.extend(named);
    }
    Ok(all)
}

async fn kept(
    client: &Client,
    there: &BTreeMap<(&'static str, String), Object>,
    wanted: Object,
) -> Result<(), Status> {
    let plural = match wanted.kind() {
        Some("ClusterRole") => ROLES,
        _ => BINDINGS,
    };
    let name = wanted.name().unwrap_or_default().to_owned();
    let place = place(plural, "");
    match there.get(&(plural, name)) {
        None => drop(client.create(&place, wanted).await?),
        Some(there) => {
            if let Some(completed) = completed(there, &wanted) {
                client.update(&place, "", completed).await?;
            }
        }
    }
    Ok(())
}

/// The object with what it lacks; none: it lacks nothing, or is not to be changed.
fn completed(there: &Object, wanted: &Object) -> Option<Object> {
    if there.annotation(AUTOUPDATE) == Some("false") {
        return None;
    }
    let mut completed = there.clone();
    for part in ["annotations", "labels"] {
        let wanted = wanted.get(&["metadata", part]).and_then(Value::as_object);
        let Some(wanted) = wanted else { continue };
        let metadata = completed.metadata_mut();
        let present = metadata.entry(part).or_insert_with(|| json!({}));
        if let Some(present) = present.as_object_mut() {
            for (key, value) in wanted {
                present.insert(key.clone(), value.clone());
            }
        }
    }
    let lists: &[&[&str]] = match wanted.get(&["aggregationRule"]) {
        // Its rules are those of others.
        Some(_) => &[&["aggregationRule", "clusterRoleSelectors"]],
        None => &[&["rules"], &["subjects"]],
    };
    for path in lists {
        let missing = wanted.items(path).iter();
        let missing: Vec<_> = missing
            .filter(|item| !there.items(path).contains(item))
            .cloned()
            .collect();
        add(&mut completed, path, missing);
    }
    (completed != *there).then_some(completed)
}

fn add(object: &mut Object, path: &[&str], items: Vec<Value>) {
    let Some(((first, rest), false)) = path.split_first().map(|path| (path, items.is_empty()))
    else {
        return;
    };
    let map = object.as_map_mut();
    let mut list = map.entry((*first).to_owned()).or_insert(Value::Null);
    for field in rest {
        list = &mut list[*field];
    }
    match list.as_array_mut() {
        Some(present) => present.extend(items),
        None => *list = Value::Array(items),
    }
}

/// Keeps the roles that gather the rules of others until the task is ended.
pub(super) async fn keep_gathered(client: Client) {
    loop {
        let Ok(mut watch) = client.watch(&place(ROLES, ""), "", "").await else {
            return;
        };
        while let Some(Ok(_)) = watch.next().await {
            // Who was faster is told by the same watch, and all is looked at anew.
            let _ = gather(&client).await;
        }
    }
}

/// Writes the rules of the roles that gather those of others. One may gather from another that
/// gathers, so this goes on while anything changes.
async fn gather(client: &Client) -> Result<(), Status> {
    let place = place(ROLES, "");
    let (mut roles, _) = client.list(&place, "", "").await?;
    // A chain is no longer than there are roles.
    for _ in 0..roles.len() {
        let stale: Vec<_> = roles
            .iter()
            .enumerate()
            .filter_map(|(at, role)| Some((at, gathered(role, &roles)?)))
            .collect();
        if stale.is_empty() {
            return Ok(());
        }
        for (at, role) in stale {
            roles[at] = client.update(&place, "", role).await?;
        }
    }
    Ok(())
}

/// The role with the rules that it should have; none: it has them, or gathers none.
fn gathered(role: &Object, all: &[Object]) -> Option<Object> {
    let rules = json!(rbac::aggregated(role, all)?);
    let has_them = rules.as_array().map(Vec::as_slice) == Some(role.items(&["rules"]));
    let mut gathered = role.clone();
    gathered.as_map_mut().insert("rules".to_owned(), rules);
    (!has_them).then_some(gathered)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn object(value: Value) -> Object {
        Object::from_value(value).unwrap()
    }

    fn role(autoupdate: &str, rules: &Value) -> Object {
        object(json!({
            "metadata": { "name": "r", "annotations": { AUTOUPDATE: autoupdate } },
            "rules": rules,
        }))
    }

    #[test]
    fn a_default_role_gets_what_it_lacks_and_keeps_what_somebody_added() {
        let (ours, theirs) = (json!({ "verbs": ["get"] }), json!({ "verbs": ["list"] }));
        let wanted = role("true", &json!([ours]));
        let rows = [
            ("true", json!([theirs]), Some(json!([theirs, ours]))),
            ("true", json!(null), Some(json!([ours]))),
            ("true", json!([ours, theirs]), None),
            ("false", json!([]), None),
        ];
        for (autoupdate, there, then) in rows {
            let completed = completed(&role(autoupdate, &there), &wanted);
            let rules = completed.map(|role| Value::Array(role.items(&["rules"]).to_vec()));
            assert_eq!(rules, then, "{autoupdate} {there}");
        }
    }

    #[test]
    fn a_role_that_gathers_has_the_rules_of_those_that_it_selects() {
        let gathering = object(json!({
            "metadata": { "name": "all" },
            "aggregationRule": { "clusterRoleSelectors": [{ "matchLabels": { "in": "all" } }] },
            "rules": [],
        }));
        let rule = json!({ "apiGroups": [""], "resources": ["pods"], "verbs": ["get"] });
        let part = object(json!({
            "metadata": { "name": "part", "labels": { "in": "all" } },
            "rules": [rule],
        }));
        let gathered = gathered(&gathering, &[gathering.clone(), part.clone()]).unwrap();
        assert_eq!(gathered.items(&["rules"]), [rule]);
        assert_eq!(super::gathered(&gathered, &[gathered.clone(), part]), None);
    }
}
