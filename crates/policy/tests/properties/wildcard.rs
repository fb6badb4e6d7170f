//! `*` and `?` against their definition.

use super::one_statement::matches;
use policy::RequestContext;
use serde_json::json;

/// A condition's pattern, and an action's, fit what their definition says.
///
/// # Panics
/// When they do not.
pub(crate) fn holds(pattern: &str, text: &str) {
    let mut context = RequestContext::new();
    context.set("k:one", text);
    // A variable is for another target.
    if !pattern.contains("${") {
        let like = json!({"Condition": {"StringLike": {"k:one": pattern}}});
        if let Some(fits) = matches(&like, ("sts:AssumeRole", "*"), &context) {
            assert_eq!(fits, defined(pattern, text), "{pattern} {text}");
        }
    }
    let name = |text: &str| {
        text.bytes()
            .all(|byte| byte.is_ascii_alphanumeric() || b"*?".contains(&byte))
    };
    if !pattern.is_empty() && name(pattern) {
        let action = format!("sts:{text}");
        let element = json!({"Action": format!("sts:{pattern}")});
        if let Some(fits) = matches(&element, (&action, "*"), &RequestContext::new()) {
            let small = |text: &str| text.to_ascii_lowercase();
            assert_eq!(
                fits,
                defined(&small(pattern), &small(text)),
                "{pattern} {text}"
            );
        }
    }
}

/// The definition: which beginnings of the text the pattern's beginning fits, character by character.
fn defined(pattern: &str, text: &str) -> bool {
    let text: Vec<_> = text.chars().collect();
    let mut fits = vec![false; text.len() + 1];
    fits[0] = true;
    for one in pattern.chars() {
        if one == '*' {
            let first = fits.iter().position(|fits| *fits).unwrap_or(fits.len());
            fits[first..].fill(true);
        } else {
            for at in (0..text.len()).rev() {
                fits[at + 1] = fits[at] && (one == '?' || one == text[at]);
            }
            fits[0] = false;
        }
    }
    fits[text.len()]
}
