//! Where a cluster's Kubernetes API answers: known only once it does.

use names::ClusterArn;
use store::Transaction;

use super::read_clusters::found;
use crate::error::EksError;
use crate::records::{cluster_key, write_cluster};
use crate::snapshot::Clusters;

/// Says where the API of a cluster answers.
pub fn set_endpoint(
    clusters: &Clusters,
    arn: &ClusterArn,
    endpoint: &str,
) -> Result<Transaction, EksError> {
    let kept = found(clusters, arn)?;
    if kept.value.endpoint == endpoint {
        return Ok(Transaction::new());
    }
    let mut cluster = kept.value.as_ref().clone();
    endpoint.clone_into(&mut cluster.endpoint);
    let key = cluster_key(arn);
    Ok(Transaction::new()
        .if_modified_at(key.clone(), kept.revision)
        .put(key, write_cluster(&cluster)))
}
