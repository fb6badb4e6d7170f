//! CreateCluster, DeleteCluster and UpdateClusterConfig, with DescribeUpdate and ListUpdates.

use awswire::AwsError;
use awswire::dto::eks as dto;
use eks::operations::{
    NewCluster, create_cluster, delete_cluster, describe_update, list_updates,
    update_cluster_config,
};
use eks::{ClusterStatus, EksError};
use names::{ClusterArn, RequestId, RoleArn};
use policy::{Layers, Operation, Permit, Principal, ResourcePolicy, decide};
use sts::ConditionKeys;

use super::material::key_material;
use super::{change, condition_keys, on_cluster, place, wire};
use crate::aws::pass_role::may_pass;
use crate::aws::{Asks, Call, Handler};
use crate::chance;
use crate::refused::Refused;

/// Whom a cluster role must trust, and what IAM calls the service in `iam:PassedToService`.
const EKS: &str = "eks.amazonaws.com";

/// `eks:CreateCluster`; IAM knows no resource for it.
pub(crate) struct CreateCluster;

impl Operation for CreateCluster {
    const ACTION: &'static str = "eks:CreateCluster";
    type Target = ();
}

impl Handler for CreateCluster {
    type Input = dto::CreateClusterRequest;

    fn asks(input: &Self::Input, call: &Call<'_>) -> Result<Asks<()>, AwsError> {
        let name = wire::cluster_name(&input.name)?;
        let shown = ClusterArn::new(&call.region, call.account_id(), &name).to_string();
        Ok(Asks {
            target: (),
            resource: "*".to_owned(),
            shown,
            keys: condition_keys::of_new_cluster(input),
        })
    }

    async fn run(
        _: Permit<Self>,
        input: Self::Input,
        call: &Call<'_>,
    ) -> Result<dto::CreateClusterResponse, Refused> {
        let new = wire::new_cluster(input)?;
        if let Some(role) = &new.role {
            must_be_own(role, call)?;
            may_pass(role, EKS, call)?;
            must_trust_eks(role, call)?;
        }
        let (place, material) = (place(call), key_material().await?);
        let keyring = call.plane.worlds.keyring();
        let created = change(call, |world| {
            let new: NewCluster = new.clone();
            create_cluster(
                &world.clusters,
                &place,
                new,
                &material,
                keyring,
                chance::now(),
            )
        });
        let created = created.await?;
        settle(call).await?;
        let cluster = wire::cluster(&created, ClusterStatus::Creating);
        Ok(dto::CreateClusterResponse {
            cluster: Some(cluster),
        })
    }
}

/// `eks:DeleteCluster`
pub(crate) struct DeleteCluster;

impl Operation for DeleteCluster {
    const ACTION: &'static str = "eks:DeleteCluster";
    type Target = ClusterArn;
}

impl Handler for DeleteCluster {
    type Input = dto::DeleteClusterRequest;

    fn asks(input: &Self::Input, call: &Call<'_>) -> Result<Asks<ClusterArn>, AwsError> {
        on_cluster(&input.name, call)
    }

    async fn run(
        permit: Permit<Self>,
        _: Self::Input,
        call: &Call<'_>,
    ) -> Result<dto::DeleteClusterResponse, Refused> {
        let arn = permit.target();
        let deleted = change(call, |world| delete_cluster(&world.clusters, arn)).await?;
        settle(call).await?;
        Ok(dto::DeleteClusterResponse {
            cluster: Some(wire::cluster(&deleted, ClusterStatus::Deleting)),
        })
    }
}

/// `eks:UpdateClusterConfig`
pub(crate) struct UpdateClusterConfig;

impl Operation for UpdateClusterConfig {
    const ACTION: &'static str = "eks:UpdateClusterConfig";
    type Target = ClusterArn;
}

impl Handler for UpdateClusterConfig {
    type Input = dto::UpdateClusterConfigRequest;

    fn asks(input: &Self::Input, call: &Call<'_>) -> Result<Asks<ClusterArn>, AwsError> {
        let asks = on_cluster(&input.name, call)?;
        let keys = condition_keys::of_config_change(input);
        Ok(super::asks_cluster(asks.target, keys, call))
    }

    async fn run(
        permit: Permit<Self>,
        input: Self::Input,
        call: &Call<'_>,
    ) -> Result<dto::UpdateClusterConfigResponse, Refused> {
        let (arn, asked) = (permit.target(), wire::config_change(input)?);
        let id = RequestId::from_random(chance::random());
        let updated = change(call, |world| {
            update_cluster_config(&world.clusters, arn, &asked, &id, chance::now())
        });
        Ok(dto::UpdateClusterConfigResponse {
            update: Some(wire::update(&updated.await?, "InProgress")),
        })
    }
}

/// `eks:DescribeUpdate`
pub(crate) struct DescribeUpdate;

impl Operation for DescribeUpdate {
    const ACTION: &'static str = "eks:DescribeUpdate";
    type Target = ClusterArn;
}

impl Handler for DescribeUpdate {
    type Input = dto::DescribeUpdateRequest;

    fn asks(input: &Self::Input, call: &Call<'_>) -> Result<Asks<ClusterArn>, AwsError> {
        on_cluster(&input.name, call)
    }

    async fn run(
        permit: Permit<Self>,
        input: Self::Input,
        call: &Call<'_>,
    ) -> Result<dto::DescribeUpdateResponse, Refused> {
        let update = describe_update(&call.world.clusters, permit.target(), &input.update_id);
        Ok(dto::DescribeUpdateResponse {
            update: Some(wire::update(update.map_err(wire::refused)?, "Successful")),
        })
    }
}

/// `eks:ListUpdates`
pub(crate) struct ListUpdates;

impl Operation for ListUpdates {
    const ACTION: &'static str = "eks:ListUpdates";
    type Target = ClusterArn;
}

impl Handler for ListUpdates {
    type Input = dto::ListUpdatesRequest;

    fn asks(input: &Self::Input, call: &Call<'_>) -> Result<Asks<ClusterArn>, AwsError> {
        on_cluster(&input.name, call)
    }

    async fn run(
        permit: Permit<Self>,
        input: Self::Input,
        call: &Call<'_>,
    ) -> Result<dto::ListUpdatesResponse, Refused> {
        wire::must_be_of_cluster(&input)?;
        let page = wire::page(input.max_results, input.next_token);
        let listed = list_updates(&call.world.clusters, permit.target(), &page);
        let (ids, next_token) = listed.map_err(wire::refused)?;
        Ok(dto::ListUpdatesResponse {
            update_ids: Some(ids),
            next_token,
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
    let context = call
        .standing
        .context(None, arn.account(), &ConditionKeys::default());
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
