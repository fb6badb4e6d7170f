//! TagResource, UntagResource, ListTagsForResource.

use std::collections::BTreeMap;

use names::ClusterArn;
use store::Transaction;

use super::Place;
use crate::cluster::Cluster;
use crate::error::EksError;
use crate::records::{cluster_key, write_cluster};
use crate::snapshot::{Clusters, Kept};

/// Most tags of one resource.
pub const TAGS_MAX: usize = 50;
const KEY_CHARS_MAX: usize = 128;
const VALUE_CHARS_MAX: usize = 256;

/// The cluster that a request names by ARN; it must be of the caller's own place.
pub fn tagged_cluster(place: &Place, text: &str) -> Result<ClusterArn, EksError> {
    let arn: Option<ClusterArn> = text.parse().ok();
    let is_here =
        |arn: &ClusterArn| arn.account() == place.account && arn.region() == &place.region;
    arn.filter(is_here)
        .ok_or_else(|| EksError::NotAResourceArn(text.to_owned()))
}

/// Adds tags, or changes their values.
pub fn tag_resource(
    clusters: &Clusters,
    arn: &ClusterArn,
    tags: &BTreeMap<String, String>,
) -> Result<Transaction, EksError> {
    changed(clusters, arn, |cluster| {
        let new = tags.iter().map(|(key, value)| (key.clone(), value.clone()));
        cluster.tags.extend(new);
        accept_tags(&cluster.tags)
    })
}

/// Takes tags off; keys that are not there do no harm.
pub fn untag_resource(
    clusters: &Clusters,
    arn: &ClusterArn,
    keys: &[String],
) -> Result<Transaction, EksError> {
    changed(clusters, arn, |cluster| {
        cluster.tags.retain(|key, _| !keys.contains(key));
        Ok(())
    })
}

/// The tags.
pub fn list_tags_for_resource<'c>(
    clusters: &'c Clusters,
    arn: &ClusterArn,
) -> Result<&'c BTreeMap<String, String>, EksError> {
    found(clusters, arn).map(|kept| &kept.value.tags)
}

/// Refuses tags that a resource cannot have.
pub(super) fn accept_tags(tags: &BTreeMap<String, String>) -> Result<(), EksError> {
    for (key, value) in tags {
        if key
            .get(..4)
            .is_some_and(|head| head.eq_ignore_ascii_case("aws:"))
        {
            return Err(EksError::ReservedTag(key.clone()));
        }
        let is_key = (1..=KEY_CHARS_MAX).contains(&key.chars().count());
        if !is_key || value.chars().count() > VALUE_CHARS_MAX {
            return Err(EksError::TagLength(key.clone()));
        }
    }
    match tags.len() {
        found if found > TAGS_MAX => Err(EksError::TooManyTags {
            max: TAGS_MAX,
            found,
        }),
        _ => Ok(()),
    }
}

fn changed(
    clusters: &Clusters,
    arn: &ClusterArn,
    change: impl FnOnce(&mut Cluster) -> Result<(), EksError>,
) -> Result<Transaction, EksError> {
    let kept = found(clusters, arn)?;
    let mut cluster = kept.value.as_ref().clone();
    change(&mut cluster)?;
    let key = cluster_key(arn);
    Ok(Transaction::new()
        .if_modified_at(key.clone(), kept.revision)
        .put(key, write_cluster(&cluster)))
}

/// As the tag operations say it; the others say `No cluster found`.
fn found<'c>(clusters: &'c Clusters, arn: &ClusterArn) -> Result<&'c Kept<Cluster>, EksError> {
    let kept = clusters.by_arn(arn);
    kept.ok_or_else(|| EksError::NoResource(arn.clone()))
}
