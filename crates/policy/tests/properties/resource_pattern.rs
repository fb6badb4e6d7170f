//! A Resource element and its twin around any pattern.

use super::one_statement::matches;
use policy::RequestContext;
use serde_json::json;

/// Of Resource and NotResource at most one fits a resource, and a literal ARN fits itself.
///
/// # Panics
/// When that is not so.
pub(crate) fn holds(pattern: &str, resource: &str, value: &str) {
    let mut context = RequestContext::new();
    context.set("k", value);
    let fits = |element: &str, resource: &str| {
        matches(
            &json!({element: pattern}),
            ("sts:AssumeRole", resource),
            &context,
        )
    };
    let (one, twin) = (fits("Resource", resource), fits("NotResource", resource));
    assert!(
        one != Some(true) || twin != Some(true),
        "{pattern} fits {resource} and does not"
    );
    let literal = !pattern.contains(['*', '?', '$']) && pattern.matches(':').count() >= 5;
    if literal && one.is_some() {
        assert_eq!(fits("Resource", pattern), Some(true), "{pattern}");
    }
}
