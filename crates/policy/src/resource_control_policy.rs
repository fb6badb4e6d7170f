//! Resource control policies: what nobody may do to what an organisation's accounts own.

use crate::document::Document;
use crate::draft::{DraftStatement, Named};
use crate::malformed::MalformedPolicy;
use crate::permissions_policy::{SYNTAX, legacy, new_language, read};
use std::sync::Arc;

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
        new_language(text, &draft)?;
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
