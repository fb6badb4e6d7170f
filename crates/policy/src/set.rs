//! Documents that hold together, compiled so that a decision meets only what can matter to it.

use crate::document::{Document, Statement};
use crate::index::Index;
use std::sync::Arc;

/// What a document is for.
#[derive(Debug, Clone, Copy, PartialEq, Eq, serde::Serialize)]
#[serde(rename_all = "SCREAMING_SNAKE_CASE")]
pub enum PolicyKind {
    /// Attached to a user, group or role.
    Identity,
    /// A role's trust policy.
    Trust,
    /// A permissions boundary.
    Boundary,
    /// Given when a session was opened.
    Session,
    /// Of an organisation, over its accounts' principals.
    ServiceControl,
    /// Of an organisation, over its accounts' resources.
    ResourceControl,
}

/// Where a document comes from, for whoever reads an explanation.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct PolicySource {
    /// What it is for.
    pub kind: PolicyKind,
    /// Of a managed policy.
    pub arn: Option<String>,
    /// Its name; of an inline policy within its holder.
    pub name: String,
    /// Who holds it: an ARN, or an organisation's node.
    pub attached_to: Option<String>,
    /// The document as written.
    pub text: Arc<str>,
}

/// Documents of one layer, compiled.
#[derive(Debug, Default)]
pub struct PolicySet {
    documents: Vec<(PolicySource, Arc<Document>)>,
    /// Document and statement of each place in the tables.
    places: Vec<(u32, u32)>,
    index: Index,
}

impl PolicySet {
    /// Compiles documents.
    #[must_use]
    pub fn compile(documents: Vec<(PolicySource, Arc<Document>)>) -> Self {
        let mut places = Vec::new();
        for (document, (_, compiled)) in documents.iter().enumerate() {
            for statement in 0..compiled.statements.len() {
                places.push((small(document), small(statement)));
            }
        }
        let mut set = Self {
            documents,
            places,
            index: Index::default(),
        };
        let statements = set.places().map(|place| (place, set.statement(place).2));
        set.index = Index::of(statements);
        set
    }

    /// The documents, in the order in which they were given.
    pub fn documents(&self) -> impl Iterator<Item = (&PolicySource, &Document)> {
        self.documents
            .iter()
            .map(|(source, document)| (source, &**document))
    }

    /// Whether there is no document.
    #[must_use]
    pub fn is_empty(&self) -> bool {
        self.documents.is_empty()
    }

    /// A statement and where it stands.
    pub(crate) fn statement(&self, place: u32) -> (&PolicySource, &Document, &Statement) {
        let (document, statement) = self.places[place as usize];
        let (source, document) = &self.documents[document as usize];
        (source, document, &document.statements[statement as usize])
    }

    /// Document and statement numbers of a place, from 0.
    pub(crate) fn numbers(&self, place: u32) -> (u32, u32) {
        self.places[place as usize]
    }

    /// All places.
    pub(crate) fn places(&self) -> std::ops::Range<u32> {
        0..small(self.places.len())
    }

    /// Gives every place whose statement could match, some of them perhaps twice, in no order.
    pub(crate) fn candidates(&self, action: &str, resource: &str, meet: impl FnMut(u32)) {
        // A small set is walked faster than it is looked up in.
        if self.places.len() <= 4 {
            return self.places().for_each(meet);
        }
        self.index.candidates(action, resource, meet);
    }
}

/// A document has at most some thousands of statements: they fit.
fn small(number: usize) -> u32 {
    u32::try_from(number).unwrap_or(u32::MAX)
}
