//! Everything a decision depends on, as plain data that can be written to a file and read back.

use serde::{Deserialize, Serialize};
use serde_json::Value;
use std::collections::BTreeMap;

pub(crate) const ACCOUNT: &str = "111111111111";
pub(crate) const OTHER_ACCOUNT: &str = "222222222222";
pub(crate) const ROLE: &str = "arn:aws:iam::111111111111:role/ci";
pub(crate) const OTHER_ROLE: &str = "arn:aws:iam::111111111111:role/other";
pub(crate) const USER: &str = "arn:aws:iam::111111111111:user/bob";
pub(crate) const SESSION: &str = "arn:aws:sts::111111111111:assumed-role/ci/build";
pub(crate) const OTHER_SESSION: &str = "arn:aws:sts::111111111111:assumed-role/ci/Build";
pub(crate) const GUEST: &str = "arn:aws:sts::111111111111:federated-user/guest";
pub(crate) const PROVIDER: &str = "arn:aws:iam::111111111111:oidc-provider/oidc.example/id/A";
pub(crate) const OTHER_PROVIDER: &str = "arn:aws:iam::111111111111:oidc-provider/oidc.example/id/B";
pub(crate) const SERVICE: &str = "pods.eks.amazonaws.com";

/// A question and the documents that apply. Documents are JSON as written; an absent layer is `None`.
#[derive(Debug, Clone, Default, Serialize, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub(crate) struct Case {
    /// `user`, `session`, `guest`, `root`, `service`, `web`, `anonymous`.
    pub(crate) caller: String,
    pub(crate) action: String,
    pub(crate) resource: String,
    /// The account that owns the resource.
    pub(crate) owner: String,
    pub(crate) context: BTreeMap<String, Vec<String>>,
    pub(crate) identity: Option<Vec<Value>>,
    pub(crate) boundary: Option<Vec<Value>>,
    pub(crate) session: Option<Vec<Value>>,
    /// Level by level from the root.
    pub(crate) service_control: Option<Vec<Vec<Value>>>,
    pub(crate) resource_control: Option<Vec<Vec<Value>>>,
    pub(crate) resource_policy: Option<Value>,
    /// Whether that is a role's trust policy.
    pub(crate) is_trust: bool,
}

impl Case {
    /// Every document, to be changed.
    pub(crate) fn documents(&mut self) -> impl Iterator<Item = &mut Value> {
        let own = [&mut self.identity, &mut self.boundary, &mut self.session];
        let levels = [&mut self.service_control, &mut self.resource_control];
        own.into_iter()
            .flatten()
            .flatten()
            .chain(levels.into_iter().flatten().flatten().flatten())
            .chain(&mut self.resource_policy)
    }
}

/// The statements of a document.
pub(crate) fn statements(document: &mut Value) -> &mut Vec<Value> {
    document["Statement"].as_array_mut().expect("a list")
}

/// The row that would replay a case; printed when one fails.
pub(crate) fn row(case: &Case, answer: &str) -> String {
    let case = serde_json::to_string(case).expect("JSON");
    format!("{{\"name\": \"\", \"answer\": \"{answer}\", \"case\": {case}}}")
}
