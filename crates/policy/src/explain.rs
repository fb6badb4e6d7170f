//! Why a decision is what it is: every statement, the first element of it that fails, and the
//! smallest change that would flip the answer.

use crate::condition::{Base, Condition};
use crate::decide::{Decision, Layer, Layers, Question, ResourcePolicy, decide};
use crate::document::{Document, Effect, Statement};
use crate::json::Span;
use crate::matching::{Element, Search, Witness, matches};
use crate::permit::layer_name;
use crate::set::{PolicySet, PolicySource};
use serde::Serialize;

/// A decision with its reasons.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct Explanation {
    /// The decision.
    pub decision: Decision,
    /// The layers that apply, in the order in which AWS reports them.
    pub layers: Vec<LayerExplanation>,
    /// What would flip a refusal, in a sentence.
    pub smallest_change: Option<String>,
}

/// One layer's statements.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct LayerExplanation {
    /// The layer.
    pub layer: Layer,
    /// Its statements, those that matched first, then by how far they got.
    pub statements: Vec<StatementExplanation>,
}

/// One statement, and how it stands to the question.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct StatementExplanation {
    /// The document's name.
    pub policy: String,
    /// The managed policy's ARN.
    pub policy_arn: Option<String>,
    /// Who holds the document.
    pub attached_to: Option<String>,
    /// The statement's Sid.
    pub sid: Option<String>,
    /// Its number in the document, from 1.
    pub number: u32,
    /// Where it begins, from 1.
    pub line: usize,
    /// What it does when it matches.
    pub effect: Effect,
    /// What keeps it from matching; `None`: it matches.
    pub failure: Option<Failure>,
}

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
}

/// Explains the decision of a question.
#[must_use]
pub fn explain(question: &Question<'_>, layers: &Layers<'_>) -> Explanation {
    let decision = decide(question, layers);
    let layers: Vec<_> = present(&layers.that_apply_to(question.principal))
        .into_iter()
        .map(|(layer, set)| layer_of(layer, set, question))
        .collect();
    let smallest_change = smallest_change(&decision, &layers, question);
    Explanation {
        decision,
        layers,
        smallest_change,
    }
}

/// The layers that are there, in AWS's order of reporting.
fn present<'a>(layers: &Layers<'a>) -> Vec<(Layer, &'a PolicySet)> {
    let numbered = |sets: Option<&'a [PolicySet]>, layer: fn(u32) -> Layer| {
        (0..)
            .zip(sets.unwrap_or_default())
            .map(move |(level, set)| (layer(level), set))
    };
    let resource = layers.resource.map(|policy| match policy {
        ResourcePolicy::Ordinary(set) => (Layer::Resource, set),
        ResourcePolicy::Trust(trust) => (Layer::Trust, trust.set()),
    });
    let own = [
        (Layer::Identity, layers.identity),
        (Layer::Boundary, layers.boundary),
        (Layer::Session, layers.session),
    ];
    numbered(layers.resource_control, Layer::ResourceControl)
        .chain(numbered(layers.service_control, Layer::ServiceControl))
        .chain(resource)
        .chain(
            own.into_iter()
                .filter_map(|(layer, set)| Some((layer, set?))),
        )
        .collect()
}

fn layer_of(layer: Layer, set: &PolicySet, question: &Question<'_>) -> LayerExplanation {
    let mut statements: Vec<_> = set
        .places()
        .map(|place| {
            let (source, document, statement) = set.statement(place);
            let (_, number) = set.numbers(place);
            statement_of((source, document, statement), number, layer, question)
        })
        .collect();
    statements.sort_by_key(|one| {
        std::cmp::Reverse(
            one.failure
                .as_ref()
                .map_or(u8::MAX, |failure| failure.progress),
        )
    });
    LayerExplanation { layer, statements }
}

fn statement_of(
    (source, document, statement): (&PolicySource, &Document, &Statement),
    number: u32,
    layer: Layer,
    question: &Question<'_>,
) -> StatementExplanation {
    let mut seen = Seen {
        document,
        statement,
        question,
        failure: None,
    };
    let matched = matches(statement, layer, question, &mut seen).is_some();
    StatementExplanation {
        policy: source.name.clone(),
        policy_arn: source.arn.clone(),
        attached_to: source.attached_to.clone(),
        sid: statement.sid.as_deref().map(str::to_owned),
        number: number + 1,
        line: statement.span.line_and_column(&document.text).0,
        effect: statement.effect,
        failure: if matched { None } else { seen.failure },
    }
}

/// Writes down what failed first, and whether anything else did.
struct Seen<'a> {
    document: &'a Document,
    statement: &'a Statement,
    question: &'a Question<'a>,
    failure: Option<Failure>,
}

