//! The claims of a StatefulSet's Pods: each Pod has its own, and finds it again.

use super::{TELLING, is_wanted, ordinal};
use crate::api::{Part, Refused, resources};
use crate::controllers::desk::About;
use crate::controllers::{Desk, Severity, owner_reference};
use crate::object;
use serde_json::{Value, json};

/// The volumes of a Pod: those of its template, and one for each claim, which comes before one of the same
/// name.
pub(super) fn volumes(set: &Value, number: u64, pod: &Value) -> Value {
    let claims = object::items(set, "/spec/volumeClaimTemplates");
    let is_claim = |volume: &&Value| {
        let mut claims = claims.iter();
        claims.any(|claim| object::name(claim) == volume["name"])
    };
    let others = object::items(pod, "/spec/volumes").iter();
    let others = others.filter(|volume| !is_claim(volume)).cloned();
    let of_claim = |claim: &Value| {
        json!({
            "name": object::name(claim),
            "persistentVolumeClaim": {"claimName": claim_name(set, claim, number)},
        })
    };
    let all: Vec<_> = claims.iter().map(of_claim).chain(others).collect();
    match all.is_empty() {
        true => Value::Null,
        false => json!(all),
    }
}

fn claim_name(set: &Value, claim: &Value, number: u64) -> String {
    format!("{}-{}-{number}", object::name(claim), object::name(set))
}

/// The claim of a template for a Pod of a number. It stays when the Pod goes, and goes with the set only
/// if the set says so.
fn claim(set: &Value, template: &Value, number: u64) -> Value {
    let mut labels = template["metadata"]["labels"].clone();
    let selected = set
        .pointer("/spec/selector/matchLabels")
        .and_then(Value::as_object);
    for (name, value) in selected.into_iter().flatten() {
        labels[name] = value.clone();
    }
    let goes = &set["spec"]["persistentVolumeClaimRetentionPolicy"]["whenDeleted"];
    let owner = (goes == "Delete").then(|| [owner_reference(&resources::STATEFUL_SETS, set)]);
    object::without_nulls(&json!({
        "apiVersion": "v1",
        "kind": "PersistentVolumeClaim",
        "metadata": {
            "name": claim_name(set, template, number),
            "namespace": object::namespace(set),
            "labels": labels,
            "annotations": template["metadata"]["annotations"],
            "ownerReferences": owner,
        },
        "spec": template["spec"],
    }))
}

/// Leaves the claims of a Pod that is no longer wanted to the Pod, so that they go with it, if the set
/// says so.
pub(super) async fn leave_claims(desk: &Desk, set: &Value, pod: &Value) -> Result<(), Refused> {
    let goes = &set["spec"]["persistentVolumeClaimRetentionPolicy"]["whenScaled"];
    let Some(number) = ordinal(set, pod).filter(|_| goes == "Delete" && !is_wanted(set, pod))
    else {
        return Ok(());
    };
    for template in object::items(set, "/spec/volumeClaimTemplates") {
        let name = claim_name(set, template, number);
        let owner = owner_reference(&resources::PODS, pod);
        let patch = json!({"metadata": {"ownerReferences": [owner]}});
        let (claims, namespace) = (resources::CLAIMS, object::namespace(set));
        let left = desk.api.merge(claims, namespace, &name, Part::Main, patch);
        match left.await {
            Err(refused) if !refused.is_not_found() => return Err(refused),
            Ok(_) | Err(_) => {}
        }
    }
    Ok(())
}

/// Makes the claims of a Pod that are not there.
pub(super) async fn make_claims(desk: &Desk, about: About<'_>, number: u64) -> Result<(), Refused> {
    let set = about.1;
    let of = object::name(set);
    for template in object::items(set, "/spec/volumeClaimTemplates") {
        let claim = claim(set, template, number);
        let name = object::name(&claim).to_owned();
        let pod = format!("{of}-{number}");
        match desk.api.create(resources::CLAIMS, claim).await {
            Ok(_) => {
                let text = format!("create Claim {name} Pod {pod} in StatefulSet {of} success");
                let kind = (Severity::Normal, "SuccessfulCreate");
                desk.tell(TELLING.component, about, kind, text);
            }
            Err(Refused::AlreadyExists(_)) => {}
            Err(refused @ Refused::NamespaceEnding(_)) => return Err(refused),
            Err(refused) => {
                let text = format!(
                    "create Claim {name} for Pod {pod} in StatefulSet {of} failed error: {refused}"
                );
                let kind = (Severity::Warning, "FailedCreate");
                desk.tell(TELLING.component, about, kind, text);
                return Err(Refused::Other(refused.to_string()));
            }
        }
    }
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_pod_has_claims_of_its_own_and_they_have_the_labels_of_the_set() {
        let template = json!({
            "metadata": {"name": "data", "labels": {"tier": "db"}},
            "spec": {"accessModes": ["ReadWriteOnce"]},
        });
        let set = json!({"metadata": {"name": "db"}, "spec": {
            "volumeClaimTemplates": [template],
            "selector": {"matchLabels": {"app": "db"}},
            "persistentVolumeClaimRetentionPolicy": {"whenDeleted": "Delete"},
        }});
        let pod = json!({"spec": {"volumes": [
            {"name": "data", "emptyDir": {}},
            {"name": "config", "configMap": {"name": "c"}},
        ]}});
        let volumes = volumes(&set, 2, &pod);
        assert_eq!(
            volumes,
            json!([
                {"name": "data", "persistentVolumeClaim": {"claimName": "data-db-2"}},
                {"name": "config", "configMap": {"name": "c"}},
            ])
        );
        let claim = claim(&set, &template, 2);
        assert_eq!(object::name(&claim), "data-db-2");
        assert_eq!(
            claim["metadata"]["labels"],
            json!({"app": "db", "tier": "db"})
        );
        assert_eq!(
            claim["metadata"]["ownerReferences"][0]["kind"],
            "StatefulSet"
        );
    }
}
