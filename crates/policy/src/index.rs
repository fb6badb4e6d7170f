//! Finds the statements that could match a question, without looking at the others.
//!
//! A statement is filed under what of its actions is literal (the whole name, or the service) together
//! with the literal beginning of its resources; where the resource is open, under the literal beginning
//! of the action. So a thousand statements about other actions or other resources cost a decision
//! nothing, whether they have wildcards or not.

use crate::arn_pattern::ResourcePattern;
use crate::document::Statement;
use crate::hash::{Hash, HashedMap};
use std::collections::BTreeSet;

/// Statements by what they can match.
#[derive(Debug, Default)]
pub(crate) struct Index {
    /// By action or service or neither, with the beginning of a resource.
    by_resource: HashedMap<Vec<u32>>,
    /// By the whole of an action or its beginning, for any resource.
    by_action: HashedMap<Vec<u32>>,
    /// How long the beginnings are.
    resource_lengths: Lengths,
    action_lengths: Lengths,
    /// Which scopes stand in `by_resource`.
    scopes: [bool; 3],
    /// What may speak of anything.
    everywhere: Vec<u32>,
}

/// What of an action pattern is literal.
#[derive(Debug, Clone, Copy)]
enum Scope {
    Action,
    Service,
    Nothing,
}

/// One way in which a statement can match.
struct Entry<'a> {
    place: u32,
    scope: Scope,
    /// The action, or its literal beginning.
    action: &'a str,
    /// The literal beginning of the resource; empty: any.
    resource: &'a str,
}

impl Index {
    pub(crate) fn of<'a>(statements: impl Iterator<Item = (u32, &'a Statement)>) -> Self {
        let entries: Vec<_> = statements
            .flat_map(|(place, statement)| entries(place, statement))
            .collect();
        let filed = |by_resource: bool| {
            let entries = entries.iter();
            entries.filter(move |entry| entry.resource.is_empty() != by_resource)
        };
        let mut index = Self {
            resource_lengths: Lengths::of(filed(true).map(|entry| entry.resource.len())),
            action_lengths: Lengths::of(
                filed(false)
                    .filter(|entry| matches!(entry.scope, Scope::Service))
                    .map(|entry| entry.action.len()),
            ),
            ..Self::default()
        };
        for entry in &entries {
            index.file(entry);
        }
        index
    }

    fn file(&mut self, entry: &Entry<'_>) {
        let places = if !entry.resource.is_empty() {
            self.scopes[entry.scope as usize] = true;
            let hash = entry.scope.hash(entry.action);
            let hash = hash.with(self.resource_lengths.hash(entry.resource));
            self.by_resource.entry(hash.finish()).or_default()
        } else {
            let hash = match entry.scope {
                Scope::Action => entry.scope.hash(entry.action),
                Scope::Service => self.action_lengths.hash(entry.action),
                Scope::Nothing => return self.everywhere.push(entry.place),
            };
            self.by_action.entry(hash.finish()).or_default()
        };
        if places.last() != Some(&entry.place) {
            places.push(entry.place);
        }
    }

    /// Gives every place whose statement could match, some of them perhaps twice, in no order.
    pub(crate) fn candidates(&self, action: &str, resource: &str, mut meet: impl FnMut(u32)) {
        let mut meet_all = |places: Option<&Vec<u32>>| {
            for place in places.into_iter().flatten() {
                meet(*place);
            }
        };
        meet_all(Some(&self.everywhere));
        if !self.by_action.is_empty() {
            meet_all(self.by_action.get(&Scope::Action.hash(action).finish()));
            for hash in self.action_lengths.beginnings(action) {
                meet_all(self.by_action.get(&hash.finish()));
            }
        }
        let scopes = [Scope::Action, Scope::Service, Scope::Nothing];
        let hashes = scopes.map(|scope| (self.scopes[scope as usize], scope.hash(action)));
        for beginning in self.resource_lengths.beginnings(resource) {
            for (used, scope) in hashes {
                if used {
                    meet_all(self.by_resource.get(&scope.with(beginning).finish()));
                }
            }
        }
    }
}

impl Scope {
    fn hash(self, action: &str) -> Hash {
        match self {
            Self::Action => Hash::new().bytes(action.as_bytes()),
            Self::Service => Hash::new().bytes(service(action).as_bytes()),
            Self::Nothing => Hash::new(),
        }
    }
}

fn service(action: &str) -> &str {
    action.split(':').next().unwrap_or_default()
}

fn entries<'a>(place: u32, statement: &'a Statement) -> Vec<Entry<'a>> {
    let resources = beginnings(statement);
    let actions: Vec<_> = match statement.action.negated {
        true => vec![(Scope::Nothing, "")],
        false => statement
            .action
            .patterns
            .iter()
            .map(|pattern| literal(&pattern.text))
            .collect(),
    };
    let mut entries = Vec::with_capacity(actions.len() * resources.len());
    for (scope, action) in actions {
        entries.extend(resources.iter().map(|resource| Entry {
            place,
            scope,
            action,
            resource,
        }));
    }
    entries
}

/// What of an action pattern is literal: a wildcard in the service fits nothing, so it may stand anywhere.
fn literal(pattern: &str) -> (Scope, &str) {
    match pattern.find(['*', '?']) {
        None if pattern.contains(':') => (Scope::Action, pattern),
        Some(at) if pattern[..at].contains(':') => (Scope::Service, &pattern[..at]),
        Some(_) | None => (Scope::Nothing, ""),
    }
}

/// The literal beginnings of a statement's resources; one empty one when any resource may be meant.
fn beginnings(statement: &Statement) -> Vec<&str> {
    let resource = statement.resource.as_ref().filter(|one| !one.negated);
    let beginnings: Vec<_> = resource
        .iter()
        .flat_map(|resource| &resource.patterns)
        .map(ResourcePattern::literal_prefix)
        .collect();
    if beginnings.is_empty() || beginnings.contains(&"") {
        return vec![""];
    }
    beginnings
}

/// How long the beginnings are under which things are filed, ascending.
#[derive(Debug, Default)]
struct Lengths(Vec<usize>);

/// Beginnings of more lengths than this are cut to multiples of eight, so that a lookup stays short.
const LENGTHS_MAX: usize = 12;

impl Lengths {
    fn of(lengths: impl Iterator<Item = usize>) -> Self {
        let all: BTreeSet<_> = lengths.collect();
        if all.len() <= LENGTHS_MAX {
            return Self(all.into_iter().collect());
        }
        let cut = |length: usize| (length / 8).min(LENGTHS_MAX - 1) * 8;
        let cut: BTreeSet<_> = all.into_iter().map(cut).collect();
        Self(cut.into_iter().collect())
    }

    /// The hash of the longest beginning of a text that is filed.
    fn hash(&self, text: &str) -> Hash {
        self.beginnings(text).last().unwrap_or_else(Hash::new)
    }

    /// The hashes of a text's beginnings, ascending.
    fn beginnings(&self, text: &str) -> impl Iterator<Item = Hash> {
        let (mut hash, mut read) = (Hash::new(), 0);
        self.0.iter().map_while(move |length| {
            hash = hash.bytes(text.as_bytes().get(read..*length)?);
            read = *length;
            Some(hash)
        })
    }
}
