//! Claims with their meaning: read once, after the signature was found good.

use std::borrow::Cow;
use std::fmt;

use jiff::Timestamp;
use names::{ServiceAccount, SourceIdentity};

use crate::rejected::shown;
use crate::{FUTURE_LEEWAY_SECONDS, Json, RejectedToken};

/// Longest `sub` (OpenID Connect Core, section 2).
const SUBJECT_CHARS_MAX: usize = 255;
/// Largest number that every JSON reader understands alike (RFC 8259, 6).
const INTEGER_MAX: f64 = 9_007_199_254_740_992.0;

/// Who a token is about: the `sub`, 1 to 255 printable characters.
#[derive(Debug, Clone, PartialEq, Eq, Hash)]
pub struct Subject(Box<str>);

/// The claim `kubernetes.io` of a bound token.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct KubernetesClaims {
    /// The service account's namespace.
    pub namespace: Box<str>,
    /// The service account.
    pub service_account: ObjectRef,
    /// The pod that the token is bound to.
    pub pod: Option<ObjectRef>,
    /// The node where the pod runs, or that the token is bound to.
    pub node: Option<ObjectRef>,
    /// The secret that the token is bound to.
    pub secret: Option<ObjectRef>,
}

/// One object, over time.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ObjectRef {
    /// Its name.
    pub name: Box<str>,
    /// Its identity: another object of that name has another.
    pub uid: Box<str>,
}

/// The claim `https://aws.amazon.com/tags`: tags that the issuer puts on the session.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct SessionTags {
    /// Key and value, in the order written.
    pub tags: Vec<(Box<str>, Box<str>)>,
    /// Keys that stay when the session assumes another role.
    pub transitive_keys: Vec<Box<str>>,
}

/// All claims that decide something.
#[derive(Debug, Clone, PartialEq)]
pub(crate) struct Claims {
    pub(crate) issuer: Box<str>,
    pub(crate) subject: Subject,
    pub(crate) audiences: Vec<Box<str>>,
    pub(crate) authorized_party: Option<Box<str>>,
    pub(crate) authentication_methods: Vec<Box<str>>,
    pub(crate) expiry: Timestamp,
    pub(crate) issued_at: Timestamp,
    pub(crate) not_before: Option<Timestamp>,
    pub(crate) token_id: Option<Box<str>>,
    pub(crate) kubernetes: Option<KubernetesClaims>,
    pub(crate) session_tags: Option<SessionTags>,
    pub(crate) source_identity: Option<SourceIdentity>,
}

const TAGS: &str = "https://aws.amazon.com/tags";
const SOURCE_IDENTITY: &str = "https://aws.amazon.com/source_identity";

impl Claims {
    pub(crate) fn read(claims: &Json<'_>, issuer: &str) -> Result<Self, RejectedToken> {
        Ok(Self {
            issuer: issuer.into(),
            subject: read_subject(claims)?,
            audiences: read_audiences(claims)?,
            expiry: required(claims, "exp", read_time)?,
            issued_at: required(claims, "iat", read_time)?,
            not_before: optional(claims, "nbf", read_time)?,
            authorized_party: optional(claims, "azp", read_text)?,
            authentication_methods: optional(claims, "amr", read_texts)?.unwrap_or_default(),
            token_id: optional(claims, "jti", read_text)?,
            kubernetes: optional(claims, "kubernetes.io", read_kubernetes)?,
            session_tags: optional(claims, TAGS, read_tags)?,
            source_identity: optional(claims, SOURCE_IDENTITY, read_source_identity)?,
        })
    }

    /// `exp` exactly; `nbf` and `iat` with [`FUTURE_LEEWAY_SECONDS`].
    pub(crate) fn must_be_current(&self, now: Timestamp) -> Result<(), RejectedToken> {
        let is_ahead = |time: Timestamp| time.as_second() > now.as_second() + FUTURE_LEEWAY_SECONDS;
        if let Some(not_before) = self.not_before.filter(|time| is_ahead(*time)) {
            return Err(RejectedToken::NotYetValid { not_before, now });
        }
        if now >= self.expiry {
            return Err(RejectedToken::Expired {
                expiry: self.expiry,
                now,
            });
        }
        if is_ahead(self.issued_at) {
            return Err(RejectedToken::IssuedInFuture {
                issued_at: self.issued_at,
                now,
            });
        }
        Ok(())
    }
}

impl Subject {
    /// The text.
    #[must_use]
    pub fn as_str(&self) -> &str {
        &self.0
    }

    /// The service account that it names, when it names one.
    #[must_use]
    pub fn service_account(&self) -> Option<ServiceAccount> {
        ServiceAccount::from_subject(&self.0).ok()
    }
}

impl AsRef<str> for Subject {
    fn as_ref(&self) -> &str {
        self.as_str()
    }
}

impl fmt::Display for Subject {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.pad(self.as_str())
    }
}

