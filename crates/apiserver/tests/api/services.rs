//! Services, and the addresses that they are given.

use crate::stage::{Api, Crowded, MERGE};
use serde_json::{Value, json};

const SERVICES: &str = "/api/v1/namespaces/default/services";

fn service(name: &str, spec: &Value) -> Value {
    let mut service = json!({"metadata": {"name": name}, "spec": {"ports": [{"port": 80}]}});
    for (field, value) in spec.as_object().into_iter().flatten() {
        service["spec"][field] = value.clone();
    }
    service
}

async fn made(api: &Api, name: &str, spec: &Value) -> Value {
    api.post(SERVICES, &service(name, spec)).await.ok()["spec"].clone()
}

#[tokio::test]
async fn each_service_has_an_address_of_its_own() {
    let api = Api::start().await;
    let mut addresses = Vec::new();
    for index in 0..40 {
        let spec = made(&api, &format!("s{index}"), &json!({})).await;
        let address = spec["clusterIP"].as_str().unwrap().to_owned();
        assert!(address.starts_with("10.100."), "{address}");
        assert_eq!(spec["clusterIPs"], json!([address]));
        addresses.push(address);
    }
    addresses.sort();
    addresses.dedup();
    assert_eq!(addresses.len(), 40);
}

#[tokio::test]
async fn services_made_at_once_share_no_address() {
    let api = std::sync::Arc::new(Api::over(Crowded::new()).await);
    let mut makers = tokio::task::JoinSet::new();
    for index in 0..16 {
        let api = std::sync::Arc::clone(&api);
        makers.spawn(async move {
            let asked = service(&format!("s{index}"), &json!({"clusterIP": "10.100.0.9"}));
            api.post(SERVICES, &asked).await.code
        });
    }
    let codes = makers.join_all().await;
    assert_eq!(
        codes.iter().filter(|code| **code == 201).count(),
        1,
        "{codes:?}"
    );
    assert_eq!(
        codes.iter().filter(|code| **code == 422).count(),
        15,
        "{codes:?}"
    );
}

#[tokio::test]
async fn headless_and_external_services_have_none() {
    let api = Api::start().await;
    let headless = made(&api, "headless", &json!({"clusterIP": "None"})).await;
    assert_eq!(headless["clusterIP"], "None");
    let external = json!({"type": "ExternalName", "externalName": "example.com"});
    assert_eq!(
        made(&api, "external", &external).await.get("clusterIP"),
        None
    );
}

#[tokio::test]
async fn an_address_that_is_asked_for_is_free_and_in_the_network() {
    let api = Api::start().await;
    let asked = json!({"clusterIP": "10.100.0.10"});
    assert_eq!(made(&api, "dns", &asked).await["clusterIP"], "10.100.0.10");
    for (address, why) in [
        ("10.100.0.10", "provided IP is already allocated"),
        (
            "10.99.0.10",
            "the provided IP (10.99.0.10) is not in the valid range. The range of valid IPs is 10.100.0.0/16",
        ),
    ] {
        let refused = api
            .post(SERVICES, &service("x", &json!({"clusterIP": address})))
            .await;
        assert_eq!(refused.code, 422, "{}", refused.body);
        let end = format!("failed to allocate IP {address}: {why}");
        assert!(refused.message().ends_with(&end), "{}", refused.message());
    }
    api.delete(&format!("{SERVICES}/dns"), &json!({}))
        .await
        .ok();
    made(&api, "again", &asked).await;
}

