//! Why a request is not answered.

use awswire::AwsError;
use names::{AuthorizationId, Partition, Region};
use policy::Refusal;
use sts::Wording;

/// Why a request is not answered.
#[derive(Debug)]
pub(crate) enum Refused {
    /// The wire, the signature or the operation says so.
    Error(AwsError),
    /// Policies do not allow it.
    Denied(Box<Denied>),
}

/// What policies do not allow, and what is said of it.
#[derive(Debug)]
pub(crate) struct Denied {
    /// The decision, and all about why.
    pub(crate) refusal: Box<Refusal>,
    /// How AWS words it.
    pub(crate) wording: Wording,
}

impl Denied {
    /// As most operations word it.
    pub(crate) fn with_reason(refusal: Box<Refusal>) -> Self {
        let wording = Wording::WithReason;
        Self { refusal, wording }
    }

    /// AWS's sentence; the id is given away only where the reason is.
    pub(crate) fn text(&self, id: &AuthorizationId, region: &Region) -> String {
        let refusal = &self.refusal;
        match self.wording {
            Wording::WithReason => {
                format!("{}{}", refusal.wire_text(), explained_at(id, region))
            }
            Wording::WithoutReason => refusal.wire_text_without_reason(),
            Wording::OfToken => format!("Not authorized to perform {}", refusal.action),
        }
    }
}

/// Where to read all about a denial, in AWS's words.
///
/// <https://docs.aws.amazon.com/IAM/latest/UserGuide/troubleshoot_access-denied-authorization-id.html>
fn explained_at(id: &AuthorizationId, region: &Region) -> String {
    let console = console(Partition::of_region(region));
    format!(
        ". Go to https://{region}.{console}/iam/home?region={region}#/authorization-details/{id} for complete details, or call the GetRequestAuthorizationDetails API with the following authorization id: {id}"
    )
}

/// The console's host, where there is one.
fn console(partition: Partition) -> &'static str {
    match partition {
        Partition::AwsCn => "console.amazonaws.cn",
        Partition::AwsUsGov => "console.amazonaws-us-gov.com",
        Partition::AwsEusc => "console.amazonaws-eusc.eu",
        Partition::Aws
        | Partition::AwsIso
        | Partition::AwsIsoB
        | Partition::AwsIsoE
        | Partition::AwsIsoF => "console.aws.amazon.com",
    }
}

impl From<AwsError> for Refused {
    fn from(error: AwsError) -> Self {
        Self::Error(error)
    }
}

impl From<Denied> for Refused {
    fn from(denied: Denied) -> Self {
        Self::Denied(Box::new(denied))
    }
}
