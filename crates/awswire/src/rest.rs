//! REST-JSON: path, query string and JSON come in, JSON goes out.
//!
//! <https://smithy.io/2.0/aws/protocols/aws-restjson1-protocol.html>

pub(crate) mod decode;
pub(crate) mod encode;
mod path;

pub(crate) use decode::decode;
pub(crate) use encode::{encode_error, encode_response};
pub(crate) use path::{Labels, find};
