//! Rows of bindings.

use super::look::Look;
use serde_json::{Value, json};

pub(super) fn binding(look: &Look<'_>) -> Vec<Value> {
    let role = format!(
        "{}/{}",
        look.text("roleRef.kind"),
        look.text("roleRef.name")
    );
    let named = |kind: &str| {
        let subjects = look
            .items("subjects")
            .iter()
            .filter(|subject| subject["kind"] == *kind);
        let names = subjects.map(|subject| {
            let text = |field: &str| subject[field].as_str().unwrap_or_default();
            match kind {
                "ServiceAccount" => format!("{}/{}", text("namespace"), text("name")),
                _ => text("name").to_owned(),
            }
        });
        json!(names.collect::<Vec<_>>().join(", "))
    };
    let subjects = ["User", "Group", "ServiceAccount"].map(named);
    [look.name(), json!(role), look.age()]
        .into_iter()
        .chain(subjects)
        .collect()
}
