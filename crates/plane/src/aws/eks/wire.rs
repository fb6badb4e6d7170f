//! EKS between the wire and the crate: what was asked, what is answered, what is refused.

mod settings;
mod shown;

pub(crate) use settings::{config_change, new_cluster};
pub(crate) use shown::{cluster, update};

use awswire::AwsError;
use awswire::dto::eks as dto;
use eks::operations::VersionFilter;
use eks::versions::{OfferedVersion, PLATFORM_VERSION, Support};
use eks::{EksError, Page};
use names::ClusterName;

/// Reads which versions to list.
pub(crate) fn version_filter(asked: dto::DescribeClusterVersionsRequest) -> (VersionFilter, Page) {
    let status = asked.version_status.or(asked.status);
    let supports = [Support::Standard, Support::Extended, Support::Unsupported];
    let support = supports.into_iter().find(|support| {
        let status = status.as_deref();
        status == Some(support.status()) || status == Some(support.version_status())
    });
    let filter = VersionFilter {
        versions: asked.cluster_versions.unwrap_or_default(),
        default_only: asked.default_only.unwrap_or_default(),
        include_all: asked.include_all.unwrap_or_default(),
        support,
    };
    (filter, page(asked.max_results, asked.next_token))
}

/// Reads which page of a list.
pub(crate) fn page(rows: Option<i64>, next_token: Option<String>) -> Page {
    Page {
        rows: rows.and_then(|rows| usize::try_from(rows).ok()),
        next_token,
    }
}

/// Updates are of clusters alone: no node group, add-on or capability has ever been made.
pub(crate) fn must_be_of_cluster(asked: &dto::ListUpdatesRequest) -> Result<(), AwsError> {
    let parts = [
        ("node group", &asked.nodegroup_name),
        ("addon", &asked.addon_name),
        ("capability", &asked.capability_name),
    ];
    let named = parts
        .into_iter()
        .find_map(|(kind, name)| Some((kind, name.as_ref()?)));
    named.map_or(Ok(()), |(kind, name)| {
        let text = format!("No {kind} found for name: {name}.");
        Err(AwsError::new("ResourceNotFoundException", 404, text))
    })
}

/// Reads a cluster's name; the model's pattern is not anchored at its end.
pub(crate) fn cluster_name(text: &str) -> Result<ClusterName, AwsError> {
    text.parse().map_err(|_| {
        let message = format!(
            "The cluster name {text} must satisfy regular expression pattern: ^[0-9A-Za-z][A-Za-z0-9\\-_]*"
        );
        AwsError::new("InvalidParameterException", 400, message)
    })
}

/// Tells of a version that EKS offers.
pub(crate) fn version(
    row: &OfferedVersion,
    now: jiff::Timestamp,
) -> dto::ClusterVersionInformation {
    let support = row.support(now);
    dto::ClusterVersionInformation {
        cluster_version: Some(row.version.to_string()),
        cluster_type: Some("eks".to_owned()),
        default_platform_version: Some(PLATFORM_VERSION.to_owned()),
        default_version: Some(row.is_default()),
        release_date: Some(row.release),
        end_of_standard_support_date: Some(row.standard_support_end),
        end_of_extended_support_date: Some(row.extended_support_end),
        status: Some(support.status().to_owned()),
        version_status: Some(support.version_status().to_owned()),
        ..dto::ClusterVersionInformation::default()
    }
}

/// What EKS answers instead.
#[expect(
    clippy::needless_pass_by_value,
    reason = "used as a function in map_err"
)]
pub(crate) fn refused(error: EksError) -> AwsError {
    AwsError::new(error.code(), error.status(), error.to_string())
}
