//! ResourceQuotas: says how much of each is used. What exceeds one is refused by the API, which counts
//! for itself.

use super::Desk;
use super::queue::{Queue, all_beside, feed, itself};
use crate::api::{Refused, resources};
use crate::cache::Key;
use names::GroupResource;
use objects::quantity::Quantity;
use objects::quota::{Quota, Usage, add, counted_by};
use serde_json::{Map, Value, json};
use std::collections::BTreeSet;
use std::time::Duration;

/// How soon is counted again what brings no news here.
const AGAIN: Duration = Duration::from_secs(10);

/// The status of a quota, after what is used.
fn status(quota: &Quota<'_>, used: &Usage) -> Value {
    let amount = |(name, limit): (&str, &str)| {
        let used = used.get(name).copied().unwrap_or_default();
        (name.to_owned(), json!(used.written_like(limit)))
    };
    let used: Map<_, _> = quota.hard().map(amount).collect();
    let written = |(name, limit): (&str, &str)| {
        let limit =
            Quantity::parse(limit).map_or_else(|| limit.to_owned(), |it| it.written_like(limit));
        (name.to_owned(), json!(limit))
    };
    let hard: Map<_, _> = quota.hard().map(written).collect();
    json!({"hard": hard, "used": used})
}

/// Keeps every quota's status.
pub(super) async fn control(desk: Desk) {
    let queue = Queue::default();
    feed(&*desk.api, resources::QUOTAS, &queue, itself);
    // News of what is counted most.
    for resource in [resources::PODS, resources::SERVICES, resources::CLAIMS] {
        feed(&*desk.api, resource, &queue, all_beside);
    }
    desk.keep(resources::QUOTAS, queue, reconcile).await;
}

async fn reconcile(desk: &Desk, (namespace, name): &Key) -> Result<Option<Duration>, Refused> {
    let object = desk.api.get(resources::QUOTAS, namespace, name).await?;
    let quota = Quota::of(&object);
    let counted: BTreeSet<_> = quota.hard().map(|(name, _)| counted_by(name)).collect();
    let mut used = Usage::new();
    for (resource, _) in desk.api.collected().await {
        let key = (resource.group.to_string(), resource.plural.to_string());
        if !counted.contains(&key) {
            continue;
        }
        let (Ok(group), Ok(plural)) = (key.0.parse(), key.1.parse()) else {
            continue;
        };
        let of = GroupResource { group, plural };
        for one in desk.api.list(resource, namespace).await? {
            add(&mut used, &quota.usage(&of, &one));
        }
    }
    let status = status(&quota, &used);
    desk.write_status((&resources::QUOTAS, &object), &status)
        .await?;
    Ok(Some(AGAIN))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_quota_says_what_is_used_of_each_thing_in_its_own_units() {
        let object = json!({"spec": {"hard": {"pods": "10", "requests.memory": "1024Mi", "requests.cpu": "2000m"}}});
        let used = [("pods", "3"), ("requests.memory", "536870912")];
        let used = used.map(|(name, amount)| (name.to_owned(), Quantity::parse(amount).unwrap()));
        let status = status(&Quota::of(&object), &used.into());
        assert_eq!(
            status,
            json!({
                "hard": {"pods": "10", "requests.memory": "1Gi", "requests.cpu": "2"},
                "used": {"pods": "3", "requests.memory": "512Mi", "requests.cpu": "0"},
            })
        );
    }
}
