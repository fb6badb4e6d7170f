//! How Kubernetes says that something went wrong, or right: `metav1.Status`.
//!
//! One constructor per case; codes, reasons, messages and details are the API machinery's own.

mod constructors;
mod field_error;

use serde::de::{Deserializer, IntoDeserializer, value};
use serde::{Deserialize, Serialize};

pub use field_error::{FieldError, FieldReason};

/// An answer about an operation instead of an object.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, thiserror::Error)]
#[error("{message}")]
pub struct Status {
    kind: StatusKind,
    #[serde(rename = "apiVersion")]
    api_version: CoreV1,
    /// Where a list is to be continued, after it expired; empty otherwise.
    #[serde(default)]
    pub metadata: ListMeta,
    /// Whether it went well.
    #[serde(rename = "status", default)]
    pub outcome: Outcome,
    /// For people.
    #[serde(default, skip_serializing_if = "String::is_empty")]
    pub message: String,
    /// For programs.
    #[serde(
        default,
        deserialize_with = "Reason::or_unknown",
        skip_serializing_if = "Reason::is_unknown"
    )]
    pub reason: Reason,
    /// What it is about; boxed, since a status is the error of most functions.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub details: Option<Box<Details>>,
    /// The HTTP status; 0 where the answer's own is 200.
    #[serde(default, skip_serializing_if = "is_zero")]
    pub code: u16,
}

/// Success or failure.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, Serialize, Deserialize)]
pub enum Outcome {
    /// It was done.
    Success,
    /// It was not.
    #[default]
    Failure,
}

/// Why it went wrong, for programs.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, Serialize, Deserialize)]
#[expect(missing_docs, reason = "each is named as the API names it")]
pub enum Reason {
    #[default]
    #[serde(rename = "")]
    Unknown,
    Unauthorized,
    Forbidden,
    NotFound,
    AlreadyExists,
    Conflict,
    Gone,
    Invalid,
    ServerTimeout,
    Timeout,
    TooManyRequests,
    BadRequest,
    MethodNotAllowed,
    NotAcceptable,
    RequestEntityTooLarge,
    UnsupportedMediaType,
    InternalError,
    Expired,
    ServiceUnavailable,
    NonZeroExitCode,
}

/// What a status is about.
#[derive(Debug, Clone, PartialEq, Eq, Default, Serialize, Deserialize)]
#[serde(rename_all = "camelCase", default)]
pub struct Details {
    /// The object's name.
    #[serde(skip_serializing_if = "String::is_empty")]
    pub name: String,
    /// Its group.
    #[serde(skip_serializing_if = "String::is_empty")]
    pub group: String,
    /// Its plural mostly; its kind where it is invalid.
    #[serde(skip_serializing_if = "String::is_empty")]
    pub kind: String,
    /// Its uid.
    #[serde(skip_serializing_if = "String::is_empty")]
    pub uid: String,
    /// Each thing that is wrong.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub causes: Vec<Cause>,
    /// When to try again.
    #[serde(skip_serializing_if = "is_zero")]
    pub retry_after_seconds: u32,
}

/// One thing that is wrong.
#[derive(Debug, Clone, PartialEq, Eq, Default, Serialize, Deserialize)]
#[serde(default)]
pub struct Cause {
    /// For programs, as `FieldValueRequired`.
    #[serde(skip_serializing_if = "String::is_empty")]
    pub reason: String,
    /// For people.
    #[serde(skip_serializing_if = "String::is_empty")]
    pub message: String,
    /// The field, as `spec.containers[0].name`.
    #[serde(skip_serializing_if = "String::is_empty")]
    pub field: String,
}

/// The metadata of lists.
#[derive(Debug, Clone, PartialEq, Eq, Default, Serialize, Deserialize)]
#[serde(rename_all = "camelCase", default)]
pub struct ListMeta {
    /// The state of the store that it shows.
    #[serde(skip_serializing_if = "String::is_empty")]
    pub resource_version: String,
    /// What to send to get the next page.
    #[serde(rename = "continue", skip_serializing_if = "String::is_empty")]
    pub continue_token: String,
    /// How many there are after this page, if that is known.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub remaining_item_count: Option<u64>,
}

/// The one kind of this type.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, Serialize, Deserialize)]
enum StatusKind {
    #[default]
    Status,
}

/// The one version of this type.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, Serialize, Deserialize)]
enum CoreV1 {
    #[default]
    #[serde(rename = "v1", alias = "meta.k8s.io/v1")]
    V1,
}

impl Status {
    /// Adds one more cause.
    #[must_use]
    pub fn with_cause(mut self, cause: Cause) -> Self {
        let details = self.details.get_or_insert_default();
        details.causes.push(cause);
        self
    }

    /// Each thing that is wrong.
    pub fn causes(&self) -> impl Iterator<Item = &Cause> {
        self.details.iter().flat_map(|details| &details.causes)
    }

    /// Adds where the expired list may be continued, at a newer state.
    #[must_use]
    pub fn with_continue(mut self, token: &str) -> Self {
        token.clone_into(&mut self.metadata.continue_token);
        self
    }
}

impl Reason {
    fn is_unknown(&self) -> bool {
        *self == Self::Unknown
    }

    /// Webhooks may give reasons of their own.
    fn or_unknown<'de, D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        let text = String::deserialize(deserializer)?;
        let known: Result<Self, value::Error> = Self::deserialize(text.into_deserializer());
        Ok(known.unwrap_or_default())
    }
}

fn is_zero<N: Default + PartialEq>(number: &N) -> bool {
    *number == N::default()
}
