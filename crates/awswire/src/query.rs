//! AWS Query: a form comes in, XML goes out.
//!
//! <https://smithy.io/2.0/aws/protocols/aws-query-protocol.html>

mod decode;
mod encode;
pub(crate) mod xml;

pub(crate) use decode::{decode, query_name, scalar, string};
pub(crate) use encode::{encode_error, encode_response, scalar as scalar_text};
