//! What a caller says about the session it opens.

use crate::spelling::{is_iam_char, is_iam_word};

name! {
    /// The last part of a session ARN, chosen by the caller (`RoleSessionName`).
    SessionName, NotASessionName, "a session name",
    "2 to 64 letters, digits or `_+=,.@-`",
    |text| is_iam_word(text, 2, 64)
}

name! {
    /// Who is behind a session; once set, every chained session keeps it.
    ///
    /// The service model says 64 characters; AWS takes 256.
    SourceIdentity, NotASourceIdentity, "a source identity",
    "2 to 256 letters, digits or `_+=,.@-`",
    |text| is_iam_word(text, 2, 256)
}

name! {
    /// The agreed word by which an account's guests prove that they mean this customer.
    ExternalId, NotAnExternalId, "an external id",
    "2 to 1224 letters, digits or `_+=,.@:/-`",
    |text| (2..=1224).contains(&text.len())
        && text.bytes().all(|byte| is_iam_char(byte) || byte == b':' || byte == b'/')
}

name! {
    /// The name given to GetFederationToken.
    FederatedUserName, NotAFederatedUserName, "a federated user name",
    "2 to 32 letters, digits or `_+=,.@-`",
    |text| is_iam_word(text, 2, 32)
}
