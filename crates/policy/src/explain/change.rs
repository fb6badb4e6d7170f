//! The smallest change of a document that would flip a refusal.
//!
//! A [`Repair`] is tried before it is offered: after it the element matches the request.

use super::failure::{ABSENT, Failure, RESOURCE};
use super::{LayerExplanation, StatementExplanation};
use crate::arn_pattern::ResourcePattern;
use crate::condition::{Base, Condition, Family, Operator};
use crate::context::{RequestContext, Values};
use crate::decide::{Decision, Layer};
use crate::document::{Document, Effect, PolicyLanguage};
use crate::permit::layer_name;
use crate::principal::Principal;
use crate::question::Question;
use serde::Serialize;
use std::sync::Arc;

/// What to do to an element of a statement so that it matches.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
#[serde(rename_all = "snake_case")]
pub enum Repair {
    /// Put these into its list.
    Add(Vec<String>),
    /// Take these out of its list.
    Remove(Vec<String>),
    /// Call the condition operator so.
    Operator(String),
    /// Take the element out: no list of values lets this request pass.
    TakeOut,
}

/// Adds the caller by the name that outlives its session.
pub(super) fn of_principal(caller: &Principal) -> Repair {
    let name = match caller {
        Principal::RoleSession { role, .. } => role.to_string(),
        Principal::Anonymous => "*".to_owned(),
        Principal::User { .. }
        | Principal::FederatedUser { .. }
        | Principal::Root { .. }
        | Principal::Service { .. }
        | Principal::WebIdentity { .. } => caller.shown_arn(),
    };
    Repair::Add(vec![name])
}

pub(super) fn of_resource<'p>(
    patterns: impl Iterator<Item = &'p ResourcePattern>,
    negated: bool,
    document: &Document,
    question: &Question<'_>,
) -> Repair {
    if !negated {
        let literal = literal(question.resource, Wildcards::Special, document.language);
        // The resource of an action that has none is `*`, and so is the pattern.
        let whole = question.resource == "*";
        return Repair::Add(vec![if whole { "*".to_owned() } else { literal }]);
    }
    let excludes = |pattern: &&ResourcePattern| {
        pattern.fits(
            question.resource,
            question.context,
            crate::arn_pattern::ShortArns::Any,
        ) || !pattern.resolves(question.context)
    };
    let excluding = patterns.filter(excludes);
    Repair::Remove(excluding.map(|pattern| pattern.text.to_string()).collect())
}

pub(super) fn of_condition(
    condition: &Condition,
    document: &Document,
    context: &RequestContext,
) -> Repair {
    let found = context.at(&condition.key).map_or(&[][..], Values::all);
    let candidates = [
        added(condition, document, found, context),
        removed(condition, found, context),
        quantified(condition, found, "ForAnyValue:"),
        quantified(condition, found, "ForAllValues:"),
    ];
    candidates
        .into_iter()
        .flatten()
        .find(|repair| repaired(condition, repair, document).is_some_and(|one| one.holds(context)))
        .unwrap_or(Repair::TakeOut)
}

/// The values that the list misses.
fn added(
    condition: &Condition,
    document: &Document,
    found: &[Arc<str>],
    context: &RequestContext,
) -> Option<Repair> {
    if condition.operator.base.is_negated() || condition.operator.base == Base::Null {
        return None;
    }
    let wildcards = match condition.operator.base {
        Base::Text {
            family: Family::Like,
            ..
        }
        | Base::Arn { .. } => Wildcards::Special,
        Base::Text { .. }
        | Base::Numeric(_)
        | Base::Date(_)
        | Base::Bool
        | Base::Binary
        | Base::IpAddress { .. }
        | Base::Null => Wildcards::Plain,
    };
    let missing = found.iter().filter(|value| !condition.fits(value, context));
    let missing: Vec<_> = missing
        .map(|value| literal(value, wildcards, document.language))
        .collect();
    (!missing.is_empty()).then_some(Repair::Add(missing))
}

/// The values of the list that keep the request out.
fn removed(condition: &Condition, found: &[Arc<str>], context: &RequestContext) -> Option<Repair> {
    if !condition.operator.base.is_negated() {
        return None;
    }
    let in_the_way = condition.values.iter().filter(|written| {
        let mut found = found.iter();
        found.any(|value| condition.keeps_out(written, value, context))
    });
    let in_the_way: Vec<_> = in_the_way.map(|one| one.text.to_string()).collect();
    let all = in_the_way.len() == condition.values.len();
    (!all && !in_the_way.is_empty()).then_some(Repair::Remove(in_the_way))
}

