//! How STS refuses, with AWS's code, status and text.

use names::{AccountId, PolicyArn, SourceIdentity};
use oidc::RejectedToken;
use policy::MalformedPolicy;

use crate::denial::Denial;
use crate::packed::PackedPercent;
use crate::tags::RefusedTags;

/// Two blanks before "please", as AWS has them.
const NO_KEY: &str = "Couldn't retrieve verification key from your identity provider,  please reference AssumeRoleWithWebIdentity documentation for requirements";
const NO_JWT: &str = "The ID Token provided is not a valid JWT. (You may see this error if you sent an Access Token)";

/// Why an STS operation was refused: one variant per cause, with what a person needs to mend it.
///
/// `Display` is the text on the wire, word for word AWS's; the facts are for the trail.
#[derive(Debug, Clone, thiserror::Error)]
pub enum StsError {
    /// The role's account does not trust this issuer.
    #[error("No OpenIDConnect provider found in your account for {issuer}")]
    NoProvider {
        /// The claim `iss`.
        issuer: String,
        /// The role's account, where the provider would have to be.
        account: AccountId,
    },
    /// The issuer's key set could not be had.
    #[error("{NO_KEY}")]
    NoVerificationKey {
        /// What went wrong.
        cause: String,
    },
    /// The issuer's host shows a certificate that the provider does not pin.
    #[error("OpenIDConnect provider's HTTPS certificate doesn't match configured thumbprint")]
    WrongThumbprint {
        /// What the host showed: SHA-1 of the last certificate, in hexadecimal.
        found: String,
        /// What the provider pins.
        pinned: Vec<String>,
    },
    /// The token itself is not accepted.
    #[error("{}", token_text(.0))]
    Token(RejectedToken),
    /// The issuer could not be reached; clients try again.
    #[error("{cause}")]
    IssuerUnreachable {
        /// What went wrong.
        cause: String,
    },
    /// A policy, or the want of one.
    #[error("{0}")]
    Denied(Box<Denial>),
    /// A call that sessions of this kind may not make at all. AWS is known to say this of
    /// GetSessionToken and GetFederationToken; what it says of other calls nobody has published.
    #[error("Cannot call {operation} with session credentials")]
    SessionMayNotCall {
        /// What it called.
        operation: &'static str,
        /// The session's ARN.
        session: String,
    },
    /// A device code was given; nothing here has a device.
    #[error(
        "MultiFactorAuthentication failed, unable to validate MFA code.  Please verify your MFA serial number is valid and associated with this user."
    )]
    NoSuchDevice,
    /// `RoleArn` is not a role's ARN.
    #[error("Request ARN is invalid")]
    NotARoleArn {
        /// What was given.
        found: String,
    },
    /// Longer than the role's sessions may be.
    #[error("The requested DurationSeconds exceeds the MaxSessionDuration set for this role.")]
    LongerThanRoleAllows {
        /// What was asked.
        asked: i64,
        /// The role's maximum.
        max: i64,
    },
    /// A chained session is at most an hour.
    #[error(
        "The requested DurationSeconds exceeds the 1 hour session limit for roles assumed by role chaining."
    )]
    LongerThanChainAllows {
        /// What was asked.
        asked: i64,
    },
    /// A source identity is for good.
    #[error("The source identity is already set for this assume role session")]
    SourceIdentitySet {
        /// What the caller's session has.
        inherited: SourceIdentity,
    },
    /// Tags that cannot be a session's.
    #[error("{0}")]
    Tags(RefusedTags),
    /// A session policy that is not a policy.
    #[error("{0}")]
    MalformedPolicy(Box<MalformedPolicy>),
    /// A session policy longer than the parameter may be.
    #[error(
        "1 validation error detected: Value at 'policy' failed to satisfy constraint: Member must have length less than or equal to {max}"
    )]
    PolicyTooLong {
        /// The limit.
        max: usize,
    },
    /// More managed policies than a call may pass.
    #[error("The number of policy ARNs passed must not exceed {max}")]
    TooManyPolicyArns {
        /// The limit.
        max: usize,
    },
    /// A managed policy that does not exist, or is of another account than the role.
    #[error("The policy ARN {0} does not exist or is not in the account of the session")]
    NoSuchPolicy(PolicyArn),
    /// Session policies and tags that do not fit into a token.
    #[error("Packed policy consumes {}% of allotted space, please use smaller policy.", .0.0)]
    PackedPolicyTooLarge(PackedPercent),
    /// Tags alone that do not fit.
    #[error("Packed size of session tags consumes {}% of allotted space.", .0.0)]
    PackedTagsTooLarge(PackedPercent),
    /// The token came out longer than any client is prepared for.
    #[error("Serialized token too large for session")]
    TokenTooLarge,
    /// A message that this plane did not encode, or no longer can open.
    #[error("The encoded authorization message is not valid: {cause}")]
    NotAnAuthorizationMessage {
        /// What was wrong.
        cause: String,
    },
    /// An access key id without an account in it.
    #[error("The access key id {0} is not valid")]
    NotAnAccessKeyId(String),
}

