//! The first element of a statement that fails: what it wants, what came, where it is written.

use super::change::{self, Repair};
use crate::condition::{Base, Condition};
use crate::document::{Document, Statement};
use crate::json::Span;
use crate::matching::{Element, Search, Witness};
use crate::question::Question;
use serde::Serialize;

/// The first element of a statement that does not match.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct Failure {
    /// `Principal`, `Action`, `Resource`, or `Condition OPERATOR KEY`.
    pub element: String,
    /// What the statement says there.
    pub expected: String,
    /// What the request brings.
    pub found: String,
    /// Where the element stands, from 1.
    pub line: usize,
    /// Its column, from 1.
    pub column: usize,
    /// The document's lines of the element.
    pub excerpt: String,
    /// How many elements matched before it; the greater, the nearer.
    pub progress: u8,
    /// Whether everything else in the statement matches.
    pub alone: bool,
    /// The smallest change of the document after which the element matches this request.
    pub repair: Repair,
}

/// The progress of a statement whose principal and action match.
pub(super) const RESOURCE: u8 = 2;

pub(super) const ABSENT: &str = "the key is not in the request";

/// Writes down what failed first, and whether anything else did.
pub(super) struct Seen<'a> {
    document: &'a Document,
    statement: &'a Statement,
    question: &'a Question<'a>,
    failure: Option<Failure>,
}

/// What is particular to the element that failed.
struct Failed {
    element: String,
    expected: String,
    found: String,
    span: Option<Span>,
    progress: u8,
    repair: Repair,
}

impl Witness for Seen<'_> {
    fn failed(&mut self, element: Element<'_>) -> Search {
        if let Some(first) = &mut self.failure {
            first.alone = false;
            return Search::Ends;
        }
        let failed = match element {
            Element::Principal => self.principal(),
            Element::Action => self.action(),
            Element::Resource => self.resource(),
            Element::Condition(condition) => self.condition(condition),
        };
        self.failure = Some(self.placed(failed));
        Search::GoesOn
    }
}

impl<'a> Seen<'a> {
    pub(super) fn new(
        document: &'a Document,
        statement: &'a Statement,
        question: &'a Question<'a>,
    ) -> Self {
        Self {
            document,
            statement,
            question,
            failure: None,
        }
    }

    pub(super) fn into_failure(self) -> Option<Failure> {
        self.failure
    }

    fn placed(&self, failed: Failed) -> Failure {
        let span = failed.span.unwrap_or(self.statement.span);
        let (line, column) = span.line_and_column(&self.document.text);
        Failure {
            element: failed.element,
            expected: failed.expected,
            found: failed.found,
            line,
            column,
            excerpt: lines(&self.document.text, span),
            progress: failed.progress,
            alone: true,
            repair: failed.repair,
        }
    }

    fn principal(&self) -> Failed {
        let element = self.statement.principal.as_ref();
        let entries = element.iter().flat_map(|one| &one.entries);
        Failed {
            element: "Principal".to_owned(),
            expected: any(entries.map(|entry| &*entry.written)),
            found: self.question.principal.shown_arn(),
            span: element.map(|one| one.span),
            progress: 0,
            repair: change::of_principal(self.question.principal),
        }
    }

    fn action(&self) -> Failed {
        let action = &self.statement.action;
        let patterns = || action.patterns.iter();
        let excluding = patterns()
            .filter(|pattern| pattern.fits(self.question.action))
            .map(|pattern| pattern.text.to_string());
        Failed {
            element: if action.negated {
                "NotAction"
            } else {
                "Action"
            }
            .to_owned(),
            expected: any(patterns().map(|pattern| &*pattern.text)),
            found: self.question.action.to_owned(),
            span: Some(action.span),
            progress: 1,
            repair: match action.negated {
                true => Repair::Remove(excluding.collect()),
                false => Repair::Add(vec![self.question.action.to_owned()]),
            },
        }
    }

    fn resource(&self) -> Failed {
        let element = self.statement.resource.as_ref();
        let patterns = || element.iter().flat_map(|one| &one.patterns);
        let negated = element.is_some_and(|one| one.negated);
        Failed {
            element: if negated { "NotResource" } else { "Resource" }.to_owned(),
            expected: any(patterns().map(|pattern| &*pattern.text)),
            found: self.question.resource.to_owned(),
            span: element.map(|one| one.span),
            progress: RESOURCE,
            repair: change::of_resource(patterns(), negated, self.document, self.question),
        }
    }

    fn condition(&self, condition: &Condition) -> Failed {
        let found = self.question.context.at(&condition.key);
        let mut conditions = self.statement.conditions.iter();
        let held = conditions.position(|one| std::ptr::eq(one, condition));
        Failed {
            element: format!(
                "Condition {} {}",
                condition.operator.name, condition.key_text
            ),
            expected: wanted(condition),
            found: found.map_or(ABSENT.to_owned(), ToString::to_string),
            span: Some(condition.span),
            progress: u8::try_from(held.unwrap_or(0)).unwrap_or(100).min(100) + RESOURCE + 1,
            repair: change::of_condition(condition, self.document, self.question.context),
        }
    }
}

fn any<'t>(written: impl Iterator<Item = &'t str>) -> String {
    let quoted: Vec<_> = written.map(|one| format!("`{one}`")).collect();
    match quoted.as_slice() {
        [] => "nothing: the list is empty".to_owned(),
        several => several.join(" or "),
    }
}

fn wanted(condition: &Condition) -> String {
    let values = || condition.values.iter().map(|value| &*value.text);
    if condition.operator.base == Base::Null {
        let absent = values().any(|value| value.eq_ignore_ascii_case("true"));
        return if absent {
            "the key to be absent"
        } else {
            "the key to be present"
        }
        .to_owned();
    }
    let unusable = condition
        .values
        .iter()
        .find(|value| !value.wanted.is_usable());
    match unusable {
        Some(value) => format!(
            "nothing: `{}` is no value for {}",
            value.text, condition.operator.name
        ),
        None if condition.operator.base.is_negated() => format!("anything but {}", any(values())),
        None => match condition.operator.base.relation() {
            Some(relation) => format!("{relation} {}", any(values())),
            None => any(values()),
        },
    }
}

/// The whole lines in which a span begins and ends, at most five.
fn lines(text: &str, span: Span) -> String {
    let start = text[..span.start.min(text.len())]
        .rfind('\n')
        .map_or(0, |at| at + 1);
    let rest = &text[start..];
    let inside = span.end.saturating_sub(start).min(rest.len());
    let end = rest[inside..]
        .find('\n')
        .map_or(rest.len(), |at| inside + at);
    rest[..end].lines().take(5).collect::<Vec<_>>().join("\n")
}
