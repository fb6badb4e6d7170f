//! The plane's own open paths: metrics and issuers. Health is in `health`, what is behind a signature in `admin`.

use crate::received::Received;
use crate::server::{plain, typed};
use crate::{Inner, chance};
use bytes::Bytes;
use http_body_util::Full;
use hyper::{Response, StatusCode};
use serde_json::Value;

pub(crate) type Answer = Response<Full<Bytes>>;

/// Answers a path of the plane's own; `None`: it is not one.
pub(crate) async fn answer(plane: &Inner, received: &Received) -> Option<Answer> {
    let path = received.path().strip_prefix('/')?;
    // AWS's own clients ask for the root.
    if path.is_empty() {
        return None;
    }
    let segments: Vec<&str> = path.split('/').collect();
    Some(match (received.method(), segments.as_slice()) {
        ("GET", ["metrics"]) => typed(
            StatusCode::OK,
            "text/plain; version=0.0.4",
            plane.counters.render(&plane.audit),
        ),
        ("GET", ["_rolecall", "ca.pem"]) => typed(
            StatusCode::OK,
            "application/x-pem-file",
            plane.authority_pem.clone(),
        ),
        ("GET", ["id", id, ".well-known", "openid-configuration"]) => discovery(plane, id),
        ("GET", ["id", id, "keys"]) => key_set(plane, id),
        (_, ["_rolecall", rest @ ..]) => {
            Box::pin(crate::admin::answer(plane, received, rest)).await
        }
        _ => return None,
    })
}

pub(crate) fn json_of(value: &Value) -> Answer {
    typed(StatusCode::OK, "application/json", value.to_string())
}

fn discovery(plane: &Inner, id: &str) -> Answer {
    let world = plane.worlds.now();
    match world
        .clusters
        .iter()
        .find(|cluster| cluster.issuer.url().path().ends_with(id))
    {
        Some(cluster) => typed(
            StatusCode::OK,
            "application/json",
            oidc::Discovery::of(cluster.issuer.url()).to_json(),
        ),
        None => plain(StatusCode::NOT_FOUND, "no cluster has that issuer"),
    }
}

fn key_set(plane: &Inner, id: &str) -> Answer {
    let world = plane.worlds.now();
    let cluster = world
        .clusters
        .iter()
        .find(|one| one.issuer.url().path().ends_with(id));
    let set = cluster.and_then(|one| {
        world
            .clusters
            .key_set(one.issuer.url().as_provider_name(), chance::now())
    });
    match set {
        Some(set) => typed(StatusCode::OK, "application/json", set.to_json()),
        None => plain(
            StatusCode::NOT_FOUND,
            "no cluster of this plane has that issuer",
        ),
    }
}
