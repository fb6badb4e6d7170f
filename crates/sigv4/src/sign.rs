//! The client's side: signing a request, and presigning a URL.

use data_encoding::HEXLOWER;
use jiff::Timestamp;
use names::secret::Secret;

use crate::authorization::ALGORITHM;
use crate::canonical::{CanonicalRequest, SignedHeaders, string_to_sign};
use crate::credential::TERMINATOR;
use crate::date::compact;
use crate::keys::SigningKey;
use crate::refusal::SignatureRefusal;
use crate::request::{BodyHash, RequestHead};
use crate::uri::{Query, canonical_path, encoded};

/// Headers that proxies or clients change on the way, so that nobody signs them.
const UNSIGNED_HEADERS: [&str; 6] = [
    "authorization",
    "connection",
    "expect",
    "transfer-encoding",
    "user-agent",
    "x-amzn-trace-id",
];

/// Who signs, and for what.
#[derive(Clone, Copy)]
pub struct Signer<'a> {
    /// The access key id.
    pub access_key_id: &'a str,
    /// The secret access key.
    pub secret_key: &'a Secret,
    /// The session token of temporary credentials.
    pub session_token: Option<&'a str>,
    /// The region to sign for.
    pub region: &'a str,
    /// The service's signing name.
    pub service: &'a str,
}

/// What keeps a request from being signed.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum NotSignable {
    /// Every signature covers the host.
    #[error("a request without `host` header cannot be signed")]
    NoHost,
    /// The path or the query is malformed.
    #[error("the request's target cannot be signed: {0}")]
    Target(#[from] SignatureRefusal),
}

/// The headers to add to a request, `authorization` the last of them.
///
/// All headers given are signed, but for those that change on the way.
pub fn sign(
    signer: &Signer<'_>,
    head: &RequestHead<'_>,
    body: &BodyHash,
    now: Timestamp,
) -> Result<Vec<(&'static str, String)>, NotSignable> {
    let date = compact(now);
    let mut added = vec![("x-amz-date", date.clone())];
    if let Some(token) = signer.session_token {
        added.push(("x-amz-security-token", token.to_owned()));
    }
    let own = |name: &str| added.iter().any(|(own, _)| own.eq_ignore_ascii_case(name));
    let mut headers: Vec<_> = head
        .headers
        .iter()
        .copied()
        .filter(|(name, _)| !own(name))
        .collect();
    headers.extend(added.iter().map(|(name, value)| (*name, value.as_bytes())));
    let head = RequestHead {
        headers: &headers,
        ..*head
    };
    let signed = headers_to_sign(&head)?;
    let payload = head
        .text("x-amz-content-sha256")
        .unwrap_or_else(|| body.to_hex().into());
    let canonical_request = CanonicalRequest {
        head: &head,
        path: &canonical_path(head.raw_path)?,
        query: &Query::parse(head.raw_query)?.canonical_without("X-Amz-Signature"),
        signed: &signed,
        payload: &payload,
    };
    let signature = signer.signature(&date, &canonical_request);
    let authorization = format!(
        "{ALGORITHM} Credential={}/{}, SignedHeaders={}, Signature={signature}",
        signer.access_key_id,
        signer.scope(&date),
        signed.joined(),
    );
    added.push(("authorization", authorization));
    Ok(added)
}

/// The query of the presigned URL, the head's own query included.
///
/// The headers given are signed and must be sent; usually that is `host` alone.
pub fn presign(
    signer: &Signer<'_>,
    head: &RequestHead<'_>,
    expires_seconds: u32,
    now: Timestamp,
) -> Result<String, NotSignable> {
    let date = compact(now);
    let signed = headers_to_sign(head)?;
    let mut parameters = vec![
        ("X-Amz-Algorithm", ALGORITHM.to_owned()),
        (
            "X-Amz-Credential",
            format!("{}/{}", signer.access_key_id, signer.scope(&date)),
        ),
        ("X-Amz-Date", date.clone()),
        ("X-Amz-Expires", expires_seconds.to_string()),
        ("X-Amz-SignedHeaders", signed.joined()),
    ];
    if let Some(token) = signer.session_token {
        parameters.push(("X-Amz-Security-Token", token.to_owned()));
    }
    let mut query = head.raw_query.to_owned();
    for (name, value) in &parameters {
        if !query.is_empty() {
            query.push('&');
        }
        query.push_str(&format!("{name}={}", encoded(value)));
    }
    let canonical_request = CanonicalRequest {
        head,
        path: &canonical_path(head.raw_path)?,
        query: &Query::parse(&query)?.canonical_without("X-Amz-Signature"),
        signed: &signed,
        payload: &head
            .text("x-amz-content-sha256")
            .unwrap_or_else(|| BodyHash::empty().to_hex().into()),
    };
    let signature = signer.signature(&date, &canonical_request);
    Ok(format!("{query}&X-Amz-Signature={signature}"))
}

impl Signer<'_> {
    fn scope(&self, date: &str) -> String {
        format!(
            "{}/{}/{}/{TERMINATOR}",
            &date[..8],
            self.region,
            self.service
        )
    }

    fn signature(&self, date: &str, canonical_request: &CanonicalRequest<'_>) -> String {
        let text = string_to_sign(date, &self.scope(date), &canonical_request.to_bytes());
        let key = SigningKey::derive(self.secret_key, &date[..8], self.region, self.service);
        HEXLOWER.encode(&key.sign(&text))
    }
}

fn headers_to_sign(head: &RequestHead<'_>) -> Result<SignedHeaders<'static>, NotSignable> {
    let mut names: Vec<_> = head
        .headers
        .iter()
        .map(|(name, _)| name.to_ascii_lowercase())
        .collect();
    names.retain(|name| !UNSIGNED_HEADERS.contains(&name.as_str()));
    names.sort();
    names.dedup();
    if !names.iter().any(|name| name == "host") {
        return Err(NotSignable::NoHost);
    }
    Ok(SignedHeaders::from_sorted(names))
}
