//! Conditions: an operator, a key, and the values it is compared with.
//!
//! Source: IAM User Guide, "IAM JSON policy elements: Condition operators" and "Multivalued context
//! keys". Whether a key is there is decided before anything is compared.

mod operator;
mod wanted;

use std::sync::Arc;

use crate::context::{KeyName, RequestContext, Values};
use crate::document::PolicyLanguage;
use crate::json::Span;
pub(crate) use operator::{Base, Family, Operator, Quantifier};
pub(crate) use wanted::{Outcome, Wanted};

/// One line of a Condition element.
#[derive(Debug, Clone)]
pub(crate) struct Condition {
    pub(crate) operator: Operator,
    pub(crate) key: KeyName,
    /// As written.
    pub(crate) key_text: Box<str>,
    pub(crate) values: Box<[WrittenValue]>,
    /// Of the key and its values.
    pub(crate) span: Span,
}

/// A condition value as written, and made ready for its operator.
#[derive(Debug, Clone)]
pub(crate) struct WrittenValue {
    pub(crate) text: Box<str>,
    pub(crate) wanted: Wanted,
}

impl WrittenValue {
    pub(crate) fn new(base: Base, text: &str, language: PolicyLanguage) -> Self {
        let variables = language == PolicyLanguage::V2012;
        Self {
            text: text.into(),
            wanted: Wanted::new(base, text, variables),
        }
    }
}

impl Condition {
    /// Whether the request's context fulfils it.
    pub(crate) fn holds(&self, context: &RequestContext) -> bool {
        let values = context.at(&self.key).map_or(&[][..], Values::all);
        if self.operator.base == Base::Null {
            return self.presence(values.is_empty());
        }
        match self.operator.quantifier {
            Quantifier::ForAll => given(values).iter().all(|value| self.fits(value, context)),
            Quantifier::ForAny => given(values).iter().any(|value| self.fits(value, context)),
            Quantifier::One => match values {
                [] => self.operator.if_exists || self.operator.base.is_negated(),
                [value] => self.fits(value, context),
                _ => false,
            },
        }
    }

    /// Whether one value of the request satisfies the operator: it is like one of the policy's values,
    /// or, negated, unlike every one of them.
    pub(crate) fn fits(&self, value: &str, context: &RequestContext) -> bool {
        let outcome = |written: &WrittenValue| self.outcome(written, value, context);
        if self.operator.base.is_negated() {
            self.values
                .iter()
                .all(|written| outcome(written) == Outcome::Unlike)
        } else {
            self.values
                .iter()
                .any(|written| outcome(written) == Outcome::Like)
        }
    }

    fn outcome(&self, written: &WrittenValue, value: &str, context: &RequestContext) -> Outcome {
        written.wanted.compare(&self.operator, value, context)
    }

    /// Whether, negated, one of the policy's values alone forbids the request's.
    pub(crate) fn keeps_out(
        &self,
        written: &WrittenValue,
        value: &str,
        context: &RequestContext,
    ) -> bool {
        self.outcome(written, value, context) != Outcome::Unlike
    }

    /// The same condition with another operator and other values.
    pub(crate) fn with(
        &self,
        operator: Operator,
        values: &[String],
        language: PolicyLanguage,
    ) -> Self {
        let written = |text: &String| WrittenValue::new(operator.base, text, language);
        Self {
            values: values.iter().map(written).collect(),
            operator,
            ..self.clone()
        }
    }

    fn presence(&self, absent: bool) -> bool {
        self.values.iter().any(
            |written| matches!(written.wanted, Wanted::Absence(Some(wanted)) if wanted == absent),
        )
    }
}

/// To a set operator, a key whose only value is the empty text has no values.
fn given(values: &[Arc<str>]) -> &[Arc<str>] {
    match values {
        [only] if only.is_empty() => &[],
        values => values,
    }
}
