//! DescribeClusterVersions.

use jiff::Timestamp;

use crate::error::EksError;
use crate::page::{Page, paged};
use crate::versions::{self, KubernetesVersion, OfferedVersion, Support};

/// Which versions to list.
#[derive(Debug, Clone, Default)]
pub struct VersionFilter {
    /// Only these; all when empty.
    pub versions: Vec<String>,
    /// Only the default.
    pub default_only: bool,
    /// Also those that no cluster can be created with.
    pub include_all: bool,
    /// Only those with this support.
    pub support: Option<Support>,
}

/// The versions, newest first.
pub fn describe_cluster_versions(
    filter: &VersionFilter,
    page: &Page,
    now: Timestamp,
) -> Result<(Vec<OfferedVersion>, Option<String>), EksError> {
    let asked: Result<Vec<KubernetesVersion>, _> =
        filter.versions.iter().map(|text| text.parse()).collect();
    let asked = asked.map_err(|error| EksError::NotAVersion(error.0))?;
    let is_wanted = |row: &OfferedVersion| {
        let support = row.support(now);
        let is_open = filter.include_all || filter.support.is_some() || !asked.is_empty();
        (asked.is_empty() || asked.contains(&row.version))
            && (!filter.default_only || row.is_default())
            && filter.support.is_none_or(|wanted| wanted == support)
            && (is_open || support != Support::Unsupported)
    };
    let rows: Vec<_> = versions::offered().filter(is_wanted).collect();
    paged(rows, page, |row| row.version.to_string())
}
