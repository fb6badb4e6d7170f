//! Documents that hold together, compiled so that a decision meets only what can matter to it.
//!
//! Statements are found by action and by the literal beginning of their resources. So a thousand
//! statements about other actions or other resources cost a decision nothing.

use crate::arn_pattern::ResourcePattern;
use crate::document::{Document, Statement};
use crate::glob;
use crate::hash::{Hash, HashedMap};
use std::collections::BTreeSet;
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

/// Statements by what they can match.
#[derive(Debug, Default)]
struct Index {
    /// By action and the literal beginning of a resource.
    by_prefix: HashedMap<Vec<u32>>,
    /// The lengths of those beginnings, ascending.
    prefix_lengths: Vec<usize>,
    /// By action, for any resource.
    by_action: HashedMap<Vec<u32>>,
    /// By service, for actions with wildcards.
    by_service: HashedMap<Vec<u32>>,
    /// `*` and NotAction.
    everywhere: Vec<u32>,
}

/// Beginnings of more lengths than this are cut to multiples of eight, so that a lookup stays short.
const PREFIX_LENGTHS_MAX: usize = 12;

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
        set.index = Index::of(&set);
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
    pub(crate) fn candidates(&self, action: &str, resource: &str, mut meet: impl FnMut(u32)) {
        // A small set is walked faster than it is looked up in.
        if self.places.len() <= 4 {
            return self.places().for_each(meet);
        }
        let index = &self.index;
        let mut meet_all =
            |places: Option<&Vec<u32>>| places.into_iter().flatten().copied().for_each(&mut meet);
        meet_all(Some(&index.everywhere));
        let service = action.split(':').next().unwrap_or_default();
        meet_all(index.by_service.get(&Hash::new().text(service).finish()));
        let mut hash = Hash::new().text(action);
        meet_all(index.by_action.get(&hash.finish()));
        hash = hash.then();
        let mut read = 0;
        for length in &index.prefix_lengths {
            let Some(part) = resource.as_bytes().get(read..*length) else {
                break;
            };
            hash = part.iter().fold(hash, |hash, byte| hash.byte(*byte));
            read = *length;
            meet_all(index.by_prefix.get(&hash.finish()));
        }
    }
}

impl Index {
    fn of(set: &PolicySet) -> Self {
        let mut index = Self::default();
        let mut prefixed = Vec::new();
        for place in set.places() {
            let (_, _, statement) = set.statement(place);
            if statement.action.negated {
                index.everywhere.push(place);
                continue;
            }
            for pattern in &statement.action.patterns {
                match pattern.text.split_once(':') {
                    None => index.everywhere.push(place),
                    Some((service, name)) if glob::is_pattern(name) => {
                        let hash = Hash::new().text(service).finish();
                        index.by_service.entry(hash).or_default().push(place);
                    }
                    Some(_) => match prefixes(statement) {
                        None => {
                            let hash = Hash::new().text(&pattern.text).finish();
                            index.by_action.entry(hash).or_default().push(place);
                        }
                        Some(prefixes) => prefixed.extend(
                            prefixes.map(|prefix| (&pattern.text, prefix.to_owned(), place)),
                        ),
                    },
                }
            }
        }
        let lengths: BTreeSet<_> = prefixed.iter().map(|(_, prefix, _)| prefix.len()).collect();
        let cut = |length: usize| match lengths.len() > PREFIX_LENGTHS_MAX {
            true if length > 96 => 96,
            true => length / 8 * 8,
            false => length,
        };
        for (action, prefix, place) in &prefixed {
            let hash = Hash::new().text(action).then();
            let bytes = &prefix.as_bytes()[..cut(prefix.len())];
            let hash = bytes
                .iter()
                .fold(hash, |hash, byte| hash.byte(*byte))
                .finish();
            index.by_prefix.entry(hash).or_default().push(*place);
        }
        let cut_lengths: BTreeSet<_> = lengths.iter().map(|length| cut(*length)).collect();
        index.prefix_lengths = cut_lengths.into_iter().collect();
        index
    }
}

/// The literal beginnings of a statement's resources; `None` when one of them has none.
fn prefixes(statement: &Statement) -> Option<impl Iterator<Item = &str>> {
    let resource = statement
        .resource
        .as_ref()
        .filter(|resource| !resource.negated)?;
    let open = resource
        .patterns
        .iter()
        .any(|pattern| pattern.literal_prefix().is_empty());
    (!open).then(|| {
        resource
            .patterns
            .iter()
            .map(ResourcePattern::literal_prefix)
    })
}

/// A document has at most some thousands of statements: they fit.
fn small(number: usize) -> u32 {
    u32::try_from(number).unwrap_or(u32::MAX)
}
