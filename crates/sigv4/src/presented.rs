//! A signature as presented, and as proven.

use std::borrow::Cow;
use std::fmt;

use data_encoding::HEXLOWER;
use jiff::Timestamp;
use names::secret::Secret;
use subtle::ConstantTimeEq;

use crate::authorization::{Authorization, Form};
use crate::canonical::{CanonicalRequest, SignedHeaders, string_to_sign};
use crate::credential::{ClaimedScope, Credential};
use crate::date::{self, compact};
use crate::keys::{DerivedKeys, SigningKey, derive};
use crate::refusal::SignatureRefusal;
use crate::request::{BodyHash, RequestHead};
use crate::uri::{Query, canonical_path};

/// The payload hash by which a signer says that the body is not covered.
const UNSIGNED_PAYLOAD: &str = "UNSIGNED-PAYLOAD";

/// What the endpoint that got the request expects of a signature.
#[derive(Debug, Clone, Copy)]
pub struct Expectation<'a> {
    /// The signing names it answers to, the one to name in refusals first.
    pub services: &'a [&'a str],
    /// The clock.
    pub now: Timestamp,
}

/// What a request says of its signature, taken apart once: first a service is chosen by it, then it
/// is proved.
pub struct Claim<'a> {
    head: RequestHead<'a>,
    read: Result<(Query, Authorization<'a>), SignatureRefusal>,
}

impl<'a> Claim<'a> {
    /// Reads a request's signature; what is wrong with it, [`present`](Self::present) says.
    #[must_use]
    pub fn of(head: RequestHead<'a>) -> Self {
        let read = Query::parse(head.raw_query).and_then(|query| {
            let authorization = Authorization::parse(&head, &query)?;
            Ok((query, authorization))
        });
        Self { head, read }
    }

    /// What a signature that is complete, in either form, was made for.
    #[must_use]
    pub fn scope(&self) -> Option<ClaimedScope<'_>> {
        let (_, authorization) = self.read.as_ref().ok()?;
        let credential = Credential::parse(&authorization.credential).ok()?;
        Some(ClaimedScope {
            access_key_id: credential.access_key_id(),
            region: credential.region(),
            service: credential.service(),
        })
    }

    /// Climbs the ladder as far as it goes without a secret: steps 4 to 13 of spec/threats.md 4.3,
    /// after the path's own rules.
    pub fn present(
        &self,
        body: &BodyHash,
        expectation: &Expectation<'_>,
    ) -> Result<Presented<'_>, SignatureRefusal> {
        let head = &self.head;
        let path = canonical_path(head.raw_path)?;
        let (query, authorization) = self.read.as_ref().map_err(Clone::clone)?;
        let signed = SignedHeaders::parse(&authorization.signed_headers)?;
        let date = date::parse(&authorization.date)?;
        date::expect_near(date, expectation.now)?;
        let credential = Credential::parse(&authorization.credential)?;
        let (host, date_text) = (head.text("host").unwrap_or_default(), compact(date));
        credential.expect_scope(&date_text, &host, expectation)?;
        let payload = Payload::of(head, query, body, authorization.form)?;
        let canonical_request = CanonicalRequest {
            head,
            path: &path,
            query: &query.canonical_without("X-Amz-Signature"),
            signed: &signed,
            payload: &payload.line,
        }
        .to_bytes();
        Ok(Presented {
            form: authorization.form,
            string_to_sign: string_to_sign(&date_text, credential.scope(), &canonical_request),
            credential,
            session_token: authorization.session_token.as_deref(),
            signed,
            date,
            signature: &authorization.signature,
            canonical_request,
            payload_is_intact: payload.is_intact,
        })
    }
}

/// A complete, current, well-scoped claim that an access key signed this request.
///
/// It is only a claim: the access key id may be anyone's text until [`verify`](Self::verify).
#[derive(Clone)]
pub struct Presented<'a> {
    form: Form,
    credential: Credential<'a>,
    session_token: Option<&'a str>,
    signed: SignedHeaders<'a>,
    date: Timestamp,
    signature: &'a str,
    canonical_request: Vec<u8>,
    string_to_sign: String,
    payload_is_intact: bool,
}

/// A request whose signer is known: the holder of the access key's secret.
#[derive(Debug, Clone)]
pub struct Proven<'a>(Presented<'a>);