/// The same operator for a key of several values.
fn quantified(condition: &Condition, found: &[Arc<str>], quantifier: &str) -> Option<Repair> {
    let plain = !condition.operator.name.contains(':');
    (plain && found.len() > 1)
        .then(|| Repair::Operator(format!("{quantifier}{}", condition.operator.name)))
}

/// The condition after a repair; `None`: it is gone.
fn repaired(condition: &Condition, repair: &Repair, document: &Document) -> Option<Condition> {
    let mut texts: Vec<_> = condition
        .values
        .iter()
        .map(|value| value.text.to_string())
        .collect();
    let mut operator = condition.operator.clone();
    match repair {
        Repair::Add(values) => texts.extend(values.iter().cloned()),
        Repair::Remove(values) => texts.retain(|text| !values.contains(text)),
        Repair::Operator(name) => operator = Operator::parse(name)?,
        Repair::TakeOut => return None,
    }
    Some(condition.with(operator, &texts, document.language))
}

#[derive(Clone, Copy, PartialEq, Eq)]
enum Wildcards {
    /// `*` and `?` stand for others.
    Special,
    Plain,
}

/// A value as a document writes it so that it means itself. The old language has no way to say a
/// literal wildcard, so there it stays one.
fn literal(value: &str, wildcards: Wildcards, language: PolicyLanguage) -> String {
    if language == PolicyLanguage::V2008 {
        return value.to_owned();
    }
    let mut literal = String::with_capacity(value.len());
    let mut rest = value.chars().peekable();
    while let Some(character) = rest.next() {
        let special = match character {
            '*' | '?' => wildcards == Wildcards::Special,
            '$' => rest.peek() == Some(&'{'),
            _ => false,
        };
        if special {
            literal.extend(['$', '{', character, '}']);
        } else {
            literal.push(character);
        }
    }
    literal
}

pub(super) fn smallest_change(
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
    Some(match nearest(layers, layer) {
        Some((statement, failure)) => change(statement, failure),
        None => addition(layer, question),
    })
}

/// The statement of a layer that would allow after one change, or else the one that got furthest.
fn nearest(layers: &[LayerExplanation], layer: Layer) -> Option<(&StatementExplanation, &Failure)> {
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
    failures()
        .find(|(_, failure)| failure.alone)
        .or_else(|| failures().next())
}

/// A whole statement, where none is near.
fn addition(layer: Layer, question: &Question<'_>) -> String {
    format!(
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
    )
}

fn change(statement: &StatementExplanation, failure: &Failure) -> String {
    let place = format!("line {} of {}", failure.line, statement.policy);
    let element = failure.element.as_str();
    let Some(condition) = element.strip_prefix("Condition ") else {
        return match &failure.repair {
            Repair::Remove(values) => format!("{place}: take {} out of {element}", quoted(values)),
            Repair::Add(values) => format!("{place}: add {} to {element}", quoted(values)),
            Repair::Operator(_) | Repair::TakeOut => format!("{place}: take {element} out"),
        };
    };
    let (found, expected) = (&failure.found, &failure.expected);
    match &failure.repair {
        Repair::Add(_) => {
            format!("{place}: let {condition} accept {found} (it wants {expected})")
        }
        Repair::Remove(values) => {
            format!("{place}: take {} out of {condition}", quoted(values))
        }
        Repair::Operator(name) => format!(
            "{place}: {condition} compares one value and the request brings {found}: say {name}"
        ),
        Repair::TakeOut if found == ABSENT => {
            format!("{place}: {condition} cannot hold, since {found}: take it out or send it")
        }
        Repair::TakeOut => format!(
            "{place}: {condition} wants {expected} and the request brings {found}: change it or take it out"
        ),
    }
}

fn quoted(values: &[String]) -> String {
    let quoted: Vec<_> = values.iter().map(|value| format!("`{value}`")).collect();
    quoted.join(" and ")
}

fn named(statement: &StatementExplanation) -> String {
    match &statement.sid {
        Some(sid) => format!("statement `{sid}`"),
        None => format!("statement {}", statement.number),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_proposed_value_lets_in_itself_alone() {
        let (new, old) = (PolicyLanguage::V2012, PolicyLanguage::V2008);
        for (value, wildcards, language, wanted) in [
            ("a*b?", Wildcards::Special, new, "a${*}b${?}"),
            ("a*b?", Wildcards::Plain, new, "a*b?"),
            ("${a}$", Wildcards::Plain, new, "${$}{a}$"),
            ("a*${b}", Wildcards::Special, old, "a*${b}"),
        ] {
            assert_eq!(literal(value, wildcards, language), wanted, "{value}");
        }
    }
}
