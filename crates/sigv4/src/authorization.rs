//! Where a request says who signed it: the `Authorization` header, or its twin in the query.

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

/// The parameters of either form, as text.
pub(crate) struct Authorization {
    pub(crate) form: Form,
    pub(crate) credential: String,
    pub(crate) signature: String,
    pub(crate) signed_headers: String,
    pub(crate) date: String,
    pub(crate) session_token: Option<String>,
}

impl Authorization {
    /// Steps 5 to 7 of the ladder.
    pub(crate) fn parse(head: &RequestHead<'_>, query: &Query) -> Result<Self, SignatureRefusal> {
        match (head.text("authorization"), query.first("X-Amz-Algorithm")) {
            (None, None) => Err(SignatureRefusal::Missing),
            (Some(_), Some(_)) => Err(SignatureRefusal::Both),
            (Some(header), None) => Self::from_header(head, &header),
            (None, Some(algorithm)) => Self::from_query(query, &algorithm),
        }
    }

    fn from_header(head: &RequestHead<'_>, header: &str) -> Result<Self, SignatureRefusal> {
        let (algorithm, parameters) = header.split_once([' ', '\t']).unwrap_or((header, ""));
        expect_algorithm(algorithm)?;
        let [mut credential, mut signature, mut signed_headers] = [const { None::<String> }; 3];
        for parameter in parameters
            .split([',', ' ', '\t'])
            .filter(|text| !text.is_empty())
        {
            let Some((name, value)) = parameter.split_once('=') else {
                return Err(SignatureRefusal::NoEqualSign {
                    header: header.to_owned(),
                });
            };
            match name {
                "Credential" => credential = Some(value.to_owned()),
                "Signature" => signature = Some(value.to_owned()),
                "SignedHeaders" => signed_headers = Some(value.to_owned()),
                _ => {}
            }
        }
        let date = head.text("x-amz-date").or_else(|| head.text("date"));
        match (credential, signature, signed_headers, date) {
            (Some(credential), Some(signature), Some(signed_headers), Some(date)) => Ok(Self {
                form: Form::Header,
                credential,
                signature,
                signed_headers,
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
            query
                .first(name)
                .filter(|value| !value.is_empty())
                .unwrap_or_else(|| {
                    missing.push(name);
                    String::new()
                })
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
            session_token: query.first("X-Amz-Security-Token"),
        })
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
