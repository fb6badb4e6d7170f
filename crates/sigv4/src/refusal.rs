//! Why a signature is refused, in AWS's codes and words.

use data_encoding::BASE64;
use jiff::Timestamp;

use crate::credential::ScopeProblem;
use crate::date::{CLOCK_SKEW, compact};
use crate::request::sha256;

/// The parameters of a presigned request besides the algorithm, in the order AWS lists them.
pub(crate) const QUERY_PARAMETERS: [&str; 4] = [
    "X-Amz-Credential",
    "X-Amz-Signature",
    "X-Amz-SignedHeaders",
    "X-Amz-Date",
];

/// The first rung of the ladder that a request does not pass. Display is AWS's own text.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum SignatureRefusal {
    /// Steps 1 to 3: the path cannot be signed. AWS answers a bare 400.
    #[error("{0}")]
    Path(PathFault),
    /// Step 4: a percent sign without two hexadecimal digits.
    #[error("Illegal hex character in escape % pattern: %{found}")]
    QueryEscape {
        /// What followed the percent sign.
        found: String,
    },
    /// Step 4: a percent sign with less than two characters after it.
    #[error("Incomplete trailing escape % sequence")]
    QueryEscapeCut,
    /// Step 5: neither form of signature.
    #[error("Request is missing Authentication Token")]
    Missing,
    /// Step 5: both forms at once.
    #[error(
        "Found both 'X-Amz-Algorithm' as a query-string param and 'Authorization' as HTTP header."
    )]
    Both,
    /// Steps 6a and 7a.
    #[error("Unsupported AWS 'algorithm': '{found}'.")]
    Algorithm {
        /// The algorithm that the request names.
        found: String,
    },
    /// Step 6b.
    #[error(
        "Invalid key=value pair (missing equal-sign) in Authorization header \
         (hashed with SHA-256 and encoded with Base64): '{}'.",
        hashed(.header)
    )]
    NoEqualSign {
        /// The whole header; only its hash is shown.
        header: String,
    },
    /// Step 6d.
    #[error("{}", header_incomplete(.missing, .header))]
    HeaderIncomplete {
        /// Which of `Credential`, `Signature`, `SignedHeaders`, `X-Amz-Date`.
        missing: Vec<&'static str>,
        /// The whole header; only its hash is shown.
        header: String,
    },
    /// Step 7d.
    #[error("{}", query_incomplete(.missing))]
    QueryIncomplete {
        /// Which parameters.
        missing: Vec<&'static str>,
    },
    /// A presigned request that wants to last longer than seven days, or forever.
    #[error("X-Amz-Expires must be a number of seconds, at most 604800 (a week), got '{found}'")]
    Expires {
        /// What the parameter says.
        found: String,
    },
    /// More names in SignedHeaders than any client has headers.
    #[error("'SignedHeaders' must not list more than {max} headers.")]
    TooManySignedHeaders {
        /// The most that are read.
        max: usize,
    },
    /// Step 8.
    #[error("'Host' or ':authority' must be a 'SignedHeader' in the AWS Authorization.")]
    HostUnsigned,
    /// A name twice in SignedHeaders: which of the two lines a client meant cannot be known.
    #[error("'SignedHeaders' must list '{header}' once.")]
    SignedTwice {
        /// The name.
        header: String,
    },
    /// Step 9.
    #[error(
        "Date must be in ISO-8601 'basic format'. Got '{found}'. \
         See http://en.wikipedia.org/wiki/ISO_8601"
    )]
    DateFormat {
        /// What stood in the date's place.
        found: String,
    },
    /// Step 10.
    #[error(
        "Signature expired: {} is now earlier than {} ({} - {} min.)",
        compact(*.date), compact(*.now - CLOCK_SKEW), compact(*.now), CLOCK_SKEW.as_mins()
    )]
    Expired {
        /// The request's date.
        date: Timestamp,
        /// The clock.
        now: Timestamp,
    },
    /// Step 11.
    #[error(
        "Signature not yet current: {} is still later than {} ({} + {} min.)",
        compact(*.date), compact(*.now + CLOCK_SKEW), compact(*.now), CLOCK_SKEW.as_mins()
    )]
    NotYetCurrent {
        /// The request's date.
        date: Timestamp,
        /// The clock.
        now: Timestamp,
    },
    /// Step 12.
    #[error(
        "Credential must have exactly 5 slash-delimited elements, \
         e.g. keyid/date/region/service/term, got '{found}'"
    )]
    CredentialParts {
        /// The credential.
        found: String,
    },
    /// Step 13.
    #[error("{}", .problems.iter().map(ToString::to_string).collect::<String>())]
    Scope {
        /// All that is wrong with it, region first.
        problems: Vec<ScopeProblem>,
    },
    /// S3's chunked uploads, which no service here takes.
    #[error("Unsupported 'x-amz-content-sha256': '{found}'.")]
    Streaming {
        /// The header's value.
        found: String,
    },
    /// Before step 16: the body is not the one that was hashed.
    #[error("The provided 'x-amz-content-sha256' header does not match what was computed.")]
    PayloadMismatch,
    /// Step 16.
    #[error(
        "The request signature we calculated does not match the signature you provided. \
         Check your AWS Secret Access Key and signing method. \
         Consult the service documentation for details."
    )]
    Mismatch,
}