#[tokio::test]
async fn what_was_given_is_kept_and_goes_with_its_type() {
    let api = Api::start().await;
    let path = format!("{SERVICES}/web");
    let first = made(&api, "web", &json!({"type": "NodePort"})).await;
    let port = first["ports"][0]["nodePort"].as_u64().unwrap();
    assert!((30_000..=32_767).contains(&port), "{port}");
    let put = api
        .put(&path, &service("web", &json!({"type": "NodePort"})))
        .await
        .ok();
    assert_eq!(put["spec"]["clusterIP"], first["clusterIP"]);
    assert_eq!(put["spec"]["ports"][0]["nodePort"], port);
    let plain = api
        .send("PATCH", &path, MERGE, r#"{"spec":{"type":"ClusterIP"}}"#)
        .await
        .ok();
    assert_eq!(plain["spec"]["ports"][0].get("nodePort"), None);
    let again = api
        .send("PATCH", &path, MERGE, r#"{"spec":{"type":"NodePort"}}"#)
        .await
        .ok();
    assert!(again["spec"]["ports"][0]["nodePort"].is_u64());
    api.send("PATCH", &path, MERGE, r#"{"spec":{"clusterIP":"10.100.0.7"}}"#).await.refused(
        422,
        "Service \"web\" is invalid: spec.clusterIPs[0]: Invalid value: [\"10.100.0.7\"]: may not change once set",
    );
    let external = r#"{"spec":{"type":"ExternalName","externalName":"example.com"}}"#;
    let external = api.send("PATCH", &path, MERGE, external).await.ok();
    assert_eq!(external["spec"].get("clusterIP"), None);
}

#[tokio::test]
async fn a_node_port_is_given_once() {
    let api = Api::start().await;
    let asked = |port: u16| json!({"type": "NodePort", "ports": [{"port": 80, "nodePort": port}]});
    made(&api, "one", &asked(30_080)).await;
    for (port, why) in [
        (30_080, "provided port is already allocated"),
        (
            80,
            "provided port is not in the valid range. The range of valid ports is 30000-32767",
        ),
    ] {
        api.post(SERVICES, &service("two", &asked(port))).await.refused(
            422,
            &format!("Service \"two\" is invalid: spec.ports[0].nodePort: Invalid value: {port}: {why}"),
        );
    }
}

#[tokio::test]
async fn the_api_has_a_service_that_says_where_it_is() {
    let api = Api::start().await;
    api.publish("127.0.0.1:6443").await;
    let path = "/api/v1/namespaces/default/services/kubernetes";
    let service = api.get(path).await.ok();
    assert_eq!(service["spec"]["clusterIP"], "10.100.0.1");
    assert_eq!(service["spec"]["ports"][0]["port"], 443);
    let revision = |service: &Value| service["metadata"]["resourceVersion"].clone();
    api.publish("127.0.0.1:6443").await;
    let again = api.get(path).await.ok();
    assert_eq!(revision(&again), revision(&service), "nothing was to mend");
    api.delete(path, &json!({})).await.ok();
    api.publish("127.0.0.1:7443").await;
    assert_eq!(api.get(path).await.ok()["spec"]["clusterIP"], "10.100.0.1");
    let endpoints = "/api/v1/namespaces/default/endpoints/kubernetes";
    let subset = api.get(endpoints).await.ok()["subsets"][0].clone();
    assert_eq!(subset["addresses"][0]["ip"], "127.0.0.1");
    assert_eq!(subset["ports"][0]["port"], 7443);
    let slices = "/apis/discovery.k8s.io/v1/namespaces/default/endpointslices/kubernetes";
    let slice = api.get(slices).await.ok();
    assert_eq!(slice["endpoints"][0]["addresses"], json!(["127.0.0.1"]));
    assert_eq!(slice["ports"][0]["port"], 7443);
}

#[tokio::test]
async fn the_address_of_the_api_is_for_nobody_else() {
    let api = Api::start().await;
    let asked = service("mine", &json!({"clusterIP": "10.100.0.1"}));
    let refused = api.post(SERVICES, &asked).await;
    assert_eq!(refused.code, 422, "{}", refused.body);
    let end = "failed to allocate IP 10.100.0.1: provided IP is already allocated";
    assert!(refused.message().ends_with(end), "{}", refused.message());
}
