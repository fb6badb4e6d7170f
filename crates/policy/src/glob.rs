//! `*` and `?`, without memory of their own.
//!
//! A pattern without `?` whose letter case counts takes linear time. Any other is walked: when a
//! mismatch follows a `*`, only the last `*` is tried again, one byte further, as long as what is left
//! of the text can hold what is left of the pattern; earlier ones need no second look. With `o` bytes
//! of the pattern that are no `*`, a text of `t` bytes so takes at most `(t - o) * (o + 2)` steps over
//! the two lengths, which is greatest where the pattern is half as long as the text.

use crate::variable::{LITERAL_COLON, LITERAL_MARK, LITERAL_STAR, has_marks, plain};
use std::borrow::Cow;

/// Whether the text fits the pattern, letter case counting.
pub(crate) fn fits(pattern: &str, text: &str) -> bool {
    if !pattern.contains('?') {
        return runs(pattern, text, Cow::Borrowed);
    }
    walk(pattern, text, |one, other| one == other, || ())
}

/// A pattern of `*` alone: each run between two stars, read as what it means, stands at its first place
/// behind the one before. The library's search is linear, and so is this.
fn runs<'p>(pattern: &'p str, text: &str, meant: impl Fn(&'p str) -> Cow<'p, str>) -> bool {
    let Some((first, rest)) = pattern.split_once('*') else {
        return meant(pattern) == text;
    };
    let Some(text) = text.strip_prefix(&*meant(first)) else {
        return false;
    };
    let (middle, last) = rest.rsplit_once('*').unwrap_or(("", rest));
    let Some(mut text) = text.strip_suffix(&*meant(last)) else {
        return false;
    };
    middle
        .split('*')
        .map(meant)
        .all(|run| match text.find(&*run) {
            Some(at) => {
                text = &text[at + run.len()..];
                true
            }
            None => false,
        })
}

/// Whether the text fits the pattern, ASCII letter case not counting.
pub(crate) fn fits_ignoring_case(pattern: &str, text: &str) -> bool {
    let same = |one: u8, other: u8| one.eq_ignore_ascii_case(&other);
    walk(pattern, text, same, || ())
}

/// Whether the text fits a pattern that variables were put into: marked wildcards are literal.
pub(crate) fn fits_expanded(pattern: &str, text: &str) -> bool {
    if !has_marks(pattern) {
        return fits(pattern, text);
    }
    if !pattern.contains('?') {
        return runs(pattern, text, |run| Cow::Owned(plain(run)));
    }
    let same = |one, other| match one {
        LITERAL_STAR => other == b'*',
        LITERAL_MARK => other == b'?',
        LITERAL_COLON => other == b':',
        one => one == other,
    };
    walk(pattern, text, same, || ())
}

/// Whether a pattern has a wildcard at all.
pub(crate) fn is_pattern(text: &str) -> bool {
    text.bytes().any(|byte| matches!(byte, b'*' | b'?'))
}

/// The last `*` that was met.
struct Star {
    /// Where the pattern goes on behind it.
    behind: usize,
    /// Where the text goes on behind what it stands for.
    from: usize,
    /// How many bytes of the text the pattern behind it needs.
    owed: usize,
}

/// `step` hears of every step.
fn walk(pattern: &str, text: &str, same: impl Fn(u8, u8) -> bool, mut step: impl FnMut()) -> bool {
    let (pattern, text) = (pattern.as_bytes(), text.as_bytes());
    let (mut in_pattern, mut in_text) = (0, 0);
    let mut owed = pattern.iter().filter(|byte| **byte != b'*').count();
    let mut star: Option<Star> = None;
    while in_text < text.len() {
        step();
        match pattern.get(in_pattern) {
            Some(b'*') => {
                in_pattern += 1;
                star = Some(Star {
                    behind: in_pattern,
                    from: in_text,
                    owed,
                });
            }
            Some(b'?') => {
                in_pattern += 1;
                in_text += character(text, in_text);
                owed -= 1;
            }
            Some(byte) if same(*byte, text[in_text]) => {
                in_pattern += 1;
                in_text += 1;
                owed -= 1;
            }
            _ => {
                let Some(last) = &mut star else { return false };
                last.from += 1;
                (in_pattern, in_text, owed) = (last.behind, last.from, last.owed);
                if text.len() - in_text < owed {
                    return false;
                }
            }
        }
    }
    owed == 0
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

    /// How many steps the walk takes.
    fn steps(pattern: &str, text: &str) -> usize {
        let mut steps = 0;
        walk(pattern, text, |one, other| one == other, || steps += 1);
        steps
    }

    /// The most that the walk may take: each place that is tried costs what the pattern holds.
    fn steps_max(pattern: &str, text: &str) -> usize {
        let owed = pattern.bytes().filter(|byte| *byte != b'*').count();
        text.len().saturating_sub(owed) * (owed + 2) + pattern.len() + text.len()
    }

    /// For an ARN, which has at most 2,048 characters, and the longest pattern that a user's policies hold.
    const STEPS_OF_AN_ARN_MAX: usize = 1_100_000;
    /// For a value as long as a line of a request's head commonly may be, and the longest pattern that a
    /// managed policy holds.
    const STEPS_OF_A_HEADER_MAX: usize = 17_000_000;

    #[test]
    fn the_worst_pattern_that_a_policy_can_hold_is_bounded() {
        let rows = [
            (2_048, 2_048, STEPS_OF_AN_ARN_MAX),
            (6_144, 8_192, STEPS_OF_A_HEADER_MAX),
        ];
        for (pattern_max, text_max, steps_max) in rows {
            // The mismatch comes last, and half the text is the worst length.
            let run = "a".repeat(pattern_max.min(text_max / 2) - 4);
            let (pattern, text) = (format!("*{run}?b*"), "a".repeat(text_max));
            let taken = steps(&pattern, &text);
            assert!(taken <= steps_max, "{taken} steps");
            assert!(
                taken > steps_max / 2,
                "the worst is elsewhere: {taken} steps"
            );
        }
    }

    #[test]
    fn what_the_text_is_too_short_for_is_given_up() {
        let (begin, end) = ("a".repeat(100), "c".repeat(1_000));
        let (pattern, text) = (format!("*{begin}?b{end}*"), "a".repeat(1_000));
        assert!(steps(&pattern, &text) <= steps_max(&pattern, &text));
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

        /// `!` is a literal `*` here, and `0` a literal `?`.
        #[test]
        fn marked_wildcards_are_literal(pattern in "[aé*?!0]{0,8}", text in "[aé*?]{0,8}") {
            let marked = pattern.replace('!', "\u{1}").replace('0', "\u{2}");
            let hidden = |text: &str, star, mark| text.replace('*', star).replace('?', mark);
            // Texts with no wildcard in them are their definition's.
            let chars = |text: &str| text.chars().collect::<Vec<_>>();
            let wanted = plainly(&chars(&pattern), &chars(&hidden(&text, "!", "0")));
            prop_assert_eq!(fits_expanded(&marked, &text), wanted);
        }

        #[test]
        fn no_pattern_takes_more_steps_than_its_bound(pattern in "[ab*?]{0,16}", text in "[abé]{0,40}") {
            prop_assert!(steps(&pattern, &text) <= steps_max(&pattern, &text));
        }
    }
}
