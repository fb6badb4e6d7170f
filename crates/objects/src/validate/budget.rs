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
