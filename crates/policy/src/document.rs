//! A policy document that is well formed, ready to be matched.

use crate::arn_pattern::ResourcePattern;
use crate::condition::{Condition, Operator, WrittenValue};
use crate::context::KeyName;
use crate::draft::{Draft, DraftCondition, DraftStatement, Listed, Text};
use crate::glob;
use crate::json::Span;
use crate::passage::Passage;
use crate::principal_element::PrincipalElement;
use std::collections::BTreeSet;
use std::sync::Arc;

/// The language version of a document: what its Version element says.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum PolicyLanguage {
    /// `2008-10-17`, also when nothing is said: no variables.
    V2008,
    /// `2012-10-17`.
    V2012,
}

/// What Effect says.
#[derive(Debug, Clone, Copy, PartialEq, Eq, serde::Serialize)]
#[serde(rename_all = "UPPERCASE")]
pub enum Effect {
    /// Allows what matches.
    Allow,
    /// Denies what matches, whatever allows it.
    Deny,
}

/// A well-formed document. [`crate::PermissionsPolicy`] and [`crate::TrustPolicy`] make it.
#[derive(Debug)]
pub struct Document {
    pub(crate) text: Arc<str>,
    pub(crate) language: PolicyLanguage,
    pub(crate) statements: Vec<Statement>,
}

#[derive(Debug)]
pub(crate) struct Statement {
    pub(crate) span: Span,
    pub(crate) sid: Option<Box<str>>,
    pub(crate) effect: Effect,
    /// `None`: an identity's policy, in which the principal is understood.
    pub(crate) principal: Option<PrincipalElement>,
    pub(crate) action: ActionElement,
    /// `None`: a trust policy, which speaks of its own role.
    pub(crate) resource: Option<ResourceElement>,
    pub(crate) conditions: Vec<Condition>,
}

#[derive(Debug)]
pub(crate) struct ActionElement {
    pub(crate) negated: bool,
    pub(crate) patterns: Vec<ActionPattern>,
    pub(crate) span: Span,
}

/// `service:Name` with wildcards in the name, or `*`.
#[derive(Debug)]
pub(crate) struct ActionPattern {
    pub(crate) text: Passage,
    colon: Option<usize>,
}

#[derive(Debug)]
pub(crate) struct ResourceElement {
    pub(crate) negated: bool,
    pub(crate) patterns: Vec<ResourcePattern>,
    pub(crate) span: Span,
}

impl Document {
    /// The document as it was written.
    #[must_use]
    pub fn text(&self) -> &str {
        &self.text
    }

    /// Its language version.
    #[must_use]
    pub fn language(&self) -> PolicyLanguage {
        self.language
    }

    /// How many statements it has.
    #[must_use]
    pub fn statement_count(&self) -> usize {
        self.statements.len()
    }

    /// The first and the last character of a statement, by its number from 1: line and column, from 1.
    #[must_use]
    pub fn statement_place(&self, number: u32) -> Option<[(usize, usize); 2]> {
        let at = usize::try_from(number).ok()?.checked_sub(1)?;
        let span = self.statements.get(at)?.span;
        let last = Span {
            start: span.end.saturating_sub(1),
            end: span.end,
        };
        Some([span, last].map(|span| span.line_and_column(&self.text)))
    }

    /// The keys of a request that its conditions and variables read, as they are written.
    #[must_use]
    pub fn context_keys(&self) -> BTreeSet<&str> {
        let conditions = self.statements.iter().flat_map(|one| &one.conditions);
        let tested = conditions.map(|condition| &*condition.key_text);
        let with_variables = match self.language {
            PolicyLanguage::V2012 => &*self.text,
            PolicyLanguage::V2008 => "",
        };
        let named = with_variables.split("${").skip(1).filter_map(|rest| {
            let inside = rest.split_once('}')?.0;
            let name = inside.split(',').next()?.trim();
            name.contains(':').then_some(name)
        });
        tested.chain(named).collect()
    }

    /// Whether a statement allows this action, on whatever resource and condition.
    #[must_use]
    pub fn allows_action(&self, action: &str) -> bool {
        let mut allowing = self.allowing();
        allowing.any(|one| one.action.speaks_of(action))
    }

    /// Whether a statement allows any action of a service, by its prefix: `eks`.
    #[must_use]
    pub fn allows_of(&self, service: &str) -> bool {
        let mut allowing = self.allowing();
        allowing.any(|one| one.action.speaks_of_service(service))
    }

    fn allowing(&self) -> impl Iterator<Item = &Statement> {
        let statements = self.statements.iter();
        statements.filter(|one| one.effect == Effect::Allow)
    }