impl Witness for Seen<'_> {
    fn failed(&mut self, element: Element<'_>) -> Search {
        if let Some(first) = &mut self.failure {
            first.alone = false;
            return Search::Ends;
        }
        let (name, expected, found, span, progress) = match element {
            Element::Principal => {
                let written: Vec<_> = self
                    .statement
                    .principal
                    .iter()
                    .flat_map(|principal| &principal.entries)
                    .map(|entry| &*entry.written)
                    .collect();
                let span = self.statement.principal.as_ref().map(|one| one.span);
                let found = self.question.principal.shown_arn();
                ("Principal".to_owned(), any(&written), found, span, 0)
            }
            Element::Action => {
                let action = &self.statement.action;
                let written: Vec<_> = action.patterns.iter().map(|one| &*one.text).collect();
                let name = if action.negated {
                    "NotAction"
                } else {
                    "Action"
                };
                (
                    name.to_owned(),
                    any(&written),
                    self.question.action.to_owned(),
                    Some(action.span),
                    1,
                )
            }
            Element::Resource => {
                let resource = self.statement.resource.as_ref();
                let written: Vec<_> = resource
                    .iter()
                    .flat_map(|one| &one.patterns)
                    .map(|one| &*one.text)
                    .collect();
                let negated = resource.is_some_and(|one| one.negated);
                let name = if negated { "NotResource" } else { "Resource" };
                let span = resource.map(|one| one.span);
                (
                    name.to_owned(),
                    any(&written),
                    self.question.resource.to_owned(),
                    span,
                    RESOURCE,
                )
            }
            Element::Condition(condition) => {
                let name = format!(
                    "Condition {} {}",
                    condition.operator.name, condition.key_text
                );
                let found = self.question.context.at(&condition.key);
                let found = found.map_or(ABSENT.to_owned(), ToString::to_string);
                let held = self
                    .statement
                    .conditions
                    .iter()
                    .position(|one| std::ptr::eq(one, condition));
                let progress = u8::try_from(held.unwrap_or(0)).unwrap_or(100).min(100) + 3;
                (
                    name,
                    wanted(condition),
                    found,
                    Some(condition.span),
                    progress,
                )
            }
        };
        let span = span.unwrap_or(self.statement.span);
        let (line, column) = span.line_and_column(&self.document.text);
        let excerpt = lines(&self.document.text, span);
        self.failure = Some(Failure {
            element: name,
            expected,
            found,
            line,
            column,
            excerpt,
            progress,
            alone: true,
        });
        Search::GoesOn
    }
}

/// The progress of a statement whose principal and action match.
const RESOURCE: u8 = 2;

const ABSENT: &str = "the key is not in the request";

fn any(written: &[&str]) -> String {
    let quoted: Vec<_> = written.iter().map(|one| format!("`{one}`")).collect();
    match quoted.as_slice() {
        [] => "nothing: the list is empty".to_owned(),
        several => several.join(" or "),
    }
}

fn wanted(condition: &Condition) -> String {
    let values: Vec<_> = condition.values.iter().map(|value| &*value.text).collect();
    if condition.operator.base == Base::Null {
        let absent = values
            .iter()
            .any(|value| value.eq_ignore_ascii_case("true"));
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
        None if condition.operator.base.is_negated() => format!("anything but {}", any(&values)),
        None => any(&values),
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

fn smallest_change(
    decision: &Decision,
    layers: &[LayerExplanation],
    question: &Question<'_>,
) -> Option<String> {
    let layer = match decision {
        Decision::Allow { .. } => return None,
        Decision::ExplicitDeny { by } => {
            let matched = layers
                .iter()
                .filter(|layer| layer.layer == by.layer)
                .flat_map(|layer| &layer.statements)
                .find(|one| one.effect == Effect::Deny && one.failure.is_none())?;
            return Some(format!(
                "take `{}` on `{}` out of {} (line {} of {})",
                question.action,
                question.resource,
                named(matched),
                matched.line,
                matched.policy
            ));
        }
        Decision::ImplicitDeny { layer } => *layer,
    };
    let failures = || {
        layers
            .iter()
            .filter(|one| one.layer == layer)
            .flat_map(|one| &one.statements)
            .filter(|one| one.effect == Effect::Allow)
            .filter_map(|one| Some((one, one.failure.as_ref()?)))
            .filter(|(_, failure)| {
                failure.progress >= RESOURCE || (layer == Layer::Trust && failure.alone)
            })
    };
    let nearest = failures()
        .find(|(_, failure)| failure.alone)
        .or_else(|| failures().next());
    Some(match nearest {
        Some((statement, failure)) => change(statement, failure),
        None => format!(
            "add a statement to the {} that allows `{}`{} on `{}`",
            layer_name(layer),
            question.action,
            match layer {
                Layer::Trust => format!(" to `{}`", question.principal.shown_arn()),
                Layer::ResourceControl(_)
                | Layer::ServiceControl(_)
                | Layer::Resource
                | Layer::Identity
                | Layer::Boundary
                | Layer::Session => String::new(),
            },
            question.resource
        ),
    })
}

fn change(statement: &StatementExplanation, failure: &Failure) -> String {
    let place = format!("line {} of {}", failure.line, statement.policy);
    match failure.element.strip_prefix("Condition ") {
        Some(condition) if failure.found != ABSENT => {
            format!(
                "{place}: let {condition} accept {} (it wants {})",
                failure.found, failure.expected
            )
        }
        Some(condition) => {
            format!(
                "{place}: {condition} cannot hold, since {}: take it out or send it",
                failure.found
            )
        }
        None if failure.element.starts_with("Not") => {
            format!(
                "{place}: leave `{}` out of {}",
                failure.found, failure.element
            )
        }
        None => format!("{place}: add `{}` to {}", failure.found, failure.element),
    }
}

fn named(statement: &StatementExplanation) -> String {
    match &statement.sid {
        Some(sid) => format!("statement `{sid}`"),
        None => format!("statement {}", statement.number),
    }
}
