//! Errors as AWS writes them.
//!
//! <https://docs.aws.amazon.com/IAM/latest/APIReference/CommonErrors.html>

use std::borrow::Cow;
use std::fmt;

use names::RequestId;

use crate::model::{Operation, Protocol, Service};
use crate::response::Response;
use crate::{query, rest};

/// An error on its way to a client, or read from a service.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct AwsError {
    /// `NoSuchEntity`
    pub code: Cow<'static, str>,
    /// HTTP status.
    pub status: u16,
    /// The sentence; empty for the few errors that AWS sends without one.
    pub message: String,
    /// Whose fault it is.
    pub fault: Fault,
    /// Further members of a JSON error: `clusterName`.
    pub details: Vec<(&'static str, String)>,
}

/// Whose fault an error is.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Fault {
    /// The request's.
    Sender,
    /// The service's.
    Receiver,
}

impl AwsError {
    /// An error; the fault follows from the status.
    pub fn new(
        code: impl Into<Cow<'static, str>>,
        status: u16,
        message: impl Into<String>,
    ) -> Self {
        let fault = if status < 500 {
            Fault::Sender
        } else {
            Fault::Receiver
        };
        Self {
            code: code.into(),
            status,
            message: message.into(),
            fault,
            details: Vec::new(),
        }
    }

    /// An error that the service's model declares, with the model's status; 400 when it does not.
    pub fn of(
        service: &Service,
        code: impl Into<Cow<'static, str>>,
        message: impl Into<String>,
    ) -> Self {
        let code = code.into();
        let status = service.status_of(&code).unwrap_or(400);
        Self::new(code, status, message)
    }

    /// Adds a member of a JSON error.
    #[must_use]
    pub fn with_detail(mut self, name: &'static str, value: impl Into<String>) -> Self {
        self.details.push((name, value.into()));
        self
    }

    /// An operation that AWS has and the plane has not.
    pub fn not_built(operation: &Operation) -> Self {
        let Operation { service, name, .. } = operation;
        Self::new(
            "NotImplemented",
            501,
            format!(
                "The operation {}:{name} exists in AWS but is not built here.",
                service.name
            ),
        )
    }

    /// `InvalidAction`: the service has no such operation.
    pub(crate) fn invalid_action(action: &str, version: &str) -> Self {
        let message = format!("Could not find operation {action} for version {version}");
        Self::new("InvalidAction", 400, message)
    }

    /// `MissingAction`: a form without `Action`.
    pub(crate) fn missing_action() -> Self {
        Self::new("MissingAction", 400, "Missing Action")
    }

    /// `MalformedInput`: a parameter that is not what its type is.
    pub(crate) fn malformed_input(message: impl Into<String>) -> Self {
        Self::new("MalformedInput", 400, message)
    }

    /// `MalformedQueryString`: a form that cannot be read at all.
    pub(crate) fn malformed_form(message: impl Into<String>) -> Self {
        Self::new("MalformedQueryString", 400, message)
    }

    /// `SerializationException`: a JSON body that cannot be read.
    pub(crate) fn serialization(message: impl Into<String>) -> Self {
        Self::new("SerializationException", 400, message)
    }

    /// Our own mistake.
    pub(crate) fn internal() -> Self {
        Self::new(
            "InternalFailure",
            500,
            "The request could not be read as its own shape.",
        )
    }
}

impl fmt::Display for AwsError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{} ({}): {}", self.code, self.status, self.message)
    }
}

impl std::error::Error for AwsError {}

/// Writes an error in the service's protocol.
pub fn encode_error(service: &Service, error: &AwsError, request_id: &RequestId) -> Response {
    match service.protocol {
        Protocol::Query => query::encode_error(service, error, request_id),
        Protocol::RestJson => rest::encode_error(error, request_id),
    }
}
