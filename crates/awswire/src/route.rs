//! Which operation of which service a request means, and its input.
//!
//! The order of clues: the protocol header, `X-Amz-Target`, the service in the credential scope,
//! the host, the form of an unsigned call, the path.

use crate::dto;
use crate::error::AwsError;
use crate::form::{Form, MalformedForm};
use crate::limits::BODY_BYTES_MAX;
use crate::model::{Operation, Protocol, Service};
use crate::tables::{eks, eks_auth, iam, iam_toolbox, services, sts};
use crate::value::Value;
use crate::{query, rest, validate};

/// What routing looks at, beside the body.
#[derive(Debug, Clone, Copy, Default)]
pub struct Head<'a> {
    /// HTTP method.
    pub method: &'a str,
    /// The path as it came, percent-encoded.
    pub path: &'a str,
    /// The query string as it came, without `?`.
    pub query: &'a str,
    /// The host, with or without port.
    pub host: &'a str,
    /// `Content-Type`; empty when there is none.
    pub content_type: &'a str,
    /// `X-Amz-Target`
    pub target: Option<&'a str>,
    /// `Smithy-Protocol`
    pub smithy_protocol: Option<&'a str>,
    /// The service in the credential scope of the signature, in header or query string.
    pub signed_for: Option<&'a str>,
}

/// A request whose operation is known.
#[derive(Debug)]
pub struct Call<'a> {
    /// The service.
    pub service: &'static Service,
    /// The operation; `dto` may or may not have structures for it.
    pub operation: &'static Operation,
    pub(crate) parameters: Parameters<'a>,
}

#[derive(Debug)]
pub(crate) enum Parameters<'a> {
    Form(Form<'a>),
    Rest {
        labels: rest::Labels<'a>,
        query: &'a str,
        body: &'a [u8],
    },
}

/// A request that is no call.
#[derive(Debug, Clone, PartialEq)]
pub enum RouteError {
    /// Nothing says that the request is meant for an AWS service.
    NotAws,
    /// It is meant for a service, in whose protocol this error is to be written.
    Refused {
        /// The service.
        service: &'static Service,
        /// What to answer.
        error: AwsError,
    },
}

/// Finds the operation.
pub fn route<'a>(head: &Head<'a>, body: &'a [u8]) -> Result<Call<'a>, RouteError> {
    if let Some(refused) = other_protocol(head) {
        return Err(refused);
    }
    let (service, form) = match head.signed_for {
        Some(signed_for) => (by_scope(signed_for, head)?, None),
        None => unsigned(head, body),
    };
    let service = service.ok_or(RouteError::NotAws)?;
    let refused = |error| RouteError::Refused { service, error };
    if body.len() > BODY_BYTES_MAX {
        let message = format!("Request body is longer than {BODY_BYTES_MAX} bytes");
        return Err(refused(AwsError::new(
            "RequestEntityTooLarge",
            413,
            message,
        )));
    }
    match service.protocol {
        Protocol::Query => {
            let form = form.map_or_else(|| Form::parse(form_bytes(head, body)), Ok);
            query_call(service, form).map_err(refused)
        }
        Protocol::RestJson => rest_call(service, head, body).map_err(refused),
    }
}

impl Call<'_> {
    /// The input, decoded and held against every constraint.
    pub fn input<R: dto::Request>(&self) -> Result<R, AwsError> {
        if R::OPERATION != self.operation {
            return Err(AwsError::internal());
        }
        R::from_value(self.value()?).map_err(|_| AwsError::internal())
    }

    /// The input in dynamic form.
    pub fn value(&self) -> Result<Value, AwsError> {
        let shape = self.operation.input;
        let value = match &self.parameters {
            Parameters::Form(form) => query::decode(shape, form)?,
            Parameters::Rest {
                labels,
                query,
                body,
            } => rest::decode(shape, labels, query, body)?,
        };
        validate::check(self.operation, &value)?;
        Ok(value)
    }
}

/// RPC v2 CBOR and AWS JSON: protocols that none of our services speaks.
fn other_protocol(head: &Head<'_>) -> Option<RouteError> {
    let spoken = match (head.smithy_protocol, head.target) {
        (Some(protocol), _) => format!("The protocol {protocol} is not spoken here."),
        (None, Some(target)) => format!("No service here has the target {target}."),
        (None, None) => return None,
    };
    let service = &eks::SERVICE;
    let error = AwsError::new("UnknownOperationException", 404, spoken);
    Some(RouteError::Refused { service, error })
}