/// A reader answers what it expected when it finds something else.
type Reader<T> = fn(&Json<'_>) -> Result<T, &'static str>;

fn required<T>(claims: &Json<'_>, name: &'static str, read: Reader<T>) -> Result<T, RejectedToken> {
    optional(claims, name, read)?.ok_or(RejectedToken::MissingClaim(name))
}

fn optional<T>(
    claims: &Json<'_>,
    claim: &'static str,
    read: Reader<T>,
) -> Result<Option<T>, RejectedToken> {
    let Some(value) = claims.get(claim) else {
        return Ok(None);
    };
    let malformed = |expected| RejectedToken::MalformedClaim {
        claim,
        expected,
        found: described(value),
    };
    read(value).map(Some).map_err(malformed)
}

/// Values that are short are shown, since they are the fact that helps.
fn described(value: &Json<'_>) -> String {
    match value {
        Json::Text(text) => format!("`{}`", shown(text)),
        Json::Number(number) => format!("`{number}`"),
        Json::Null | Json::Bool(_) | Json::List(_) | Json::Object(_) => value.sort().to_owned(),
    }
}

fn read_subject(claims: &Json<'_>) -> Result<Subject, RejectedToken> {
    required(claims, "sub", |value| {
        let text = value.as_text().unwrap_or_default();
        let is_subject = !text.is_empty()
            && text.chars().count() <= SUBJECT_CHARS_MAX
            && !text.chars().any(char::is_control);
        if is_subject {
            Ok(Subject(text.into()))
        } else {
            Err("a string of 1 to 255 characters without control characters")
        }
    })
}

/// RFC 7519, 4.1.3: one string, or a list of them. An empty list is for nobody.
fn read_audiences(claims: &Json<'_>) -> Result<Vec<Box<str>>, RejectedToken> {
    required(claims, "aud", |value| {
        let one = value.as_text().map(|one| vec![one.into()]);
        let audiences = one.or_else(|| value.as_texts());
        let is_named =
            |list: &Vec<Box<str>>| !list.is_empty() && list.iter().all(|a| !a.is_empty());
        audiences
            .filter(is_named)
            .ok_or("a string, or a list with at least one string")
    })
}

/// RFC 7519, 2: seconds since 1970, whose fraction we drop. Anything that readers of JSON
/// disagree about, or that is no year of the calendar, is no time.
fn read_time(value: &Json<'_>) -> Result<Timestamp, &'static str> {
    const EXPECTED: &str = "a number of seconds since 1970";
    let Json::Number(number) = value else {
        return Err(EXPECTED);
    };
    let seconds = number
        .as_f64()
        .filter(|seconds| (0.0..INTEGER_MAX).contains(seconds));
    #[expect(
        clippy::cast_possible_truncation,
        reason = "in range, and the fraction is dropped"
    )]
    let whole = seconds.map(|seconds| seconds as i64);
    whole
        .and_then(|seconds| Timestamp::from_second(seconds).ok())
        .ok_or(EXPECTED)
}

fn read_text(value: &Json<'_>) -> Result<Box<str>, &'static str> {
    value
        .as_text()
        .filter(|text| !text.is_empty())
        .map(Box::from)
        .ok_or("a string")
}

fn read_texts(value: &Json<'_>) -> Result<Vec<Box<str>>, &'static str> {
    value.as_texts().ok_or("a list of strings")
}

fn read_kubernetes(value: &Json<'_>) -> Result<KubernetesClaims, &'static str> {
    const EXPECTED: &str = "an object with `namespace` and `serviceaccount{name,uid}`";
    let read = || {
        Some(KubernetesClaims {
            namespace: value.get("namespace")?.as_text()?.into(),
            service_account: read_object_ref(value.get("serviceaccount")?)?,
            pod: value.get("pod").and_then(read_object_ref),
            node: value.get("node").and_then(read_object_ref),
            secret: value.get("secret").and_then(read_object_ref),
        })
    };
    read().ok_or(EXPECTED)
}

fn read_object_ref(value: &Json<'_>) -> Option<ObjectRef> {
    Some(ObjectRef {
        name: value.get("name")?.as_text()?.into(),
        uid: value.get("uid")?.as_text()?.into(),
    })
}

/// IAM's manual, "Passing session tags using AssumeRoleWithWebIdentity": each value is a list
/// with one string.
fn read_tags(value: &Json<'_>) -> Result<SessionTags, &'static str> {
    const EXPECTED: &str =
        "an object with `principal_tags` {key: [value]} and `transitive_tag_keys` [key]";
    let members = match value.get("principal_tags") {
        None => &[],
        Some(tags) => tags.members().ok_or(EXPECTED)?,
    };
    let tag = |(key, value): &(Cow<'_, str>, Json<'_>)| match value.as_list() {
        Some([Json::Text(only)]) => Ok((Box::from(&**key), Box::from(&**only))),
        _ => Err(EXPECTED),
    };
    let transitive_keys = match value.get("transitive_tag_keys") {
        None => Vec::new(),
        Some(keys) => keys.as_texts().ok_or(EXPECTED)?,
    };
    value.members().ok_or(EXPECTED)?;
    Ok(SessionTags {
        tags: members.iter().map(tag).collect::<Result<_, _>>()?,
        transitive_keys,
    })
}

fn read_source_identity(value: &Json<'_>) -> Result<SourceIdentity, &'static str> {
    let text = value.as_text().unwrap_or_default();
    text.parse()
        .map_err(|_| "2 to 64 letters, digits and `=,.@-_`")
}
