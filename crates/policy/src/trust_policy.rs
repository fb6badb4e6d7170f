//! A role's trust policy: who may assume it, validated as CreateRole does.

use crate::document::{Document, PolicyLanguage};
use crate::draft::{Draft, DraftPrincipal, DraftStatement, Named};
use crate::json::Span;
use crate::malformed::MalformedPolicy;
use crate::nearest::nearest;
use crate::permissions_policy::{
    PRINCIPAL_TYPES, TEXT_LENGTH_MAX, known_operators, language, unique_sids,
};
use crate::principal_element::{
    NamedPrincipal, PrincipalDirectory, PrincipalElement, PrincipalEntry, aws_principal,
};
use crate::set::{PolicyKind, PolicySet, PolicySource};
use names::ProviderArn;
use std::sync::Arc;

/// A validated trust policy, its users and roles pinned to their unique ids.
#[derive(Debug, Clone)]
pub struct TrustPolicy {
    document: Arc<Document>,
    set: Arc<PolicySet>,
}

impl TrustPolicy {
    /// Validates a document, and finds the users and roles that it names.
    ///
    /// # Errors
    /// [`MalformedPolicy`] with AWS's sentence of the first check that fails.
    pub fn parse(text: &str, directory: &dyn PrincipalDirectory) -> Result<Self, MalformedPolicy> {
        let draft = read(text)?;
        unique_sids(
            text,
            &draft,
            "The Statement Ids in the policy are not unique",
        )?;
        for one in &draft.statements {
            statement(one).map_err(|refused| refused.in_text(text))?;
        }
        known_operators(text, &draft, SYNTAX)?;
        let document = Document::build(text, &draft, |draft| {
            draft
                .principal
                .as_ref()
                .map(|named| element(text, draft, named, directory))
                .transpose()
        })?;
        let source = PolicySource {
            kind: PolicyKind::Trust,
            arn: None,
            name: "trust policy".to_owned(),
            attached_to: None,
            text: Arc::clone(&document.text),
        };
        let set = PolicySet::compile(vec![(source, Arc::clone(&document))]);
        Ok(Self {
            document,
            set: Arc::new(set),
        })
    }

    /// What a role trusts that is not there, or whose document cannot be read: nobody.
    #[must_use]
    pub fn of_nobody() -> Self {
        Self {
            document: Arc::new(Document {
                text: Arc::from(""),
                language: PolicyLanguage::V2008,
                statements: Vec::new(),
            }),
            set: Arc::default(),
        }
    }

    /// The document with every principal as IAM shows it now.
    #[must_use]
    pub fn render(&self, directory: &dyn PrincipalDirectory) -> String {
        let mut rendered = String::with_capacity(self.document.text.len());
        let mut copied = 0;
        let elements = self
            .document
            .statements
            .iter()
            .filter_map(|one| one.principal.as_ref());
        for entry in elements.flat_map(|element| &element.entries) {
            let shown = entry.named.shown(&entry.written, directory);
            if *shown == *entry.written || entry.span.start < copied {
                continue;
            }
            rendered.push_str(&self.document.text[copied..entry.span.start]);
            // ARNs and ids need no escape.
            rendered.push('"');
            rendered.push_str(&shown);
            rendered.push('"');
            copied = entry.span.end;
        }
        rendered.push_str(&self.document.text[copied..]);
        rendered
    }

    /// The document as it was written.
    #[must_use]
    pub fn text(&self) -> &str {
        &self.document.text
    }

    /// The document.
    #[must_use]
    pub fn document(&self) -> &Arc<Document> {
        &self.document
    }

    /// As a set of one, which is how it is decided.
    #[must_use]
    pub fn set(&self) -> &PolicySet {
        &self.set
    }
}

const SYNTAX: &str = "Syntax error in policy.";

fn read(text: &str) -> Result<Draft<'_>, MalformedPolicy> {
    let refuse = |span, message: &str| Err(MalformedPolicy::new(text, span, message));
    if text.chars().count() > TEXT_LENGTH_MAX {
        return refuse(Span::default(), SYNTAX);
    }
    let not_json = "This policy contains invalid Json";
    let draft =
        Draft::read(text).map_err(|why| MalformedPolicy::of_draft(text, why, not_json, SYNTAX))?;
    match &draft.version {
        Some(version) if language(&version.text).is_none() => refuse(
            version.span,
            "The policy must contain a valid version string",
        ),
        Some(_) | None if draft.statements.is_empty() => refuse(
            Span::default(),
            "Could not parse the policy: Statement is empty!",
        ),
        Some(_) | None => Ok(draft),
    }
}

/// A statement that AWS refuses: where, in which words, and what they leave out.
struct Refused {
    span: Span,
    message: String,
    detail: String,
}

impl Refused {
    fn at(span: Span, message: impl Into<String>) -> Self {
        Self {
            span,
            message: message.into(),
            detail: String::new(),
        }
    }

    fn since(mut self, detail: impl Into<String>) -> Self {
        self.detail = detail.into();
        self
    }

    fn in_text(self, text: &str) -> MalformedPolicy {
        MalformedPolicy::new(text, self.span, self.message).with(self.detail)
    }
}

