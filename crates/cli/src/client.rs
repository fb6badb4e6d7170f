//! Speaks to a running plane: AWS operations, its own endpoints, and nothing else.
//!
//! One connection per request over the loopback; an answer has a size and a time within which it
//! comes, since whatever listens there may not be a plane.

use crate::output::Failure;
use crate::running::RunningPlane;
use awswire::{Operation, Value, client, dto};
use bytes::Bytes;
use http_body_util::{BodyExt, Full, Limited};
use hyper::Request;
use hyper_util::rt::TokioIo;
use jiff::Timestamp;
use names::secret::Secret;
use sigv4::{BodyHash, RequestHead, Signer};
use std::time::Duration;
use tokio::net::TcpStream;

/// Longest answer that is read, in bytes.
const ANSWER_BYTES_MAX: usize = 8 << 20;

/// Longest wait for an answer.
const ANSWER_WITHIN: Duration = Duration::from_secs(30);

/// The service that requests to the plane's own endpoints are signed for.
const OWN_SERVICE: &str = "rolecall";

/// An access key, and the session token that temporary ones come with.
#[derive(Debug, Clone)]
pub(crate) struct Credentials {
    pub(crate) access_key_id: String,
    pub(crate) secret_access_key: Secret,
    pub(crate) session_token: Option<Secret>,
}

/// What came back.
#[derive(Debug)]
pub(crate) struct Answer {
    pub(crate) status: u16,
    pub(crate) request_id: Option<String>,
    error_type: Option<String>,
    body: Bytes,
}

/// Reads one of the plane's open endpoints.
pub(crate) async fn get(plane: &RunningPlane, path: &str) -> Result<Answer, Failure> {
    let request = client::Request {
        method: "GET",
        path: path.split('?').next().unwrap_or_default().to_owned(),
        query: path
            .split_once('?')
            .map(|(_, query)| query.to_owned())
            .unwrap_or_default(),
        content_type: "",
        body: Vec::new(),
        signing_name: OWN_SERVICE,
    };
    send(plane, None, request).await
}

/// Calls one of the plane's own endpoints as an administrator.
pub(crate) async fn admin(
    plane: &RunningPlane,
    administrator: &Credentials,
    method: &'static str,
    path: &str,
    body: &[u8],
) -> Result<Answer, Failure> {
    let request = client::Request {
        method,
        path: path.to_owned(),
        query: String::new(),
        content_type: if body.is_empty() {
            ""
        } else {
            "application/json"
        },
        body: body.to_owned(),
        signing_name: OWN_SERVICE,
    };
    send(plane, Some(administrator), request).await
}

/// Calls an AWS operation; what AWS refuses is a failure with the way to its reason.
pub(crate) async fn call<R: dto::Request>(
    plane: &RunningPlane,
    caller: Option<&Credentials>,
    input: R,
) -> Result<R::Response, Failure> {
    let answer = send(plane, caller, client::encode_request(input)).await?;
    let error_type = answer.error_type.as_deref();
    client::decode_response::<R>(answer.status, error_type, &answer.body)
        .map_err(|why| refused(&why, answer.request_id.as_deref()))
}

/// Calls an AWS operation with a value of its input shape; what AWS refuses is an answer, too.
pub(crate) async fn call_value(
    plane: &RunningPlane,
    caller: Option<&Credentials>,
    operation: &'static Operation,
    input: &Value,
) -> Result<(Result<Value, client::Failure>, Option<String>), Failure> {
    let answer = send(plane, caller, client::encode_value(operation, input)).await?;
    let error_type = answer.error_type.as_deref();
    let decoded = client::decode_value(operation, answer.status, error_type, &answer.body);
    Ok((decoded, answer.request_id))
}

impl Answer {
    /// The answer, if it is a yes.
    pub(crate) fn accepted(self) -> Result<Self, Failure> {
        if (200..300).contains(&self.status) {
            return Ok(self);
        }
        let said: serde_json::Value = serde_json::from_slice(&self.body).unwrap_or_default();
        let text = |names: [&str; 2]| names.iter().find_map(|name| said[name].as_str());
        let code = text(["code", "__type"])
            .or(self.error_type.as_deref())
            .unwrap_or("refused");
        let message = match text(["message", "Message"]) {
            Some(message) => format!("{code}: {message}"),
            None => format!(
                "the plane answered with status {}: {}",
                self.status,
                self.text()
            ),
        };
        Err(with_reason(
            Failure::no("refused", message),
            self.request_id.as_deref(),
        ))
    }

    pub(crate) fn json(&self) -> Result<serde_json::Value, Failure> {
        serde_json::from_slice(&self.body).map_err(|why| {
            Failure::unanswered("unreadable-answer", format!("the plane's answer: {why}"))
        })
    }

    pub(crate) fn text(&self) -> String {
        String::from_utf8_lossy(&self.body).into_owned()
    }
}

fn refused(why: &client::Failure, request_id: Option<&str>) -> Failure {
    match why {
        client::Failure::Aws(error) => with_reason(
            Failure::no("refused", format!("{}: {}", error.code, error.message)),
            request_id,
        ),
        client::Failure::Unreadable(what) => {
            Failure::unanswered("unreadable-answer", format!("the plane's answer: {what}"))
        }
    }
}

fn with_reason(failure: Failure, request_id: Option<&str>) -> Failure {
    match request_id {
        Some(id) => failure.help(format!("see why: rolecall why {id}")),
        None => failure,
    }
}

