//! EKS: clusters, their settings, updates and tags, and the versions that they can have.

pub(super) mod clusters;
mod condition_keys;
pub(crate) mod material;
pub(super) mod tags;
pub(super) mod updates;
pub(super) mod versions;
mod wire;

use std::collections::BTreeMap;

use awswire::AwsError;
use eks::EksError;
use eks::operations::Place;
use names::ClusterArn;
use policy::{RequestContext, Resource};
use store::Transaction;

use super::{Asks, Call, operation};
use crate::world::{Unchanged, World};

/// The caller's account, in the region that it signed for.
fn place(call: &Call<'_>) -> Place {
    Place {
        account: call.account_id(),
        region: call.region.clone(),
    }
}

/// A question about the cluster of this name.
fn on_cluster(name: &str, call: &Call<'_>) -> Result<Asks<ClusterArn>, AwsError> {
    let arn = arn_of(name, call)?;
    Ok(Asks::about(Resource::of(arn, &call.world.clusters)))
}

/// The ARN of the cluster of this name, in the caller's account and the region that it signed for.
fn arn_of(name: &str, call: &Call<'_>) -> Result<ClusterArn, AwsError> {
    let name = wire::cluster_name(name)?;
    Ok(ClusterArn::new(call.region, call.account_id(), &name))
}

/// The condition keys of tags that a call asks for.
fn tag_keys(tags: Option<&BTreeMap<String, String>>) -> RequestContext {
    let mut keys = RequestContext::new();
    for (key, value) in tags.into_iter().flatten() {
        keys.set(&format!("aws:RequestTag/{key}"), value.as_str());
    }
    let names = tags.into_iter().flat_map(BTreeMap::keys);
    keys.set_list("aws:TagKeys", names.map(String::as_str));
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
