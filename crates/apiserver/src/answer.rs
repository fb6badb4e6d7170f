//! An answer on its way to the wire.

use crate::body::Body;
use crate::shown;
use bytes::Bytes;
use http::header::{CACHE_CONTROL, CONTENT_TYPE, HeaderValue, RETRY_AFTER, WARNING};
use http::{HeaderName, Response, StatusCode};
use objects::Status;

const AUDIT_ID: HeaderName = HeaderName::from_static("audit-id");
/// Bytes of warnings that a client is sent at most.
const WARNING_BYTES_MAX: usize = 4 * 1024;

/// Status, headers and body.
pub(crate) struct Answer {
    response: Response<Body>,
    refusal: Option<String>,
}

impl Answer {
    /// A body of a type.
    pub(crate) fn new(code: StatusCode, content_type: &str, body: impl Into<Bytes>) -> Self {
        Self::streamed(code, content_type, Body::from(body.into()))
    }

    /// A body that comes in pieces.
    pub(crate) fn streamed(code: StatusCode, content_type: &str, body: Body) -> Self {
        let mut response = Response::new(body);
        *response.status_mut() = code;
        let content_type = HeaderValue::from_str(content_type);
        let content_type = content_type.unwrap_or(HeaderValue::from_static("application/json"));
        response.headers_mut().insert(CONTENT_TYPE, content_type);
        Self {
            response,
            refusal: None,
        }
    }

    pub(crate) fn json(code: StatusCode, body: impl Into<Bytes>) -> Self {
        Self::new(code, "application/json", body)
    }

    pub(crate) fn text(code: StatusCode, text: &str) -> Self {
        Self::new(code, "text/plain; charset=utf-8", text.to_owned())
    }

    /// What went wrong.
    pub(crate) fn failed(status: &Status) -> Self {
        let code = StatusCode::from_u16(status.code).unwrap_or(StatusCode::INTERNAL_SERVER_ERROR);
        let mut answer = Self::json(code, shown::status(status));
        let wait = status
            .details
            .as_ref()
            .map_or(0, |details| details.retry_after_seconds);
        if wait > 0 {
            answer
                .response
                .headers_mut()
                .insert(RETRY_AFTER, HeaderValue::from(wait));
        }
        answer.refusal = Some(status.message.clone());
        answer
    }

    /// An answer that somebody else made.
    pub(crate) fn of(response: Response<Body>) -> Self {
        Self {
            response,
            refusal: None,
        }
    }

    /// What the client is told beside the answer; kubectl prints it.
    pub(crate) fn with_warnings(mut self, warnings: &[String]) -> Self {
        let mut bytes = 0;
        for warning in warnings {
            bytes += warning.len();
            let text = warning
                .replace('\\', "\\\\")
                .replace('"', "\\\"")
                .replace(['\n', '\r'], " ");
            if bytes <= WARNING_BYTES_MAX
                && let Ok(value) = HeaderValue::from_str(&format!("299 - \"{text}\""))
            {
                self.response.headers_mut().append(WARNING, value);
            }
        }
        self
    }

    pub(crate) fn with_header(mut self, name: HeaderName, value: &str) -> Self {
        if let Ok(value) = HeaderValue::from_str(value) {
            self.response.headers_mut().insert(name, value);
        }
        self
    }

    pub(crate) fn code(&self) -> u16 {
        self.response.status().as_u16()
    }

    /// Why it is a refusal, if it is one.
    pub(crate) fn refusal(&self) -> Option<&str> {
        self.refusal.as_deref()
    }

    pub(crate) fn into_response(mut self, id: &str) -> Response<Body> {
        let headers = self.response.headers_mut();
        if let Ok(id) = HeaderValue::from_str(id) {
            headers.insert(AUDIT_ID, id);
        }
        headers
            .entry(CACHE_CONTROL)
            .or_insert(HeaderValue::from_static("no-cache, private"));
        self.response
    }
}
