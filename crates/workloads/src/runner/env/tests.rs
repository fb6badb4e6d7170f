#![expect(
    clippy::needless_pass_by_value,
    reason = "rows of data read better without a borrow in each"
)]

use super::*;
use crate::pod::Pod;
use proptest::prelude::*;
use serde_json::json;

fn sources() -> Sources {
    let config = json!({"metadata": {"name": "app"}, "data": {"COLOUR": "blue", "SIZE": "3"}});
    let secret = json!({"metadata": {"name": "keys"}, "data": {"PIN": "MTIzNA=="}});
    let service = json!({
        "metadata": {"name": "my-db"},
        "spec": {"clusterIP": "10.0.0.7", "ports": [{"name": "sql", "port": 5432}]},
    });
    Sources {
        config_maps: [("app".to_owned(), config.into())].into(),
        secrets: [("keys".to_owned(), secret.into())].into(),
        services: vec![service.into()],
        api: Some(("127.0.0.1".to_owned(), 6443)),
        variables: vec![
            (
                "AWS_ENDPOINT_URL".to_owned(),
                "http://127.0.0.1:4566".to_owned(),
            ),
            ("PATH".to_owned(), "/of/the/node".to_owned()),
        ],
    }
}

fn env_of(container: Value) -> Result<BTreeMap<String, String>, Problem> {
    let pod = json!({
        "metadata": {"name": "web-0", "namespace": "shop", "uid": "u1", "labels": {"app": "web"}},
        "spec": {"serviceAccountName": "seller", "nodeName": "node-1", "containers": [container]},
    });
    let pod = Pod::read(&pod).unwrap();
    let downward = Downward {
        pod: &pod,
        hostname: "web-0",
        pod_ip: "127.1.0.2",
        host_ip: "127.0.0.1",
    };
    let image = [("PATH".to_owned(), "/bin".to_owned())];
    let env = environment(&pod.spec.containers[0], &downward, &sources(), &image)?;
    Ok(env.into_iter().collect())
}

#[track_caller]
fn check(env: Value, name: &str, expected: &str) {
    let found = env_of(json!({"name": "c", "env": env})).unwrap();
    assert_eq!(
        found.get(name).map(String::as_str),
        Some(expected),
        "{found:?}"
    );
}

#[track_caller]
fn refused(container: Value, expected: &str) {
    assert_eq!(env_of(container).unwrap_err().to_string(), expected);
}

#[test]
fn a_value_may_name_earlier_ones_services_and_nothing_else() {
    check(
        json!([{"name": "A", "value": "1"}, {"name": "B", "value": "$(A)2"}]),
        "B",
        "12",
    );
    check(
        json!([{"name": "B", "value": "$(A)2"}, {"name": "A", "value": "1"}]),
        "B",
        "$(A)2",
    );
    check(json!([{"name": "B", "value": "$$(A) $x"}]), "B", "$(A) $x");
    check(
        json!([{"name": "B", "value": "$(MY_DB_SERVICE_HOST)"}]),
        "B",
        "10.0.0.7",
    );
}

#[test]
fn a_value_comes_from_the_pod_itself() {
    let from = |path: &str| json!([{"name": "A", "valueFrom": {"fieldRef": {"fieldPath": path}}}]);
    for (path, expected) in [
        ("metadata.name", "web-0"),
        ("metadata.namespace", "shop"),
        ("metadata.uid", "u1"),
        ("metadata.labels['app']", "web"),
        ("spec.nodeName", "node-1"),
        ("spec.serviceAccountName", "seller"),
        ("status.podIP", "127.1.0.2"),
        ("status.hostIP", "127.0.0.1"),
    ] {
        check(from(path), "A", expected);
    }
}

#[test]
fn a_value_comes_from_a_limit_in_units_of_the_divisor() {
    let env_of = |resource: &str, divisor: &str| {
        let reference = json!({"resource": resource, "divisor": divisor});
        let container = json!({
            "name": "c",
            "resources": {"limits": {"memory": "64Mi", "cpu": "250m"}},
            "env": [{"name": "A", "valueFrom": {"resourceFieldRef": reference}}],
        });
        env_of(container).unwrap()["A"].clone()
    };
    assert_eq!(env_of("limits.memory", "1Mi"), "64");
    assert_eq!(env_of("limits.memory", "0"), "67108864");
    assert_eq!(env_of("limits.cpu", "1"), "1");
    assert_eq!(env_of("limits.cpu", "1m"), "250");
}

#[test]
fn a_value_comes_from_config_maps_and_secrets() {
    let key = |kind: &str, name: &str, key: &str| json!([{"name": "A", "valueFrom": {kind: {"name": name, "key": key}}}]);
    check(key("configMapKeyRef", "app", "COLOUR"), "A", "blue");
    check(key("secretKeyRef", "keys", "PIN"), "A", "1234");
    let from = json!({"name": "c", "envFrom": [
        {"prefix": "APP_", "configMapRef": {"name": "app"}},
        {"secretRef": {"name": "keys"}},
        {"secretRef": {"name": "none", "optional": true}},
    ]});
    let found = env_of(from).unwrap();
    assert_eq!(
        (found["APP_SIZE"].as_str(), found["PIN"].as_str()),
        ("3", "1234")
    );
}

#[test]
fn what_is_missing_is_refused_in_the_words_of_the_kubelet() {
    let key = |name: &str, key: &str| {
        let reference = json!({"name": name, "key": key});
        json!({"name": "c", "env": [{"name": "A", "valueFrom": {"configMapKeyRef": reference}}]})
    };
    refused(key("none", "k"), "configmap \"none\" not found");
    refused(key("app", "k"), "couldn't find key k in ConfigMap shop/app");
    let from = json!({"name": "c", "envFrom": [{"secretRef": {"name": "none"}}]});
    refused(from, "secret \"none\" not found");
}

#[test]
fn every_pod_finds_the_api_and_the_services_of_its_namespace() {
    let found = env_of(json!({"name": "c"})).unwrap();
    for (name, expected) in [
        ("KUBERNETES_SERVICE_HOST", "127.0.0.1"),
        ("KUBERNETES_SERVICE_PORT", "6443"),
        ("KUBERNETES_PORT_6443_TCP_ADDR", "127.0.0.1"),
        ("MY_DB_SERVICE_PORT_SQL", "5432"),
        ("MY_DB_PORT", "tcp://10.0.0.7:5432"),
        ("MY_DB_PORT_5432_TCP_PROTO", "tcp"),
        ("HOSTNAME", "web-0"),
        ("AWS_ENDPOINT_URL", "http://127.0.0.1:4566"),
        ("PATH", "/bin"),
    ] {
        assert_eq!(
            found.get(name).map(String::as_str),
            Some(expected),
            "{name}"
        );
    }
}

proptest! {
    #[test]
    fn a_text_without_a_dollar_stays_as_it_is(text in "[^$]*") {
        prop_assert_eq!(expand(&text, |_| None), text);
    }

    #[test]
    fn any_text_can_be_expanded(text in ".*") {
        let _ = expand(&text, |name| Some(name.to_owned()));
    }
}
