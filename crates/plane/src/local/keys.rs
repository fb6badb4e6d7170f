//! `keys`: which keys there are, and one more of a kind.

use super::{Answer, json_of, refused};
use crate::rotation::{self, Unturned};
use crate::{Inner, chance};
use hyper::StatusCode;
use names::{ClusterArn, ClusterName};
use serde::Deserialize;
use serde_json::json;

/// Which keys to turn; nothing said: all.
#[derive(Default, Deserialize)]
#[serde(deny_unknown_fields)]
struct Asked {
    cluster: Option<ClusterName>,
    #[serde(default)]
    sessions: bool,
}

/// Every key, without its secret.
pub(super) fn list(plane: &Inner) -> Answer {
    json_of(&json!({ "keys": rotation::rows(&plane.worlds.now(), chance::now()) }))
}

/// Adds a key where it is asked, and lists what there is then.
pub(super) async fn rotate(plane: &Inner, body: &[u8]) -> Answer {
    let asked: Asked = match serde_json::from_slice(body) {
        Ok(asked) => asked,
        Err(why) => return refused(StatusCode::BAD_REQUEST, "BadRequest", &why.to_string()),
    };
    let clusters = match named(plane, asked.cluster.as_ref(), asked.sessions) {
        Ok(clusters) => clusters,
        Err(why) => return refused(StatusCode::NOT_FOUND, "NoSuchCluster", &why),
    };
    let now = chance::now();
    for arn in &clusters {
        if let Err(why) = rotation::rotate_cluster(&plane.worlds, arn, now).await {
            return unturned(&why);
        }
    }
    let sessions_too = asked.sessions || asked.cluster.is_none();
    if sessions_too && let Err(why) = rotation::rotate_sessions(&plane.worlds, now).await {
        return unturned(&why);
    }
    list(plane)
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

fn unturned(why: &Unturned) -> Answer {
    let (status, code) = match why {
        Unturned::Signing(_) | Unturned::Sessions(_) => (StatusCode::CONFLICT, "TooManyKeys"),
        Unturned::Failed(_) => (StatusCode::INTERNAL_SERVER_ERROR, "InternalFailure"),
    };
    refused(status, code, &why.to_string())
}
