//! What a new object is given before it is written: a pod a service account, tolerations, limits and a
//! role, a claim its class.

mod limits;
mod pod_identity;
mod service_account;
mod storage;
mod tolerations;

use super::notes::Notes;
use apiserver::{Admission, Objects, Operation, Review};
use eks::Cluster;
use objects::Object;
use std::sync::Arc;

/// The steps, in their order. The role comes last: it looks at all containers and volumes that the
/// others left.
pub(super) fn admission(
    cluster: &Cluster,
    objects: &Arc<Objects>,
    noted: Notes,
) -> Vec<Arc<dyn Admission>> {
    vec![
        Arc::new(service_account::ServiceAccounts(Arc::clone(objects))),
        Arc::new(tolerations::DefaultTolerations),
        Arc::new(limits::Limits(Arc::clone(objects))),
        Arc::new(storage::Storage(Arc::clone(objects))),
        Arc::new(pod_identity::PodIdentity::of(cluster, objects, noted)),
    ]
}

/// The pod that is about to be created, if that is what happens.
fn new_pod<'r>(review: &'r mut Review<'_>) -> Option<&'r mut Object> {
    let is_new = review.operation == Operation::Create && review.subresource.is_empty();
    let is_pod = review.resource.group().is_empty() && review.resource.plural() == "pods";
    review.object.as_mut().filter(|_| is_new && is_pod)
}
