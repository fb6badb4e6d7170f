//! DescribeCluster, ListClusters, DescribeUpdate, ListUpdates, DeleteCluster.

use names::{ClusterArn, ClusterName};
use store::Transaction;

use super::Place;
use crate::cluster::Cluster;
use crate::error::EksError;
use crate::page::{Page, paged};
use crate::records::{cluster_key, secrets_key};
use crate::snapshot::{Clusters, Kept};
use crate::update::Update;

/// One cluster.
pub fn describe_cluster<'c>(
    clusters: &'c Clusters,
    arn: &ClusterArn,
) -> Result<&'c Cluster, EksError> {
    found(clusters, arn).map(|kept| kept.value.as_ref())
}

/// The names of a place's clusters, in order.
pub fn list_clusters(
    clusters: &Clusters,
    place: &Place,
    page: &Page,
) -> Result<(Vec<ClusterName>, Option<String>), EksError> {
    let names = clusters.of(place.account, &place.region);
    let names = names.map(|cluster| cluster.name().clone()).collect();
    paged(names, page, ClusterName::to_string)
}

/// One change of a cluster's settings.
pub fn describe_update<'c>(
    clusters: &'c Clusters,
    arn: &ClusterArn,
    id: &str,
) -> Result<&'c Update, EksError> {
    let cluster = describe_cluster(clusters, arn)?;
    let update = cluster.update(id);
    update.ok_or_else(|| EksError::NoUpdate(id.to_owned()))
}

/// The ids of a cluster's changes, as many as are remembered, in the order in which they were made.
pub fn list_updates(
    clusters: &Clusters,
    arn: &ClusterArn,
    page: &Page,
) -> Result<(Vec<String>, Option<String>), EksError> {
    let updates = describe_cluster(clusters, arn)?.updates.iter();
    paged(
        updates.map(|update| update.id.clone()).collect(),
        page,
        String::clone,
    )
}

/// Deletes a cluster with its keys; its tokens are worth nothing from then on.
pub fn delete_cluster(
    clusters: &Clusters,
    arn: &ClusterArn,
) -> Result<(Cluster, Transaction), EksError> {
    let kept = found(clusters, arn)?;
    if kept.value.settings.deletion_protection {
        return Err(EksError::DeletionProtected(arn.name().clone()));
    }
    let transaction = Transaction::new()
        .if_modified_at(cluster_key(arn), kept.revision)
        .delete(cluster_key(arn))
        .delete(secrets_key(arn));
    Ok((kept.value.as_ref().clone(), transaction))
}

pub(super) fn found<'c>(
    clusters: &'c Clusters,
    arn: &ClusterArn,
) -> Result<&'c Kept<Cluster>, EksError> {
    let kept = clusters.by_arn(arn);
    kept.ok_or_else(|| EksError::NoCluster(arn.name().clone()))
}
