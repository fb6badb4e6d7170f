//! ARN patterns: six segments, each with wildcards of its own.

use crate::context::RequestContext;
use crate::glob;
use crate::variable::Template;

/// Six segments, split at the first five colons.
#[derive(Debug, Clone)]
pub(crate) struct ArnPattern {
    text: Box<str>,
    /// Where each of the first five segments ends.
    colons: [usize; 5],
}

impl ArnPattern {
    /// `None`: the text has fewer segments.
    pub(crate) fn six(text: &str) -> Option<Self> {
        Some(Self {
            text: text.into(),
            colons: colons(text)?,
        })
    }

    /// Whether each segment fits, letter case counting; a `*` does not cross the first five colons.
    /// `None`: the value is no ARN.
    pub(crate) fn fits_each_segment(&self, value: &str) -> Option<bool> {
        let others = colons(value)?;
        let mine = segments(&self.text, self.colons);
        Some(
            mine.zip(segments(value, others))
                .all(|(one, other)| glob::fits_expanded(one, other)),
        )
    }
}

/// A pattern of a Resource or NotResource element.
#[derive(Debug, Clone)]
pub(crate) struct ResourcePattern {
    pub(crate) text: Box<str>,
    shape: Shape,
}

#[derive(Debug, Clone)]
enum Shape {
    /// `*`, or a text that is no ARN pattern: matched as a whole.
    Whole,
    /// The first five segments, letter case not counting, and the rest, where it counts.
    Segments {
        first: [Box<str>; 5],
        rest: Template,
        /// Whether segments are missing.
        short: bool,
    },
}

/// Which short ARNs (`arn:aws:s3*`) a kind of document may say; another one fits nothing.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum ShortArns {
    /// Any.
    Any,
    /// With a wildcard in it.
    WithWildcard,
    /// With a `*` at its end.
    WithStarAtEnd,
    None,
}

impl ShortArns {
    fn take(self, text: &str) -> bool {
        match self {
            Self::Any => true,
            Self::WithWildcard => glob::is_pattern(text),
            Self::WithStarAtEnd => text.ends_with('*'),
            Self::None => false,
        }
    }
}

impl ResourcePattern {
    /// Missing segments of a short pattern (`arn:aws:s3*`) are `*`.
    pub(crate) fn new(text: &str, variables: bool) -> Self {
        if !text.starts_with("arn:") {
            return Self {
                text: text.into(),
                shape: Shape::Whole,
            };
        }
        let short = colons(text).is_none();
        let mut parts = text.splitn(6, ':').map(Box::<str>::from);
        let mut next = || parts.next().unwrap_or_else(|| "*".into());
        let first = [next(), next(), next(), next(), next()];
        let rest = Template::new(&next(), variables);
        Self {
            text: text.into(),
            shape: Shape::Segments { first, rest, short },
        }
    }

    /// Whether a resource fits. `*` is the resource of an action that has no resource: only a pattern
    /// that is as wide fits it.
    pub(crate) fn fits(
        &self,
        resource: &str,
        context: &RequestContext,
        short_arns: ShortArns,
    ) -> bool {
        match &self.shape {
            Shape::Whole => glob::fits(&self.text, resource),
            Shape::Segments { short: true, .. } if !short_arns.take(&self.text) => false,
            Shape::Segments { first, rest, .. } => {
                let Some(colons) = colons(resource) else {
                    return false;
                };
                let mut segments = segments(resource, colons);
                first
                    .iter()
                    .zip(segments.by_ref())
                    .all(|(one, other)| glob::fits_ignoring_case(one, other))
                    && match rest {
                        Template::Plain(rest) => glob::fits(rest, &resource[colons[4] + 1..]),
                        Template::Pieces(_) | Template::Malformed => {
                            rest.expand(context).is_some_and(|rest| {
                                glob::fits_expanded(&rest, &resource[colons[4] + 1..])
                            })
                        }
                    }
            }
        }
    }

    /// Whether its variables all have a value; without variables, yes.
    pub(crate) fn resolves(&self, context: &RequestContext) -> bool {
        match &self.shape {
            Shape::Whole
            | Shape::Segments {
                rest: Template::Plain(_),
                ..
            } => true,
            Shape::Segments { rest, .. } => rest.expand(context).is_some(),
        }
    }

    /// The text up to its first wildcard or variable.
    pub(crate) fn literal_prefix(&self) -> &str {
        let end = self.text.find(['*', '?', '$']).unwrap_or(self.text.len());
        // Of a short pattern the next segment is open.
        if end == self.text.len() && colons(&self.text).is_none() && self.text.starts_with("arn:") {
            return &self.text[..self.text.rfind(':').unwrap_or(0)];
        }
        &self.text[..end]
    }
}

/// Where the first five colons stand.
fn colons(text: &str) -> Option<[usize; 5]> {
    let mut found = text
        .bytes()
        .enumerate()
        .filter(|(_, byte)| *byte == b':')
        .map(|(at, _)| at);
    Some([
        found.next()?,
        found.next()?,
        found.next()?,
        found.next()?,
        found.next()?,
    ])
}

fn segments(text: &str, colons: [usize; 5]) -> impl Iterator<Item = &str> {
    let starts = std::iter::once(0).chain(colons.into_iter().map(|at| at + 1));
    let ends = colons.into_iter().chain(std::iter::once(text.len()));
    starts.zip(ends).map(move |(start, end)| &text[start..end])
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn resources_fit_as_the_manual_says() {
        let role = "arn:aws:iam::111111111111:role/Path/name";
        let rows = [
            ("*", role, true),
            ("*", "*", true),
            (role, "*", false),
            ("arn:aws:iam::111111111111:role/*", role, true),
            ("ARN:aws:iam::111111111111:role/*", role, false),
            ("arn:AWS:IAM::111111111111:role/Path/name", role, true),
            ("arn:aws:iam::111111111111:role/path/name", role, false),
            ("arn:aws:iam::*", role, true),
            ("arn:aws:i*", role, true),
            ("arn:aws:s3*", role, false),
            ("arn:aws:*:role/*", role, false),
            ("arn:aws:iam::111111111111:role/P?th/name", role, true),
            ("arn:*:iam:*:*:role/*name", role, true),
        ];
        for (pattern, resource, wanted) in rows {
            let fits = ResourcePattern::new(pattern, true).fits(
                resource,
                &RequestContext::new(),
                ShortArns::Any,
            );
            assert_eq!(fits, wanted, "{pattern} {resource}");
        }
    }

    #[test]
    fn arns_of_conditions_are_compared_segment_by_segment() {
        let pattern = ArnPattern::six("arn:aws:iam::*:role/*").unwrap();
        assert_eq!(
            pattern.fits_each_segment("arn:aws:iam::1:role/a:b"),
            Some(true)
        );
        assert_eq!(
            pattern.fits_each_segment("arn:aws:iam::1:user/a"),
            Some(false)
        );
        assert_eq!(pattern.fits_each_segment("no arn"), None);
        assert!(ArnPattern::six("arn:aws:*").is_none());
    }
}
