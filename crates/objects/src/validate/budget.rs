//! Disruption budgets.

use super::SPEC;
use super::faults::{Faults, is_set};
use super::workload::amount;
use serde_json::Value;

pub(super) fn check(spec: &Value, faults: &mut Faults) {
    if is_set(&spec["minAvailable"]) && is_set(&spec["maxUnavailable"]) {
        let complaint = "minAvailable and maxUnavailable cannot be both set";
        faults.invalid(SPEC, spec, complaint);
    }
    for field in ["minAvailable", "maxUnavailable"] {
        amount(SPEC.child(field), &spec[field], 100, faults);
    }
    let policies = ["AlwaysAllow", "IfHealthyBudget"];
    let policy = "unhealthyPodEvictionPolicy";
    faults.one_of(SPEC.child(policy), &spec[policy], &policies);
}

#[cfg(test)]
mod tests {
    use crate::Object;
    use crate::validate::validate_create;
    use serde_json::{Value, json};

    #[track_caller]
    fn check(spec: &Value, expected: &[&str]) {
        let object = json!({"apiVersion": "policy/v1", "kind": "PodDisruptionBudget",
            "metadata": {"name": "x"}, "spec": spec});
        let faults = validate_create(&Object::from_value(object).unwrap());
        let faults: Vec<_> = faults.iter().map(ToString::to_string).collect();
        assert_eq!(faults, expected, "{spec}");
    }

    #[test]
    fn a_budget_wants_a_number_or_a_share_of_one_kind() {
        check(&json!({"minAvailable": 1}), &[]);
        check(&json!({"maxUnavailable": "50%"}), &[]);
        check(
            &json!({"minAvailable": -1}),
            &["spec.minAvailable: Invalid value: -1: must be greater than or equal to 0"],
        );
        check(
            &json!({"maxUnavailable": "101%"}),
            &[r#"spec.maxUnavailable: Invalid value: "101%": must not be greater than 100%"#],
        );
        let both = json!({"minAvailable": 1, "maxUnavailable": 1});
        let value = r#"{"maxUnavailable":1,"minAvailable":1}"#;
        let text = format!(
            "spec: Invalid value: {value}: minAvailable and maxUnavailable cannot be both set"
        );
        check(&both, &[&text]);
    }
}
