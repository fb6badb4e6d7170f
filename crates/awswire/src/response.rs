//! A finished answer, and the way to it.

use names::RequestId;

use crate::model::{Operation, Protocol};
use crate::value::Value;
use crate::{dto, query, rest};

/// An answer as HTTP wants it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Response {
    /// HTTP status.
    pub status: u16,
    /// `text/xml` or `application/json`.
    pub content_type: &'static str,
    /// The header `x-amzn-requestid`.
    pub request_id: RequestId,
    /// Further headers, in lower case.
    pub headers: Vec<(&'static str, String)>,
    /// The body.
    pub body: Vec<u8>,
}

impl Response {
    /// An answer without further headers.
    pub(crate) fn new(
        status: u16,
        content_type: &'static str,
        body: String,
        request_id: &RequestId,
    ) -> Self {
        Self {
            status,
            content_type,
            request_id: request_id.clone(),
            headers: Vec::new(),
            body: body.into_bytes(),
        }
    }
}

/// Writes what an operation answers.
pub fn encode<R: dto::Response>(response: R, request_id: &RequestId) -> Response {
    let value = response
        .into_value()
        .unwrap_or_else(|| Value::Structure(Vec::new()));
    encode_value(R::OPERATION, &value, request_id)
}

/// Writes what an operation answers, from a value of its output shape.
pub fn encode_value(operation: &Operation, value: &Value, request_id: &RequestId) -> Response {
    match operation.service.protocol {
        Protocol::Query => query::encode_response(operation, value, request_id),
        Protocol::RestJson => rest::encode_response(operation, value, request_id),
    }
}
