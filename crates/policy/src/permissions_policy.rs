//! Policies without a principal: what an identity, a boundary, a session or an organisation's
//! account may do, validated as IAM validates them.
//!
//! The stages follow each other as in IAM, and the first that fails gives the only message.

use crate::condition::{Base, Operator};
use crate::document::{Document, PolicyLanguage};
use crate::draft::{Draft, DraftStatement, Named, Text};
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
        let refuse = |span, message: &str| Err(MalformedPolicy::new(text, span, message));
        match draft
            .version
            .as_ref()
            .map(|version| (&*version.text, version.span))
        {
            Some(("2012-10-17", _)) => {}
            Some((_, span)) => {
                return Err(MalformedPolicy::new(text, span, OLD_LANGUAGE)
                    .with("an identity's policy is in the language of 2012-10-17"));
            }
            None => {
                return Err(MalformedPolicy::new(text, Span::default(), OLD_LANGUAGE)
                    .with("there is no Version, which means 2008-10-17"));
            }
        }
        if let Some(principal) = draft
            .statements
            .iter()
            .find_map(|one| one.principal.as_ref())
        {
            let why = "whoever holds the policy is its principal: take the element out";
            let message = "Policy document should not specify a principal.";
            return Err(MalformedPolicy::new(text, principal.span, message).with(why));
        }
        legacy(text, &draft)?;
        alphanumeric_sids(text, &draft)?;
        unique_sids(
            text,
            &draft,
            "Statement IDs (SID) in a single policy must be unique.",
        )?;
        for statement in &draft.statements {
            if statement
                .action
                .as_ref()
                .is_none_or(|action| action.items.is_empty())
            {
                return refuse(statement.span, "Policy statement must contain actions.");
            }
        }
        for item in resources(&draft) {
            resource(&item.text).map_err(|why| MalformedPolicy::new(text, item.span, why))?;
        }
        for item in draft
            .statements
            .iter()
            .filter_map(|one| one.action.as_ref())
            .flat_map(|action| &action.items)
        {
            action(&item.text).map_err(|message| {
                let why = format!("`{}` is no action: write `service:Name`, or `*`", item.text);
                MalformedPolicy::new(text, item.span, message).with(why)
            })?;
        }
        for statement in &draft.statements {
            if statement
                .resource
                .as_ref()
                .is_none_or(|resource| resource.items.is_empty())
            {
                return refuse(statement.span, "Policy statement must contain resources.");
            }
        }
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

/// A validated resource control policy: it denies, to everybody.
#[derive(Debug, Clone)]
pub struct ResourceControlPolicy {
    document: Arc<Document>,
}

