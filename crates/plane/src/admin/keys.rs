//! `keys`: which keys there are, and one more of a kind.

use super::{AdminOperation, AdminRequest, operations};
use crate::Inner;
use crate::rotation::{self, Unturned};
use awswire::AwsError;
use names::{ClusterArn, ClusterName};
use policy::Permit;
use serde::Deserialize;
use serde_json::{Value, json};

/// Which keys to turn; nothing said: all.
#[derive(Default, Deserialize)]
#[serde(deny_unknown_fields)]
struct Asked {
    cluster: Option<ClusterName>,
    #[serde(default)]
    sessions: bool,
}

operations! {
    /// Lists every key, without its secret.
    ListKeys
    /// Adds a key where it is asked, and lists what there is then.
    RotateKeys
}

impl AdminOperation for ListKeys {
    async fn run(_: Permit<Self>, request: &AdminRequest<'_>) -> Result<Value, AwsError> {
        Ok(list(request))
    }
}

impl AdminOperation for RotateKeys {
    async fn run(_: Permit<Self>, request: &AdminRequest<'_>) -> Result<Value, AwsError> {
        let (plane, asked) = (request.call.plane, request.input::<Asked>()?);
        let clusters = named(plane, asked.cluster.as_ref(), asked.sessions)
            .map_err(|why| AwsError::new("NoSuchCluster", 404, why))?;
        for arn in &clusters {
            let turned = rotation::rotate_cluster(&plane.worlds, arn, request.now).await;
            turned.map_err(|why| unturned(&why))?;
        }
        if asked.sessions || asked.cluster.is_none() {
            let turned = rotation::rotate_sessions(&plane.worlds, request.now).await;
            turned.map_err(|why| unturned(&why))?;
        }
        Ok(list(request))
    }
}

fn list(request: &AdminRequest<'_>) -> Value {
    let world = request.call.plane.worlds.now();
    json!({ "keys": rotation::rows(&world, request.now) })
}

/// The clusters whose keys are to turn.
fn named(
    plane: &Inner,
    cluster: Option<&ClusterName>,
    sessions_alone: bool,
) -> Result<Vec<ClusterArn>, String> {
    let own = rotation::own_clusters(&plane.worlds.now());
    let Some(name) = cluster else {
        return Ok(if sessions_alone { Vec::new() } else { own });
    };
    let named: Vec<_> = own.into_iter().filter(|arn| arn.name() == name).collect();
    match named.is_empty() {
        true => Err(format!("this plane holds no keys of a cluster `{name}`")),
        false => Ok(named),
    }
}

fn unturned(why: &Unturned) -> AwsError {
    let (status, code) = match why {
        Unturned::Signing(_) | Unturned::Sessions(_) => (409, "TooManyKeys"),
        Unturned::Failed(_) => (500, "InternalFailure"),
    };
    AwsError::new(code, status, why.to_string())
}
