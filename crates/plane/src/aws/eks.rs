//! EKS: clusters.

mod clusters;
mod condition_keys;
pub(crate) mod material;
mod tags;
mod wire;

pub(super) use clusters::{
    CreateCluster, DeleteCluster, DescribeUpdate, ListUpdates, UpdateClusterConfig,
};
pub(super) use tags::{DescribeClusterVersions, ListTagsForResource, TagResource, UntagResource};

use std::collections::BTreeMap;

use awswire::AwsError;
use awswire::dto::eks::{
    DescribeClusterRequest, DescribeClusterResponse, ListClustersRequest, ListClustersResponse,
};
use eks::operations::{Place, describe_cluster, list_clusters};
use eks::{ClusterStatus, EksError};
use names::ClusterArn;
use policy::{Operation, Permit};
use store::Transaction;
use sts::ConditionKeys;

use super::{Asks, Call, Handler};
use crate::refused::Refused;
use crate::world::{Unchanged, World};

/// `eks:ListClusters`.
pub(super) struct ListClusters;

impl Operation for ListClusters {
    const ACTION: &'static str = "eks:ListClusters";
    type Target = ();
}

impl Handler for ListClusters {
    type Input = ListClustersRequest;

    fn asks(_: &Self::Input, call: &Call<'_>) -> Result<Asks<()>, AwsError> {
        let (partition, region) = (call.region.partition(), &call.region);
        let shown = format!(
            "arn:{partition}:eks:{region}:{}:cluster/*",
            call.account_id()
        );
        Ok(Asks {
            target: (),
            resource: "*".to_owned(),
            shown,
            keys: ConditionKeys::default(),
        })
    }

    async fn run(
        _: Permit<Self>,
        input: Self::Input,
        call: &Call<'_>,
    ) -> Result<ListClustersResponse, Refused> {
        let page = wire::page(input.max_results, input.next_token);
        let listed = list_clusters(&call.world.clusters, &place(call), &page);
        let (clusters, next_token) = listed.map_err(wire::refused)?;
        Ok(ListClustersResponse {
            clusters: Some(clusters.iter().map(ToString::to_string).collect()),
            next_token,
        })
    }
}

/// `eks:DescribeCluster`.
pub(super) struct DescribeCluster;

impl Operation for DescribeCluster {
    const ACTION: &'static str = "eks:DescribeCluster";
    type Target = ClusterArn;
}

impl Handler for DescribeCluster {
    type Input = DescribeClusterRequest;

    fn asks(input: &Self::Input, call: &Call<'_>) -> Result<Asks<ClusterArn>, AwsError> {
        on_cluster(&input.name, call)
    }

    async fn run(
        permit: Permit<Self>,
        _: Self::Input,
        call: &Call<'_>,
    ) -> Result<DescribeClusterResponse, Refused> {
        let cluster = describe_cluster(&call.world.clusters, permit.target());
        let cluster = cluster.map_err(wire::refused)?;
        Ok(DescribeClusterResponse {
            cluster: Some(wire::cluster(cluster, ClusterStatus::Active)),
        })
    }
}

/// The caller's account, in the region that it signed for.
fn place(call: &Call<'_>) -> Place {
    Place {
        account: call.account_id(),
        region: call.region.clone(),
    }
}

/// A question about the cluster of this name.
fn on_cluster(name: &str, call: &Call<'_>) -> Result<Asks<ClusterArn>, AwsError> {
    let name = wire::cluster_name(name)?;
    let arn = ClusterArn::new(&call.region, call.account_id(), &name);
    Ok(asks_cluster(arn, ConditionKeys::default(), call))
}

/// A question about a cluster, with the tags that it has.
fn asks_cluster(arn: ClusterArn, mut keys: ConditionKeys, call: &Call<'_>) -> Asks<ClusterArn> {
    let cluster = call.world.clusters.by_arn(&arn);
    for (key, value) in cluster.iter().flat_map(|kept| &kept.value.tags) {
        keys.set(format!("aws:ResourceTag/{key}"), value);
    }
    let resource = arn.to_string();
    Asks {
        target: arn,
        shown: resource.clone(),
        resource,
        keys,
    }
}

/// The condition keys of tags that a call asks for.
fn tag_keys(tags: Option<&BTreeMap<String, String>>) -> ConditionKeys {
    let mut keys = ConditionKeys::default();
    for (key, value) in tags.into_iter().flatten() {
        keys.set(format!("aws:RequestTag/{key}"), value);
    }
    let names = tags.into_iter().flat_map(BTreeMap::keys).cloned();
    keys.set_list("aws:TagKeys", names.collect());
    keys
}

/// Changes what clusters there are.
async fn change<T: Send>(
    call: &Call<'_>,
    decide: impl Fn(&World) -> Result<(T, Transaction), EksError> + Send,
) -> Result<T, AwsError> {
    let changed = call.plane.worlds.change(|world| {
        let (output, transaction) = decide(world)?;
        Ok((transaction, output))
    });
    changed.await.map_err(|unchanged| match unchanged {
        Unchanged::Refused(refused) => wire::refused(refused),
        Unchanged::Store(refused) => {
            AwsError::new("ServiceUnavailableException", 503, refused.to_string())
        }
        Unchanged::Unreadable(why) => AwsError::new("ServerException", 500, why),
    })
}
