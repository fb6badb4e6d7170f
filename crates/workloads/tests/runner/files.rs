//! What a Pod finds in its files and variables.

use super::bench::{Bench, at, sh, waiting_for};
use crate::fake::{Fake, PATIENCE};
use jiff::SignedDuration;
use serde_json::json;
use workloads::api::resources;
use workloads::runner::LogOptions;
use workloads::sandbox::Exit;

#[tokio::test(flavor = "multi_thread")]
async fn the_token_is_mounted_read_only_and_rotates() {
    let fake = Fake::with_token_life(SignedDuration::from_millis(1500));
    let bench = Bench::with(fake, |_| {}).await;
    let folder = "/var/run/secrets/eks.amazonaws.com/serviceaccount";
    let token =
        json!({"audience": "sts.amazonaws.com", "expirationSeconds": 86400, "path": "token"});
    let mut container = sh("exec sleep 600");
    container["volumeMounts"] = json!([{"name": "aws", "mountPath": folder, "readOnly": true}]);
    let source = json!({"serviceAccountToken": token});
    bench.apply(
        "web",
        json!({
            "serviceAccountName": "seller",
            "containers": [container],
            "volumes": [{"name": "aws", "projected": {"sources": [source]}}],
        }),
    );
    bench.running("web").await;
    let script = format!("echo x > {folder}/token; rm {folder}/token; touch {folder}/x");
    let (text, exit) = bench.exec("web", &script).await;
    assert_eq!(text.matches("Read-only file system").count(), 3, "{text}");
    assert_ne!(exit, Exit::Code(0));
    let script = format!(
        "first=$(cat {folder}/token); while [ \"$(cat {folder}/token)\" = \"$first\" ]; do sleep 0.05; \
         done; echo \"$first\"; cat {folder}/token"
    );
    let (text, _) = tokio::time::timeout(PATIENCE, bench.exec("web", &script))
        .await
        .unwrap();
    let tokens: Vec<_> = text.split_whitespace().collect();
    assert!(
        tokens[0].starts_with("token-") && tokens[1].starts_with("token-"),
        "{text}"
    );
    assert_ne!(tokens[0], tokens[1]);
    let asked = bench.fake.asked.lock().unwrap()[0].clone();
    assert_eq!(asked.service_account, "seller");
    assert_eq!(
        (asked.audience.as_deref(), asked.expiration_seconds),
        (Some("sts.amazonaws.com"), 86400)
    );
    assert_eq!(asked.pod_name, "web");
}

#[tokio::test(flavor = "multi_thread")]
async fn a_config_map_that_changes_is_seen_in_the_running_container() {
    let bench = Bench::new().await;
    let config = |text: &str| {
        let metadata = json!({"name": "app", "namespace": "default"});
        json!({"metadata": metadata, "data": {"colour": text}})
    };
    bench.fake.put(resources::CONFIG_MAPS, config("blue"));
    let mut container =
        sh("until grep -q green /etc/app/colour; do sleep 0.02; done; echo seen; exec sleep 600");
    container["volumeMounts"] = json!([{"name": "conf", "mountPath": "/etc/app"}]);
    let volumes = json!([{"name": "conf", "configMap": {"name": "app"}}]);
    bench.apply(
        "web",
        json!({"containers": [container], "volumes": volumes}),
    );
    bench.running("web").await;
    bench.fake.put(resources::CONFIG_MAPS, config("green"));
    let options = LogOptions {
        follow: true,
        ..LogOptions::default()
    };
    let mut reader = bench.runner.log(at("web"), "c", false, options).unwrap();
    let piece = tokio::time::timeout(PATIENCE, reader.next()).await.unwrap();
    assert_eq!(piece.unwrap().unwrap(), b"seen\n");
}

