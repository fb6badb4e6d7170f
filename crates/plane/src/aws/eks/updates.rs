//! DescribeUpdate and ListUpdates.

use awswire::dto::eks as dto;
use eks::operations::{describe_update, list_updates};
use names::ClusterArn;

use super::{on_cluster, operation, wire};

operation! {
    "eks:DescribeUpdate"
    DescribeUpdate(dto::DescribeUpdateRequest) -> dto::DescribeUpdateResponse, about ClusterArn;
    asks(input, call) { on_cluster(&input.name, call) }
    run(arn, input, call) {
        let update = describe_update(&call.world.clusters, arn, &input.update_id);
        Ok(dto::DescribeUpdateResponse {
            update: Some(wire::update(update.map_err(wire::refused)?, "Successful")),
        })
    }
}

operation! {
    "eks:ListUpdates"
    ListUpdates(dto::ListUpdatesRequest) -> dto::ListUpdatesResponse, about ClusterArn;
    asks(input, call) { on_cluster(&input.name, call) }
    run(arn, input, call) {
        wire::must_be_of_cluster(&input)?;
        let page = wire::page(input.max_results, input.next_token);
        let listed = list_updates(&call.world.clusters, arn, &page);
        let (ids, next_token) = listed.map_err(wire::refused)?;
        Ok(dto::ListUpdatesResponse {
            update_ids: Some(ids),
            next_token,
        })
    }
}
