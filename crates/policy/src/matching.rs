//! Whether one statement matches one question, and if not, which element is the first that fails.
//!
//! Deciding and explaining run this same code; they differ in the [`Witness`] alone, which for a
//! decision sees nothing and costs nothing.

use crate::condition::Condition;
use crate::decide::{Layer, Question};
use crate::document::{ResourceElement, Statement};
use crate::principal_element::Strength;

/// Sees why a statement does not match.
pub(crate) trait Witness {
    fn failed(&mut self, element: Element<'_>);
}

/// Looks away.
pub(crate) struct Nobody;

impl Witness for Nobody {
    fn failed(&mut self, _: Element<'_>) {}
}

/// The first element that fails.
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
    let strength = match &statement.principal {
        None if matches!(layer, Layer::Resource | Layer::Trust) => {
            witness.failed(Element::Principal);
            return None;
        }
        None => Strength::Direct,
        Some(element) => {
            let Some(strength) = element.speaks_of(question.principal) else {
                witness.failed(Element::Principal);
                return None;
            };
            strength
        }
    };
    if !statement.action.speaks_of(question.action) {
        witness.failed(Element::Action);
        return None;
    }
    if let Some(resource) = &statement.resource
        && !speaks_of_resource(resource, question)
    {
        witness.failed(Element::Resource);
        return None;
    }
    for condition in &statement.conditions {
        if !condition.holds(question.context) {
            witness.failed(Element::Condition(condition));
            return None;
        }
    }
    Some(strength)
}

/// NotResource with a variable that has no value speaks of nothing, as an empty list does.
fn speaks_of_resource(element: &ResourceElement, question: &Question<'_>) -> bool {
    let patterns = &element.patterns;
    if patterns.is_empty() {
        return false;
    }
    let fits = patterns
        .iter()
        .any(|pattern| pattern.fits(question.resource, question.context));
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