impl StsError {
    /// The code on the wire.
    #[must_use]
    pub fn code(&self) -> &'static str {
        match self {
            Self::NoProvider { .. }
            | Self::NoVerificationKey { .. }
            | Self::WrongThumbprint { .. } => "InvalidIdentityToken",
            Self::Token(RejectedToken::Expired { .. }) => "ExpiredTokenException",
            Self::Token(_) => "InvalidIdentityToken",
            Self::IssuerUnreachable { .. } => "IDPCommunicationError",
            Self::Denied(_) | Self::SessionMayNotCall { .. } | Self::NoSuchDevice => "AccessDenied",
            Self::NotARoleArn { .. }
            | Self::LongerThanRoleAllows { .. }
            | Self::LongerThanChainAllows { .. }
            | Self::SourceIdentitySet { .. }
            | Self::Tags(_)
            | Self::PolicyTooLong { .. }
            | Self::TooManyPolicyArns { .. }
            | Self::NoSuchPolicy(_)
            | Self::NotAnAccessKeyId(_) => "ValidationError",
            Self::MalformedPolicy(_) => "MalformedPolicyDocument",
            Self::PackedPolicyTooLarge(_) | Self::PackedTagsTooLarge(_) | Self::TokenTooLarge => {
                "PackedPolicyTooLarge"
            }
            Self::NotAnAuthorizationMessage { .. } => "InvalidAuthorizationMessageException",
        }
    }

    /// The HTTP status.
    #[must_use]
    pub fn status(&self) -> u16 {
        match self.code() {
            "AccessDenied" => 403,
            _ => 400,
        }
    }

    /// The decision behind an AccessDenied, if a decision it was.
    #[must_use]
    pub fn denial(&self) -> Option<&Denial> {
        if let Self::Denied(denial) = self {
            return Some(denial);
        }
        None
    }
}

/// AWS's sentence for a token; several causes share one.
fn token_text(rejected: &RejectedToken) -> String {
    match rejected {
        RejectedToken::NotAJwt(_)
        | RejectedToken::UnsupportedAlgorithm { .. }
        | RejectedToken::MalformedClaim { .. }
        | RejectedToken::NotYetValid { .. }
        | RejectedToken::IssuedInFuture { .. } => NO_JWT.to_owned(),
        RejectedToken::UnknownKey { .. }
        | RejectedToken::AmbiguousKey { .. }
        | RejectedToken::UnusableKey { .. }
        | RejectedToken::AlgorithmMismatch { .. }
        | RejectedToken::BadSignature { .. } => NO_KEY.to_owned(),
        RejectedToken::MissingClaim(claim) => format!("Missing a required claim: {claim}"),
        RejectedToken::Expired { expiry, now } => format!(
            "Token expired: current date/time {} must be before the expiration date/time {}",
            now.as_second(),
            expiry.as_second()
        ),
        RejectedToken::WrongAudience { .. } | RejectedToken::SeveralAudiences { .. } => {
            "Incorrect token audience".to_owned()
        }
    }
}

impl From<RejectedToken> for StsError {
    fn from(rejected: RejectedToken) -> Self {
        Self::Token(rejected)
    }
}
