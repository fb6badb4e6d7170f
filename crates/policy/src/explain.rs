//! Why a decision is what it is: every statement, the first element of it that fails, and the
//! smallest change that would flip the answer.

mod change;
mod failure;

pub use change::Repair;
pub use failure::Failure;

use crate::decide::{Decision, Layer, decide};
use crate::document::{Document, Effect, Statement};
use crate::matching::matches;
use crate::question::{Layers, Question, ResourcePolicy};
use crate::set::{PolicySet, PolicySource};
use change::smallest_change;
use failure::Seen;
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
    /// Its documents; their texts are too long for a log.
    #[serde(skip)]
    pub documents: Vec<PolicySource>,
    /// Its statements, those that matched first, then by how far they got.
    pub statements: Vec<StatementExplanation>,
}

/// One statement, and how it stands to the question.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct StatementExplanation {
    /// Which of the layer's documents, from 0.
    pub document: u32,
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
            let numbers = set.numbers(place);
            statement_of((source, document, statement), numbers, layer, question)
        })
        .collect();
    statements.sort_by_key(|one| {
        std::cmp::Reverse(
            one.failure
                .as_ref()
                .map_or(u8::MAX, |failure| failure.progress),
        )
    });
    let documents = set.documents().map(|(source, _)| source.clone()).collect();
    LayerExplanation {
        layer,
        documents,
        statements,
    }
}

fn statement_of(
    (source, document, statement): (&PolicySource, &Document, &Statement),
    (document_number, number): (u32, u32),
    layer: Layer,
    question: &Question<'_>,
) -> StatementExplanation {
    let mut seen = Seen::new(document, statement, question);
    let matched = matches(statement, layer, question, &mut seen).is_some();
    StatementExplanation {
        document: document_number,
        policy: source.name.clone(),
        policy_arn: source.arn.clone(),
        attached_to: source.attached_to.clone(),
        sid: statement.sid.as_deref().map(str::to_owned),
        number: number + 1,
        line: statement.span.line_and_column(&document.text).0,
        effect: statement.effect,
        failure: if matched { None } else { seen.into_failure() },
    }
}
