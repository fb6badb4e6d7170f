//! ConfigMaps and Secrets.

use super::faults::{Faults, entries, text};
use crate::field_path::FieldPath;
use crate::spelling;
use serde_json::Value;

/// Bytes of all values together.
const SIZE_MAX: usize = 1024 * 1024;

pub(super) fn check_config_map(object: &Value, faults: &mut Faults) {
    let (plain, binary) = (FieldPath::root("data"), FieldPath::root("binaryData"));
    for (key, _) in entries(&object["data"]) {
        let place = plain.key(key);
        faults.misspelt(place, key, &spelling::config_key(key));
        if object["binaryData"].get(key).is_some() {
            faults.invalid(
                place,
                &Value::from(key),
                "duplicate of key present in binaryData",
            );
        }
    }
    for (key, _) in entries(&object["binaryData"]) {
        faults.misspelt(binary.key(key), key, &spelling::config_key(key));
    }
    let plain_size: usize = entries(&object["data"])
        .map(|(_, value)| text(value).len())
        .sum();
    if plain_size + decoded_size(&object["binaryData"]) > SIZE_MAX {
        // Kubernetes names no field here.
        faults.too_long(FieldPath::root("[]"), SIZE_MAX);
    }
}

pub(super) fn check_secret(object: &Value, faults: &mut Faults) {
    let path = FieldPath::root("data");
    let data = &object["data"];
    for (key, _) in entries(data) {
        faults.misspelt(path.key(key), key, &spelling::config_key(key));
    }
    if decoded_size(data) > SIZE_MAX {
        faults.too_long(path, SIZE_MAX);
    }
    let mut require = |key: &str| {
        if data.get(key).is_none() {
            faults.required(path.key(key), "");
        }
    };
    match text(&object["type"]) {
        "kubernetes.io/dockercfg" => require(".dockercfg"),
        "kubernetes.io/dockerconfigjson" => require(".dockerconfigjson"),
        "kubernetes.io/tls" => ["tls.crt", "tls.key"].into_iter().for_each(require),
        "kubernetes.io/ssh-auth" => require("ssh-privatekey"),
        "kubernetes.io/basic-auth"
            if data.get("username").is_none() && data.get("password").is_none() =>
        {
            ["username", "password"].into_iter().for_each(require);
        }
        "kubernetes.io/service-account-token" => {
            let name = "kubernetes.io/service-account.name";
            if text(&object["metadata"]["annotations"][name]).is_empty() {
                let metadata = FieldPath::root("metadata");
                let annotations = metadata.child("annotations");
                faults.required(annotations.key(name), "");
            }
        }
        _ => {}
    }
}

/// Bytes behind base64.
fn decoded_size(data: &Value) -> usize {
    let size = |text: &str| {
        text.len() / 4 * 3
            - text
                .bytes()
                .rev()
                .take_while(|byte| *byte == b'=')
                .count()
                .min(2)
    };
    entries(data)
        .map(|(_, value)| text(value))
        .filter(|text| text.len() >= 4)
        .map(size)
        .sum()
}
