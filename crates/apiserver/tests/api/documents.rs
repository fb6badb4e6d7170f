//! Documents about the API itself.

use crate::stage::Api;

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
