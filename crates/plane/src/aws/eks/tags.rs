//! TagResource, UntagResource, ListTagsForResource, DescribeClusterVersions.

use awswire::AwsError;
use awswire::dto::eks as dto;
use eks::operations::{
    describe_cluster_versions, list_tags_for_resource, tag_resource, tagged_cluster, untag_resource,
};
use names::ClusterArn;
use policy::{Operation, Permit};
use sts::ConditionKeys;

use super::{asks_cluster, change, place, tag_keys, wire};
use crate::aws::{Asks, Call, Handler};
use crate::chance;
use crate::refused::Refused;

/// `eks:TagResource`
pub(crate) struct TagResource;

impl Operation for TagResource {
    const ACTION: &'static str = "eks:TagResource";
    type Target = ClusterArn;
}

impl Handler for TagResource {
    type Input = dto::TagResourceRequest;

    fn asks(input: &Self::Input, call: &Call<'_>) -> Result<Asks<ClusterArn>, AwsError> {
        let keys = tag_keys(Some(&input.tags));
        Ok(asks_cluster(
            on_resource(&input.resource_arn, call)?,
            keys,
            call,
        ))
    }

    async fn run(
        permit: Permit<Self>,
        input: Self::Input,
        call: &Call<'_>,
    ) -> Result<dto::TagResourceResponse, Refused> {
        let arn = permit.target();
        let tagged = change(call, |world| {
            tag_resource(&world.clusters, arn, &input.tags).map(|transaction| ((), transaction))
        });
        tagged.await?;
        Ok(dto::TagResourceResponse::default())
    }
}

/// `eks:UntagResource`
pub(crate) struct UntagResource;

impl Operation for UntagResource {
    const ACTION: &'static str = "eks:UntagResource";
    type Target = ClusterArn;
}

impl Handler for UntagResource {
    type Input = dto::UntagResourceRequest;

    fn asks(input: &Self::Input, call: &Call<'_>) -> Result<Asks<ClusterArn>, AwsError> {
        let mut keys = ConditionKeys::default();
        keys.set_list("aws:TagKeys", input.tag_keys.clone());
        Ok(asks_cluster(
            on_resource(&input.resource_arn, call)?,
            keys,
            call,
        ))
    }

    async fn run(
        permit: Permit<Self>,
        input: Self::Input,
        call: &Call<'_>,
    ) -> Result<dto::UntagResourceResponse, Refused> {
        let arn = permit.target();
        let untagged = change(call, |world| {
            let done = untag_resource(&world.clusters, arn, &input.tag_keys);
            done.map(|transaction| ((), transaction))
        });
        untagged.await?;
        Ok(dto::UntagResourceResponse::default())
    }
}

/// `eks:ListTagsForResource`
pub(crate) struct ListTagsForResource;

impl Operation for ListTagsForResource {
    const ACTION: &'static str = "eks:ListTagsForResource";
    type Target = ClusterArn;
}

impl Handler for ListTagsForResource {
    type Input = dto::ListTagsForResourceRequest;

    fn asks(input: &Self::Input, call: &Call<'_>) -> Result<Asks<ClusterArn>, AwsError> {
        let arn = on_resource(&input.resource_arn, call)?;
        Ok(asks_cluster(arn, ConditionKeys::default(), call))
    }

    async fn run(
        permit: Permit<Self>,
        _: Self::Input,
        call: &Call<'_>,
    ) -> Result<dto::ListTagsForResourceResponse, Refused> {
        let tags = list_tags_for_resource(&call.world.clusters, permit.target());
        Ok(dto::ListTagsForResourceResponse {
            tags: Some(tags.map_err(wire::refused)?.clone()),
        })
    }
}

/// `eks:DescribeClusterVersions`
pub(crate) struct DescribeClusterVersions;

impl Operation for DescribeClusterVersions {
    const ACTION: &'static str = "eks:DescribeClusterVersions";
    type Target = ();
}

impl Handler for DescribeClusterVersions {
    type Input = dto::DescribeClusterVersionsRequest;

    fn asks(_: &Self::Input, _: &Call<'_>) -> Result<Asks<()>, AwsError> {
        Ok(Asks {
            target: (),
            resource: "*".to_owned(),
            shown: "*".to_owned(),
            keys: ConditionKeys::default(),
        })
    }

    async fn run(
        _: Permit<Self>,
        input: Self::Input,
        _: &Call<'_>,
    ) -> Result<dto::DescribeClusterVersionsResponse, Refused> {
        let (now, (filter, page)) = (chance::now(), wire::version_filter(input));
        let rows = describe_cluster_versions(&filter, &page, now);
        let (rows, next_token) = rows.map_err(wire::refused)?;
        let rows = rows.iter().map(|row| wire::version(row, now));
        Ok(dto::DescribeClusterVersionsResponse {
            cluster_versions: Some(rows.collect()),
            next_token,
        })
    }
}

fn on_resource(arn: &str, call: &Call<'_>) -> Result<ClusterArn, AwsError> {
    tagged_cluster(&place(call), arn).map_err(wire::refused)
}
