//! Where a request says who signed it: the `Authorization` header, or its twin in the query.

use std::borrow::Cow;

use crate::refusal::{QUERY_PARAMETERS, SignatureRefusal};
use crate::request::RequestHead;
use crate::uri::Query;

/// The one algorithm verified here.
pub(crate) const ALGORITHM: &str = "AWS4-HMAC-SHA256";

/// Longest life that a presigned request may ask for: seven days.
const EXPIRES_SECONDS_MAX: u64 = 604_800;

/// How the signature travels.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Form {
    /// In the `Authorization` header.
    Header,
    /// In the query, so that a URL alone is the credential.
    Presigned,
}

/// The parameters of either form, as text: where the request has them as they are, its own.
pub(crate) struct Authorization<'a> {
    pub(crate) form: Form,
    pub(crate) credential: Cow<'a, str>,
    pub(crate) signature: Cow<'a, str>,
    pub(crate) signed_headers: Cow<'a, str>,
    pub(crate) date: Cow<'a, str>,
    pub(crate) session_token: Option<Cow<'a, str>>,
}

impl<'a> Authorization<'a> {
    /// Steps 5 to 7 of the ladder.
    pub(crate) fn parse(head: &RequestHead<'a>, query: &Query) -> Result<Self, SignatureRefusal> {
        match (head.text("authorization"), query.first("X-Amz-Algorithm")) {
            (None, None) => Err(SignatureRefusal::Missing),
            (Some(_), Some(_)) => Err(SignatureRefusal::Both),
            (Some(Cow::Borrowed(header)), None) => {
                Self::from_header(head, header, &Parameters::parse(header)?, Cow::Borrowed)
            }
            (Some(Cow::Owned(header)), None) => {
                let owned = |text: &str| Cow::Owned(text.to_owned());
                Self::from_header(head, &header, &Parameters::parse(&header)?, owned)
            }
            (None, Some(algorithm)) => Self::from_query(query, &algorithm),
        }
    }

    fn from_header<'h>(
        head: &RequestHead<'a>,
        header: &str,
        parameters: &Parameters<'h>,
        kept: impl Fn(&'h str) -> Cow<'a, str>,
    ) -> Result<Self, SignatureRefusal> {
        let Parameters {
            credential,
            signature,
            signed_headers,
        } = *parameters;
        let date = head.text("x-amz-date").or_else(|| head.text("date"));
        match (credential, signature, signed_headers, date) {
            (Some(credential), Some(signature), Some(signed_headers), Some(date)) => Ok(Self {
                form: Form::Header,
                credential: kept(credential),
                signature: kept(signature),
                signed_headers: kept(signed_headers),
                date,
                session_token: head.text("x-amz-security-token"),
            }),
            (credential, signature, signed_headers, date) => {
                let missing = [
                    (credential.is_none(), "Credential"),
                    (signature.is_none(), "Signature"),
                    (signed_headers.is_none(), "SignedHeaders"),
                    (date.is_none(), "X-Amz-Date"),
                ];
                let missing = missing
                    .into_iter()
                    .filter(|row| row.0)
                    .map(|row| row.1)
                    .collect();
                Err(SignatureRefusal::HeaderIncomplete {
                    missing,
                    header: header.to_owned(),
                })
            }
        }
    }

    fn from_query(query: &Query, algorithm: &str) -> Result<Self, SignatureRefusal> {
        expect_algorithm(algorithm)?;
        let mut missing = Vec::new();
        let [credential, signature, signed_headers, date] = QUERY_PARAMETERS.map(|name| {
            let value = query.first(name).filter(|value| !value.is_empty());
            if value.is_none() {
                missing.push(name);
            }
            Cow::Owned(value.unwrap_or_default())
        });
        if !missing.is_empty() {
            return Err(SignatureRefusal::QueryIncomplete { missing });
        }
        if let Some(expires) = query.first("X-Amz-Expires") {
            expect_expires(&expires)?;
        }
        Ok(Self {
            form: Form::Presigned,
            credential,
            signature,
            signed_headers,
            date,
            session_token: query.first("X-Amz-Security-Token").map(Cow::Owned),
        })
    }
}

/// The parameters of an `Authorization` header.
#[derive(Default)]
struct Parameters<'h> {
    credential: Option<&'h str>,
    signature: Option<&'h str>,
    signed_headers: Option<&'h str>,
}

impl<'h> Parameters<'h> {
    fn parse(header: &'h str) -> Result<Self, SignatureRefusal> {
        let (algorithm, parameters) = header.split_once([' ', '\t']).unwrap_or((header, ""));
        expect_algorithm(algorithm)?;
        let mut found = Self::default();
        for parameter in words(parameters) {
            let Some((name, value)) = parameter.split_once('=') else {
                return Err(SignatureRefusal::NoEqualSign {
                    header: header.to_owned(),
                });
            };
            match name {
                "Credential" => found.credential = Some(value),
                "Signature" => found.signature = Some(value),
                "SignedHeaders" => found.signed_headers = Some(value),
                _ => {}
            }
        }
        Ok(found)
    }
}

fn expect_algorithm(algorithm: &str) -> Result<(), SignatureRefusal> {
    if algorithm == ALGORITHM {
        Ok(())
    } else {
        Err(SignatureRefusal::Algorithm {
            found: algorithm.to_owned(),
        })
    }
}

fn expect_expires(text: &str) -> Result<(), SignatureRefusal> {
    match text.parse::<u64>() {
        Ok(seconds) if seconds <= EXPIRES_SECONDS_MAX => Ok(()),
        _ => Err(SignatureRefusal::Expires {
            found: text.to_owned(),
        }),
    }
}

/// The parts between commas and blanks. Both are ASCII, so that no part ends within a character.
fn words(text: &str) -> impl Iterator<Item = &str> {
    let is_between = |byte: &u8| matches!(byte, b',' | b' ' | b'\t');
    let words = text.as_bytes().split(is_between);
    let words = words.filter(|word| !word.is_empty());
    words.map(|word| std::str::from_utf8(word).unwrap_or_default())
}
