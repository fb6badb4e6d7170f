//! The definitions as the file holds them.

use std::collections::BTreeMap;

use serde::Deserialize;

/// All definitions, by full name.
pub(crate) type Definitions = BTreeMap<String, Definition>;

/// How each definition's fields travel in protobuf, by full name and field: see [`Wire::parse`].
pub(crate) type Wires = BTreeMap<String, BTreeMap<String, String>>;

/// How one field travels.
#[derive(Default)]
pub(crate) struct Wire {
    /// The tags of the messages that it is inside of and its own. Go embeds some structures, which
    /// JSON cannot see.
    pub(crate) tags: Vec<u32>,
    /// `Pointer`, `Always` or `NonZero`.
    pub(crate) presence: &'static str,
    /// The name of its type in Go where that is not the plain one.
    pub(crate) go_type: String,
}

impl Wire {
    /// Reads `2.19*` (a pointer behind tag 19 of what tag 2 embeds), `1!` (written even if it is
    /// zero), `6 v1.DNSPolicy`.
    pub(crate) fn parse(text: &str) -> Self {
        let (tags, go_type) = text.split_once(' ').unwrap_or((text, ""));
        let presence = match tags.as_bytes().last() {
            Some(b'*') => "Pointer",
            Some(b'!') => "Always",
            _ => "NonZero",
        };
        let tags = tags.trim_end_matches(['*', '!']).split('.');
        Self {
            tags: tags.map(|tag| tag.parse().expect("a tag")).collect(),
            presence,
            go_type: go_type.to_owned(),
        }
    }
}

/// One structure, or a special type without properties.
#[derive(Deserialize)]
pub(crate) struct Definition {
    #[serde(default)]
    pub(crate) properties: BTreeMap<String, Property>,
    #[serde(default)]
    pub(crate) required: Vec<String>,
    #[serde(default, rename = "x-kubernetes-group-version-kind")]
    pub(crate) kinds: Vec<Gvk>,
    #[serde(rename = "x-kubernetes-map-type")]
    pub(crate) map_type: Option<String>,
}

/// One of the kinds that a definition describes.
#[derive(Deserialize, PartialEq, Eq, PartialOrd, Ord, Clone)]
pub(crate) struct Gvk {
    pub(crate) group: String,
    pub(crate) version: String,
    pub(crate) kind: String,
}

/// A value at one place.
#[derive(Deserialize)]
pub(crate) struct Property {
    #[serde(rename = "$ref")]
    pub(crate) reference: Option<String>,
    #[serde(rename = "type")]
    pub(crate) kind: Option<String>,
    pub(crate) format: Option<String>,
    pub(crate) items: Option<Box<Property>>,
    #[serde(rename = "additionalProperties")]
    pub(crate) values: Option<Box<Property>>,
    #[serde(rename = "x-kubernetes-list-type")]
    pub(crate) list_type: Option<String>,
    #[serde(default, rename = "x-kubernetes-list-map-keys")]
    pub(crate) list_map_keys: Vec<String>,
    #[serde(rename = "x-kubernetes-map-type")]
    pub(crate) map_type: Option<String>,
    #[serde(rename = "x-kubernetes-patch-strategy")]
    pub(crate) patch_strategy: Option<String>,
    #[serde(rename = "x-kubernetes-patch-merge-key")]
    pub(crate) patch_merge_key: Option<String>,
}