    /// Makes a document of a draft whose Effects, Actions and operators were found to be right;
    /// `principal` reads the Principal element.
    pub(crate) fn build<E>(
        text: &str,
        draft: &Draft<'_>,
        mut principal: impl FnMut(&DraftStatement<'_>) -> Result<Option<PrincipalElement>, E>,
    ) -> Result<Arc<Self>, E> {
        let language = match draft.version.as_ref().map(|version| &*version.text) {
            Some("2012-10-17") => PolicyLanguage::V2012,
            Some(_) | None => PolicyLanguage::V2008,
        };
        let variables = language == PolicyLanguage::V2012;
        let text = Arc::from(text);
        let mut statements = Vec::with_capacity(draft.statements.len());
        for draft in &draft.statements {
            let conditions = draft.conditions.iter();
            let resource = draft.resource.as_ref();
            statements.push(Statement {
                span: draft.span,
                sid: draft.sid.as_ref().map(|sid| (*sid.text).into()),
                effect: match draft.effect.as_ref().map(|effect| &*effect.text) {
                    Some("Allow") => Effect::Allow,
                    // Nothing else gets here but `Deny`; and what is unknown denies.
                    Some(_) | None => Effect::Deny,
                },
                principal: principal(draft)?,
                action: ActionElement::new(&text, draft.action.as_ref()),
                resource: resource.map(|listed| ResourceElement::new(&text, listed, variables)),
                conditions: conditions
                    .filter_map(|draft| condition(draft, language))
                    .collect(),
            });
        }
        Ok(Arc::new(Self {
            text,
            language,
            statements,
        }))
    }
}

impl ActionElement {
    fn new(text: &Arc<str>, listed: Option<&Listed<'_>>) -> Self {
        let items = listed.map_or(&[][..], |listed| &listed.items);
        let patterns = items.iter().map(|item| ActionPattern::new(text, item));
        Self {
            negated: listed.is_some_and(|listed| listed.negated),
            patterns: patterns.collect(),
            span: listed.map(|listed| listed.span).unwrap_or_default(),
        }
    }

    /// Whether the element speaks of the action. An empty list speaks of nothing, negated or not.
    pub(crate) fn speaks_of(&self, action: &str) -> bool {
        !self.patterns.is_empty()
            && self.patterns.iter().any(|pattern| pattern.fits(action)) != self.negated
    }

    /// Whether it may speak of an action of the service. Negated, it does unless all are taken out.
    fn speaks_of_service(&self, service: &str) -> bool {
        let mut patterns = self.patterns.iter();
        match self.negated {
            false => patterns.any(|pattern| pattern.is_of(service)),
            true => {
                let takes_all = |one: &ActionPattern| one.is_of(service) && one.names_all();
                !self.patterns.is_empty() && !patterns.any(takes_all)
            }
        }
    }
}

impl ActionPattern {
    fn new(text: &Arc<str>, item: &Text<'_>) -> Self {
        Self {
            text: Passage::of(text, item),
            colon: item.text.bytes().position(|byte| byte == b':'),
        }
    }

    fn is_of(&self, service: &str) -> bool {
        match self.colon {
            None => &*self.text == "*",
            Some(colon) => self.text[..colon].eq_ignore_ascii_case(service),
        }
    }

    fn names_all(&self) -> bool {
        let names = self
            .colon
            .map_or(&*self.text, |colon| &self.text[colon + 1..]);
        !names.is_empty() && names.bytes().all(|byte| byte == b'*')
    }

    /// A wildcard in the service part, or a blank or a comma anywhere, fits nothing.
    pub(crate) fn fits(&self, action: &str) -> bool {
        let Some(colon) = self.colon else {
            return &*self.text == "*";
        };
        let Some((service, name)) = action.split_once(':') else {
            return false;
        };
        let (mine, pattern) = (&self.text[..colon], &self.text[colon + 1..]);
        mine.eq_ignore_ascii_case(service)
            && !pattern.is_empty()
            && !pattern.contains([' ', ',', '\t', '\n', '\r', ':'])
            && glob::fits_ignoring_case(pattern, name)
    }
}

impl ResourceElement {
    fn new(text: &Arc<str>, listed: &Listed<'_>, variables: bool) -> Self {
        let passages = listed.items.iter().map(|item| Passage::of(text, item));
        Self {
            negated: listed.negated,
            patterns: passages
                .map(|passage| ResourcePattern::new(passage, variables))
                .collect(),
            span: listed.span,
        }
    }
}

/// `None`: the operator is unknown and its body was empty, so there is nothing to compare.
fn condition(draft: &DraftCondition<'_>, language: PolicyLanguage) -> Option<Condition> {
    let operator = Operator::parse(&draft.operator.text)?;
    let values = draft
        .values
        .iter()
        .map(|value| WrittenValue::new(operator.base, &value.text, language))
        .collect();
    Some(Condition {
        key: KeyName::new(&draft.key.text),
        key_text: (*draft.key.text).into(),
        operator,
        values,
        span: draft.span,
    })
}
