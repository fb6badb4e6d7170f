use super::*;
use crate::controllers::storage_class::PROVISIONER;

fn claim(more: &Value) -> Value {
    let mut claim = json!({
        "metadata": {"name": "data", "namespace": "shop", "uid": "c1"},
        "spec": {
            "accessModes": ["ReadWriteOnce"],
            "resources": {"requests": {"storage": "1Gi"}},
            "storageClassName": "local-path",
            "volumeMode": "Filesystem",
        },
    });
    for (field, value) in more.as_object().into_iter().flatten() {
        claim["spec"][field] = value.clone();
    }
    claim
}

fn class(mode: &str) -> Value {
    json!({"metadata": {"name": "local-path"}, "provisioner": PROVISIONER,
        "reclaimPolicy": "Delete", "volumeBindingMode": mode})
}

fn volume(name: &str, size: &str, more: &Value) -> Value {
    let mut volume = json!({
        "metadata": {"name": name},
        "spec": {
            "accessModes": ["ReadWriteOnce", "ReadOnlyMany"],
            "capacity": {"storage": size},
            "storageClassName": "local-path",
            "volumeMode": "Filesystem",
        },
    });
    for (field, value) in more.as_object().into_iter().flatten() {
        volume["spec"][field] = value.clone();
    }
    volume
}

fn pod(phase: &str) -> Value {
    json!({
        "spec": {"volumes": [{"name": "v", "persistentVolumeClaim": {"claimName": "data"}}]},
        "status": {"phase": phase},
    })
}

fn decided(claim: &Value, volumes: &[Value], class: Option<&Value>, pods: &[Value]) -> Step {
    let folder = Some(Path::new("/state/volumes"));
    let around = Around {
        volumes,
        pods,
        class,
        folder,
    };
    decide(claim, &around)
}

fn reason(step: &Step) -> &str {
    if let Step::Wait(_, reason, _) = step {
        reason
    } else {
        ""
    }
}

#[test]
fn a_claim_takes_the_smallest_volume_that_has_what_it_wants() {
    let volumes = [
        volume("small", "512Mi", &json!({})),
        volume("large", "4Gi", &json!({})),
        volume("fits", "1Gi", &json!({})),
        volume("other", "1Gi", &json!({"storageClassName": "fast"})),
        volume("once", "1Gi", &json!({"accessModes": ["ReadOnlyMany"]})),
        volume(
            "taken",
            "1Gi",
            &json!({"claimRef": {"name": "x", "namespace": "shop", "uid": "x"}}),
        ),
        volume("block", "1Gi", &json!({"volumeMode": "Block"})),
    ];
    let class = class("Immediate");
    let step = decided(&claim(&json!({})), &volumes, Some(&class), &[]);
    assert_eq!(step, Step::Take("fits".to_owned()));
}

#[test]
fn a_volume_that_is_kept_for_a_claim_goes_to_it_and_to_no_other() {
    let kept = json!({"claimRef": {"name": "data", "namespace": "shop"}});
    let volumes = [
        volume("free", "1Gi", &json!({})),
        volume("kept", "9Gi", &kept),
    ];
    let class = class("Immediate");
    let step = decided(&claim(&json!({})), &volumes, Some(&class), &[]);
    assert_eq!(step, Step::Take("kept".to_owned()));
    let mut other = claim(&json!({}));
    other["metadata"]["name"] = json!("other");
    let step = decided(&other, &volumes, Some(&class), &[]);
    assert_eq!(step, Step::Take("free".to_owned()));
}

#[test]
fn a_class_may_want_a_pod_first() {
    let class = class("WaitForFirstConsumer");
    let claim = claim(&json!({}));
    assert_eq!(
        reason(&decided(&claim, &[], Some(&class), &[])),
        "WaitForFirstConsumer"
    );
    let ended = decided(&claim, &[], Some(&class), &[pod("Succeeded")]);
    assert_eq!(reason(&ended), "WaitForFirstConsumer");
    let step = decided(&claim, &[], Some(&class), &[pod("Pending")]);
    assert!(matches!(step, Step::Provision(_)), "{step:?}");
}

#[test]
fn a_volume_is_made_by_the_claim_and_its_class() {
    let Step::Provision(made) = decided(&claim(&json!({})), &[], Some(&class("Immediate")), &[])
    else {
        panic!("it is made")
    };
    assert_eq!(object::name(&made), "pvc-c1");
    assert_eq!(made["spec"]["claimRef"]["uid"], "c1");
    assert_eq!(made["spec"]["capacity"]["storage"], "1Gi");
    assert_eq!(made["spec"]["persistentVolumeReclaimPolicy"], "Delete");
    assert_eq!(made["spec"]["hostPath"]["path"], "/state/volumes/pvc-c1");
}

#[test]
fn a_claim_that_nothing_suits_says_what_it_waits_for() {
    let mut foreign = class("Immediate");
    foreign["provisioner"] = json!("ebs.csi.aws.com");
    let ours = class("Immediate");
    for (spec, class, expected) in [
        (json!({"storageClassName": ""}), None, "FailedBinding"),
        (json!({}), None, "ProvisioningFailed"),
        (json!({}), Some(&foreign), "ExternalProvisioning"),
        (
            json!({"volumeMode": "Block"}),
            Some(&ours),
            "ProvisioningFailed",
        ),
        (json!({"selector": {}}), Some(&ours), "ProvisioningFailed"),
        (json!({"volumeName": "none"}), Some(&ours), "FailedBinding"),
    ] {
        assert_eq!(
            reason(&decided(&claim(&spec), &[], class, &[])),
            expected,
            "{spec}"
        );
    }
}

#[test]
fn a_claim_with_a_volume_is_bound_and_lost_when_that_goes() {
    let mut claim = claim(&json!({"volumeName": "v"}));
    let whose = json!({"claimRef": {"name": "data", "namespace": "shop", "uid": "c1"}});
    let volumes = [volume("v", "1Gi", &whose)];
    assert_eq!(
        decided(&claim, &volumes, None, &[]),
        Step::Settle("v".to_owned())
    );
    claim["status"]["phase"] = json!("Bound");
    assert_eq!(decided(&claim, &[], None, &[]), Step::Lose);
    let another = json!({"claimRef": {"name": "data", "namespace": "shop", "uid": "old"}});
    let volumes = [volume("v", "1Gi", &another)];
    assert_eq!(
        reason(&decided(&claim, &volumes, None, &[])),
        "FailedBinding"
    );
}

#[test]
fn a_claim_goes_once_no_pod_uses_it() {
    let mut claim = claim(&json!({}));
    claim["metadata"]["deletionTimestamp"] = json!("2026-01-01T00:00:00Z");
    claim["metadata"]["finalizers"] = json!([PROTECTION]);
    assert_eq!(decided(&claim, &[], None, &[pod("Running")]), Step::Rest);
    assert_eq!(
        decided(&claim, &[], None, &[pod("Succeeded")]),
        Step::Unprotect
    );
}
