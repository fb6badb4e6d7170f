//! Which kinds we know.

use names::Gvk;

use super::Schema;
use super::node::KindNode;

mod tables {
    #[allow(
        clippy::wildcard_imports,
        clippy::allow_attributes,
        reason = "generated text names them all"
    )]
    use crate::schema::node::*;
    include!(concat!(env!("OUT_DIR"), "/tables.rs"));
}

/// The schemas of all kinds that a cluster of our version serves by itself.
#[derive(Debug)]
pub struct Schemas(());

impl Schemas {
    /// The schemas of Kubernetes' own kinds.
    #[must_use]
    pub fn builtin() -> &'static Schemas {
        static BUILTIN: Schemas = Schemas(());
        &BUILTIN
    }

    /// The version of Kubernetes they are taken from.
    #[must_use]
    pub fn kubernetes(&self) -> &'static str {
        tables::KUBERNETES
    }

    /// What an object of this type is made of.
    #[must_use]
    pub fn of(&self, gvk: &Gvk) -> Option<Schema<'static>> {
        let (version, kind) = (gvk.version.as_str(), gvk.kind.as_str());
        match kind {
            // Every group has them.
            "DeleteOptions" | "WatchEvent" => find("", "v1", kind),
            _ => find(gvk.group.as_str(), version, kind),
        }
    }

    /// All kinds, by group, version and kind: text as in the tables.
    pub fn kinds(&self) -> impl Iterator<Item = (&'static str, &'static str, &'static str)> {
        tables::KINDS
            .iter()
            .map(|node| (node.group, node.version, node.kind))
    }
}

fn find(group: &str, version: &str, kind: &str) -> Option<Schema<'static>> {
    let wanted = (group, version, kind);
    let of = |node: &KindNode<'static>| (node.group, node.version, node.kind);
    let at = tables::KINDS
        .binary_search_by(|node| of(node).cmp(&wanted))
        .ok()?;
    Some(Schema(&tables::KINDS[at].site))
}
