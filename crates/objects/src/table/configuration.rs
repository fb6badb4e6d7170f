//! Rows of what is configuration, and of kinds without columns of their own.

use super::look::{Look, NONE, UNKNOWN};
use serde_json::{Value, json};

pub(super) fn other(look: &Look<'_>) -> Vec<Value> {
    vec![look.name(), look.created()]
}

pub(super) fn config_map(look: &Look<'_>) -> Vec<Value> {
    let count = look.count("data") + look.count("binaryData");
    vec![look.name(), json!(count), look.age()]
}

pub(super) fn secret(look: &Look<'_>) -> Vec<Value> {
    vec![
        look.name(),
        json!(look.text("type")),
        json!(look.count("data")),
        look.age(),
    ]
}

pub(super) fn service_account(look: &Look<'_>) -> Vec<Value> {
    vec![look.name(), json!(look.items("secrets").len()), look.age()]
}

pub(super) fn namespace(look: &Look<'_>) -> Vec<Value> {
    vec![look.name(), json!(look.text("status.phase")), look.age()]
}

pub(super) fn lease(look: &Look<'_>) -> Vec<Value> {
    vec![
        look.name(),
        json!(look.text("spec.holderIdentity")),
        look.age(),
    ]
}

pub(super) fn storage_class(look: &Look<'_>) -> Vec<Value> {
    const DEFAULT: &str = "storageclass.kubernetes.io/is-default-class";
    let mark = if look.object.annotation(DEFAULT) == Some("true") {
        " (default)"
    } else {
        ""
    };
    vec![
        json!(format!("{}{mark}", look.text("metadata.name"))),
        json!(look.text("provisioner")),
        json!(look.text_or("reclaimPolicy", "Delete")),
        json!(look.text_or("volumeBindingMode", "<unset>")),
        json!(look.value("allowVolumeExpansion") == &Value::Bool(true)),
        look.age(),
    ]
}

pub(super) fn claim(look: &Look<'_>) -> Vec<Value> {
    let is_deleting = !look.value("metadata.deletionTimestamp").is_null();
    let phase = if is_deleting {
        "Terminating"
    } else {
        look.text("status.phase")
    };
    let is_bound = !look.text("spec.volumeName").is_empty();
    let modes = access_modes(look, "status.accessModes");
    let capacity = look.text("status.capacity.storage");
    vec![
        look.name(),
        json!(phase),
        json!(look.text("spec.volumeName")),
        json!(if is_bound { capacity } else { "" }),
        json!(if is_bound { modes.as_str() } else { "" }),
        json!(look.text("spec.storageClassName")),
        json!(look.text_or("spec.volumeAttributesClassName", "<unset>")),
        look.age(),
        json!(look.text_or("spec.volumeMode", "<unset>")),
    ]
}

fn access_modes(look: &Look<'_>, path: &str) -> String {
    let modes = look.items(path).iter().filter_map(Value::as_str);
    let modes = modes.map(|mode| match mode {
        "ReadWriteOnce" => "RWO",
        "ReadOnlyMany" => "ROX",
        "ReadWriteMany" => "RWX",
        "ReadWriteOncePod" => "RWOP",
        other => other,
    });
    modes.collect::<Vec<_>>().join(",")
}

pub(super) fn volume(look: &Look<'_>) -> Vec<Value> {
    let is_deleting = !look.value("metadata.deletionTimestamp").is_null();
    let phase = match is_deleting {
        true => "Terminating",
        false => look.text("status.phase"),
    };
    let claim = match look.text("spec.claimRef.name") {
        "" => String::new(),
        name => format!("{}/{name}", look.text("spec.claimRef.namespace")),
    };
    vec![
        look.name(),
        json!(look.text("spec.capacity.storage")),
        json!(access_modes(look, "spec.accessModes")),
        json!(look.text("spec.persistentVolumeReclaimPolicy")),
        json!(phase),
        json!(claim),
        json!(look.text("spec.storageClassName")),
        json!(look.text_or("spec.volumeAttributesClassName", "<unset>")),
        json!(look.text("status.reason")),
        look.age(),
        json!(look.text_or("spec.volumeMode", "<unset>")),
    ]
}

/// What is used of what may be, requests and limits apart.
pub(super) fn quota(look: &Look<'_>) -> Vec<Value> {
    let hard = look.value("status.hard").as_object();
    let used = look.value("status.used");
    let of = |is_limit: bool| {
        let all = hard.into_iter().flatten();
        let all = all.filter(|(name, _)| name.starts_with("limits") == is_limit);
        let texts = all.map(|(name, hard)| {
            let used = used[name].as_str().unwrap_or("0");
            format!("{name}: {used}/{}", hard.as_str().unwrap_or_default())
        });
        json!(texts.collect::<Vec<_>>().join(", "))
    };
    vec![look.name(), of(false), of(true), look.age()]
}

pub(super) fn priority_class(look: &Look<'_>) -> Vec<Value> {
    vec![
        look.name(),
        json!(look.number("value")),
        json!(look.value("globalDefault") == &Value::Bool(true)),
        look.age(),
        json!(look.text_or("preemptionPolicy", "PreemptLowerPriority")),
    ]
}

/// An Event, of either group.
pub(super) fn event(look: &Look<'_>) -> Vec<Value> {
    let first_of = |paths: &[&str]| {
        let found = paths
            .iter()
            .map(|path| look.value(path))
            .find(|value| !value.is_null());
        found.cloned().unwrap_or_default()
    };
    let text_of = |paths: &[&str]| first_of(paths).as_str().unwrap_or_default().to_owned();
    let first = first_of(&["firstTimestamp", "deprecatedFirstTimestamp", "eventTime"]);
    let last = first_of(&[
        "series.lastObservedTime",
        "lastTimestamp",
        "deprecatedLastTimestamp",
        "firstTimestamp",
        "eventTime",
    ]);
    let kind = text_of(&["involvedObject.kind", "regarding.kind"]).to_lowercase();
    let name = text_of(&["involvedObject.name", "regarding.name"]);
    let target = if name.is_empty() {
        kind
    } else {
        format!("{kind}/{name}")
    };
    let component = text_of(&[
        "source.component",
        "deprecatedSource.component",
        "reportingComponent",
        "reportingController",
    ]);
    let host = text_of(&["source.host", "deprecatedSource.host"]);
    let source = if host.is_empty() {
        component
    } else {
        format!("{component}, {host}")
    };
    let count = first_of(&["series.count", "count", "deprecatedCount"])
        .as_i64()
        .unwrap_or(1);
    let since = |time: &Value| {
        json!(if time.is_null() {
            UNKNOWN.to_owned()
        } else {
            look.since(time)
        })
    };
    vec![
        since(&last),
        json!(look.text("type")),
        json!(look.text("reason")),
        json!(target),
        json!(text_of(&[
            "involvedObject.fieldPath",
            "regarding.fieldPath"
        ])),
        json!(source),
        json!(text_of(&["message", "note"]).trim()),
        since(&first),
        json!(count.max(1).to_string()),
        json!(look.text_or("metadata.name", NONE)),
    ]
}
