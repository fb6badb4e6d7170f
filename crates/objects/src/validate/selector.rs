//! Label selectors inside objects.

use super::faults::{Faults, items, text};
use super::metadata::labels;
use crate::field_path::FieldPath;
use crate::selector::LabelSelector;
use crate::spelling;
use serde_json::{Value, json};

pub(super) fn check(path: FieldPath<'_>, selector: &Value, faults: &mut Faults) {
    labels(path.child("matchLabels"), &selector["matchLabels"], faults);
    let list = path.child("matchExpressions");
    for (index, expression) in items(&selector["matchExpressions"]).iter().enumerate() {
        let item = list.index(index);
        let (values, has_values) = (
            item.child("values"),
            !items(&expression["values"]).is_empty(),
        );
        match text(&expression["operator"]) {
            "In" | "NotIn" if !has_values => {
                faults.required(
                    values,
                    "must be specified when `operator` is 'In' or 'NotIn'",
                );
            }
            "Exists" | "DoesNotExist" if has_values => {
                let complaint =
                    "may not be specified when `operator` is 'Exists' or 'DoesNotExist'";
                faults.forbidden(values, complaint);
            }
            "In" | "NotIn" | "Exists" | "DoesNotExist" => {}
            _ => {
                let complaint = "not a valid selector operator";
                faults.invalid(item.child("operator"), &expression["operator"], complaint);
            }
        }
        let key = text(&expression["key"]);
        faults.misspelt(item.child("key"), key, &spelling::qualified_name(key));
        for (index, value) in items(&expression["values"]).iter().enumerate() {
            let value = text(value);
            faults.misspelt(values.index(index), value, &spelling::label_value(value));
        }
    }
}

/// The selector of what makes Pods, and the labels of those Pods: the one must find the others.
pub(super) fn check_matches(kind: &str, path: FieldPath<'_>, spec: &Value, faults: &mut Faults) {
    let (field, selector) = (path.child("selector"), &spec["selector"]);
    if selector.is_null() {
        faults.required(field, "");
        return;
    }
    check(field, selector, faults);
    let is_empty = items(&selector["matchExpressions"]).is_empty()
        && selector["matchLabels"]
            .as_object()
            .is_none_or(serde_json::Map::is_empty);
    if is_empty {
        faults.invalid(
            field,
            selector,
            &format!("empty selector is invalid for {kind}"),
        );
        return;
    }
    let Ok(selector) = LabelSelector::from_object(selector) else {
        return;
    };
    let of_template = &spec["template"]["metadata"]["labels"];
    if !selector.matches(of_template.as_object()) {
        let template = path.child("template");
        let metadata = template.child("metadata");
        let found = if of_template.is_null() {
            json!({})
        } else {
            of_template.clone()
        };
        faults.invalid(
            metadata.child("labels"),
            &found,
            "`selector` does not match template `labels`",
        );
    }
}
