//! What holds for all Pods.

use podidentity::{ConfigMapEntries, Known, PodIdentities, ServiceAccountLookup, Settings, mutate};
use proptest::prelude::*;
use serde_json::{Value, json};

fn env() -> impl Strategy<Value = Value> {
    let names = prop::sample::select(vec![
        "AWS_ROLE_ARN",
        "AWS_WEB_IDENTITY_TOKEN_FILE",
        "AWS_REGION",
        "AWS_STS_REGIONAL_ENDPOINTS",
        "AWS_CONTAINER_CREDENTIALS_FULL_URI",
        "OTHER",
    ]);
    prop::collection::vec(
        names.prop_map(|name| json!({ "name": name, "value": "x" })),
        0..4,
    )
    .prop_map(Value::from)
}

fn mounts() -> impl Strategy<Value = Value> {
    let names = prop::sample::select(vec!["aws-iam-token", "eks-pod-identity-token", "data"]);
    let paths = prop::sample::select(vec![
        "/var/run/secrets/eks.amazonaws.com/serviceaccount",
        "/data",
    ]);
    prop::collection::vec((names, paths), 0..3).prop_map(|mounts| {
        let mounts = mounts.into_iter();
        mounts
            .map(|(name, path)| json!({ "name": name, "mountPath": path }))
            .collect()
    })
}

fn container() -> impl Strategy<Value = Value> {
    let members = (prop::option::of(env()), prop::option::of(mounts()));
    ("[a-c]", members).prop_map(|(name, (env, mounts))| {
        let mut container = json!({ "name": name, "image": "x", "unknown": { "kept": [1, 2] } });
        if let Some(env) = env {
            container["env"] = env;
        }
        if let Some(mounts) = mounts {
            container["volumeMounts"] = mounts;
        }
        container
    })
}

fn pod() -> impl Strategy<Value = Value> {
    let containers = || prop::collection::vec(container(), 0..3);
    let skip = prop::option::of("[a-c,\" ]{0,5}");
    (containers(), containers(), skip).prop_map(|(init, containers, skip)| {
        let mut pod = json!({ "spec": {
            "serviceAccountName": "app",
            "initContainers": init,
            "containers": containers,
        } });
        if let Some(skip) = skip {
            pod["metadata"]["annotations"] = json!({ "eks.amazonaws.com/skip-containers": skip });
        }
        pod
    })
}

/// Everything of `before` is in `after`, arrays in the same order; volumes are put in front.
fn keeps(before: &Value, after: &Value) -> bool {
    match (before, after) {
        (Value::Object(before), Value::Object(after)) => before
            .iter()
            .all(|(name, value)| after.get(name).is_some_and(|there| keeps(value, there))),
        (Value::Array(before), Value::Array(after)) => {
            before
                .iter()
                .zip(after)
                .all(|(one, other)| keeps(one, other))
                && before.len() <= after.len()
        }
        _ => before == after,
    }
}

proptest! {
    #[test]
    fn a_patch_applies_keeps_what_was_there_and_settles_at_once(
        pod in pod(),
        is_associated: bool,
        chance: u32,
    ) {
        let service_account = json!({ "metadata": { "annotations": {
            "eks.amazonaws.com/role-arn": "arn:aws:iam::111111111111:role/r",
        } } });
        let associated = is_associated.then(|| ("ns".to_owned(), "app".to_owned()));
        let known = Known {
            service_account: ServiceAccountLookup::of(Some(&service_account)),
            config_map: &ConfigMapEntries::default(),
            pod_identities: &PodIdentities::from_iter(associated),
            settings: &Settings { region: Some("us-west-2".to_owned()), ..Settings::default() },
        };
        let patch = serde_json::to_value(mutate(&pod, "ns", &known, chance).patch).unwrap();
        let patch: json_patch::Patch = serde_json::from_value(patch).unwrap();
        let mut patched = pod.clone();
        if is_associated && pod["metadata"].is_null() {
            // A Pod of the API always has metadata.
            patched["metadata"] = json!({});
        }
        json_patch::patch(&mut patched, &patch).unwrap();
        prop_assert!(keeps(&pod, &patched));
        prop_assert_eq!(mutate(&patched, "ns", &known, chance).patch, []);
    }

    #[test]
    fn documents_of_strangers_are_read_or_refused(text in "\\PC{0,64}") {
        let _ = ConfigMapEntries::parse(&text);
        let _ = PodIdentities::parse(&text);
    }
}
