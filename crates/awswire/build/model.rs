//! botocore's `service-2.json`, as far as we use it. A feature that the codec does not know stops
//! the build, so that a refresh cannot change meaning in silence.

use std::collections::{BTreeMap, BTreeSet};
use std::fmt;
use std::marker::PhantomData;

use serde::Deserialize;
use serde::de::{Deserializer, MapAccess, Visitor};

#[derive(Deserialize)]
pub(crate) struct Model {
    pub(crate) metadata: Metadata,
    pub(crate) operations: BTreeMap<String, Operation>,
    pub(crate) shapes: BTreeMap<String, Shape>,
}

#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
pub(crate) struct Metadata {
    pub(crate) api_version: String,
    pub(crate) endpoint_prefix: String,
    pub(crate) protocol: String,
    pub(crate) signing_name: Option<String>,
    #[serde(default)]
    pub(crate) xml_namespace: String,
}

#[derive(Deserialize)]
pub(crate) struct Operation {
    pub(crate) http: Http,
    pub(crate) input: Option<Reference>,
    pub(crate) output: Option<Reference>,
    pub(crate) authtype: Option<String>,
}

#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
pub(crate) struct Http {
    pub(crate) method: String,
    pub(crate) request_uri: String,
    pub(crate) response_code: Option<u16>,
}

#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
pub(crate) struct Reference {
    pub(crate) shape: String,
    pub(crate) result_wrapper: Option<String>,
    pub(crate) location: Option<String>,
    pub(crate) location_name: Option<String>,
}

#[derive(Deserialize, Clone, Copy, PartialEq, Eq)]
#[serde(rename_all = "lowercase")]
pub(crate) enum Type {
    Structure,
    List,
    Map,
    String,
    Integer,
    Long,
    Float,
    Double,
    Boolean,
    Blob,
    Timestamp,
}

#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
pub(crate) struct Shape {
    #[serde(rename = "type")]
    pub(crate) kind: Type,
    #[serde(default)]
    pub(crate) required: BTreeSet<String>,
    #[serde(default)]
    pub(crate) members: Ordered<Reference>,
    pub(crate) member: Option<Reference>,
    pub(crate) key: Option<Reference>,
    pub(crate) value: Option<Reference>,
    #[serde(rename = "enum", default)]
    pub(crate) one_of: Vec<String>,
    pub(crate) min: Option<i64>,
    pub(crate) max: Option<i64>,
    pub(crate) pattern: Option<String>,
    #[serde(default)]
    pub(crate) flattened: bool,
    #[serde(default)]
    pub(crate) sensitive: bool,
    #[serde(default)]
    pub(crate) document: bool,
    #[serde(default)]
    pub(crate) exception: bool,
    pub(crate) error: Option<ErrorFacts>,
    pub(crate) payload: Option<String>,
    pub(crate) timestamp_format: Option<String>,
}

#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
pub(crate) struct ErrorFacts {
    pub(crate) code: Option<String>,
    pub(crate) http_status_code: u16,
}

/// `overrides.json`: what we know better than the models.
#[derive(Deserialize)]
pub(crate) struct Overrides(BTreeMap<String, Corrections>);

#[derive(Deserialize, Default)]
#[serde(deny_unknown_fields)]
pub(crate) struct Corrections {
    /// Operations that get typed structures.
    #[serde(default)]
    pub(crate) dto: BTreeSet<String>,
    /// Shapes that are secret.
    #[serde(default)]
    sensitive: BTreeSet<String>,
    /// Shapes that answers carry percent-encoded.
    #[serde(default)]
    pub(crate) percent_encoded: BTreeSet<String>,
    /// Shape to the `regex` in place of the translated pattern.
    #[serde(default)]
    pub(crate) patterns: BTreeMap<String, String>,
    /// Pattern to the sentence in which the service refuses.
    #[serde(default)]
    pub(crate) prose: BTreeMap<String, String>,
    /// The reasons, for readers.
    #[serde(default, rename = "why")]
    _why: BTreeMap<String, String>,
}

impl Overrides {
    pub(crate) fn of(&self, service: &str) -> &Corrections {
        self.0
            .get(service)
            .unwrap_or_else(|| panic!("overrides.json has no entry `{service}`"))
    }
}

impl Model {
    /// Applies corrections and refuses what the codec cannot do.
    pub(crate) fn prepare(&mut self, corrections: &Corrections) {
        for name in &corrections.sensitive {
            self.shapes
                .get_mut(name)
                .unwrap_or_else(|| panic!("no shape `{name}`"))
                .sensitive = true;
        }
        for name in &corrections.dto {
            assert!(self.operations.contains_key(name), "no operation `{name}`");
        }
        for (name, shape) in &self.shapes {
            shape.refuse_the_unknown(name);
        }
        self.hide_members_of_sensitive_structures();
    }

    pub(crate) fn shape(&self, name: &str) -> &Shape {
        self.shapes
            .get(name)
            .unwrap_or_else(|| panic!("no shape `{name}`"))
    }

    /// A secret structure is secret in each of its texts.
    fn hide_members_of_sensitive_structures(&mut self) {
        let plain_text: BTreeSet<String> = self
            .shapes
            .iter()
            .filter(|(_, shape)| shape.kind == Type::String)
            .map(|(name, _)| name.clone())
            .collect();
        let mut hidden = false;
        for shape in self.shapes.values_mut() {
            if shape.kind != Type::Structure || !shape.sensitive {
                continue;
            }
            for (_, member) in &mut shape.members.0 {
                if plain_text.contains(&member.shape) {
                    member.shape = "HiddenText".to_owned();
                    hidden = true;
                }
            }
        }
        if hidden {
            let text = r#"{"type":"string","sensitive":true}"#;
            let shape = serde_json::from_str(text).expect("a shape");
            self.shapes.insert("HiddenText".to_owned(), shape);
        }
    }
}

impl Shape {
    fn refuse_the_unknown(&self, name: &str) {
        assert!(
            self.payload.is_none(),
            "`{name}`: payload members are not supported"
        );
        assert!(
            self.timestamp_format.is_none(),
            "`{name}`: timestamp formats are not supported"
        );
        for (member, reference) in &self.members.0 {
            match reference.location.as_deref() {
                None | Some("uri" | "querystring") => {}
                Some(other) => panic!("`{name}.{member}`: location `{other}` is not supported"),
            }
        }
    }
}

/// The entries of an object in the order written: the order of members is a fact.
pub(crate) struct Ordered<T>(pub(crate) Vec<(String, T)>);

impl<T> Default for Ordered<T> {
    fn default() -> Self {
        Self(Vec::new())
    }
}

impl<'de, T: Deserialize<'de>> Deserialize<'de> for Ordered<T> {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        deserializer.deserialize_map(Entries(PhantomData))
    }
}

struct Entries<T>(PhantomData<T>);

impl<'de, T: Deserialize<'de>> Visitor<'de> for Entries<T> {
    type Value = Ordered<T>;

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("an object")
    }

    fn visit_map<A: MapAccess<'de>>(self, mut map: A) -> Result<Self::Value, A::Error> {
        let mut entries = Vec::new();
        while let Some(entry) = map.next_entry()? {
            entries.push(entry);
        }
        Ok(Ordered(entries))
    }
}
