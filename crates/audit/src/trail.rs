//! Why: the findings of one request, in the order in which they were made.

use crate::parameters::{self, Sensitivity};
use crate::{Excerpt, Text};
use serde::{Deserialize, Serialize};
use serde_json::Value;
use serde_json::value::RawValue;

/// Findings kept of one request; no pipeline has as many hops.
const FINDINGS_MAX: usize = 32;

/// The ordered findings of one request.
#[derive(Debug, Clone, Default, PartialEq, Serialize, Deserialize)]
pub struct Trail {
    /// In the order in which they were made.
    pub findings: Vec<Finding>,
}

impl Trail {
    /// Adds the next finding.
    pub fn push(&mut self, finding: Finding) {
        if self.findings.len() < FINDINGS_MAX {
            self.findings.push(finding);
        }
    }

    /// Refused when any hop refused.
    #[must_use]
    pub fn verdict(&self) -> Verdict {
        self.refusal()
            .map_or(Verdict::Passed, |finding| finding.verdict)
    }

    /// The hop that refused.
    #[must_use]
    pub fn refusal(&self) -> Option<&Finding> {
        self.findings
            .iter()
            .find(|finding| finding.verdict == Verdict::Refused)
    }
}

/// What one hop found.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct Finding {
    /// Where on the way.
    pub hop: Hop,
    /// What the hop says.
    pub verdict: Verdict,
    /// One sentence, lower case, no full stop.
    pub summary: Text,
    /// What was expected, what came, and the like.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub facts: Vec<Fact>,
    /// The line of the policy that decided.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub excerpt: Option<Excerpt>,
    /// The smallest change that would flip the verdict.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub change: Option<Text>,
    /// The whole explanation, for programs.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub detail: Option<Detail>,
}

impl Finding {
    /// A hop let the request pass.
    pub fn passed(hop: Hop, summary: impl Into<Text>) -> Self {
        Self::new(hop, Verdict::Passed, summary.into())
    }

    /// A hop refused the request.
    pub fn refused(hop: Hop, summary: impl Into<Text>) -> Self {
        Self::new(hop, Verdict::Refused, summary.into())
    }

    /// Worth knowing, and decides nothing.
    pub fn noted(hop: Hop, summary: impl Into<Text>) -> Self {
        Self::new(hop, Verdict::Noted, summary.into())
    }

    /// Adds a fact; a value with a sensitive name is hidden.
    #[must_use]
    pub fn fact(mut self, name: &'static str, value: &str) -> Self {
        let value = parameters::shown(name, value.into());
        self.facts.push(Fact {
            name: Text::fixed(name),
            value,
        });
        self
    }

    /// Adds the line that decided.
    #[must_use]
    pub fn excerpt(mut self, excerpt: Excerpt) -> Self {
        self.excerpt = Some(excerpt);
        self
    }

    /// Adds the smallest change that would flip the verdict.
    #[must_use]
    pub fn change(mut self, change: impl Into<Text>) -> Self {
        self.change = Some(change.into());
        self
    }

    /// Adds the whole explanation.
    #[must_use]
    pub fn detail(mut self, detail: &impl Serialize) -> Self {
        self.detail = Detail::of(detail);
        self
    }

    fn new(hop: Hop, verdict: Verdict, summary: Text) -> Self {
        Self {
            hop,
            verdict,
            summary,
            facts: Vec::new(),
            excerpt: None,
            change: None,
            detail: None,
        }
    }
}

/// Where on its way a request was.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Hop {
    /// Which service and operation.
    Route,
    /// Who signed.
    Signature,
    /// What the session token holds.
    Session,
    /// What the service account's token proves.
    Token,
    /// Whether the account trusts the issuer.
    Provider,
    /// The role's trust policy.
    Trust,
    /// The caller's own permissions.
    Identity,
    /// The policy of the resource.
    Resource,
    /// The caller's permissions boundary.
    Boundary,
    /// The session's own policies.
    SessionPolicy,
    /// The organisation's service control policies.
    ServiceControl,
    /// The organisation's resource control policies.
    ResourceControl,
    /// The operation itself.
    Operation,
}

impl Hop {
    /// As people read it.
    #[must_use]
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Route => "route",
            Self::Signature => "signature",
            Self::Session => "session",
            Self::Token => "token",
            Self::Provider => "OIDC provider",
            Self::Trust => "trust policy",
            Self::Identity => "permissions",
            Self::Resource => "resource policy",
            Self::Boundary => "boundary",
            Self::SessionPolicy => "session policy",
            Self::ServiceControl => "SCP",
            Self::ResourceControl => "RCP",
            Self::Operation => "operation",
        }
    }
}

/// What a hop says.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum Verdict {
    /// Go on.
    Passed,
    /// Here it ends.
    Refused,
    /// Decides nothing.
    Noted,
}

/// A named value.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Fact {
    /// Its name: `expected`, `found`.
    pub name: Text,
    /// Its value.
    pub value: Text,
}

/// An explanation in full, as JSON without anything secret.
#[derive(Debug, Clone, Serialize)]
#[serde(transparent)]
pub struct Detail(Box<RawValue>);

impl Detail {
    /// The value, its sensitive members hidden. `None` when it has no JSON form.
    ///
    /// Explanations are made after a refusal, so this is not on the way of allowed requests.
    pub fn of(value: &impl Serialize) -> Option<Self> {
        let mut value = serde_json::to_value(value).ok()?;
        hide(&mut value);
        Some(Self(serde_json::value::to_raw_value(&value).ok()?))
    }

    /// Its JSON.
    #[must_use]
    pub fn json(&self) -> &str {
        self.0.get()
    }
}

impl PartialEq for Detail {
    fn eq(&self, other: &Self) -> bool {
        self.json() == other.json()
    }
}

impl<'de> Deserialize<'de> for Detail {
    fn deserialize<D: serde::Deserializer<'de>>(from: D) -> Result<Self, D::Error> {
        let value = Value::deserialize(from)?;
        Self::of(&value).ok_or_else(|| serde::de::Error::custom("no JSON value"))
    }
}

/// Serde bounds the depth of what it reads, and explanations are shallow.
fn hide(value: &mut Value) {
    match value {
        Value::String(text) => *text = Text::new(text).to_string(),
        Value::Array(items) => items.iter_mut().for_each(hide),
        Value::Object(members) => {
            let shown = std::mem::take(members).into_iter().map(hide_member);
            *members = shown.collect();
        }
        Value::Null | Value::Bool(_) | Value::Number(_) => {}
    }
}

fn hide_member((name, mut value): (String, Value)) -> (String, Value) {
    let name = Text::new(&name).to_string();
    match &mut value {
        Value::String(text) => *text = parameters::shown(&name, text.as_str().into()).to_string(),
        Value::Array(_) | Value::Object(_)
            if parameters::sensitivity(&name) == Sensitivity::Secret =>
        {
            value = Value::from("[hidden]");
        }
        Value::Null | Value::Bool(_) | Value::Number(_) | Value::Array(_) | Value::Object(_) => {
            hide(&mut value);
        }
    }
    (name, value)
}
