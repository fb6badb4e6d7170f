//! The paths that are no resource: discovery, version, health.

use crate::answer::Answer;
use crate::path::Attributes;
use crate::server::ApiServer;
use crate::service::header;
use crate::{discovery, negotiation, shown};
use http::header::{ACCEPT, HOST};
use http::{StatusCode, request};
use objects::Status;
use serde_json::{Value, json};

/// The media type of the one document that old kubectl reads.
const OPENAPI_V2: &str = "application/com.github.proto-openapi.spec.v2@v1.0+protobuf";

/// Answers a path that is no resource.
pub(crate) fn answer(server: &ApiServer, asked: &Attributes, head: &request::Parts) -> Answer {
    if !matches!(asked.verb.as_str(), "get" | "head") {
        return Answer::failed(&Status::unknown_path());
    }
    let registry = &server.registry;
    let parts: Vec<&str> = asked
        .path
        .split('/')
        .filter(|part| !part.is_empty())
        .collect();
    let accept = header(&head.headers, ACCEPT);
    let found = match parts.as_slice() {
        [] => Some(json!({ "paths": paths(server) })),
        ["api"] | ["apis"] => {
            let of_core = parts == ["api"];
            if let Some(version) = negotiation::discovery(accept) {
                let body = discovery::aggregated(registry, of_core, version);
                let content_type = format!(
                    "application/json;g=apidiscovery.k8s.io;v={version};as=APIGroupDiscoveryList"
                );
                return Answer::new(StatusCode::OK, &content_type, shown::json_bytes(&body));
            }
            Some(match of_core {
                true => discovery::core_versions(registry, header(&head.headers, HOST)),
                false => discovery::groups(registry),
            })
        }
        ["api", version] => discovery::resources(registry, "", version),
        ["apis", group] => discovery::group(registry, group),
        ["apis", group, version] => discovery::resources(registry, group, version),
        ["version"] => Some(version(server)),
        ["openapi", rest @ ..] => return openapi(server, rest),
        ["healthz" | "livez" | "readyz", rest @ ..] => {
            let is_told = head
                .uri
                .query()
                .is_some_and(|query| query.contains("verbose"));
            return health(parts[0], rest, is_told);
        }
        _ => {
            let pages = server.parts.pages.as_ref();
            return match pages.and_then(|pages| pages.page(&asked.path)) {
                Some(page) => Answer::new(StatusCode::OK, page.content_type, page.text),
                None => Answer::failed(&Status::unknown_path()),
            };
        }
    };
    match found {
        Some(body) => Answer::json(StatusCode::OK, shown::json_bytes(&body)),
        None => Answer::failed(&Status::unknown_path()),
    }
}

/// The documents about what is served: one per version of a group, or everything for old kubectl.
fn openapi(server: &ApiServer, parts: &[&str]) -> Answer {
    let documents = &server.openapi;
    match parts {
        ["v2"] => Answer::new(StatusCode::OK, OPENAPI_V2, documents.v2().to_vec()),
        ["v3"] => Answer::json(StatusCode::OK, documents.index()),
        ["v3", path @ ..] => match documents.v3(&path.join("/")) {
            Some(document) => Answer::json(StatusCode::OK, document.to_vec()),
            None => Answer::failed(&Status::unknown_path()),
        },
        _ => Answer::failed(&Status::unknown_path()),
    }
}

fn paths(server: &ApiServer) -> Vec<String> {
    let groups = server.registry.groups();
    let versions = groups.iter().flat_map(|(group, versions)| {
        versions.iter().map(move |version| match group.is_empty() {
            true => format!("/api/{version}"),
            false => format!("/apis/{group}/{version}"),
        })
    });
    let others = [
        "/api",
        "/apis",
        "/healthz",
        "/livez",
        "/openapi/v2",
        "/openapi/v3",
        "/readyz",
        "/version",
    ];
    let mut paths: Vec<_> = others
        .map(str::to_owned)
        .into_iter()
        .chain(versions)
        .collect();
    paths.sort();
    paths
}

fn version(server: &ApiServer) -> Value {
    let (major, minor) = (&server.version.major, &server.version.minor);
    json!({
        "major": major,
        "minor": minor,
        "gitVersion": server.version.git_version(),
        "gitCommit": "",
        "gitTreeState": "clean",
        "buildDate": "1970-01-01T00:00:00Z",
        "goVersion": "",
        "compiler": "rustc",
        "platform": format!("{}/{}", std::env::consts::OS, platform()),
    })
}

/// The architecture as Go names it.
fn platform() -> &'static str {
    match std::env::consts::ARCH {
        "x86_64" => "amd64",
        "aarch64" => "arm64",
        other => other,
    }
}

/// A server that answers is healthy: it holds nothing that could fail apart from it.
fn health(which: &str, rest: &[&str], is_verbose: bool) -> Answer {
    match (rest, is_verbose) {
        ([] | ["ping" | "etcd" | "log"], false) => Answer::text(StatusCode::OK, "ok"),
        ([], true) => {
            let text = format!("[+]ping ok\n[+]etcd ok\n{which} check passed\n");
            Answer::text(StatusCode::OK, &text)
        }
        _ => Answer::failed(&Status::unknown_path()),
    }
}
