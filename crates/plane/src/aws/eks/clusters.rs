//! CreateCluster, DescribeCluster, ListClusters, UpdateClusterConfig and DeleteCluster.

use awswire::AwsError;
use awswire::dto::eks as dto;
use eks::operations::{
    create_cluster, delete_cluster, describe_cluster, list_clusters, update_cluster_config,
};
use eks::{ClusterStatus, EksError};
use names::{ClusterArn, RequestId, RoleArn};
use policy::{Layers, Principal, RequestContext, ResourcePolicy, decide};

use super::material::key_material;
use super::{arn_of, change, condition_keys, on_cluster, operation, place, wire};
use crate::aws::Call;
use crate::aws::pass_role::may_pass;
use crate::chance;

/// Whom a cluster role must trust, and what IAM calls the service in `iam:PassedToService`.
const EKS: &str = "eks.amazonaws.com";

operation! {
    "eks:ListClusters"
    ListClusters(dto::ListClustersRequest) -> dto::ListClustersResponse, about ();
    asks(_, call) {
        let (region, account) = (call.region, call.account_id());
        let shown = format!("arn:{}:eks:{region}:{account}:cluster/*", region.partition());
        Ok(call.unnamed(()).shown_as(shown))
    }
    run((), input, call) {
        let page = wire::page(input.max_results, input.next_token);
        let listed = list_clusters(&call.world.clusters, &place(call), &page);
        let (clusters, next_token) = listed.map_err(wire::refused)?;
        Ok(dto::ListClustersResponse {
            clusters: Some(clusters.iter().map(ToString::to_string).collect()),
            next_token,
        })
    }
}

operation! {
    "eks:DescribeCluster"
    DescribeCluster(dto::DescribeClusterRequest) -> dto::DescribeClusterResponse, about ClusterArn;
    asks(input, call) { on_cluster(&input.name, call) }
    run(arn, _, call) {
        let cluster = describe_cluster(&call.world.clusters, arn).map_err(wire::refused)?;
        Ok(dto::DescribeClusterResponse {
            cluster: Some(wire::cluster(cluster, ClusterStatus::Active)),
        })
    }
}

operation! {
    "eks:CreateCluster"
    CreateCluster(dto::CreateClusterRequest) -> dto::CreateClusterResponse, about ();
    asks(input, call) {
        // IAM knows no resource for it.
        let asks = call.unnamed(()).shown_as(arn_of(&input.name, call)?.to_string());
        Ok(asks.with(condition_keys::of_new_cluster(input)))
    }
    run((), input, call) {
        let new = wire::new_cluster(input)?;
        if let Some(role) = &new.role {
            must_be_own(role, call)?;
            may_pass(role, EKS, call)?;
            must_trust_eks(role, call)?;
        }
        let (place, material) = (place(call), key_material().await?);
        let keyring = call.plane.worlds.keyring();
        let created = change(call, |world| {
            let (clusters, now) = (&world.clusters, chance::now());
            create_cluster(clusters, &place, new.clone(), &material, keyring, now)
        });
        let created = created.await?;
        settle(call).await?;
        Ok(dto::CreateClusterResponse {
            cluster: Some(wire::cluster(&created, ClusterStatus::Creating)),
        })
    }
}

operation! {
    "eks:UpdateClusterConfig"
    UpdateClusterConfig(dto::UpdateClusterConfigRequest) -> dto::UpdateClusterConfigResponse,
    about ClusterArn;
    asks(input, call) {
        let keys = condition_keys::of_config_change(input);
        Ok(on_cluster(&input.name, call)?.with(keys))
    }
    run(arn, input, call) {
        let asked = wire::config_change(input)?;
        let id = RequestId::from_random(chance::random());
        let updated = change(call, |world| {
            update_cluster_config(&world.clusters, arn, &asked, &id, chance::now())
        });
        Ok(dto::UpdateClusterConfigResponse {
            update: Some(wire::update(&updated.await?, "InProgress")),
        })
    }
}

operation! {
    "eks:DeleteCluster"
    DeleteCluster(dto::DeleteClusterRequest) -> dto::DeleteClusterResponse, about ClusterArn;
    asks(input, call) { on_cluster(&input.name, call) }
    run(arn, _, call) {
        let deleted = change(call, |world| delete_cluster(&world.clusters, arn)).await?;
        settle(call).await?;
        Ok(dto::DeleteClusterResponse {
            cluster: Some(wire::cluster(&deleted, ClusterStatus::Deleting)),
        })
    }
}

/// Starts and ends the clusters' Kubernetes APIs as there are clusters.
async fn settle(call: &Call<'_>) -> Result<(), AwsError> {
    let settled = call.plane.kubernetes.settle().await;
    settled.map_err(|why| AwsError::new("ServerException", 500, why))
}

/// A role of another account cannot be given, whatever policies say.
fn must_be_own(role: &RoleArn, call: &Call<'_>) -> Result<(), AwsError> {
    if role.account() == call.account_id() {
        return Ok(());
    }
    let message = "Cross-account pass role is not allowed.";
    Err(AwsError::new("AccessDeniedException", 403, message))
}

/// The role must exist, and trust EKS.
fn must_trust_eks(arn: &RoleArn, call: &Call<'_>) -> Result<(), AwsError> {
    let account = call.account()?;
    let trust = account.role(arn).and_then(|role| account.trust_of(role));
    let principal = Principal::Service {
        name: EKS.to_owned(),
    };
    let resource = arn.to_string();
    let no_keys = RequestContext::new();
    let context = call.standing.context(None, arn.account(), &no_keys);
    let is_trusted = trust.is_some_and(|trust| {
        let question = policy::Question {
            principal: &principal,
            action: "sts:AssumeRole",
            resource: &resource,
            resource_account: arn.account(),
            context: &context,
        };
        let layers = Layers {
            resource: Some(ResourcePolicy::Trust(trust)),
            ..Layers::default()
        };
        decide(&question, &layers).is_allowed()
    });
    match is_trusted {
        true => Ok(()),
        false => Err(wire::refused(EksError::RoleNotAssumable(arn.clone()))),
    }
}
