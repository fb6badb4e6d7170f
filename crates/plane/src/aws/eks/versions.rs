//! DescribeClusterVersions.

use awswire::dto::eks as dto;
use eks::operations::describe_cluster_versions;

use super::{operation, wire};
use crate::chance;

operation! {
    "eks:DescribeClusterVersions"
    DescribeClusterVersions(dto::DescribeClusterVersionsRequest) -> dto::DescribeClusterVersionsResponse,
    about ();
    asks(_, call) { Ok(call.unnamed(())) }
    run((), input, _) {
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
