//! Claims, and the volumes that they claim.

use super::SPEC;
use super::faults::{Faults, is_set, items, text};
use crate::quantity::Quantity;
use serde_json::Value;

const MODES: [&str; 4] = [
    "ReadOnlyMany",
    "ReadWriteMany",
    "ReadWriteOnce",
    "ReadWriteOncePod",
];

/// What else a volume's spec has than its source.
const NO_SOURCE: [&str; 9] = [
    "accessModes",
    "capacity",
    "claimRef",
    "mountOptions",
    "nodeAffinity",
    "persistentVolumeReclaimPolicy",
    "storageClassName",
    "volumeAttributesClassName",
    "volumeMode",
];

pub(super) fn check(spec: &Value, faults: &mut Faults) {
    if items(&spec["accessModes"]).is_empty() {
        let words = "at least 1 access mode is required";
        faults.required(SPEC.child("accessModes"), words);
    }
    modes(spec, faults);
    let storage = &spec["resources"]["requests"]["storage"];
    let place = SPEC.child("resources");
    match Quantity::of(storage) {
        None => faults.required(place.key("storage"), ""),
        Some(size) if size <= Quantity::default() => {
            let requests = place.child("requests");
            faults.invalid(
                requests.key("storage"),
                storage,
                "must be greater than zero",
            );
        }
        Some(_) => {}
    }
}

pub(super) fn check_volume(spec: &Value, faults: &mut Faults) {
    if items(&spec["accessModes"]).is_empty() {
        faults.required(SPEC.child("accessModes"), "");
    }
    modes(spec, faults);
    if !is_set(&spec["capacity"]["storage"]) {
        faults.required(SPEC.child("capacity"), "");
    }
    let policies = ["Delete", "Recycle", "Retain"];
    let policy = "persistentVolumeReclaimPolicy";
    faults.one_of(SPEC.child(policy), &spec[policy], &policies);
    let fields = spec.as_object().into_iter().flatten();
    let mut sources =
        fields.filter(|(field, value)| !NO_SOURCE.contains(&field.as_str()) && is_set(value));
    if sources.next().is_none() {
        faults.required(SPEC, "must specify a volume type");
    }
    for (other, _) in sources {
        let words = "may not specify more than 1 volume type";
        faults.forbidden(SPEC.child(other), words);
    }
    let path = text(&spec["hostPath"]["path"]);
    if path.split('/').any(|part| part == "..") {
        let place = SPEC.child("hostPath");
        faults.invalid(
            place.child("path"),
            &spec["hostPath"]["path"],
            "must not contain '..'",
        );
    }
}

fn modes(spec: &Value, faults: &mut Faults) {
    let place = SPEC.child("accessModes");
    for mode in items(&spec["accessModes"]) {
        faults.one_of(place, mode, &MODES);
    }
}

/// A claim is what it was made as, but that it is given a volume, and that one with a volume may ask for
/// more.
pub(super) fn check_update(spec: &Value, old: &Value, is_bound: bool, faults: &mut Faults) {
    let without = |spec: &Value| {
        let mut spec = spec.clone();
        if let Some(spec) = spec.as_object_mut() {
            if text(&old["volumeName"]).is_empty() {
                spec.remove("volumeName");
            }
            if is_bound {
                spec.remove("resources");
            }
            spec.remove("volumeAttributesClassName");
        }
        spec
    };
    if without(spec) != without(old) {
        let complaint = "spec is immutable after creation except resources.requests and volumeAttributesClassName for bound claims";
        faults.forbidden(SPEC, complaint);
    }
    let size = |spec: &Value| Quantity::of(&spec["resources"]["requests"]["storage"]);
    if is_bound && size(spec) < size(old) {
        let place = SPEC.child("resources");
        let complaint = "field can not be less than status.capacity";
        faults.forbidden(place.child("requests").key("storage"), complaint);
    }
}

#[cfg(test)]
mod tests {
    use crate::Object;
    use crate::validate::{validate_create, validate_update};
    use serde_json::{Value, json};

    fn object(kind: &str, spec: &Value, phase: &str) -> Object {
        let object = json!({"apiVersion": "v1", "kind": kind, "metadata": {"name": "x"},
            "spec": spec, "status": {"phase": phase}});
        Object::from_value(object).unwrap()
    }

    fn claim(size: &str, volume: &str) -> Value {
        json!({"accessModes": ["ReadWriteOnce"], "volumeName": volume,
            "resources": {"requests": {"storage": size}}})
    }

    #[track_caller]
    fn check(kind: &str, spec: &Value, expected: &[&str]) {
        let faults = validate_create(&object(kind, spec, "Pending"));
        let faults: Vec<_> = faults.iter().map(ToString::to_string).collect();
        assert_eq!(faults, expected, "{spec}");
    }

    #[test]
    fn a_claim_says_how_it_is_used_and_how_much_it_wants() {
        check("PersistentVolumeClaim", &claim("1Gi", ""), &[]);
        check(
            "PersistentVolumeClaim",
            &json!({}),
            &[
                "spec.accessModes: Required value: at least 1 access mode is required",
                "spec.resources[storage]: Required value",
            ],
        );
        check(
            "PersistentVolumeClaim",
            &claim("0", ""),
            &[r#"spec.resources.requests[storage]: Invalid value: "0": must be greater than zero"#],
        );
    }

    #[test]
    fn a_volume_has_one_source_and_leads_nowhere_else() {
        let volume = |source: Value| {
            let mut spec =
                json!({"accessModes": ["ReadWriteOnce"], "capacity": {"storage": "1Gi"}});
            for (field, value) in source.as_object().unwrap() {
                spec[field] = value.clone();
            }
            spec
        };
        for (source, expected) in [
            (json!({"hostPath": {"path": "/a"}}), vec![]),
            (
                json!({}),
                vec!["spec: Required value: must specify a volume type"],
            ),
            (
                json!({"hostPath": {"path": "/a"}, "local": {"path": "/a"}}),
                vec!["spec.local: Forbidden: may not specify more than 1 volume type"],
            ),
            (
                json!({"hostPath": {"path": "/a/../b"}}),
                vec![r#"spec.hostPath.path: Invalid value: "/a/../b": must not contain '..'"#],
            ),
        ] {
            check("PersistentVolume", &volume(source), &expected);
        }
    }

    #[test]
    fn a_claim_is_given_a_volume_once_and_may_only_grow() {
        let small = "spec.resources.requests[storage]: Forbidden: field can not be less than status.capacity";
        let fixed = "spec: Forbidden: spec is immutable after creation except resources.requests and volumeAttributesClassName for bound claims";
        for (phase, old, new, expected) in [
            ("Pending", claim("1Gi", ""), claim("1Gi", "v"), vec![]),
            ("Bound", claim("1Gi", "v"), claim("1Gi", "w"), vec![fixed]),
            ("Bound", claim("1Gi", "v"), claim("2Gi", "v"), vec![]),
            ("Bound", claim("2Gi", "v"), claim("1Gi", "v"), vec![small]),
            ("Pending", claim("1Gi", ""), claim("2Gi", ""), vec![fixed]),
        ] {
            let kind = "PersistentVolumeClaim";
            let faults = validate_update(&object(kind, &new, phase), &object(kind, &old, phase));
            let faults: Vec<_> = faults.iter().map(ToString::to_string).collect();
            assert_eq!(faults, expected, "{phase} {old} {new}");
        }
    }
}
