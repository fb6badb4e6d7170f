//! A pod stays five minutes on a node that is not ready or not reachable, if it says nothing else.

use super::new_pod;
use apiserver::{Admission, Review};
use objects::Status;
use serde_json::{Value, json};
use store::Pending;

const TOLERATED: [&str; 2] = [
    "node.kubernetes.io/not-ready",
    "node.kubernetes.io/unreachable",
];
const SECONDS: u32 = 300;

/// Adds them.
pub(super) struct DefaultTolerations;

impl Admission for DefaultTolerations {
    fn mutate<'a>(&'a self, review: &'a mut Review<'_>) -> Pending<'a, Result<(), Status>> {
        if let Some(pod) = new_pod(review) {
            let missing = TOLERATED
                .iter()
                .filter(|taint| !tolerates(pod.items(&["spec", "tolerations"]), taint));
            let missing: Vec<_> = missing.map(|taint| toleration(taint)).collect();
            if let Some(Value::Object(spec)) = pod.as_map_mut().get_mut("spec") {
                let present = spec.entry("tolerations").or_insert_with(|| json!([]));
                if let Some(present) = present.as_array_mut() {
                    present.extend(missing);
                }
            }
        }
        Box::pin(async { Ok(()) })
    }
}

fn tolerates(all: &[Value], taint: &str) -> bool {
    let is_or_empty = |value: &Value, wanted: &str| {
        let text = value.as_str().unwrap_or_default();
        text.is_empty() || text == wanted
    };
    all.iter()
        .any(|one| is_or_empty(&one["key"], taint) && is_or_empty(&one["effect"], "NoExecute"))
}

fn toleration(taint: &str) -> Value {
    json!({
        "key": taint,
        "operator": "Exists",
        "effect": "NoExecute",
        "tolerationSeconds": SECONDS,
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_toleration_covers_its_taint_by_key_and_effect_or_by_naming_neither() {
        let rows = [
            (json!({ "key": TOLERATED[0], "effect": "NoExecute" }), true),
            (json!({ "key": TOLERATED[0] }), true),
            (json!({ "operator": "Exists" }), true),
            (
                json!({ "key": TOLERATED[0], "effect": "NoSchedule" }),
                false,
            ),
            (json!({ "key": TOLERATED[1], "effect": "NoExecute" }), false),
        ];
        for (toleration, wanted) in rows {
            assert_eq!(
                tolerates(std::slice::from_ref(&toleration), TOLERATED[0]),
                wanted,
                "{toleration}"
            );
        }
    }
}
