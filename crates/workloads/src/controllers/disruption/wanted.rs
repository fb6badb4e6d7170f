//! What a budget wants of the Pods that it selects, and of how many there shall be.

use crate::controllers::share;
use crate::object;
use serde_json::Value;
use std::collections::BTreeMap;

/// What may own Pods in a namespace, and says how many there shall be.
#[derive(Debug, Default)]
pub(super) struct Owners {
    pub(super) replica_sets: Vec<Value>,
    pub(super) stateful_sets: Vec<Value>,
    pub(super) deployments: Vec<Value>,
}

/// What a budget wants of the Pods that it selects.
pub(super) struct Wanted {
    pub(super) healthy: i64,
    pub(super) expected: i64,
    pub(super) has_unmanaged: bool,
}

pub(super) fn wanted(budget: &Value, pods: &[&Value], owners: &Owners) -> Result<Wanted, String> {
    let (least, most) = (
        &budget["spec"]["minAvailable"],
        &budget["spec"]["maxUnavailable"],
    );
    if let (Some(least), true) = (least.as_i64(), most.is_null()) {
        return Ok(Wanted {
            healthy: least,
            expected: count(pods.len()),
            has_unmanaged: false,
        });
    }
    let (expected, has_unmanaged) = expected(pods, owners)?;
    let of = |amount: &Value| count(share(amount, usize::try_from(expected).unwrap_or_default()));
    let healthy = match (least, most) {
        (_, most) if !most.is_null() => (expected - of(most)).max(0),
        (least, _) if !least.is_null() => of(least),
        _ => 0,
    };
    Ok(Wanted {
        healthy,
        expected,
        has_unmanaged,
    })
}

/// How many Pods there shall be, as all who own these say; and whether nobody owns some of them.
fn expected(pods: &[&Value], owners: &Owners) -> Result<(i64, bool), String> {
    let mut scales = BTreeMap::new();
    let mut has_unmanaged = false;
    for pod in pods {
        let Some(owner) = object::controller(pod) else {
            has_unmanaged = true;
            continue;
        };
        let (uid, scale) = owners.scale(owner).ok_or_else(|| {
            let name = object::name(pod);
            format!("found no controllers for pod {name:?}")
        })?;
        scales.insert(uid, scale);
    }
    Ok((scales.values().sum(), has_unmanaged))
}

impl Owners {
    /// Who says how many Pods of an owner there shall be, and how many.
    fn scale(&self, owner: &Value) -> Option<(&str, i64)> {
        let find = |all: &'_ [Value], owner: &Value| {
            let mut all = all.iter();
            all.position(|one| object::uid(one) == owner["uid"])
        };
        let scale = |one| {
            (
                object::uid(one),
                one["spec"]["replicas"].as_i64().unwrap_or(1),
            )
        };
        if owner["kind"] == "StatefulSet" {
            return find(&self.stateful_sets, owner).map(|at| scale(&self.stateful_sets[at]));
        }
        let set = &self.replica_sets[find(&self.replica_sets, owner)?];
        match object::controller(set) {
            Some(above) if above["kind"] == "Deployment" => {
                find(&self.deployments, above).map(|at| scale(&self.deployments[at]))
            }
            Some(_) | None => Some(scale(set)),
        }
    }
}

pub(super) fn count(of: usize) -> i64 {
    i64::try_from(of).unwrap_or(i64::MAX)
}
