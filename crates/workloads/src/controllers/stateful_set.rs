//! StatefulSets: Pods with numbers, that come one after the other and keep their names.

mod claims;
mod decision;

use super::desk::Telling;
use super::queue::{Queue, controller_of, feed, itself};
use super::revision;
use super::{Desk, pod_of};
use crate::api::{Refused, resources};
use crate::cache::Key;
use crate::object;
use claims::{leave_claims, make_claims, volumes};
use decision::{decide, is_wanted, ordinal};
use serde_json::{Value, json};
use std::time::Duration;

const TELLING: Telling = Telling {
    component: "statefulset-controller",
    made: |pod, set| format!("create Pod {pod} in StatefulSet {set} successful"),
    refused: |pod, set, why| format!("create Pod {pod} in StatefulSet {set} failed error: {why}"),
    ended: |pod, set| format!("delete Pod {pod} in StatefulSet {set} successful"),
};

/// The label that says a Pod's name, so that a Service can choose it alone.
const POD_NAME: &str = "statefulset.kubernetes.io/pod-name";

/// The label that says a Pod's number.
const POD_INDEX: &str = "apps.kubernetes.io/pod-index";

/// A Pod of a number.
fn pod(set: &Value, number: u64, revision: &str, template: &Value) -> Value {
    let mut pod = pod_of(&resources::STATEFUL_SETS, set, template);
    let name = format!("{}-{number}", object::name(set));
    let metadata = &mut pod["metadata"];
    metadata["name"] = json!(name);
    if let Some(metadata) = metadata.as_object_mut() {
        metadata.remove("generateName");
    }
    metadata["labels"][POD_NAME] = json!(name);
    metadata["labels"][POD_INDEX] = json!(number.to_string());
    metadata["labels"][revision::LABEL] = json!(revision);
    pod["spec"]["hostname"] = json!(name);
    pod["spec"]["subdomain"] = set["spec"]["serviceName"].clone();
    pod["spec"]["volumes"] = volumes(set, number, &pod);
    object::without_nulls(&pod)
}

/// Keeps every StatefulSet's Pods.
pub(super) async fn control(desk: Desk) {
    let queue = Queue::default();
    feed(&*desk.api, resources::STATEFUL_SETS, &queue, itself);
    let owner = controller_of("StatefulSet");
    feed(&*desk.api, resources::PODS, &queue, owner);
    desk.keep(resources::STATEFUL_SETS, queue, reconcile).await;
}

async fn reconcile(desk: &Desk, (namespace, name): &Key) -> Result<Option<Duration>, Refused> {
    let sets = resources::STATEFUL_SETS;
    let set = desk.api.get(sets.clone(), namespace, name).await?;
    let pods = desk.managed_by(&set, resources::PODS).await?;
    let revisions = revision::settle(desk, &sets, &set).await?;
    let plan = decide(&set, &pods, &revisions, desk.now());
    let about = (&sets, &set);
    desk.write_status(about, &plan.status).await?;
    for pod in plan.delete {
        if let Some(pod) = pods.iter().find(|one| object::name(one) == pod) {
            leave_claims(desk, &set, pod).await?;
        }
        desk.end_pod(&TELLING, about, &pod).await?;
    }
    if plan.create.is_empty() {
        return Ok(plan.look_again);
    }
    for (number, is_new) in plan.create {
        let (revision, template) = revisions.chosen(is_new, &set);
        let pod = pod(&set, number, revision, template);
        make_claims(desk, about, number).await?;
        desk.make_pod(&TELLING, about, pod).await?;
    }
    Ok(plan.look_again)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_pod_is_named_by_its_number_and_its_service() {
        let set = json!({"metadata": {"name": "db"}, "spec": {"serviceName": "dbs"}});
        let template = json!({"metadata": {"labels": {"app": "db"}}, "spec": {"containers": []}});
        let pod = pod(&set, 4, "new", &template);
        assert_eq!(object::name(&pod), "db-4");
        assert_eq!(pod["spec"]["hostname"], "db-4");
        assert_eq!(pod["spec"]["subdomain"], "dbs");
        assert_eq!(object::label(&pod, POD_NAME), Some("db-4"));
        assert_eq!(object::label(&pod, "app"), Some("db"));
    }
}