fn statement(statement: &DraftStatement<'_>) -> Result<(), Refused> {
    let refuse = |span, message: &str| Err(Refused::at(span, message));
    let effect = match &statement.effect {
        None => return refuse(statement.span, "Missing required field Effect"),
        Some(effect) if !matches!(&*effect.text, "Allow" | "Deny") => {
            let message = format!("Invalid effect: {}", effect.text);
            return Err(Refused::at(effect.span, message).since("Effect is `Allow` or `Deny`"));
        }
        Some(effect) => &*effect.text,
    };
    match &statement.principal {
        None => return refuse(statement.span, "Missing required field Principal"),
        Some(principal) if principal.negated && effect == "Allow" => {
            return refuse(principal.span, "Allow with NotPrincipal is not allowed.");
        }
        Some(principal) if principal.negated => {
            return refuse(
                principal.span,
                "AssumeRole policy must not contain NotPrincipal field.",
            );
        }
        Some(principal) => typed(principal)?,
    }
    let Some(action) = statement
        .action
        .as_ref()
        .filter(|action| !action.items.is_empty())
    else {
        return refuse(statement.span, "Missing required field Action");
    };
    let of_sts = |text: &str| {
        text.split_once(':')
            .is_some_and(|(service, name)| service.eq_ignore_ascii_case("sts") && !name.is_empty())
    };
    if let Some(item) = action.items.iter().find(|item| !of_sts(&item.text)) {
        let message = "AssumeRole policy may only specify STS AssumeRole actions.";
        let detail = format!(
            "`{}` is not of sts: what the role may do belongs in its permissions policies",
            item.text
        );
        return Err(Refused::at(item.span, message).since(detail));
    }
    match &statement.resource {
        Some(resource) => Err(Refused::at(resource.span, "Has prohibited field Resource")
            .since("a trust policy speaks of its own role: take the element out")),
        None => Ok(()),
    }
}

fn typed(principal: &DraftPrincipal<'_>) -> Result<(), Refused> {
    match &principal.named {
        Named::Bare(text) => Err(Refused::at(text.span, "Principal must be a JSON object.")
            .since("write `{\"AWS\": …}`, `{\"Service\": …}` or `{\"Federated\": …}`")),
        Named::Typed(pairs) if pairs.is_empty() => Err(Refused::at(
            principal.span,
            "Missing required field Principal cannot be empty!",
        )),
        Named::Typed(_) => Ok(()),
    }
}

fn element(
    text: &str,
    statement: &DraftStatement<'_>,
    principal: &DraftPrincipal<'_>,
    directory: &dyn PrincipalDirectory,
) -> Result<PrincipalElement, MalformedPolicy> {
    let pairs = match &principal.named {
        Named::Typed(pairs) => pairs.as_slice(),
        Named::Bare(_) => &[],
    };
    let entries = pairs
        .iter()
        .map(|(kind, name)| {
            let named = named(&kind.text, &name.text, directory).ok_or_else(|| {
                let why = format!(
                    "Invalid principal in policy: \"{}\":\"{}\"",
                    shouted(&kind.text),
                    name.text
                );
                let known = PRINCIPAL_TYPES.contains(&&*kind.text);
                let meant = nearest(&kind.text, PRINCIPAL_TYPES).filter(|_| !known);
                let span = if known { name.span } else { kind.span };
                MalformedPolicy::new(text, span, why)
                    .with(advice(&kind.text, &name.text))
                    .near(meant)
            })?;
            if name.text.contains("cognito-identity") && statement.conditions.is_empty() {
                let why = "A condition block must be present for the Cognito provider";
                return Err(MalformedPolicy::new(text, statement.span, why));
            }
            Ok(PrincipalEntry {
                written: (*name.text).into(),
                span: name.span,
                named,
            })
        })
        .collect::<Result<_, _>>()?;
    Ok(PrincipalElement {
        negated: principal.negated,
        span: principal.span,
        entries,
    })
}

/// AWS names the type in capitals.
fn shouted(kind: &str) -> String {
    kind.to_ascii_uppercase()
}

fn advice(kind: &str, name: &str) -> String {
    match kind {
        "AWS" if name.contains(['*', '?']) => {
            "a principal has no wildcards: say `\"AWS\": \"*\"` with an ArnLike condition on aws:PrincipalArn"
                .to_owned()
        }
        "AWS" if name.ends_with(":root") => {
            "an account is named by its twelve digits, or by the ARN of its root in the role's own partition"
                .to_owned()
        }
        "AWS" => format!("there is no user or role `{name}` (a path is part of its ARN)"),
        "Service" => "a service is called `NAME.amazonaws.com`".to_owned(),
        "Federated" => "a provider is called by its ARN, `arn:aws:iam::ACCOUNT:oidc-provider/HOST`".to_owned(),
        _ => format!("there is no type of principal `{kind}`"),
    }
}

fn named(kind: &str, name: &str, directory: &dyn PrincipalDirectory) -> Option<NamedPrincipal> {
    match kind {
        "AWS" => aws_principal(name, directory),
        "Service" => is_service(name).then(|| NamedPrincipal::Service(name.into())),
        "Federated" => federated(name),
        "CanonicalUser" => Some(NamedPrincipal::Other),
        _ => None,
    }
}

fn is_service(name: &str) -> bool {
    [".amazonaws.com", ".amazonaws.com.cn", ".amazon.com"]
        .iter()
        .any(|suffix| {
            name.strip_suffix(suffix)
                .is_some_and(|rest| !rest.is_empty())
        })
        && !name.contains(['*', '?', '/', ':'])
}

fn federated(name: &str) -> Option<NamedPrincipal> {
    if name.contains(['*', '?']) {
        return None;
    }
    if let Ok(provider) = name.parse::<ProviderArn>() {
        return Some(NamedPrincipal::Provider(provider));
    }
    let hosted = [
        "cognito-identity.amazonaws.com",
        "accounts.google.com",
        "graph.facebook.com",
        "www.amazon.com",
    ];
    let saml = name
        .split(':')
        .nth(5)
        .is_some_and(|rest| rest.starts_with("saml-provider/"));
    (saml || hosted.contains(&name)).then_some(NamedPrincipal::Other)
}
