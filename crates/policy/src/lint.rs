//! Warnings about documents that are well formed and yet do not do what their author meant.
//!
//! Each has a stable code; [`explanation`] says what it means without a network.

use crate::condition::{Base, Condition, Family, Quantifier};
use crate::document::{Document, Effect, PolicyLanguage, Statement};
use crate::json::Span;
use serde::Serialize;

/// A warning about a place in a document.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct Warning {
    /// Its stable code.
    pub code: &'static str,
    /// What is wrong here.
    pub message: String,
    /// Where, from 1.
    pub line: usize,
    /// Where, from 1.
    pub column: usize,
}

/// Codes and what they mean; the first line is the title.
const CODES: &[(&str, &str)] = &[
    (
        "RC-TRUST-001",
        "the token claim is no condition key\nOf a generic OIDC provider's token only `aud`, `sub` and `amr` (and `oaud`, when the token\nhas `azp`) become condition keys. A condition on any other claim never holds, or, with IfExists\nor ForAllValues, always does.",
    ),
    (
        "RC-TRUST-002",
        "a missing claim is accepted\nForAllValues and IfExists are true when the key is absent. On `sub` or `aud` of an Allow they\nlet in tokens without that claim. Use the plain operator.",
    ),
    (
        "RC-TRUST-003",
        "any service account of the cluster is accepted\nNothing in the statement narrows `sub`, so every token that the cluster mints for the audience\ncan assume the role. Add StringEquals on `sub`.",
    ),
    (
        "RC-TRUST-004",
        "the audience is not checked\nNothing in the statement narrows `aud`. Add StringEquals on `aud` with `sts.amazonaws.com`.",
    ),
    (
        "RC-COND-001",
        "StringEquals takes wildcards literally\n`*` and `?` are wildcards for StringLike; StringEquals compares them as characters, so the\ncondition never holds.",
    ),
    (
        "RC-COND-002",
        "the value is not of the operator's kind\nA number, date, address, ARN or boolean was expected. The condition never holds.",
    ),
    (
        "RC-LANG-001",
        "variables need language version 2012-10-17\nWithout that Version, `${…}` is literal text, and the statement silently never matches.",
    ),
    (
        "RC-SCOPE-001",
        "Allow with NotAction\nIt allows every action there is but those listed, also those that AWS adds tomorrow.",
    ),
];

/// Every code.
pub fn codes() -> impl Iterator<Item = &'static str> {
    CODES.iter().map(|(code, _)| *code)
}

/// What a code means; its first line is a title.
#[must_use]
pub fn explanation(code: &str) -> Option<&'static str> {
    CODES
        .iter()
        .find(|(known, _)| *known == code)
        .map(|(_, text)| *text)
}

/// All warnings about a document, in the order of its text.
#[must_use]
pub fn warnings(document: &Document) -> Vec<Warning> {
    let mut found = Found {
        document,
        warnings: Vec::new(),
    };
    if document.language == PolicyLanguage::V2008
        && let Some(at) = document.text.find("${aws:")
    {
        found.add(
            "RC-LANG-001",
            Span {
                start: at,
                end: at + 2,
            },
            "`${aws:` is literal text here",
        );
    }
    for statement in &document.statements {
        found.statement(statement);
    }
    found
        .warnings
        .sort_by_key(|warning| (warning.line, warning.column));
    found.warnings
}

struct Found<'a> {
    document: &'a Document,
    warnings: Vec<Warning>,
}

impl Found<'_> {
    fn add(&mut self, code: &'static str, span: Span, message: impl Into<String>) {
        let (line, column) = span.line_and_column(&self.document.text);
        self.warnings.push(Warning {
            code,
            message: message.into(),
            line,
            column,
        });
    }

    fn statement(&mut self, statement: &Statement) {
        let allows = statement.effect == Effect::Allow;
        if allows && statement.action.negated {
            self.add(
                "RC-SCOPE-001",
                statement.action.span,
                "everything but the listed is allowed",
            );
        }
        for condition in &statement.conditions {
            self.condition(condition, allows);
        }
        let web = statement.action.speaks_of("sts:AssumeRoleWithWebIdentity");
        if allows && web && statement.principal.is_some() {
            self.web_identity(statement);
        }
    }

    fn condition(&mut self, condition: &Condition, allows: bool) {
        let key = condition.key.as_str().to_ascii_lowercase();
        let literal = matches!(
            condition.operator.base,
            Base::Text {
                family: Family::Equals | Family::EqualsIgnoreCase,
                ..
            }
        );
        let wild = condition
            .values
            .iter()
            .find(|value| value.text.contains(['*', '?']) && !value.text.contains("${"));
        if let (true, Some(value)) = (literal, wild) {
            let message = format!(
                "`{}` in {} is taken literally",
                value.text, condition.operator.name
            );
            self.add("RC-COND-001", condition.span, message);
        }
        if let Some(value) = condition
            .values
            .iter()
            .find(|value| !value.wanted.is_usable())
        {
            let message = format!(
                "`{}` is no value for {}",
                value.text, condition.operator.name
            );
            self.add("RC-COND-002", condition.span, message);
        }
        let claim = key
            .rsplit_once(':')
            .filter(|(provider, _)| provider.contains('.'));
        let Some((_, claim)) = claim else { return };
        if !matches!(claim, "aud" | "sub" | "amr" | "oaud") && key.contains("/id/") {
            let message = format!("`{}` is not in any request", condition.key_text);
            self.add("RC-TRUST-001", condition.span, message);
        }
        let lenient =
            condition.operator.if_exists || condition.operator.quantifier == Quantifier::ForAll;
        if allows && lenient && matches!(claim, "aud" | "sub") {
            let message = format!(
                "{} accepts a token without `{claim}`",
                condition.operator.name
            );
            self.add("RC-TRUST-002", condition.span, message);
        }
    }

    fn web_identity(&mut self, statement: &Statement) {
        let narrows = |claim: &str| {
            statement
                .conditions
                .iter()
                .any(|condition| condition.key.ends_with(claim))
        };
        if !narrows(":sub") {
            self.add("RC-TRUST-003", statement.span, "no condition on `sub`");
        }
        if !narrows(":aud") {
            self.add("RC-TRUST-004", statement.span, "no condition on `aud`");
        }
    }
}