/// What is wrong with a path.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum PathFault {
    /// A percent sign without two hexadecimal digits.
    #[error("The path has a malformed escape.")]
    Escape,
    /// It does not begin with a slash.
    #[error("The path is not absolute.")]
    NotAbsolute,
    /// More `..` than there are segments.
    #[error("The path leads above the root.")]
    AboveRoot,
}

/// In which family's words a service names its errors.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Family {
    /// IAM, STS.
    Query,
    /// EKS, EKS Auth, IAM Toolbox.
    Json,
}

/// The codes of one cause in both families.
struct Code {
    query: &'static str,
    json: &'static str,
    query_status: u16,
    json_status: u16,
}

const MISSING: Code = Code {
    query: "MissingAuthenticationToken",
    json: "MissingAuthenticationTokenException",
    query_status: 403,
    json_status: 403,
};
const INCOMPLETE: Code = Code {
    query: "IncompleteSignature",
    json: "IncompleteSignatureException",
    query_status: 400,
    json_status: 403,
};
const NO_MATCH: Code = Code {
    query: "SignatureDoesNotMatch",
    json: "InvalidSignatureException",
    query_status: 403,
    json_status: 403,
};
const MALFORMED_QUERY: Code = Code {
    query: "MalformedQueryString",
    json: "MalformedQueryStringException",
    query_status: 400,
    json_status: 400,
};
const BAD_PATH: Code = Code {
    query: "InvalidURIPath",
    json: "InvalidURIPathException",
    query_status: 400,
    json_status: 400,
};

impl SignatureRefusal {
    /// The error code, as the family spells it.
    #[must_use]
    pub fn code(&self, family: Family) -> &'static str {
        match family {
            Family::Query => self.codes().query,
            Family::Json => self.codes().json,
        }
    }

    /// The HTTP status.
    #[must_use]
    pub fn status(&self, family: Family) -> u16 {
        match family {
            Family::Query => self.codes().query_status,
            Family::Json => self.codes().json_status,
        }
    }

    /// What to change, for the trail; AWS's text goes to the client.
    #[must_use]
    pub fn advice(&self) -> Option<String> {
        advice(self)
    }

    fn codes(&self) -> Code {
        match self {
            Self::Path(_) => BAD_PATH,
            Self::QueryEscape { .. } | Self::QueryEscapeCut => MALFORMED_QUERY,
            Self::Missing => MISSING,
            Self::Algorithm { .. }
            | Self::NoEqualSign { .. }
            | Self::HeaderIncomplete { .. }
            | Self::QueryIncomplete { .. }
            | Self::Expires { .. }
            | Self::TooManySignedHeaders { .. }
            | Self::SignedTwice { .. }
            | Self::DateFormat { .. }
            | Self::CredentialParts { .. }
            | Self::Streaming { .. } => INCOMPLETE,
            Self::Both
            | Self::HostUnsigned
            | Self::Expired { .. }
            | Self::NotYetCurrent { .. }
            | Self::Scope { .. }
            | Self::PayloadMismatch
            | Self::Mismatch => NO_MATCH,
        }
    }
}

