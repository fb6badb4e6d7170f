//! The credential: an access key id and the scope its signature is good for.

use names::Region;

use crate::presented::Expectation;
use crate::refusal::SignatureRefusal;

/// What every scope ends in.
pub(crate) const TERMINATOR: &str = "aws4_request";

/// The region of the hosts that name none.
const GLOBAL_REGION: &str = "us-east-1";

/// `KEYID/DATE/REGION/SERVICE/aws4_request`, checked against what this endpoint expects.
#[derive(Clone, Copy)]
pub(crate) struct Credential<'a> {
    text: &'a str,
    /// Where the five parts end.
    ends: [usize; 5],
}

/// One way in which a scope is not the expected one.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum ScopeProblem {
    /// Not a region, or not that of the host.
    Region {
        /// The host's region, when the host has one.
        wanted: Option<String>,
        /// What the scope says.
        found: String,
    },
    /// Another service than the one asked.
    Service {
        /// The signing name of the service.
        wanted: String,
        /// What the scope says.
        found: String,
    },
    /// The last part is not `aws4_request`.
    Terminator {
        /// What stands there.
        found: String,
    },
    /// The day is not that of the request's date.
    Date {
        /// The day of the request's date.
        wanted: String,
        /// What the scope says.
        found: String,
    },
}

impl<'a> Credential<'a> {
    /// Step 12 of the ladder.
    pub(crate) fn parse(text: &'a str) -> Result<Self, SignatureRefusal> {
        match ends(text) {
            Some(ends) => Ok(Self { text, ends }),
            None => Err(SignatureRefusal::CredentialParts {
                found: text.to_owned(),
            }),
        }
    }

    /// Step 13 of the ladder: all that is wrong with the scope, region first. The date is the
    /// request's own, in the basic format.
    pub(crate) fn expect_scope(
        &self,
        date: &str,
        host: &str,
        expectation: &Expectation<'_>,
    ) -> Result<(), SignatureRefusal> {
        let problems: Vec<_> = [
            self.region_problem(host),
            self.service_problem(expectation.services),
            self.terminator_problem(),
            self.date_problem(date),
        ]
        .into_iter()
        .flatten()
        .collect();
        if problems.is_empty() {
            Ok(())
        } else {
            Err(SignatureRefusal::Scope { problems })
        }
    }

    pub(crate) fn as_str(&self) -> &'a str {
        self.text
    }

    pub(crate) fn access_key_id(&self) -> &'a str {
        &self.text[..self.ends[0]]
    }

    pub(crate) fn date(&self) -> &'a str {
        self.part(1)
    }

    pub(crate) fn region(&self) -> &'a str {
        self.part(2)
    }

    pub(crate) fn service(&self) -> &'a str {
        self.part(3)
    }

    /// All but the access key id.
    pub(crate) fn scope(&self) -> &'a str {
        &self.text[self.ends[0] + 1..]
    }

    fn part(&self, index: usize) -> &'a str {
        &self.text[self.ends[index - 1] + 1..self.ends[index]]
    }

    fn region_problem(&self, host: &str) -> Option<ScopeProblem> {
        let found = self.region();
        let wanted = region_of_host(host);
        let is_right = match wanted {
            Some(wanted) => found == wanted,
            None => Region::is_spelt(found),
        };
        (!is_right).then(|| ScopeProblem::Region {
            wanted: wanted.map(str::to_owned),
            found: found.to_owned(),
        })
    }

    fn service_problem(&self, services: &[&str]) -> Option<ScopeProblem> {
        let found = self.service();
        (!services.contains(&found)).then(|| ScopeProblem::Service {
            wanted: services.first().copied().unwrap_or_default().to_owned(),
            found: found.to_owned(),
        })
    }

    fn terminator_problem(&self) -> Option<ScopeProblem> {
        let found = self.part(4);
        (found != TERMINATOR).then(|| ScopeProblem::Terminator {
            found: found.to_owned(),
        })
    }

    fn date_problem(&self, date: &str) -> Option<ScopeProblem> {
        let (found, wanted) = (self.date(), date.split('T').next().unwrap_or_default());
        (found != wanted).then(|| ScopeProblem::Date {
            wanted: wanted.to_owned(),
            found: found.to_owned(),
        })
    }
}

/// Where each of exactly five parts ends.
fn ends(text: &str) -> Option<[usize; 5]> {
    let bytes = text.bytes().enumerate();
    let mut slashes = bytes.filter_map(|(at, byte)| (byte == b'/').then_some(at));
    let ends = [
        slashes.next()?,
        slashes.next()?,
        slashes.next()?,
        slashes.next()?,
        text.len(),
    ];
    slashes.next().is_none().then_some(ends)
}

/// The region that a host of AWS's own insists on; others (`None`) take any.
///
/// The global hosts of STS and IAM accept scopes of us-east-1 only; behind an endpoint of another
/// name clients sign with the region they were configured for.
#[must_use]
pub fn region_of_host(host: &str) -> Option<&str> {
    let name = host.split(':').next()?.strip_suffix(".amazonaws.com")?;
    match name.split_once('.') {
        None if name == "sts" || name == "iam" => Some(GLOBAL_REGION),
        Some(("sts" | "iam" | "eks" | "iam-toolbox", region)) => {
            Region::is_spelt(region).then_some(region)
        }
        None | Some(_) => None,
    }
}

/// What a request says it was signed for, before anything is checked; for choosing a service.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct ClaimedScope<'a> {
    /// The region, as written.
    pub region: &'a str,
    /// The signing name of a service, as written.
    pub service: &'a str,
}
