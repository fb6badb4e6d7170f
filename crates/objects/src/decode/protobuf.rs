//! Kubernetes' protobuf, as Go's clients send it.
//!
//! Four bytes, an envelope with the type, and the message. Tags come from the schema. A tag that no
//! field has is an error that names it: what we cannot read, we do not drop.
//!
//! The rules by which Go turns the same into JSON: text and numbers that are zero are left out,
//! unless the field is a pointer or always written; embedded messages are flattened.

mod message;
mod wire;

use names::Gvk;
use serde_json::Value;

use self::message::Reading;
use self::wire::Fields;
use super::{Claim, Findings};
use crate::schema::{Schema, Shape};

/// What every such body begins with.
const MAGIC: &[u8] = b"k8s\0";

/// Reads a body in its envelope.
pub(crate) fn read(
    body: &[u8],
    expected: &Gvk,
    schema: Option<Schema<'_>>,
) -> Result<(Claim, Value, Findings), String> {
    let envelope = Envelope::read(body)?;
    let structure = match schema.map(Schema::shape) {
        Some(Shape::Struct(structure)) => structure,
        Some(Shape::Any | Shape::Scalar(_) | Shape::List(_) | Shape::Map(_)) | None => {
            return Err(format!("{expected} has no protobuf form; send JSON"));
        }
    };
    let mut reading = Reading::default();
    let value = reading.object(structure, envelope.raw)?;
    Ok((envelope.claim, value, reading.findings()))
}

/// `runtime.Unknown`: what an object is, and its bytes.
struct Envelope<'b> {
    claim: Claim,
    raw: &'b [u8],
}

impl<'b> Envelope<'b> {
    fn read(body: &'b [u8]) -> Result<Self, String> {
        let Some(rest) = body.strip_prefix(MAGIC) else {
            return Err("provided data does not appear to be a protobuf message, expected prefix [107 56 115 0]".to_owned());
        };
        let mut envelope = Self {
            claim: Claim::default(),
            raw: b"",
        };
        for field in Fields::of(rest) {
            let (tag, value) = field?;
            match tag {
                1 => envelope.claim = claim(value.bytes()?)?,
                2 => envelope.raw = value.bytes()?,
                // How the bytes are packed and what they are: neither is ever said.
                3 | 4 if value.bytes()?.is_empty() => {}
                3 => return Err("the message is packed; send it as it is".to_owned()),
                4 => {
                    let media_type = value.text()?;
                    if media_type != "application/vnd.kubernetes.protobuf" {
                        return Err(format!("the envelope holds {media_type:?}, not protobuf"));
                    }
                }
                other => return Err(format!("the envelope has no field with tag {other}")),
            }
        }
        Ok(envelope)
    }
}

fn claim(bytes: &[u8]) -> Result<Claim, String> {
    let mut claim = Claim::default();
    for field in Fields::of(bytes) {
        let (tag, value) = field?;
        match tag {
            1 => claim.api_version = value.text()?.to_owned(),
            2 => claim.kind = value.text()?.to_owned(),
            other => return Err(format!("a type has no field with tag {other}")),
        }
    }
    Ok(claim)
}