impl std::fmt::Display for ScopeProblem {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        match self {
            Self::Region { .. } => f.write_str("Credential should be scoped to a valid region. "),
            Self::Service { wanted, .. } => {
                write!(
                    f,
                    "Credential should be scoped to correct service: '{wanted}'. "
                )
            }
            Self::Terminator { .. } => {
                f.write_str("Credential should be scoped with a valid terminator: 'aws4_request'. ")
            }
            Self::Date { .. } => f.write_str(
                "Date in Credential scope does not match YYYYMMDD from ISO-8601 version of date \
                 from HTTP.",
            ),
        }
    }
}

fn advice(refusal: &SignatureRefusal) -> Option<String> {
    use SignatureRefusal as R;
    match refusal {
        R::Missing => Some("configure credentials: `rolecall env` prints them".to_owned()),
        R::Algorithm { found } if found.contains("ECDSA") => {
            Some("SigV4A signs for several regions; configure one region instead".to_owned())
        }
        R::Expired { date, now } | R::NotYetCurrent { date, now } => Some(format!(
            "set the client's clock: it says {date}, here it is {now}"
        )),
        R::Scope { problems } => Some(
            problems
                .iter()
                .map(scope_advice)
                .collect::<Vec<_>>()
                .join("; "),
        ),
        R::Streaming { .. } => Some("send the body in one piece".to_owned()),
        R::PayloadMismatch => Some("the body was changed after it was signed".to_owned()),
        R::Mismatch => Some(
            "use the secret that belongs to this access key id; to mend a signer of your own, compare \
             its canonical request with the one that `aws --debug` prints"
                .to_owned(),
        ),
        R::Path(_)
        | R::QueryEscape { .. }
        | R::QueryEscapeCut
        | R::Both
        | R::Algorithm { .. }
        | R::NoEqualSign { .. }
        | R::HeaderIncomplete { .. }
        | R::QueryIncomplete { .. }
        | R::Expires { .. }
        | R::TooManySignedHeaders { .. }
        | R::HostUnsigned
        | R::SignedTwice { .. }
        | R::DateFormat { .. }
        | R::CredentialParts { .. } => None,
    }
}

fn scope_advice(problem: &ScopeProblem) -> String {
    match problem {
        ScopeProblem::Region {
            wanted: Some(wanted),
            found,
        } => {
            format!("sign for region `{wanted}`, which this host is in, not `{found}`")
        }
        ScopeProblem::Region {
            wanted: None,
            found,
        } => format!("`{found}` is not a region"),
        ScopeProblem::Service { wanted, found } => {
            format!("sign for service `{wanted}`, not `{found}`")
        }
        ScopeProblem::Terminator { found } => {
            format!("the scope must end in `aws4_request`, not `{found}`")
        }
        ScopeProblem::Date { wanted, found } => {
            format!("the scope's day is `{found}`, the request's date is of `{wanted}`")
        }
    }
}

fn header_incomplete(missing: &[&str], header: &str) -> String {
    let mut text = String::new();
    for name in missing {
        if *name == "X-Amz-Date" {
            text.push_str(
                "Authorization header requires existence of either a 'X-Amz-Date' or a 'Date' \
                 header. ",
            );
        } else {
            text.push_str(&format!(
                "Authorization header requires '{name}' parameter. "
            ));
        }
    }
    let hash = hashed(header);
    text + "(Hashed with SHA-256 and encoded with Base64) Authorization=" + &hash
}

fn query_incomplete(missing: &[&str]) -> String {
    let must = |name: &&str| format!("AWS query-string parameters must include '{name}'. ");
    missing.iter().map(must).collect::<String>() + "Re-examine the query-string parameters."
}

fn hashed(header: &str) -> String {
    BASE64.encode(&sha256(header.as_bytes()))
}
