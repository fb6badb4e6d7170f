//! The definitions as the file holds them.

use std::collections::BTreeMap;

use serde::Deserialize;

/// All definitions, by full name.
pub(crate) type Definitions = BTreeMap<String, Definition>;

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
