//! Policies without a principal: what an identity, a boundary, a session or an organisation's
//! account may do, validated as IAM validates them.
//!
//! The stages follow each other as in IAM, and the first that fails gives the only message.

use crate::condition::{Base, Operator};
use crate::document::{Document, PolicyLanguage};
use crate::draft::{Draft, DraftStatement, Named, Text};
use crate::elements;
use crate::json::Span;
use crate::malformed::MalformedPolicy;
use crate::nearest::nearest;
use crate::number;
use std::collections::BTreeSet;
use std::sync::Arc;

/// Longest document, in characters.
pub(crate) const TEXT_LENGTH_MAX: usize = 131_072;

/// A validated permissions policy, boundary, session policy or service control policy.
#[derive(Debug, Clone)]
pub struct PermissionsPolicy {
    document: Arc<Document>,
}

impl PermissionsPolicy {
    /// Validates a document as CreatePolicy does.
    ///
    /// # Errors
    /// [`MalformedPolicy`] with IAM's sentence of the first stage that fails.
    pub fn parse(text: &str) -> Result<Self, MalformedPolicy> {
        let draft = read(text)?;
        new_language(text, &draft)?;
        no_principal(text, &draft)?;
        legacy(text, &draft)?;
        alphanumeric_sids(text, &draft)?;
        let message = "Statement IDs (SID) in a single policy must be unique.";
        unique_sids(text, &draft, message)?;
        each_has(text, &draft, "actions", |one| {
            Some(one.action.as_ref()?.items.len())
        })?;
        for item in resources(&draft) {
            elements::resource(&item.text)
                .map_err(|why| MalformedPolicy::new(text, item.span, why))?;
        }
        for item in actions(&draft) {
            elements::action(&item.text).map_err(|message| {
                let why = format!("`{}` is no action: write `service:Name`, or `*`", item.text);
                MalformedPolicy::new(text, item.span, message).with(why)
            })?;
        }
        each_has(text, &draft, "resources", |one| {
            Some(one.resource.as_ref()?.items.len())
        })?;
        Ok(Self {
            document: Document::build(text, &draft, |_| Ok::<_, MalformedPolicy>(None))?,
        })
    }

    /// The document, to be compiled into a set.
    #[must_use]
    pub fn document(&self) -> &Arc<Document> {
        &self.document
    }
}

pub(crate) const SYNTAX: &str = "Syntax errors in policy.";

/// Stage 1: the grammar.
pub(crate) fn read(text: &str) -> Result<Draft<'_>, MalformedPolicy> {
    let refuse = |span, detail: String| Err(MalformedPolicy::new(text, span, SYNTAX).with(detail));
    if text.chars().count() > TEXT_LENGTH_MAX {
        return refuse(
            Span::default(),
            format!("longer than {TEXT_LENGTH_MAX} characters"),
        );
    }
    let draft =
        Draft::read(text).map_err(|why| MalformedPolicy::of_draft(text, why, SYNTAX, SYNTAX))?;
    if draft.statements.is_empty() {
        return refuse(Span::default(), "there is no statement".to_owned());
    }
    if let Some(version) = &draft.version
        && language(&version.text).is_none()
    {
        return refuse(
            version.span,
            format!("there is no language version `{}`", version.text),
        );
    }
    known_operators(text, &draft, SYNTAX)?;
    for statement in &draft.statements {
        if let Some(Named::Typed(pairs)) = statement.principal.as_ref().map(|one| &one.named)
            && let Some((kind, _)) = pairs
                .iter()
                .find(|(kind, _)| !PRINCIPAL_TYPES.contains(&&*kind.text))
        {
            let why = format!("there is no type of principal `{}`", kind.text);
            let meant = nearest(&kind.text, PRINCIPAL_TYPES);
            return Err(MalformedPolicy::new(text, kind.span, SYNTAX)
                .with(why)
                .near(meant));
        }
        effect(statement)
            .map_err(|(span, why)| MalformedPolicy::new(text, span, SYNTAX).with(why))?;
    }
    Ok(draft)
}

/// `ALLOW` and its like pass here: they fail a later stage.
fn effect(statement: &DraftStatement<'_>) -> Result<(), (Span, String)> {
    match &statement.effect {
        None => Err((statement.span, "a statement needs an Effect".to_owned())),
        Some(effect) if !["allow", "deny"].contains(&&*effect.text.to_ascii_lowercase()) => Err((
            effect.span,
            format!("Effect is `Allow` or `Deny`, not `{}`", effect.text),
        )),
        Some(_) => Ok(()),
    }
}

pub(crate) fn language(version: &str) -> Option<PolicyLanguage> {
    match version {
        "2012-10-17" => Some(PolicyLanguage::V2012),
        "2008-10-17" => Some(PolicyLanguage::V2008),
        _ => None,
    }
}

pub(crate) const PRINCIPAL_TYPES: [&str; 4] = ["AWS", "Federated", "Service", "CanonicalUser"];

