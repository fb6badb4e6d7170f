//! Whether one statement matches one question, and if not, which element is the first that fails.
//!
//! Deciding and explaining run this same code; they differ in the [`Witness`] alone, which for a
//! decision sees nothing and costs nothing.

use crate::arn_pattern::ShortArns;
use crate::condition::Condition;
use crate::decide::Layer;
use crate::document::{ResourceElement, Statement};
use crate::principal_element::Strength;
use crate::question::Question;

/// Sees why a statement does not match.
pub(crate) trait Witness {
    fn failed(&mut self, element: Element<'_>) -> Search;
}

/// Whether the elements behind a failed one are looked at, too.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Search {
    Ends,
    GoesOn,
}

/// Looks away.
pub(crate) struct Nobody;

impl Witness for Nobody {
    fn failed(&mut self, _: Element<'_>) -> Search {
        Search::Ends
    }
}

/// An element that fails.
#[derive(Debug, Clone, Copy)]
pub(crate) enum Element<'a> {
    Principal,
    Action,
    Resource,
    Condition(&'a Condition),
}

/// How a statement matches; `None`: it does not. A statement without Principal speaks of the identity
/// that holds it, directly; in a resource's policy it speaks of nobody.
pub(crate) fn matches(
    statement: &Statement,
    layer: Layer,
    question: &Question<'_>,
    witness: &mut impl Witness,
) -> Option<Strength> {
    let mut strength = match &statement.principal {
        None if matches!(layer, Layer::Resource | Layer::Trust) => None,
        None => Some(Strength::Direct),
        Some(element) => element.speaks_of(question.principal),
    };
    if strength.is_none() && witness.failed(Element::Principal) == Search::Ends {
        return None;
    }
    if !statement.action.speaks_of(question.action) {
        strength = None;
        if witness.failed(Element::Action) == Search::Ends {
            return None;
        }
    }
    if let Some(resource) = &statement.resource
        && !speaks_of_resource(resource, layer, question)
    {
        strength = None;
        if witness.failed(Element::Resource) == Search::Ends {
            return None;
        }
    }
    for condition in &statement.conditions {
        if !condition.holds(question.context) {
            strength = None;
            if witness.failed(Element::Condition(condition)) == Search::Ends {
                return None;
            }
        }
    }
    strength
}

fn short_arns(layer: Layer) -> ShortArns {
    match layer {
        Layer::Identity | Layer::Boundary | Layer::Session => ShortArns::Any,
        Layer::Resource | Layer::Trust => ShortArns::WithWildcard,
        Layer::ServiceControl(_) => ShortArns::WithStarAtEnd,
        Layer::ResourceControl(_) => ShortArns::None,
    }
}

/// NotResource with a variable that has no value speaks of nothing, as an empty list does.
fn speaks_of_resource(element: &ResourceElement, layer: Layer, question: &Question<'_>) -> bool {
    let patterns = &element.patterns;
    if patterns.is_empty() {
        return false;
    }
    let fits = patterns
        .iter()
        .any(|pattern| pattern.fits(question.resource, question.context, short_arns(layer)));
    match element.negated {
        false => fits,
        true => {
            !fits
                && patterns
                    .iter()
                    .all(|pattern| pattern.resolves(question.context))
        }
    }
}
