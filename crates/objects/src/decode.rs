//! Bodies of requests to objects.
//!
//! JSON, YAML or Kubernetes' protobuf comes in; an [`Object`] of the expected type comes out, with
//! the warnings that its sender is to see, or a [`Status`] in the words of Kubernetes. What a
//! stranger sends is bounded: [`BODY_BYTES_MAX`], [`DEPTH_MAX`], and no bombs of aliases.

mod findings;
mod protobuf;
mod reader;
mod refusal;
mod scalar;
mod yaml;

use names::Gvk;
use serde::Deserialize;
use serde_json::Value;

use crate::schema::{Schema, Schemas};
use crate::status::FieldError;
use crate::{Object, Status};

pub use findings::Findings;
use refusal::Refusal;

/// A body may be this long: 3 MiB, as at kube-apiserver.
pub const BODY_BYTES_MAX: usize = 3 * 1024 * 1024;

/// Values may be nested this deep.
pub const DEPTH_MAX: usize = 128;

/// The form of a body.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum MediaType {
    /// `application/json`, or nothing said.
    Json,
    /// `application/yaml`
    Yaml,
    /// `application/vnd.kubernetes.protobuf`
    Protobuf,
}

/// What becomes of unknown and duplicate fields.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub enum FieldValidation {
    /// The request is refused.
    Strict,
    /// The sender is warned.
    #[default]
    Warn,
    /// Nothing.
    Ignore,
}

/// An object, and what its sender is to hear.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Decoded {
    /// The object, of the expected type.
    pub object: Object,
    /// For `Warning` headers.
    pub warnings: Vec<String>,
}

impl MediaType {
    const ALL: [(&'static str, Self); 3] = [
        ("application/json", Self::Json),
        ("application/yaml", Self::Yaml),
        ("application/vnd.kubernetes.protobuf", Self::Protobuf),
    ];

    /// Reads a `Content-Type`; clients that say nothing send JSON.
    pub fn of(content_type: Option<&str>) -> Result<Self, Status> {
        let named = content_type.unwrap_or_default().split(';').next();
        let named = named.unwrap_or_default().trim();
        if named.is_empty() {
            return Ok(Self::Json);
        }
        let found = Self::ALL
            .iter()
            .find(|(name, _)| named.eq_ignore_ascii_case(name));
        let ours = Self::ALL.map(|(name, _)| name);
        found
            .map(|(_, media_type)| *media_type)
            .ok_or_else(|| Status::unsupported_media_type(&ours))
    }
}

impl FieldValidation {
    /// Reads the query parameter `fieldValidation`.
    pub fn of(parameter: Option<&str>) -> Result<Self, FieldError> {
        match parameter.unwrap_or_default() {
            "" | "Warn" => Ok(Self::Warn),
            "Strict" => Ok(Self::Strict),
            "Ignore" => Ok(Self::Ignore),
            other => {
                let known = ["", "Ignore", "Strict", "Warn"];
                Err(FieldError::not_supported("fieldValidation", other, &known))
            }
        }
    }

    /// The warnings that findings lead to, or the sentence of a refusal.
    pub fn judge(self, findings: Findings) -> Result<Vec<String>, String> {
        if let Some(mismatch) = findings.mismatch {
            return Err(mismatch);
        }
        match self {
            Self::Ignore => Ok(Vec::new()),
            Self::Warn => Ok(findings.strict),
            Self::Strict if findings.strict.is_empty() => Ok(Vec::new()),
            Self::Strict => Err(format!(
                "strict decoding error: {}",
                findings.strict.join(", ")
            )),
        }
    }
}

/// Reads a body that is to be an object of the type `expected`.
///
/// `schema` says what such an object is made of; without one (a custom resource that keeps unknown
/// fields) any object will do.
pub fn decode(
    body: &[u8],
    media_type: MediaType,
    expected: &Gvk,
    schema: Option<Schema<'_>>,
    validation: FieldValidation,
) -> Result<Decoded, Status> {
    if body.len() > BODY_BYTES_MAX {
        let why = format!("limit is {BODY_BYTES_MAX}");
        return Err(Status::request_entity_too_large(&why));
    }
    let refusal = Refusal { expected, body };
    let (claim, value, findings) = match media_type {
        MediaType::Json => json_body(body, schema),
        MediaType::Yaml => yaml_body(body, schema),
        MediaType::Protobuf => protobuf::read(body, expected, schema),
    }
    .map_err(|fault| refusal.malformed(&fault))?;
    refusal.unless_expected(&claim)?;
    let warnings = validation
        .judge(findings)
        .map_err(|fault| refusal.unfit(&claim, &fault))?;
    let mut object = Object::from_value(value).map_err(|fault| refusal.malformed(&fault))?;
    object.set_gvk(expected);
    Ok(Decoded { object, warnings })
}

/// Reads a body of one of Kubernetes' own kinds.
pub fn decode_builtin(
    body: &[u8],
    media_type: MediaType,
    expected: &Gvk,
    validation: FieldValidation,
) -> Result<Decoded, Status> {
    let schema = Schemas::builtin().of(expected);
    decode(body, media_type, expected, schema, validation)
}

/// Any JSON, as a patch is; and the fields that are given twice.
pub fn json(text: &[u8]) -> Result<(Value, Findings), String> {
    read_json(text, None)
}

/// Any YAML, as an apply patch is; and the fields that are given twice.
pub fn yaml(text: &[u8]) -> Result<(Value, Findings), String> {
    yaml::read(text)
}

/// What is wrong with a value that was made here, by a patch; and the value without it.
#[must_use]
pub fn check(value: &Value, schema: Schema<'_>) -> (Value, Findings) {
    match reader::read(value, Some(schema)) {
        Ok(found) => found,
        Err(fault) => {
            let mismatch = Some(fault.to_string());
            let strict = Vec::new();
            (Value::Null, Findings { strict, mismatch })
        }
    }
}

/// The type that a body claims for itself; either text may be empty.
#[derive(Deserialize, Default)]
#[serde(rename_all = "camelCase", default)]
pub(crate) struct Claim {
    pub(crate) api_version: String,
    pub(crate) kind: String,
}

type Read = (Claim, Value, Findings);

fn json_body(body: &[u8], schema: Option<Schema<'_>>) -> Result<Read, String> {
    let claim = serde_json::from_slice(body)
        .map_err(|fault| format!("couldn't get version/kind; json parse error: {fault}"))?;
    let (value, findings) = read_json(body, schema)?;
    Ok((claim, value, findings))
}

fn yaml_body(body: &[u8], schema: Option<Schema<'_>>) -> Result<Read, String> {
    let (value, mut findings) = yaml::read(body)?;
    let claim = Claim::deserialize(&value)
        .map_err(|fault| format!("couldn't get version/kind; json parse error: {fault}"))?;
    let Some(schema) = schema else {
        return Ok((claim, value, findings));
    };
    let (value, more) = check(&value, schema);
    findings.strict.extend(more.strict);
    findings.mismatch = more.mismatch;
    Ok((claim, value, findings))
}

fn read_json(text: &[u8], schema: Option<Schema<'_>>) -> Result<(Value, Findings), String> {
    let mut deserializer = serde_json::Deserializer::from_slice(text);
    let read = reader::read(&mut deserializer, schema).map_err(|fault| fault.to_string())?;
    deserializer.end().map_err(|fault| fault.to_string())?;
    Ok(read)
}