/// Refuses a condition operator that does not exist.
pub(crate) fn known_operators(
    text: &str,
    draft: &Draft<'_>,
    message: &str,
) -> Result<(), MalformedPolicy> {
    let mut operators = draft
        .statements
        .iter()
        .flat_map(|statement| &statement.conditions)
        .map(|condition| &condition.operator);
    match operators.find(|operator| Operator::parse(&operator.text).is_none()) {
        None => Ok(()),
        Some(unknown) => {
            let why = format!("there is no condition operator `{}`", unknown.text);
            Err(MalformedPolicy::new(text, unknown.span, message)
                .with(why)
                .near(Operator::nearest(&unknown.text).as_deref()))
        }
    }
}

/// Stage 2: the language.
pub(crate) fn new_language(text: &str, draft: &Draft<'_>) -> Result<(), MalformedPolicy> {
    let message = "Policy document must be version 2012-10-17 or greater.";
    let (span, why) = match &draft.version {
        Some(version) if version.text == "2012-10-17" => return Ok(()),
        Some(version) => (
            version.span,
            "such a policy is in the language of 2012-10-17",
        ),
        None => (
            Span::default(),
            "there is no Version, which means 2008-10-17",
        ),
    };
    Err(MalformedPolicy::new(text, span, message).with(why))
}

/// Stage 3: an identity's policy names nobody.
fn no_principal(text: &str, draft: &Draft<'_>) -> Result<(), MalformedPolicy> {
    let mut principals = draft
        .statements
        .iter()
        .filter_map(|one| one.principal.as_ref());
    principals.next().map_or(Ok(()), |principal| {
        let why = "whoever holds the policy is its principal: take the element out";
        let message = "Policy document should not specify a principal.";
        Err(MalformedPolicy::new(text, principal.span, message).with(why))
    })
}

/// Stages 6 and 9: no statement is without them.
fn each_has(
    text: &str,
    draft: &Draft<'_>,
    noun: &str,
    of: impl Fn(&DraftStatement<'_>) -> Option<usize>,
) -> Result<(), MalformedPolicy> {
    let bare = draft
        .statements
        .iter()
        .find(|one| of(one).is_none_or(|count| count == 0));
    bare.map_or(Ok(()), |statement| {
        let message = format!("Policy statement must contain {noun}.");
        Err(MalformedPolicy::new(text, statement.span, message))
    })
}

/// Stage 4: what IAM's older parser refuses.
pub(crate) fn legacy(text: &str, draft: &Draft<'_>) -> Result<(), MalformedPolicy> {
    let refuse = |span, detail: String| {
        Err(MalformedPolicy::new(text, span, "The policy failed legacy parsing").with(detail))
    };
    for statement in &draft.statements {
        if let Some(effect) = &statement.effect
            && !matches!(&*effect.text, "Allow" | "Deny")
        {
            return refuse(
                effect.span,
                format!("Effect is `Allow` or `Deny`, not `{}`", effect.text),
            );
        }
        for condition in &statement.conditions {
            let dated = Operator::parse(&condition.operator.text)
                .is_some_and(|operator| matches!(operator.base, Base::Date(_)));
            let bad = condition.values.iter().find(|value| {
                value.text.starts_with('-') || number::instant(&value.text).is_none()
            });
            if let (true, Some(value)) = (dated, bad) {
                return refuse(value.span, format!("`{}` is no date", value.text));
            }
        }
    }
    for item in resources(draft) {
        let behind = item.text.strip_prefix("arn:");
        let service = behind.and_then(|rest| Some(rest.split_once(':')?.1));
        let empty_service = service.is_some_and(|rest| rest.is_empty() || rest.starts_with(':'));
        if empty_service && item.text.split(':').count() < 6 {
            return refuse(item.span, format!("`{}` names no service", item.text));
        }
    }
    Ok(())
}

fn alphanumeric_sids(text: &str, draft: &Draft<'_>) -> Result<(), MalformedPolicy> {
    let odd = draft
        .statements
        .iter()
        .filter_map(|statement| statement.sid.as_ref())
        .find(|sid| !sid.text.bytes().all(|byte| byte.is_ascii_alphanumeric()));
    odd.map_or(Ok(()), |sid| {
        let why = "Statement IDs (SID) must be alpha-numeric. Check that your input satisfies the regular expression [0-9A-Za-z]*";
        Err(MalformedPolicy::new(text, sid.span, why))
    })
}

pub(crate) fn unique_sids(
    text: &str,
    draft: &Draft<'_>,
    message: &str,
) -> Result<(), MalformedPolicy> {
    let mut seen = BTreeSet::new();
    for sid in draft
        .statements
        .iter()
        .filter_map(|statement| statement.sid.as_ref())
    {
        if !sid.text.is_empty() && !seen.insert(&*sid.text) {
            return Err(MalformedPolicy::new(text, sid.span, message));
        }
    }
    Ok(())
}

fn actions<'d, 'a>(draft: &'d Draft<'a>) -> impl Iterator<Item = &'d Text<'a>> {
    draft
        .statements
        .iter()
        .filter_map(|one| one.action.as_ref())
        .flat_map(|listed| &listed.items)
}

fn resources<'d, 'a>(draft: &'d Draft<'a>) -> impl Iterator<Item = &'d Text<'a>> {
    draft
        .statements
        .iter()
        .filter_map(|one| one.resource.as_ref())
        .flat_map(|listed| &listed.items)
}