#[tokio::test(flavor = "multi_thread")]
async fn a_missing_config_map_is_named_and_the_container_starts_once_it_is_there() {
    let bench = Bench::new().await;
    let mut container = sh("echo $COLOUR; exec sleep 600");
    let key = json!({"name": "app", "key": "colour"});
    container["env"] = json!([{"name": "COLOUR", "valueFrom": {"configMapKeyRef": key}}]);
    bench.apply("web", json!({"containers": [container]}));
    let pod = bench
        .fake
        .pod("web", |pod| {
            waiting_for(pod) == "CreateContainerConfigError"
        })
        .await;
    let message = &pod["status"]["containerStatuses"][0]["state"]["waiting"]["message"];
    assert_eq!(message, "configmap \"app\" not found");
    assert_eq!(pod["status"]["phase"], "Pending");
    let metadata = json!({"name": "app", "namespace": "default"});
    bench.fake.put(
        resources::CONFIG_MAPS,
        json!({"metadata": metadata, "data": {"colour": "red"}}),
    );
    bench.running("web").await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_missing_volume_source_is_told_as_an_event() {
    let bench = Bench::new().await;
    let volumes = json!([{"name": "conf", "configMap": {"name": "none"}}]);
    bench.apply(
        "web",
        json!({"containers": [sh("true")], "volumes": volumes}),
    );
    let event = bench.event("web", "FailedMount").await;
    let expected = "MountVolume.SetUp failed for volume \"conf\" : configmap \"none\" not found";
    assert_eq!(event["message"], expected);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_sub_path_that_leaves_its_volume_is_refused() {
    let bench = Bench::new().await;
    let mut container = sh("true");
    container["volumeMounts"] =
        json!([{"name": "work", "mountPath": "/data", "subPath": "link/passwd"}]);
    let mut first = sh("ln -s /etc /work/link");
    first["name"] = json!("first");
    first["volumeMounts"] = json!([{"name": "work", "mountPath": "/work"}]);
    bench.apply(
        "web",
        json!({
            "initContainers": [first],
            "containers": [container],
            "volumes": [{"name": "work", "emptyDir": {}}],
        }),
    );
    let pod = bench
        .fake
        .pod("web", |pod| {
            waiting_for(pod) == "CreateContainerConfigError"
        })
        .await;
    let message = &pod["status"]["containerStatuses"][0]["state"]["waiting"]["message"];
    let message = message.as_str().unwrap();
    assert!(
        message.starts_with("failed to prepare subPath for volumeMount"),
        "{message}"
    );
}

#[tokio::test(flavor = "multi_thread")]
async fn a_claims_volume_is_mounted_and_keeps_what_one_pod_wrote_for_the_next() {
    let bench = Bench::new().await;
    let mut container = sh("exec sleep 600");
    container["volumeMounts"] = json!([{"name": "data", "mountPath": "/data"}]);
    let spec = json!({
        "containers": [container],
        "volumes": [{"name": "data", "persistentVolumeClaim": {"claimName": "disk"}}],
    });
    bench.apply("first", spec.clone());
    bench.event("first", "FailedMount").await;
    let folder = bench.scratch("volume");
    let volume = json!({
        "metadata": {"name": "v"},
        "spec": {"hostPath": {"path": folder, "type": "DirectoryOrCreate"}},
    });
    bench.fake.put(resources::VOLUMES, volume);
    let claim = json!({
        "metadata": {"name": "disk", "namespace": "default"},
        "spec": {"volumeName": "v"},
        "status": {"phase": "Bound"},
    });
    bench.fake.put(resources::CLAIMS, claim);
    bench.running("first").await;
    let (text, exit) = bench.exec("first", "echo kept > /data/file").await;
    assert_eq!((text.as_str(), exit), ("", Exit::Code(0)));
    bench.delete("first", Some(0));
    bench.gone("first").await;
    bench.apply("second", spec);
    bench.running("second").await;
    assert_eq!(bench.exec("second", "cat /data/file").await.0, "kept\n");
}
