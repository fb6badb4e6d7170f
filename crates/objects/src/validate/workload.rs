//! What makes Pods.

use super::SPEC;
use super::faults::{Faults, is_set, items, text};
use super::{pod, selector};
use crate::field_path::FieldPath;
use serde_json::{Value, json};
use std::borrow::Cow;

pub(super) fn check_deployment(spec: &Value, faults: &mut Faults) {
    check_counts(spec, faults);
    selector::check_matches("deployment", SPEC, spec, faults);
    check_always_restarted(spec, faults);
    strategy(&spec["strategy"], faults);
    let deadline = &spec["progressDeadlineSeconds"];
    let minimum = spec["minReadySeconds"].as_i64().unwrap_or_default();
    if deadline
        .as_i64()
        .is_some_and(|deadline| deadline <= minimum)
    {
        let complaint = "must be greater than minReadySeconds";
        faults.invalid(SPEC.child("progressDeadlineSeconds"), deadline, complaint);
    }
}

pub(super) fn check_replica_set(spec: &Value, faults: &mut Faults) {
    check_counts(spec, faults);
    selector::check_matches("replicaset", SPEC, spec, faults);
    check_always_restarted(spec, faults);
}

pub(super) fn check_set(kind: &str, spec: &Value, faults: &mut Faults) {
    check_counts(spec, faults);
    selector::check_matches(&kind.to_lowercase(), SPEC, spec, faults);
    check_always_restarted(&with_claims(spec), faults);
}

/// The specification as its Pods are made of it: with a volume for each claim.
fn with_claims(spec: &Value) -> Cow<'_, Value> {
    let claims = items(&spec["volumeClaimTemplates"]);
    if claims.is_empty() {
        return Cow::Borrowed(spec);
    }
    let mut spec = spec.clone();
    let mut volumes = items(&spec["template"]["spec"]["volumes"]).to_vec();
    for claim in claims {
        let name = &claim["metadata"]["name"];
        if volumes.iter().all(|volume| volume["name"] != *name) {
            let source = json!({"claimName": name});
            volumes.push(json!({"name": name, "persistentVolumeClaim": source}));
        }
    }
    if let Some(Value::Object(pod)) = spec["template"].get_mut("spec") {
        pod.insert("volumes".to_owned(), json!(volumes));
    }
    Cow::Owned(spec)
}

pub(super) fn check_job(spec: &Value, path: FieldPath<'_>, faults: &mut Faults) {
    for field in [
        "parallelism",
        "completions",
        "activeDeadlineSeconds",
        "backoffLimit",
        "ttlSecondsAfterFinished",
    ] {
        faults.not_negative(path.child(field), &spec[field]);
    }
    let modes = ["NonIndexed", "Indexed"];
    faults.one_of(
        path.child("completionMode"),
        &spec["completionMode"],
        &modes,
    );
    let template = path.child("template");
    pod::check_template(&spec["template"], template, faults);
    let (of_pod, policy) = (
        template.child("spec"),
        &spec["template"]["spec"]["restartPolicy"],
    );
    match text(policy) {
        "" | "Always" => {
            let words = "valid values: \"OnFailure\", \"Never\"";
            faults.required(of_pod.child("restartPolicy"), words);
        }
        _ => {
            let known = ["OnFailure", "Never"];
            faults.one_of(of_pod.child("restartPolicy"), policy, &known);
        }
    }
}

pub(super) fn check_cron_job(spec: &Value, faults: &mut Faults) {
    if text(&spec["schedule"]).is_empty() {
        faults.required(SPEC.child("schedule"), "");
    }
    let policies = ["Allow", "Forbid", "Replace"];
    faults.one_of(
        SPEC.child("concurrencyPolicy"),
        &spec["concurrencyPolicy"],
        &policies,
    );
    let job = SPEC.child("jobTemplate");
    check_job(&spec["jobTemplate"]["spec"], job.child("spec"), faults);
}

fn check_counts(spec: &Value, faults: &mut Faults) {
    for field in ["replicas", "minReadySeconds", "revisionHistoryLimit"] {
        faults.not_negative(SPEC.child(field), &spec[field]);
    }
}

