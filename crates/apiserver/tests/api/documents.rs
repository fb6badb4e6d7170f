//! Documents about the API itself.

use crate::stage::{Api, items, text};
use serde_json::Value;
use std::collections::BTreeSet;

#[tokio::test]
async fn a_document_is_kept_as_long_as_its_hash_is_the_same() {
    let api = Api::start().await;
    let index = api.get("/openapi/v3").await.ok();
    let url = index["paths"]["apis/apps/v1"]["serverRelativeURL"]
        .as_str()
        .unwrap();
    let (path, hash) = url.split_once("?hash=").unwrap();
    let found = api.get(url).await;
    assert_eq!(found.header("cache-control"), "public, immutable");
    assert_eq!(found.header("expires"), "Sat, 02 Jan 2027 03:04:05 GMT");
    assert_eq!(found.header("vary"), "Accept");
    assert_eq!(found.header("etag"), format!("\"{hash}\""));
    let etag = found.header("etag").to_owned();
    let again = api.ask("GET", url, &[("if-none-match", &etag)], "").await;
    assert_eq!((again.code, again.body.as_str()), (304, Some("")));
    let old = api.get(&format!("{path}?hash=OLD")).await;
    assert_eq!((old.code, old.header("location")), (301, url));
    let plain = api.get(path).await;
    assert_eq!(plain.header("cache-control"), "no-cache, private");
    assert_eq!(plain.ok()["openapi"], "3.0.0");
}

#[tokio::test]
async fn old_clients_get_their_document_under_a_well_formed_media_type() {
    let api = Api::start().await;
    let asked = "application/com.github.proto-openapi.spec.v2@v1.0+protobuf";
    let found = api.get_as("/openapi/v2", asked).await;
    assert_eq!(
        (found.code, found.header("content-type")),
        (
            200,
            "application/com.github.proto-openapi.spec.v2.v1.0+protobuf"
        )
    );
}

#[tokio::test]
async fn each_group_names_a_version_and_each_version_a_resource() {
    let api = Api::start().await;
    let groups = api.get("/apis").await.ok();
    let groups = groups["groups"].as_array().unwrap();
    assert!(groups.len() > 5, "{groups:?}");
    for group in groups {
        let (name, versions) = (&group["name"], group["versions"].as_array().unwrap());
        assert!(versions.contains(&group["preferredVersion"]), "{group}");
        assert_eq!(
            &api.get(&format!("/apis/{}", name.as_str().unwrap()))
                .await
                .ok()["name"],
            name
        );
        for version in versions {
            let version = version["groupVersion"].as_str().unwrap();
            let list = api.get(&format!("/apis/{version}")).await.ok();
            assert_eq!(list["groupVersion"], version);
            assert!(
                !list["resources"].as_array().unwrap().is_empty(),
                "{version}"
            );
        }
    }
    assert_eq!(api.get("/apis/none.example.com").await.code, 404);
}

#[tokio::test]
async fn both_forms_of_discovery_name_the_same_resources() {
    let api = Api::start().await;
    for root in ["/api", "/apis"] {
        let accept = "application/json;g=apidiscovery.k8s.io;v=v2;as=APIGroupDiscoveryList";
        let aggregated = api.get_as(root, accept).await.ok();
        for group in aggregated["items"].as_array().unwrap() {
            let name = group["metadata"]["name"].as_str().unwrap_or_default();
            for version in group["versions"].as_array().unwrap() {
                let version_name = version["version"].as_str().unwrap();
                let path = match name {
                    "" => format!("/api/{version_name}"),
                    name => format!("/apis/{name}/{version_name}"),
                };
                let plain = api.get(&path).await.ok();
                assert_eq!(named(&version["resources"]), unaggregated(&plain), "{path}");
            }
        }
    }
}

/// `pods`, `pods/log`: of the aggregated form.
fn named(resources: &Value) -> BTreeSet<String> {
    let mut names = BTreeSet::new();
    for resource in items(resources) {
        let name = text(&resource["resource"]);
        names.insert(name.to_owned());
        for below in items(&resource["subresources"]) {
            names.insert(format!("{name}/{}", text(&below["subresource"])));
        }
    }
    names
}

fn unaggregated(list: &Value) -> BTreeSet<String> {
    let all = items(&list["resources"]).iter();
    all.map(|one| text(&one["name"]).to_owned()).collect()
}

#[tokio::test]
async fn aggregated_discovery_answers_in_the_version_that_is_asked_for() {
    let api = Api::start().await;
    let of = |version: &str| {
        format!("application/json;g=apidiscovery.k8s.io;v={version};as=APIGroupDiscoveryList")
    };
    for version in ["v2", "v2beta1"] {
        let found = api
            .get_as("/apis", &format!("{},application/json", of(version)))
            .await;
        assert_eq!(found.header("content-type"), of(version));
        let body = found.ok();
        assert_eq!(body["apiVersion"], format!("apidiscovery.k8s.io/{version}"));
    }
    let plain = api.get_as("/apis", "application/json").await;
    assert_eq!(plain.header("content-type"), "application/json");
    assert_eq!(plain.ok()["kind"], "APIGroupList");
}

#[tokio::test]
async fn the_server_says_its_version_in_integers() {
    let api = Api::start().await;
    let version = api.get("/version").await.ok();
    for part in ["major", "minor"] {
        let text = version[part].as_str().unwrap();
        assert!(text.parse::<u32>().is_ok(), "{part} {text}");
    }
}
