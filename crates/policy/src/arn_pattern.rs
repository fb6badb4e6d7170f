//! ARN patterns: six segments, each with wildcards of its own.

use crate::context::RequestContext;
use crate::glob;
use crate::passage::Passage;
use crate::variable::Template;

/// The segments before the resource's own part: `arn`, partition, service, region, account.
const FIRST: usize = 5;

/// Six segments, split at the first five colons.
#[derive(Debug, Clone)]
pub(crate) struct ArnPattern {
    text: Box<str>,
    /// Where each of the first five segments ends.
    colons: [usize; FIRST],
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
    pub(crate) text: Passage,
    shape: Shape,
}

#[derive(Debug, Clone)]
enum Shape {
    /// `*`, or a text that is no ARN pattern: matched as a whole.
    Whole,
    /// An ARN pattern whose last segments are missing (`arn:aws:s3*`): they are `*`.
    Short,
    /// The first five segments, letter case not counting, and the rest, where it counts.
    Segments {
        /// Where each of the first five ends.
        colons: [usize; FIRST],
        /// The rest taken apart, if there are variables in it.
        rest: Option<Template>,
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
    /// Takes a pattern apart; without variables (language 2008-10-17) they are plain text.
    pub(crate) fn new(text: Passage, variables: bool) -> Self {
        let shape = match colons(&text) {
            _ if !text.starts_with("arn:") => Shape::Whole,
            None => Shape::Short,
            Some(colons) => {
                let rest = &text[colons[4] + 1..];
                let has_variables = variables && rest.contains("${");
                Shape::Segments {
                    colons,
                    rest: has_variables.then(|| Template::new(rest, variables)),
                }
            }
        };
        Self { text, shape }
    }

    /// Whether a resource fits. `*` is the resource of an action that has no resource: only a pattern
    /// that is as wide fits it.
    pub(crate) fn fits(
        &self,
        resource: &str,
        context: &RequestContext,
        short_arns: ShortArns,
    ) -> bool {
        let (mine, rest) = match &self.shape {
            Shape::Whole => return glob::fits(&self.text, resource),
            Shape::Short => {
                return short_arns.take(&self.text) && fits_first(self.text.split(':'), resource);
            }
            Shape::Segments { colons, rest } => (*colons, rest),
        };
        let Some(others) = colons(resource) else {
            return false;
        };
        let other_rest = &resource[others[4] + 1..];
        fits_first(segments(&self.text, mine).take(FIRST), resource)
            && match rest {
                None => glob::fits(&self.text[mine[4] + 1..], other_rest),
                Some(rest) => rest
                    .expand(context)
                    .is_some_and(|rest| glob::fits_expanded(&rest, other_rest)),
            }
    }

    /// Whether its variables all have a value; without variables, yes.
    pub(crate) fn resolves(&self, context: &RequestContext) -> bool {
        match &self.shape {
            Shape::Whole | Shape::Short | Shape::Segments { rest: None, .. } => true,
            Shape::Segments {
                rest: Some(rest), ..
            } => rest.expand(context).is_some(),
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

/// Whether a resource is an ARN whose segments fit as many of the first five as there are, letter
/// case not counting.
fn fits_first<'p>(mut patterns: impl Iterator<Item = &'p str>, resource: &str) -> bool {
    colons(resource).is_some_and(|colons| {
        let mut segments = segments(resource, colons);
        patterns.all(|pattern| {
            let segment = segments.next();
            segment.is_some_and(|segment| glob::fits_ignoring_case(pattern, segment))
        })
    })
}

/// Where the first five colons stand.
fn colons(text: &str) -> Option<[usize; FIRST]> {
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

fn segments(text: &str, colons: [usize; FIRST]) -> impl Iterator<Item = &str> {
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
            let fits = ResourcePattern::new(Passage::whole(pattern), true).fits(
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
