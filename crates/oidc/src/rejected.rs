//! Why a token was not accepted.

use jiff::Timestamp;
use names::Audience;

use crate::{Algorithm, KeyId, NotJson, UnusableKey};

/// Why a token was not accepted, with the facts that a person needs to mend it.
///
/// Nothing here repeats the token: claims that decided are shown, its signature never.
#[derive(Debug, Clone, PartialEq, thiserror::Error)]
pub enum RejectedToken {
    /// The text has not the shape of a signed JWT.
    #[error("{0}")]
    NotAJwt(#[from] NotAJwt),
    /// The header asks for an algorithm that nobody should accept, or that AWS does not.
    #[error(
        "token is signed with `{found}`, accepted are RS256, RS384, RS512, ES256, ES384 and ES512"
    )]
    UnsupportedAlgorithm {
        /// The `alg` as written.
        found: String,
    },
    /// No key of the issuer can be the one that signed.
    #[error("token names key {}, issuer publishes {}", named(key_id.as_deref()), listed(published))]
    UnknownKey {
        /// The `kid`, if the header has one.
        key_id: Option<String>,
        /// Key ids that the issuer publishes.
        published: Vec<KeyId>,
    },
    /// Several keys of the issuer might have signed, and guessing is not verifying.
    #[error("token names key {}, and {candidates} different keys of the issuer fit", named(key_id.as_deref()))]
    AmbiguousKey {
        /// The `kid`, if the header has one.
        key_id: Option<String>,
        /// How many fit.
        candidates: usize,
    },
    /// The issuer publishes the key, but it must not verify tokens.
    #[error("key `{key_id}` of the issuer cannot verify tokens: {reason}")]
    UnusableKey {
        /// The key's id.
        key_id: KeyId,
        /// Why not.
        reason: UnusableKey,
    },
    /// The header's algorithm is not the key's.
    #[error(
        "token says it is signed with {token}, the issuer's key is for {}",
        algorithms(key)
    )]
    AlgorithmMismatch {
        /// The header's.
        token: Algorithm,
        /// Those that the key allows.
        key: Vec<Algorithm>,
    },
    /// The signature was not made by that key over this text.
    #[error("signature does not fit the token and key {}", named(key_id.as_ref().map(KeyId::as_str)))]
    BadSignature {
        /// The key that was tried.
        key_id: Option<KeyId>,
    },
    /// A claim that must be there is not.
    #[error("token has no claim `{0}`")]
    MissingClaim(&'static str),
    /// A claim is of the wrong form.
    #[error("claim `{claim}` must be {expected}, found {found}")]
    MalformedClaim {
        /// Which.
        claim: &'static str,
        /// What it must be.
        expected: &'static str,
        /// What came.
        found: String,
    },
    /// The token is past its end.
    #[error("token expired at {expiry}, {} s before now, {now}", now.as_second() - expiry.as_second())]
    Expired {
        /// The `exp`.
        expiry: Timestamp,
        /// Our time.
        now: Timestamp,
    },
    /// The token is not valid yet.
    #[error("token is valid from {not_before}, now is {now}")]
    NotYetValid {
        /// The `nbf`.
        not_before: Timestamp,
        /// Our time.
        now: Timestamp,
    },
    /// The token says it was issued in the future.
    #[error("token says it was issued at {issued_at}, now is {now}: one of the clocks is wrong")]
    IssuedInFuture {
        /// The `iat`.
        issued_at: Timestamp,
        /// Our time.
        now: Timestamp,
    },
    /// The token is for somebody else.
    #[error("token audience is `{found}`, accepted: {}", backticked(accepted))]
    WrongAudience {
        /// Who the token is for.
        found: String,
        /// The provider's client ids.
        accepted: Vec<Audience>,
    },
    /// The token is for several, and does not say which of them presents it.
    #[error("token has {} audiences ({}) and no `azp` that says which one presents it", found.len(), found.join(", "))]
    SeveralAudiences {
        /// All of them.
        found: Vec<String>,
    },
}

/// Why a text is not a signed JWT (RFC 7519, 7.2).
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum NotAJwt {
    /// Longer than AWS accepts.
    #[error(
        "token has {chars} characters, at most {} are accepted",
        crate::TOKEN_CHARS_MAX
    )]
    TooLong {
        /// How many came.
        chars: usize,
    },
    /// Not three parts between dots.
    #[error("a signed JWT has 3 parts between dots, this text has {parts}")]
    Parts {
        /// How many came.
        parts: usize,
    },
    /// A part is not base64url without padding.
    #[error("token {part} is not base64url: {cause}")]
    Encoding {
        /// `header`, `payload` or `signature`.
        part: &'static str,
        /// What is wrong.
        cause: String,
    },
    /// A part is not a JSON object, or has a member twice.
    #[error("token {part} is not a JSON object: {cause}")]
    Json {
        /// `header` or `payload`.
        part: &'static str,
        /// What is wrong.
        cause: NotJson,
    },
    /// A header member is of the wrong form.
    #[error("token header has `{member}` as {found}, must be a string")]
    HeaderMember {
        /// Which.
        member: &'static str,
        /// What came.
        found: &'static str,
    },
    /// The header demands an extension that changes what the token means.
    #[error("token header has `{member}`, an extension that is not accepted")]
    Extension {
        /// `crit`, `b64` or `zip`.
        member: &'static str,
    },
}

/// Users' text for a message: escaped, and cut after 80 characters.
pub(crate) fn shown(text: &str) -> String {
    const SHOWN_CHARS_MAX: usize = 80;
    let head: String = text.chars().take(SHOWN_CHARS_MAX).collect();
    let cut = if head.len() < text.len() { "..." } else { "" };
    format!(
        "{}{cut}",
        head.escape_debug().to_string().replace("\\\"", "\"")
    )
}

fn named(key_id: Option<&str>) -> String {
    key_id.map_or_else(|| "no id".to_owned(), |id| format!("`{id}`"))
}

fn listed(key_ids: &[KeyId]) -> String {
    if key_ids.is_empty() {
        "no key that can verify tokens".to_owned()
    } else {
        backticked(key_ids)
    }
}

fn backticked<T: AsRef<str>>(items: &[T]) -> String {
    let items: Vec<_> = items
        .iter()
        .map(|item| format!("`{}`", item.as_ref()))
        .collect();
    items.join(", ")
}

fn algorithms(list: &[Algorithm]) -> String {
    let names: Vec<_> = list.iter().map(|algorithm| algorithm.as_str()).collect();
    names.join(", ")
}