impl ResourceControlPolicy {
    /// Validates a document as Organizations does.
    ///
    /// # Errors
    /// [`MalformedPolicy`] saying what such a policy may not hold.
    pub fn parse(text: &str) -> Result<Self, MalformedPolicy> {
        let draft = read(text)?;
        if draft
            .version
            .as_ref()
            .is_none_or(|version| version.text != "2012-10-17")
        {
            return Err(MalformedPolicy::new(text, Span::default(), OLD_LANGUAGE));
        }
        legacy(text, &draft)?;
        for statement in &draft.statements {
            control_statement(statement)
                .map_err(|why| MalformedPolicy::new(text, statement.span, SYNTAX).with(why))?;
        }
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

const SYNTAX: &str = "Syntax errors in policy.";
const OLD_LANGUAGE: &str = "Policy document must be version 2012-10-17 or greater.";

fn control_statement(statement: &DraftStatement<'_>) -> Result<(), &'static str> {
    let everybody = statement.principal.as_ref().is_some_and(|principal| {
        !principal.negated && matches!(&principal.named, Named::Bare(text) if text.text == "*")
    });
    if !everybody {
        return Err("Principal of a resource control policy is `\"*\"`");
    }
    if statement
        .effect
        .as_ref()
        .is_none_or(|effect| effect.text != "Deny")
    {
        return Err("a resource control policy only denies");
    }
    match &statement.action {
        Some(action) if action.negated => Err("NotAction is not supported here"),
        Some(action) if action.items.iter().any(|item| item.text == "*") => {
            Err("an action begins with a service here; `*` alone is not supported")
        }
        Some(action) if !action.items.is_empty() => Ok(()),
        Some(_) | None => Err("a statement needs an Action"),
    }?;
    match &statement.resource {
        Some(resource) if !resource.items.is_empty() => Ok(()),
        Some(_) | None => Err("a statement needs a Resource"),
    }
}

/// Stage 1: the grammar.
fn read(text: &str) -> Result<Draft<'_>, MalformedPolicy> {
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

/// Stage 4: what IAM's older parser refuses.
fn legacy(text: &str, draft: &Draft<'_>) -> Result<(), MalformedPolicy> {
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
        let mut parts = item.text.splitn(6, ':');
        let empty_service = parts.next() == Some("arn") && parts.nth(1) == Some("");
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

fn resources<'d, 'a>(draft: &'d Draft<'a>) -> impl Iterator<Item = &'d Text<'a>> {
    draft
        .statements
        .iter()
        .filter_map(|one| one.resource.as_ref())
        .flat_map(|listed| &listed.items)
}

/// Stage 7.
fn resource(text: &str) -> Result<(), String> {
    if text == "*" {
        return Ok(());
    }
    let mut parts = text.splitn(6, ':');
    if parts.next() != Some("arn") || parts.clone().next().is_none() {
        return Err(format!("Resource {text} must be in ARN format or \"*\"."));
    }
    let mut next = || parts.next().unwrap_or("*");
    let (partition, service, region, account, rest) = (next(), next(), next(), next(), next());
    let known = names::Partition::ALL
        .iter()
        .any(|known| known.as_str() == partition);
    if !known && !partition.contains('*') {
        return Err(format!(
            "Partition \"{partition}\" is not valid for resource \"arn:{partition}:{service}:{region}:{account}:{rest}\"."
        ));
    }
    if service.contains(['*', '?']) && text.split(':').count() >= 6 {
        return Err(
            "Resource vendor must be fully qualified and cannot contain regexes.".to_owned(),
        );
    }
    match service {
        "iam" if !matches!(region, "" | "*") => {
            Err("IAM resource ARN cannot contain region information.".to_owned())
        }
        "s3" if !matches!(region, "" | "*") => {
            Err("Resource ARN can not contain region information.".to_owned())
        }
        "iam" if text.split(':').count() >= 6 && !is_iam_resource(rest) => Err(format!(
            "IAM resource path must either be \"*\" or start with {}.",
            IAM_RESOURCES.join(", ")
        )),
        _ => Ok(()),
    }
}

const IAM_RESOURCES: [&str; 13] = [
    "user/",
    "federated-user/",
    "role/",
    "group/",
    "instance-profile/",
    "mfa/",
    "server-certificate/",
    "policy/",
    "sms-mfa/",
    "saml-provider/",
    "oidc-provider/",
    "report/",
    "access-report/",
];

fn is_iam_resource(rest: &str) -> bool {
    rest.starts_with(['*', '$'])
        || rest == "root"
        || IAM_RESOURCES.iter().any(|kind| rest.starts_with(kind))
}

/// Stage 8.
fn action(text: &str) -> Result<(), String> {
    if text == "*" {
        return Ok(());
    }
    let Some((vendor, name)) = text.split_once(':') else {
        return Err(
            "Actions/Conditions must be prefaced by a vendor, e.g., iam, sdb, ec2, etc.".to_owned(),
        );
    };
    if name.contains(':') {
        return Err("Actions/Condition can contain only one colon.".to_owned());
    }
    let valid = |letter: char| letter.is_ascii_alphanumeric() || matches!(letter, '.' | '-');
    if vendor.is_empty() || !vendor.chars().all(valid) {
        return Err(format!("Vendor {vendor} is not valid"));
    }
    Ok(())
}