/// The service that the signature is for. IAM Toolbox signs as IAM, over its own paths.
fn by_scope(signed_for: &str, head: &Head<'_>) -> Result<Option<&'static Service>, RouteError> {
    if signed_for == "iam" {
        let is_toolbox = head.path.starts_with("/authorization-details/");
        return Ok(Some(if is_toolbox {
            &iam_toolbox::SERVICE
        } else {
            &iam::SERVICE
        }));
    }
    Ok(services()
        .iter()
        .copied()
        .find(|service| service.signing_name == signed_for))
}

/// The service of a request without a signature, and its form where that told.
fn unsigned<'a>(head: &Head<'a>, body: &'a [u8]) -> (Option<&'static Service>, Option<Form<'a>>) {
    if let Some(service) = by_host(head) {
        return (Some(service), None);
    }
    match by_form(head, body) {
        Some((service, form)) => (Some(service), Some(form)),
        None => (by_path(head), None),
    }
}

/// `sts.us-west-2.amazonaws.com`, `iam.amazonaws.com`, `eks-auth.us-west-2.api.aws`.
fn by_host(head: &Head<'_>) -> Option<&'static Service> {
    let (first, rest) = head.host.split_once('.')?;
    let is_aws = ["amazonaws.com", "amazonaws.com.cn", "api.aws", "localhost"]
        .iter()
        .any(|suffix| {
            rest.split(':')
                .next()
                .is_some_and(|host| host.ends_with(suffix))
        });
    services()
        .iter()
        .copied()
        .find(|service| is_aws && service.name == first)
}

/// Unsigned forms: web identity calls STS so; others get their error in the right protocol.
fn by_form<'a>(head: &Head<'a>, body: &'a [u8]) -> Option<(&'static Service, Form<'a>)> {
    if head.path != "/" && !head.path.is_empty() {
        return None;
    }
    let form = Form::parse(form_bytes(head, body)).ok()?;
    form.get("Action")?;
    let version = form.get("Version");
    let spoken = services()
        .iter()
        .copied()
        .filter(|s| s.protocol == Protocol::Query);
    let by_version = spoken
        .into_iter()
        .find(|service| Some(service.api_version) == version);
    Some((by_version.unwrap_or(&sts::SERVICE), form))
}

fn by_path(head: &Head<'_>) -> Option<&'static Service> {
    let candidates = [&eks_auth::SERVICE, &eks::SERVICE, &iam_toolbox::SERVICE];
    candidates
        .into_iter()
        .find(|service| rest::find(service, head.method, head.path).is_some())
}

/// A POST's form is its body; a GET's is the query string (presigned GetCallerIdentity).
fn form_bytes<'a>(head: &Head<'a>, body: &'a [u8]) -> &'a [u8] {
    if head.method == "GET" {
        head.query.as_bytes()
    } else {
        body
    }
}

fn query_call<'a>(
    service: &'static Service,
    form: Result<Form<'a>, MalformedForm>,
) -> Result<Call<'a>, AwsError> {
    let form = form.map_err(|problem| AwsError::malformed_form(problem.message()))?;
    let action = form.get("Action").filter(|action| !action.is_empty());
    let action = action.ok_or_else(AwsError::missing_action)?;
    let version = form.get("Version").unwrap_or(service.api_version);
    let known = service
        .operation(action)
        .filter(|_| version == service.api_version);
    let operation = known.ok_or_else(|| AwsError::invalid_action(action, version))?;
    Ok(Call {
        service,
        operation,
        parameters: Parameters::Form(form),
    })
}

fn rest_call<'a>(
    service: &'static Service,
    head: &Head<'a>,
    body: &'a [u8],
) -> Result<Call<'a>, AwsError> {
    let found = rest::find(service, head.method, head.path);
    let (operation, labels) = found.ok_or_else(|| {
        let message = format!("No operation has {} {}", head.method, head.path);
        AwsError::new("UnknownOperationException", 404, message)
    })?;
    let parameters = Parameters::Rest {
        labels,
        query: head.query,
        body,
    };
    Ok(Call {
        service,
        operation,
        parameters,
    })
}
