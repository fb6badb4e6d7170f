//! A condition around any operator and any two values.

use super::one_statement::matches;
use policy::RequestContext;
use serde_json::json;

/// Of one value that is there, every form of an operator says the same, and its negation not.
///
/// # Panics
/// When that is not so.
pub(crate) fn holds(operator: &str, wanted: &str, found: &str) {
    let mut context = RequestContext::new();
    context.set("k:one", found);
    let says = |operator: &str| {
        let condition = json!({"Condition": {operator: {"k:one": wanted}}});
        matches(&condition, ("sts:AssumeRole", "*"), &context)
    };
    let Some(plain) = says(operator) else { return };
    // To a set operator an empty text is no value.
    let forms = [
        Some(format!("{operator}IfExists")),
        (!found.is_empty()).then(|| format!("ForAnyValue:{operator}")),
        (!found.is_empty()).then(|| format!("ForAllValues:{operator}")),
    ];
    for form in forms.into_iter().flatten() {
        if let Some(said) = says(&form) {
            assert_eq!(said, plain, "{form} {wanted} {found}");
        }
    }
    let negated = ["String", "Numeric", "Date", "Arn"]
        .into_iter()
        .find_map(|kind| Some(format!("{kind}Not{}", operator.strip_prefix(kind)?)))
        .unwrap_or_else(|| format!("Not{operator}"));
    if says(&negated) == Some(true) {
        assert!(!plain, "{operator} {wanted} {found}, and {negated}");
    }
}
