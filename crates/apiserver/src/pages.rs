//! The paths that are no resource: discovery, version, health.

use crate::answer::Answer;
use crate::path::Attributes;
use crate::query::Query;
use crate::server::ApiServer;
use crate::service::header;
use crate::{discovery, negotiation, shown};
use bytes::Bytes;
use http::header::{ACCEPT, CACHE_CONTROL, ETAG, EXPIRES, HOST, IF_NONE_MATCH, LOCATION, VARY};
use http::{StatusCode, request};
use jiff::{SignedDuration, Timestamp};
use objects::Status;
use serde_json::{Value, json};

/// The media type of the one document that old kubectl reads. It asks for `v2@v1.0`, which is no
/// well-formed media type and so nobody's answer.
const OPENAPI_V2: &str = "application/com.github.proto-openapi.spec.v2.v1.0+protobuf";

/// A document whose address holds its hash never changes; caches may keep it this long.
const DOCUMENT_LASTS: SignedDuration = SignedDuration::from_hours(365 * 24);

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
        ["openapi", "v2"] => {
            return Answer::new(StatusCode::OK, OPENAPI_V2, server.openapi.v2().to_vec());
        }
        ["openapi", "v3"] => return Answer::json(StatusCode::OK, server.openapi.index()),
        ["openapi", "v3", path @ ..] => return openapi_v3(server, &path.join("/"), head),
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

/// The document about one version of a group. Clients name the hash that the index told them, and
/// keep what they get for as long as the index tells them the same.
fn openapi_v3(server: &ApiServer, path: &str, head: &request::Parts) -> Answer {
    let Some(document) = server.openapi.v3(path) else {
        return Answer::failed(&Status::unknown_path());
    };
    let hash = server.openapi.hash(path);
    let etag = format!("\"{hash}\"");
    let query = Query::parse(head.uri.query().unwrap_or_default());
    let asked = query.get("hash");
    if asked.is_some_and(|asked| asked != hash) {
        let address = format!("/openapi/v3/{path}?hash={hash}");
        let moved = Answer::text(StatusCode::MOVED_PERMANENTLY, "");
        return moved.with_header(LOCATION, &address);
    }
    let known = header(&head.headers, IF_NONE_MATCH);
    let answer = match known.split(',').any(|known| known.trim() == etag) {
        true => Answer::new(StatusCode::NOT_MODIFIED, "application/json", Bytes::new()),
        false => Answer::json(StatusCode::OK, document.to_vec()),
    };
    let answer = answer.with_header(ETAG, &etag).with_header(VARY, "Accept");
    if asked.is_none() {
        return answer;
    }
    let now = server.parts.surroundings.now();
    let expires = now.checked_add(DOCUMENT_LASTS).unwrap_or(now);
    answer
        .with_header(CACHE_CONTROL, "public, immutable")
        .with_header(EXPIRES, &http_date(expires))
}

fn http_date(time: Timestamp) -> String {
    time.strftime("%a, %d %b %Y %H:%M:%S GMT").to_string()
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
