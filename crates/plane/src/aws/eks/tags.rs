//! TagResource, UntagResource and ListTagsForResource.

use awswire::AwsError;
use awswire::dto::eks as dto;
use eks::operations::{list_tags_for_resource, tag_resource, tagged_cluster, untag_resource};
use names::ClusterArn;
use policy::{RequestContext, Resource};

use super::{change, operation, place, tag_keys, wire};
use crate::aws::{Asks, Call};

operation! {
    "eks:TagResource"
    TagResource(dto::TagResourceRequest) -> dto::TagResourceResponse, about ClusterArn;
    asks(input, call) {
        Ok(on_resource(&input.resource_arn, call)?.with(tag_keys(Some(&input.tags))))
    }
    run(arn, input, call) {
        let tagged = change(call, |world| {
            tag_resource(&world.clusters, arn, &input.tags).map(|transaction| ((), transaction))
        });
        tagged.await?;
        Ok(dto::TagResourceResponse::default())
    }
}

operation! {
    "eks:UntagResource"
    UntagResource(dto::UntagResourceRequest) -> dto::UntagResourceResponse, about ClusterArn;
    asks(input, call) {
        let mut keys = RequestContext::new();
        keys.set_list("aws:TagKeys", input.tag_keys.iter().map(String::as_str));
        Ok(on_resource(&input.resource_arn, call)?.with(keys))
    }
    run(arn, input, call) {
        let untagged = change(call, |world| {
            let done = untag_resource(&world.clusters, arn, &input.tag_keys);
            done.map(|transaction| ((), transaction))
        });
        untagged.await?;
        Ok(dto::UntagResourceResponse::default())
    }
}

operation! {
    "eks:ListTagsForResource"
    ListTagsForResource(dto::ListTagsForResourceRequest) -> dto::ListTagsForResourceResponse,
    about ClusterArn;
    asks(input, call) { on_resource(&input.resource_arn, call) }
    run(arn, _, call) {
        let tags = list_tags_for_resource(&call.world.clusters, arn).map_err(wire::refused)?;
        Ok(dto::ListTagsForResourceResponse { tags: Some(tags.clone()) })
    }
}

/// A question about the cluster that an ARN names.
fn on_resource(arn: &str, call: &Call<'_>) -> Result<Asks<ClusterArn>, AwsError> {
    let arn = tagged_cluster(&place(call), arn).map_err(wire::refused)?;
    Ok(Asks::about(Resource::of(arn, &call.world.clusters)))
}
