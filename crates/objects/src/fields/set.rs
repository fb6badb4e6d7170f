//! Sets of fields.

use super::path::PathElement;
use crate::schema::{Schema, Shape};
use std::collections::BTreeMap;

/// A set of paths, as a tree. That a path is a member says nothing of what lies above or below it.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct FieldSet {
    nodes: BTreeMap<PathElement, Node>,
}

/// A path: whether it is a member, and what lies below.
///
/// INVARIANT (no hollow nodes): a node is a member, or something below it is.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub(super) struct Node {
    pub(super) is_member: bool,
    pub(super) below: FieldSet,
}

impl Node {
    pub(super) const LEAF: Self = Self {
        is_member: true,
        below: FieldSet::EMPTY,
    };

    fn is_hollow(&self) -> bool {
        !self.is_member && self.below.is_empty()
    }
}

impl FieldSet {
    pub(super) const EMPTY: Self = Self {
        nodes: BTreeMap::new(),
    };

    /// Whether nothing is in it.
    #[must_use]
    pub fn is_empty(&self) -> bool {
        self.nodes.is_empty()
    }

    /// Whether the element itself is a member.
    #[must_use]
    pub fn has(&self, element: &PathElement) -> bool {
        self.nodes.get(element).is_some_and(|node| node.is_member)
    }

    /// What lies below the element.
    #[must_use]
    pub fn below(&self, element: &PathElement) -> Option<&FieldSet> {
        self.nodes
            .get(element)
            .map(|node| &node.below)
            .filter(|below| !below.is_empty())
    }

    /// Adds a path.
    pub fn insert(&mut self, path: &[PathElement]) {
        match path {
            [] => {}
            [last] => self.nodes.entry(last.clone()).or_default().is_member = true,
            [first, rest @ ..] => self
                .nodes
                .entry(first.clone())
                .or_default()
                .below
                .insert(rest),
        }
    }

    /// All paths, in order.
    #[must_use]
    pub fn paths(&self) -> Vec<Vec<PathElement>> {
        let mut paths = Vec::new();
        self.collect(&mut Vec::new(), &mut paths);
        paths
    }

    pub(super) fn nodes(&self) -> impl Iterator<Item = (&PathElement, &Node)> {
        self.nodes.iter()
    }

    /// Adds a node, unless it is hollow.
    pub(super) fn put(&mut self, element: PathElement, node: Node) {
        if !node.is_hollow() {
            self.nodes.insert(element, node);
        }
    }

    /// What is in one or the other.
    #[must_use]
    pub fn union(mut self, other: &FieldSet) -> FieldSet {
        for (element, theirs) in &other.nodes {
            let ours = self.nodes.entry(element.clone()).or_default();
            ours.is_member |= theirs.is_member;
            let below = std::mem::take(&mut ours.below);
            ours.below = below.union(&theirs.below);
        }
        self
    }

    /// What is in both.
    #[must_use]
    pub fn intersection(&self, other: &FieldSet) -> FieldSet {
        self.filter(|element, ours| {
            let theirs = other.nodes.get(element)?;
            Some(Node {
                is_member: ours.is_member && theirs.is_member,
                below: ours.below.intersection(&theirs.below),
            })
        })
    }

    /// What is in this one only.
    #[must_use]
    pub fn difference(&self, other: &FieldSet) -> FieldSet {
        self.filter(|element, ours| match other.nodes.get(element) {
            None => Some(ours.clone()),
            Some(theirs) => Some(Node {
                is_member: ours.is_member && !theirs.is_member,
                below: ours.below.difference(&theirs.below),
            }),
        })
    }

    /// This one without the top-level fields `names` and all below them.
    #[must_use]
    pub(super) fn without(&self, names: &[&str]) -> FieldSet {
        let is_named = |element: &PathElement| match element {
            PathElement::Field(name) => names.contains(&name.as_ref()),
            PathElement::Key(_) | PathElement::Value(_) | PathElement::Index(_) => false,
        };
        self.filter(|element, ours| (!is_named(element)).then(|| ours.clone()))
    }

    /// With the structures' fields on the way to each member, which are not members by themselves.
    #[must_use]
    pub(super) fn with_named_fields(&self, schema: Option<Schema<'_>>) -> FieldSet {
        self.filter(|element, ours| {
            let below = schema.and_then(|schema| step(schema, element));
            Some(Node {
                is_member: ours.is_member || is_named_field(schema, element),
                below: ours.below.with_named_fields(below),
            })
        })
    }

    fn filter(&self, change: impl Fn(&PathElement, &Node) -> Option<Node>) -> FieldSet {
        let changed = self.nodes.iter().filter_map(|(element, node)| {
            let node = change(element, node).filter(|node| !node.is_hollow())?;
            Some((element.clone(), node))
        });
        Self {
            nodes: changed.collect(),
        }
    }

    fn collect(&self, prefix: &mut Vec<PathElement>, paths: &mut Vec<Vec<PathElement>>) {
        // Members before what lies below any of them: the order in which Kubernetes lists conflicts.
        for (element, _) in self.nodes.iter().filter(|(_, node)| node.is_member) {
            prefix.push(element.clone());
            paths.push(prefix.clone());
            prefix.pop();
        }
        for (element, node) in &self.nodes {
            prefix.push(element.clone());
            node.below.collect(prefix, paths);
            prefix.pop();
        }
    }
}

fn is_named_field(schema: Option<Schema<'_>>, element: &PathElement) -> bool {
    match (schema.map(Schema::shape), element) {
        (Some(Shape::Struct(structure)), PathElement::Field(name)) => {
            structure.field(name).is_some()
        }
        _ => false,
    }
}

fn step<'s>(schema: Schema<'s>, element: &PathElement) -> Option<Schema<'s>> {
    match element {
        PathElement::Field(name) => schema.member(name),
        PathElement::Key(_) => schema.item(),
        PathElement::Value(_) | PathElement::Index(_) => None,
    }
}
