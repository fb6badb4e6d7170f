//! Variables in whatever takes them, and the values that are put in.

use super::one_statement::matches;
use policy::RequestContext;
use serde_json::json;

/// A template is decided wherever it may stand, and a value that is put in fits itself alone.
///
/// # Panics
/// When a value is read as a pattern.
pub(crate) fn holds(template: &str, value: &str, found: &str) {
    let mut context = RequestContext::new();
    context.set("k:value", value).set("k:one", found);
    let asked = ("sts:AssumeRole", "arn:aws:sqs::1:a");
    let says = |operator: &str, wanted: &str| {
        let condition = json!({"Condition": {operator: {"k:one": wanted}}});
        matches(&condition, asked, &context)
    };
    for operator in ["StringEquals", "StringNotLike", "ArnLike", "Bool"] {
        let _ = says(operator, template);
        let _ = says(operator, &format!("arn:aws:sqs::1:{template}"));
    }
    let _ = matches(
        &json!({"Resource": format!("arn:aws:sqs::1:{template}")}),
        asked,
        &context,
    );

    // What stands for literal characters is never read as one: such a value fits nothing.
    let marked = value.contains(['\u{1}', '\u{2}', '\u{3}']);
    let alike = value == found && !marked;
    let [equals, like, begins] = [
        says("StringEquals", "${k:value}"),
        says("StringLike", "${k:value}"),
        says("StringLike", "${k:value}*"),
    ];
    assert_eq!(equals, Some(alike), "{value:?} {found:?}");
    assert_eq!(like, Some(alike), "{value:?} {found:?}");
    assert_eq!(
        begins,
        Some(found.starts_with(value) && !marked),
        "{value:?} {found:?}"
    );
}