/// A template whose Pods must be restarted always: others would make no steady number.
fn check_always_restarted(spec: &Value, faults: &mut Faults) {
    let template = SPEC.child("template");
    pod::check_template(&spec["template"], template, faults);
    let of_pod = template.child("spec");
    let pod = &spec["template"]["spec"];
    faults.one_of(
        of_pod.child("restartPolicy"),
        &pod["restartPolicy"],
        &["Always"],
    );
    if is_set(&pod["activeDeadlineSeconds"]) {
        let complaint = "activeDeadlineSeconds in ReplicaSet is not Supported";
        faults.forbidden(of_pod.child("activeDeadlineSeconds"), complaint);
    }
}

fn strategy(strategy: &Value, faults: &mut Faults) {
    let path = SPEC.child("strategy");
    let (place, rolling) = (path.child("rollingUpdate"), &strategy["rollingUpdate"]);
    match text(&strategy["type"]) {
        "Recreate" if is_set(rolling) => {
            let complaint = "may not be specified when strategy `type` is 'Recreate'";
            faults.forbidden(place, complaint);
        }
        "RollingUpdate" if !is_set(rolling) => {
            faults.required(place, "this should be defaulted and never be nil");
        }
        "RollingUpdate" => rolling_update(rolling, place, faults),
        _ => faults.one_of(
            path.child("type"),
            &strategy["type"],
            &["Recreate", "RollingUpdate"],
        ),
    }
}

fn rolling_update(rolling: &Value, path: FieldPath<'_>, faults: &mut Faults) {
    for (field, percent_max) in [("maxUnavailable", 100), ("maxSurge", u32::MAX)] {
        amount(path.child(field), &rolling[field], percent_max, faults);
    }
    let is_none =
        |amount: &Value| amount.as_i64() == Some(0) || amount.as_str().and_then(percent) == Some(0);
    if is_none(&rolling["maxUnavailable"]) && is_none(&rolling["maxSurge"]) {
        let complaint = "may not be 0 when `maxSurge` is 0";
        faults.invalid(
            path.child("maxUnavailable"),
            &rolling["maxUnavailable"],
            complaint,
        );
    }
}

/// A number of Pods, or a share of them in percent.
pub(super) fn amount(path: FieldPath<'_>, amount: &Value, percent_max: u32, faults: &mut Faults) {
    faults.not_negative(path, amount);
    let Value::String(text) = amount else {
        return;
    };
    if percent(text).is_none() {
        let complaint = "a valid percent string must be a numeric string followed by an ending '%' (e.g. '1%',  or '93%', regex used for validation is '[0-9]+%')";
        faults.invalid(path, amount, complaint);
    } else if percent(text) > Some(percent_max) {
        faults.invalid(path, amount, "must not be greater than 100%");
    }
}

fn percent(text: &str) -> Option<u32> {
    let digits = text.strip_suffix('%')?;
    if digits.bytes().all(|byte| byte.is_ascii_digit()) {
        digits.parse().ok()
    } else {
        None
    }
}

#[cfg(test)]
mod tests {
    use crate::Object;
    use crate::validate::validate_create;
    use serde_json::json;

    #[test]
    fn a_stateful_set_mounts_its_claims_and_no_others() {
        let container = |volume: &str| {
            json!({"name": "c", "image": "i", "terminationMessagePolicy": "File",
            "imagePullPolicy": "Always", "volumeMounts": [{"name": volume, "mountPath": "/v"}]})
        };
        for (volume, faults) in [
            ("data", vec![]),
            (
                "date",
                vec![r#"spec.template.spec.containers[0].volumeMounts[0].name: Not found: "date""#],
            ),
        ] {
            let set = json!({
                "apiVersion": "apps/v1", "kind": "StatefulSet", "metadata": {"name": "db"},
                "spec": {
                    "selector": {"matchLabels": {"app": "db"}},
                    "template": {
                        "metadata": {"labels": {"app": "db"}},
                        "spec": {"containers": [container(volume)]},
                    },
                    "volumeClaimTemplates": [{"metadata": {"name": "data"}}],
                },
            });
            let mut set = Object::from_value(set).unwrap();
            crate::defaults::default(&mut set);
            let found = validate_create(&set);
            let found: Vec<_> = found.iter().map(ToString::to_string).collect();
            assert_eq!(found, faults, "{volume}");
        }
    }
}