impl<'a> Presented<'a> {
    /// Step 16: proves that the holder of this secret signed the request.
    ///
    /// Steps 14 and 15 (is the key known, is the token its own and alive) are the caller's.
    pub fn verify(
        self,
        secret: &Secret,
        keys: &DerivedKeys,
    ) -> Result<Proven<'a>, SignatureRefusal> {
        if !self.payload_is_intact {
            return Err(SignatureRefusal::PayloadMismatch);
        }
        if self.is_signed_by(&keys.key(&self.credential, secret)) {
            return Ok(Proven(self));
        }
        Err(SignatureRefusal::Mismatch {
            canonical_request: self.shown_canonical_request(),
            string_to_sign: self.string_to_sign,
        })
    }

    /// Takes the time of a verification for an access key that nobody holds, so that the answer
    /// for an unknown key costs what the answer for a wrong secret costs.
    pub fn spend_a_verification(&self) {
        let nobody = Secret::from("0000000000000000000000000000000000000000");
        std::hint::black_box(self.is_signed_by(&derive(&self.credential, &nobody)));
    }

    /// The access key id, as the request wrote it.
    #[must_use]
    pub fn access_key_id(&self) -> &'a str {
        self.credential.access_key_id()
    }

    /// The session token, in the header or in the query as the signature is.
    #[must_use]
    pub fn session_token(&self) -> Option<&'a str> {
        self.session_token
    }

    /// `DATE/REGION/SERVICE/aws4_request`.
    #[must_use]
    pub fn scope(&self) -> &'a str {
        self.credential.scope()
    }

    /// When the client says it signed.
    #[must_use]
    pub fn date(&self) -> Timestamp {
        self.date
    }

    /// Header or presigned.
    #[must_use]
    pub fn form(&self) -> Form {
        self.form
    }

    /// Whether the signature covers a header, named in lower case.
    #[must_use]
    pub fn covers(&self, header: &str) -> bool {
        self.signed.contains(header)
    }

    fn is_signed_by(&self, key: &SigningKey) -> bool {
        let mut signature = [0; 64];
        HEXLOWER.encode_mut(&key.sign(&self.string_to_sign), &mut signature);
        signature[..].ct_eq(self.signature.as_bytes()).into()
    }

    /// The canonical request without the session token, for people who compare.
    fn shown_canonical_request(&self) -> String {
        let text = String::from_utf8_lossy(&self.canonical_request);
        let lines = text.split('\n').map(|line| match line.split_once(':') {
            Some(("x-amz-security-token", _)) => "x-amz-security-token:[secret]".to_owned(),
            Some(_) | None => hide_token_in_query(line),
        });
        lines.collect::<Vec<_>>().join("\n")
    }
}

impl<'a> Proven<'a> {
    /// The claim that was proven.
    #[must_use]
    pub fn presented(&self) -> &Presented<'a> {
        &self.0
    }
}

impl fmt::Debug for Presented<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Presented")
            .field("form", &self.form)
            .field("credential", &self.credential.as_str())
            .finish_non_exhaustive()
    }
}

/// The last line of the canonical request, and whether the body is the one it speaks of.
struct Payload {
    line: String,
    is_intact: bool,
}

impl Payload {
    fn of(
        head: &RequestHead<'_>,
        query: &Query,
        body: &BodyHash,
        form: Form,
    ) -> Result<Self, SignatureRefusal> {
        let in_query = || match form {
            Form::Header => None,
            Form::Presigned => query.first("X-Amz-Content-Sha256").map(Cow::Owned),
        };
        let hash = body.to_hex();
        match head.text("x-amz-content-sha256").or_else(in_query) {
            None => Ok(Self {
                line: hash,
                is_intact: true,
            }),
            Some(line) if line.starts_with("STREAMING-") => Err(SignatureRefusal::Streaming {
                found: line.into_owned(),
            }),
            Some(line) => {
                let is_intact = line == hash || line == UNSIGNED_PAYLOAD;
                let line = line.into_owned();
                Ok(Self { line, is_intact })
            }
        }
    }
}

fn hide_token_in_query(line: &str) -> String {
    let pairs = line.split('&').map(|pair| match pair.split_once('=') {
        Some(("X-Amz-Security-Token", _)) => "X-Amz-Security-Token=[secret]",
        Some(_) | None => pair,
    });
    pairs.collect::<Vec<_>>().join("&")
}
