//! How much of a session token its policies and tags may take.
//!
//! AWS compresses them by an unpublished method and answers the share in percent. Here the
//! size is that of the policy without white space, the ARNs and the tags, against what is left of
//! the longest token after everything else: so 100 percent is where the token would stop fitting.

use names::PolicyArn;

use crate::session::SessionTags;

/// Bytes that policies and tags of one session may take together.
pub const PACKED_BYTES_MAX: usize = 2_304;
/// Longest session policy, in characters.
pub const POLICY_CHARS_MAX: usize = 2_048;
/// Most managed policies passed with one call.
pub const POLICY_ARNS_MAX: usize = 10;

/// The share of the packed space that policies and tags take.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub struct PackedPercent(pub usize);

impl PackedPercent {
    /// Of session policies and tags.
    pub(crate) fn of(policy: Option<&str>, arns: &[PolicyArn], tags: &SessionTags) -> Self {
        let policy = policy.map_or(0, |policy| without_white_space(policy).len());
        let arns: usize = arns.iter().map(|arn| 1 + arn.as_str().len()).sum();
        Self::of_bytes(policy + arns + tags_len(tags))
    }

    /// Of tags alone.
    pub(crate) fn of_tags(tags: &SessionTags) -> Self {
        Self::of_bytes(tags_len(tags))
    }

    /// Whether it does not fit.
    #[must_use]
    pub fn is_too_large(self) -> bool {
        self.0 > 100
    }

    fn of_bytes(bytes: usize) -> Self {
        Self((bytes * 100).div_ceil(PACKED_BYTES_MAX))
    }
}

fn tags_len(tags: &SessionTags) -> usize {
    let lens = tags
        .iter()
        .map(|(key, tag)| key.len() + tag.value.len() + 3);
    lens.sum()
}

/// A JSON text without the white space between its tokens.
pub(crate) fn without_white_space(json: &str) -> String {
    let mut is_in_string = false;
    let mut is_escaped = false;
    let keep = |c: &char| {
        let is_kept = is_in_string || !c.is_ascii_whitespace();
        if *c == '"' && !is_escaped {
            is_in_string = !is_in_string;
        }
        is_escaped = is_in_string && *c == '\\' && !is_escaped;
        is_kept
    };
    json.chars().filter(keep).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn white_space_inside_strings_counts() {
        assert_eq!(
            without_white_space("{ \"a\" : \"b c\" }\n"),
            r#"{"a":"b c"}"#
        );
        assert_eq!(without_white_space(r#"["\" \\", 1]"#), r#"["\" \\",1]"#);
    }

    #[test]
    fn a_hundred_percent_is_the_last_that_fits() {
        assert!(!PackedPercent::of_bytes(PACKED_BYTES_MAX).is_too_large());
        assert!(PackedPercent::of_bytes(PACKED_BYTES_MAX + 1).is_too_large());
        assert_eq!(PackedPercent::of_bytes(0), PackedPercent(0));
    }
}
