//! A signature as presented, and as proven.

use std::borrow::Cow;
use std::fmt;
use std::hint::black_box;

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
        let remembered = keys.recall(&self.credential, secret);
        let is_new = remembered.is_none();
        let key = remembered.unwrap_or_else(|| derive(&self.credential, secret));
        if self.is_signed_by(&key) {
            if is_new {
                keys.remember(&self.credential, secret, key);
            }
            return Ok(Proven(self));
        }
        // Every refusal takes one derivation: of a key that its owner uses as of one that nobody has.
        if !is_new {
            black_box(derive(&self.credential, secret));
        }
        Err(SignatureRefusal::Mismatch)
    }

    /// Does what [`verify`](Self::verify) does with a wrong secret, for an access key that nobody
    /// holds, so that the answer for an unknown key takes as long.
    pub fn spend_a_verification(&self, keys: &DerivedKeys) {
        let nobody = Secret::from("0000000000000000000000000000000000000000");
        black_box(keys.recall(&self.credential, &nobody));
        black_box(self.is_signed_by(&derive(&self.credential, &nobody)));
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
