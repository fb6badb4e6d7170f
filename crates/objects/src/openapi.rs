//! What the API looks like, for clients that ask: OpenAPI v3, and v2 as old kubectl wants it.
//!
//! Documents are made from the schemas and the list of what is served, the first time that somebody
//! asks for them. There are no descriptions: they are prose, and `kubectl explain` does without.

mod definitions;
mod gnostic;
mod operations;
mod v2;
mod v3;

use std::collections::BTreeMap;
use std::sync::OnceLock;

use names::Gvk;
use serde_json::json;

/// One path of the API: a resource, or a subresource of one.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Served {
    /// Group and version of the path, and the kind of the resource.
    pub resource: Gvk,
    /// What the path calls it, as `deployments`.
    pub plural: String,
    /// What stands below an object, as `scale`; and the kind that is read and written there.
    pub subresource: Option<(String, Gvk)>,
    /// Whether it lies in namespaces.
    pub is_namespaced: bool,
    /// What can be asked of it, in the words of RBAC.
    pub verbs: Vec<&'static str>,
}

/// The documents of one server.
#[derive(Debug)]
pub struct OpenApi {
    version: String,
    served: Vec<Served>,
    /// By path, as `api/v1` and `apis/apps/v1`.
    documents: BTreeMap<String, OnceLock<Vec<u8>>>,
    v2: OnceLock<Vec<u8>>,
}

impl OpenApi {
    /// The documents about what is served; `version` is the server's own, as `v1.37.0`.
    #[must_use]
    pub fn of(version: &str, served: Vec<Served>) -> Self {
        let paths = served.iter().map(|one| (one.root(), OnceLock::new()));
        Self {
            version: version.to_owned(),
            documents: paths.collect(),
            served,
            v2: OnceLock::new(),
        }
    }

    /// `/openapi/v3`: where the documents are, each with its hash.
    #[must_use]
    pub fn index(&self) -> Vec<u8> {
        let paths: serde_json::Map<String, serde_json::Value> = self
            .documents
            .keys()
            .map(|path| {
                let hash = self.hash(path);
                let url = format!("/openapi/v3/{path}?hash={hash}");
                (path.clone(), json!({ "serverRelativeURL": url }))
            })
            .collect();
        json!({ "paths": paths }).to_string().into_bytes()
    }

    /// `/openapi/v3/PATH`: one version of a group, as JSON.
    #[must_use]
    pub fn v3(&self, path: &str) -> Option<&[u8]> {
        let document = self.documents.get(path)?;
        Some(document.get_or_init(|| {
            let served: Vec<&Served> = self.under(path).collect();
            v3::document(&self.version, &served)
                .to_string()
                .into_bytes()
        }))
    }

    /// `/openapi/v2`: everything in one document, as gnostic's protobuf.
    #[must_use]
    pub fn v2(&self) -> &[u8] {
        self.v2
            .get_or_init(|| v2::document(&self.version, &self.served))
    }

    /// What changes when the document of a path does. It comes of what the document is made from, so
    /// that nothing is made before somebody wants it.
    #[must_use]
    pub fn hash(&self, path: &str) -> String {
        let mut facts = format!("{} {}", env!("CARGO_PKG_VERSION"), self.version);
        for one in self.under(path) {
            facts.push_str(&format!("{one:?}"));
        }
        format!("{:032X}", fnv(facts.as_bytes()))
    }

    fn under(&self, path: &str) -> impl Iterator<Item = &Served> {
        self.served.iter().filter(move |one| one.root() == path)
    }
}

impl Served {
    /// The kind that is read and written here.
    fn kind(&self) -> &Gvk {
        match &self.subresource {
            Some((_, kind)) => kind,
            None => &self.resource,
        }
    }

    /// `api/v1`, `apis/apps/v1`
    fn root(&self) -> String {
        let prefix = if self.resource.group.is_core() {
            "api"
        } else {
            "apis"
        };
        format!("{prefix}/{}", self.resource.api_version())
    }
}

/// FNV-1a, 128 bits. Nobody gains by making two documents collide.
fn fnv(bytes: &[u8]) -> u128 {
    const OFFSET: u128 = 0x6c62_272e_07bb_0142_62b8_2175_6295_c58d;
    const PRIME: u128 = 0x0000_0000_0100_0000_0000_0000_0000_013b;
    bytes.iter().fold(OFFSET, |hash, byte| {
        (hash ^ u128::from(*byte)).wrapping_mul(PRIME)
    })
}
