//! `*` and `?`, without memory of their own.
//!
//! A pattern without `?` takes linear time. With `?`, or where letter case does not count: when a
//! mismatch follows a `*`, only the last `*` is tried again, one character further; earlier ones need no
//! second look. So the worst case is pattern times text, and no pattern is exponential.

/// Whether the text fits the pattern, letter case counting.
pub(crate) fn fits(pattern: &str, text: &str) -> bool {
    if !pattern.contains('?') {
        return runs(pattern, text);
    }
    walk(pattern.as_bytes(), text.as_bytes(), |one, other| {
        one == other
    })
}

/// A pattern of `*` alone: each run between two stars stands at its first place behind the one before.
/// The library's search is linear, and so is this.
fn runs(pattern: &str, text: &str) -> bool {
    let Some((first, rest)) = pattern.split_once('*') else {
        return pattern == text;
    };
    let Some(text) = text.strip_prefix(first) else {
        return false;
    };
    let (middle, last) = rest.rsplit_once('*').unwrap_or(("", rest));
    let Some(mut text) = text.strip_suffix(last) else {
        return false;
    };
    middle.split('*').all(|run| match text.find(run) {
        Some(at) => {
            text = &text[at + run.len()..];
            true
        }
        None => false,
    })
}

/// Whether the text fits the pattern, ASCII letter case not counting.
pub(crate) fn fits_ignoring_case(pattern: &str, text: &str) -> bool {
    walk(pattern.as_bytes(), text.as_bytes(), |one, other| {
        one.eq_ignore_ascii_case(&other)
    })
}

/// Whether the text fits a pattern that variables were put into: marked wildcards are literal.
pub(crate) fn fits_expanded(pattern: &str, text: &str) -> bool {
    use crate::variable::{LITERAL_COLON, LITERAL_MARK, LITERAL_STAR};
    walk(
        pattern.as_bytes(),
        text.as_bytes(),
        |one, other| match one {
            LITERAL_STAR => other == b'*',
            LITERAL_MARK => other == b'?',
            LITERAL_COLON => other == b':',
            one => one == other,
        },
    )
}

/// Whether a pattern has a wildcard at all.
pub(crate) fn is_pattern(text: &str) -> bool {
    text.bytes().any(|byte| matches!(byte, b'*' | b'?'))
}

fn walk(pattern: &[u8], text: &[u8], same: impl Fn(u8, u8) -> bool) -> bool {
    let (mut in_pattern, mut in_text) = (0, 0);
    let mut star: Option<(usize, usize)> = None;
    while in_text < text.len() {
        match pattern.get(in_pattern) {
            Some(b'*') => {
                star = Some((in_pattern, in_text));
                in_pattern += 1;
            }
            Some(b'?') => {
                in_pattern += 1;
                in_text += character(text, in_text);
            }
            Some(byte) if same(*byte, text[in_text]) => {
                in_pattern += 1;
                in_text += 1;
            }
            _ => {
                let Some((at, from)) = star else { return false };
                star = Some((at, from + 1));
                (in_pattern, in_text) = (at + 1, from + 1);
            }
        }
    }
    pattern[in_pattern..].iter().all(|byte| *byte == b'*')
}

/// The bytes of the character that begins there, so that `?` is one character.
fn character(text: &[u8], at: usize) -> usize {
    1 + text[at + 1..]
        .iter()
        .take_while(|byte| (0x80..0xc0).contains(*byte))
        .count()
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    #[test]
    fn wildcards_fit_as_the_manual_says() {
        let rows = [
            ("*", "", true),
            ("*", "a/b:c", true),
            ("a?c", "abc", true),
            ("a?c", "ac", false),
            ("a?c", "aéc", true),
            ("*a*b", "xaxxb", true),
            ("*a*b", "xaxxbx", false),
            ("", "", true),
            ("", "a", false),
            ("List*", "list", false),
        ];
        for (pattern, text, wanted) in rows {
            assert_eq!(fits(pattern, text), wanted, "{pattern} {text}");
        }
        assert!(fits_ignoring_case("List*", "lISTClusters"));
    }

    #[test]
    fn a_hostile_pattern_is_not_slow() {
        let pattern = "*a".repeat(200) + "b";
        assert!(!fits(&pattern, &"a".repeat(5_000)));
    }

    /// The definition, by recursion.
    fn plainly(pattern: &[char], text: &[char]) -> bool {
        match (pattern.split_first(), text.split_first()) {
            (None, None) => true,
            (Some(('*', rest)), None) => plainly(rest, text),
            (Some(('*', rest)), Some((_, further))) => {
                plainly(rest, text) || plainly(pattern, further)
            }
            (Some((one, rest)), Some((other, further))) => {
                (*one == '?' || one == other) && plainly(rest, further)
            }
            (None, Some(_)) | (Some(_), None) => false,
        }
    }

    proptest! {
        #[test]
        fn it_is_its_definition(pattern in "[abé*?]{0,8}", text in "[abé]{0,8}") {
            let chars = |text: &str| text.chars().collect::<Vec<_>>();
            prop_assert_eq!(fits(&pattern, &text), plainly(&chars(&pattern), &chars(&text)));
        }
    }
}