/// Signs a request if there is someone to sign as, sends it, and reads the answer.
async fn send(
    plane: &RunningPlane,
    caller: Option<&Credentials>,
    request: client::Request,
) -> Result<Answer, Failure> {
    let authority = plane
        .url()
        .trim_start_matches("http://")
        .trim_end_matches('/');
    let headers = headers_of(&request, authority, caller, plane.region())?;
    let target = match request.query.as_str() {
        "" => request.path,
        query => format!("{}?{query}", request.path),
    };
    let mut built = Request::builder().method(request.method).uri(target);
    for (name, value) in headers {
        built = built.header(name, value);
    }
    let built = built
        .body(Full::new(Bytes::from(request.body)))
        .map_err(|why| {
            Failure::usage("bad-request", format!("the request cannot be sent: {why}"))
        })?;
    match tokio::time::timeout(ANSWER_WITHIN, exchange(authority, built)).await {
        Ok(Ok(answer)) => Ok(answer),
        Ok(Err(why)) => Err(unreachable(plane, &why.to_string())),
        Err(_) => Err(unreachable(
            plane,
            &format!("no answer within {ANSWER_WITHIN:?}"),
        )),
    }
}

fn unreachable(plane: &RunningPlane, why: &str) -> Failure {
    Failure::unanswered("unreachable", format!("`{}`: {why}", plane.url())).help("rolecall status")
}

/// The headers of a request, its signature among them.
fn headers_of(
    request: &client::Request,
    authority: &str,
    caller: Option<&Credentials>,
    region: &str,
) -> Result<Vec<(&'static str, String)>, Failure> {
    let mut headers = vec![("host", authority.to_owned())];
    if !request.content_type.is_empty() {
        headers.push(("content-type", request.content_type.to_owned()));
    }
    let Some(caller) = caller else {
        return Ok(headers);
    };
    let seen: Vec<(&str, &[u8])> = headers
        .iter()
        .map(|(name, value)| (*name, value.as_bytes()))
        .collect();
    let head = RequestHead {
        method: request.method,
        raw_path: &request.path,
        raw_query: &request.query,
        headers: &seen,
    };
    let signer = Signer {
        access_key_id: &caller.access_key_id,
        secret_key: &caller.secret_access_key,
        session_token: caller.session_token.as_ref().and_then(Secret::expose_str),
        region,
        service: request.signing_name,
    };
    let signed =
        sigv4::sign(&signer, &head, &BodyHash::of(&request.body), now()).map_err(|why| {
            Failure::usage(
                "bad-request",
                format!("the request cannot be signed: {why}"),
            )
        })?;
    headers.retain(|(name, _)| !signed.iter().any(|(new, _)| new.eq_ignore_ascii_case(name)));
    headers.extend(signed);
    Ok(headers)
}

#[expect(clippy::disallowed_methods, reason = "the clock of the command line")]
pub(crate) fn now() -> Timestamp {
    Timestamp::now()
}

async fn exchange(
    authority: &str,
    request: Request<Full<Bytes>>,
) -> Result<Answer, Box<dyn std::error::Error + Send + Sync>> {
    let stream = TcpStream::connect(authority).await?;
    let (mut sender, connection) =
        hyper::client::conn::http1::handshake(TokioIo::new(stream)).await?;
    let driven = tokio::spawn(connection);
    let response = sender.send_request(request).await?;
    let (head, body) = response.into_parts();
    let body = Limited::new(body, ANSWER_BYTES_MAX)
        .collect()
        .await?
        .to_bytes();
    driven.abort();
    let header = |name: &str| Some(head.headers.get(name)?.to_str().ok()?.to_owned());
    Ok(Answer {
        status: head.status.as_u16(),
        request_id: header("x-amzn-requestid"),
        error_type: header("x-amzn-errortype"),
        body,
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    fn answer(status: u16, body: &'static str) -> Answer {
        Answer {
            status,
            request_id: Some("1-2".to_owned()),
            error_type: None,
            body: Bytes::from_static(body.as_bytes()),
        }
    }

    #[test]
    fn a_refusal_says_its_code_and_the_way_to_its_reason() {
        let rows = [
            (
                r#"{"code":"AccessDenied","message":"no"}"#,
                "AccessDenied: no",
            ),
            (
                r#"{"__type":"NotFound","Message":"gone"}"#,
                "NotFound: gone",
            ),
            ("nonsense", "the plane answered with status 403: nonsense"),
        ];
        for (body, message) in rows {
            let failure = answer(403, body).accepted().unwrap_err();
            assert_eq!(failure.message, message);
            assert_eq!(failure.actions, ["see why: rolecall why 1-2"]);
        }
        assert!(answer(200, "{}").accepted().is_ok());
    }

    #[test]
    fn only_a_known_caller_signs() {
        let request = client::Request {
            method: "POST",
            path: "/".to_owned(),
            query: String::new(),
            content_type: "text/plain",
            body: b"x".to_vec(),
            signing_name: "sts",
        };
        let names = |caller| -> Vec<_> {
            let headers = headers_of(&request, "127.0.0.1:1", caller, "us-west-2").unwrap();
            headers
                .into_iter()
                .map(|(name, _)| name.to_ascii_lowercase())
                .collect()
        };
        assert_eq!(names(None), ["host", "content-type"]);
        let caller = Credentials {
            access_key_id: "AKIAIOSFODNN7EXAMPLE".to_owned(),
            secret_access_key: "secret".into(),
            session_token: Some("token".into()),
        };
        let signed = names(Some(&caller));
        for wanted in [
            "host",
            "authorization",
            "x-amz-date",
            "x-amz-security-token",
        ] {
            assert_eq!(
                signed.iter().filter(|name| *name == wanted).count(),
                1,
                "{wanted}"
            );
        }
        assert!(!format!("{caller:?}").contains("\"secret\""), "{caller:?}");
    }
}
