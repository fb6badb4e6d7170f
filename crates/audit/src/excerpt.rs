//! The line of a policy that decided, with its neighbours.

use crate::Text;
use serde::{Deserialize, Serialize};

/// Lines shown before and after the one that decided.
pub const EXCERPT_LINES_AROUND: usize = 2;

/// Longest line shown: a policy written on one line is cut around the place.
const LINE_CHARS_MAX: usize = 160;

/// Characters kept before the place when its line is cut.
const LINE_CHARS_BEFORE: usize = 60;

/// A part of a policy's text, and the place in it.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Excerpt {
    /// The policy: its ARN, or whose trust policy it is.
    pub policy: Text,
    /// The number of the first line shown, from 1.
    pub first_line: u32,
    /// The lines shown.
    pub lines: Vec<Text>,
    /// The place within the lines shown.
    pub span: Span,
    /// What is to be said about the place.
    pub label: Text,
}

/// A place in a text: all counted from 1, in characters.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
pub struct Span {
    /// The line.
    pub line: u32,
    /// The first character.
    pub column: u32,
    /// How many characters, at least one.
    pub length: u32,
}

impl Excerpt {
    /// The lines around a place in a policy's text. A place outside of it shows what is nearest.
    #[must_use]
    pub fn around(policy: &str, text: &str, span: Span, label: &str) -> Self {
        let count = text.lines().count().max(1);
        let at = (span.line.max(1) as usize).min(count);
        let first = at.saturating_sub(EXCERPT_LINES_AROUND).max(1);
        let line = text.lines().nth(at - 1).unwrap_or_default();
        let skipped = skipped(line, span.column as usize);
        let cut = |(number, line): (usize, &str)| {
            shown(line, if number + first == at { skipped } else { 0 })
        };
        let lines = text
            .lines()
            .skip(first - 1)
            .take(at - first + 1 + EXCERPT_LINES_AROUND);
        Self {
            policy: Text::new(policy),
            first_line: u32::try_from(first).unwrap_or(u32::MAX),
            lines: lines.enumerate().map(cut).collect(),
            span: Span {
                line: u32::try_from(at).unwrap_or(u32::MAX),
                column: span
                    .column
                    .saturating_sub(u32::try_from(skipped).unwrap_or(0))
                    .max(1),
                length: span.length.clamp(1, LINE_CHARS_MAX as u32),
            },
            label: Text::new(label),
        }
    }

    /// The line that decided.
    #[must_use]
    pub fn line(&self) -> &str {
        let at = self.span.line.saturating_sub(self.first_line) as usize;
        self.lines.get(at).map_or("", Text::as_str)
    }
}

/// How many characters are left out at the beginning of the line that decided.
fn skipped(line: &str, column: usize) -> usize {
    let is_long = line.chars().count() > LINE_CHARS_MAX;
    if is_long {
        column.saturating_sub(1 + LINE_CHARS_BEFORE)
    } else {
        0
    }
}

fn shown(line: &str, skipped: usize) -> Text {
    let line: String = line.chars().skip(skipped).take(LINE_CHARS_MAX).collect();
    Text::from(line.replace('\t', " "))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_line_that_decided_stands_among_its_neighbours() {
        let text = "1\n2\n3\n  \"four\"\n5\n6\n7";
        let excerpt = Excerpt::around(
            "p",
            text,
            Span {
                line: 4,
                column: 3,
                length: 6,
            },
            "",
        );
        assert_eq!((excerpt.first_line, excerpt.lines.len()), (2, 5));
        assert_eq!(excerpt.line(), "  \"four\"");
    }

    #[test]
    fn a_long_line_is_cut_around_the_place() {
        let text = format!("{}HERE{}", "a ".repeat(500), "b ".repeat(500));
        let excerpt = Excerpt::around(
            "p",
            &text,
            Span {
                line: 1,
                column: 1001,
                length: 4,
            },
            "",
        );
        let at = excerpt.span.column as usize - 1;
        assert_eq!(&excerpt.line()[at..at + 4], "HERE");
        assert_eq!(excerpt.line().len(), LINE_CHARS_MAX);
    }

    proptest::proptest! {
        #[test]
        fn no_place_is_too_far(text: String, line: u32, column: u32, length: u32) {
            let excerpt = Excerpt::around("p", &text, Span { line, column, length }, "");
            proptest::prop_assert!(excerpt.lines.len() <= 2 * EXCERPT_LINES_AROUND + 1);
        }
    }
}
