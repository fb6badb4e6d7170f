//! The bytes of a session inside its token: one struct per format version, never changed.
//!
//! The format is [postcard](https://postcard.jamesmunns.com/wire-format), which writes no field
//! names: a session without policies and tags takes about 200 bytes. A field is added by adding a
//! version, so that tokens of yesterday open tomorrow.

use std::borrow::Cow;
use std::collections::BTreeMap;

use jiff::Timestamp;
use names::{
    FederatedUserName, PolicyArn, ProviderArn, RoleArn, SessionName, SourceIdentity, UniqueId,
    UserArn,
};
use serde::{Deserialize, Serialize};

use crate::session::{
    Holder, Session, SessionOrigin, SessionPolicies, SessionTag, TagReach, WebIdentity,
};

/// Room for a session with a few tags.
const USUAL_LEN: usize = 384;

/// The session's bytes, version first.
pub(crate) fn write(session: &Session) -> Vec<u8> {
    let sealed = SealedSession::V1(Version1::from(session));
    postcard::to_extend(&sealed, Vec::with_capacity(USUAL_LEN)).unwrap_or_default()
}

/// The session of these bytes, if they are one, whole and without a rest.
pub(crate) fn read(bytes: &[u8]) -> Option<Session> {
    let (SealedSession::V1(session), rest) = postcard::take_from_bytes(bytes).ok()?;
    rest.is_empty().then(|| session.into_session()).flatten()
}

#[derive(Serialize, Deserialize)]
enum SealedSession<'s> {
    V1(Version1<'s>),
}

#[derive(Serialize, Deserialize)]
struct Version1<'s> {
    holder: Holder1,
    origin: Origin1<'s>,
    issued: i64,
    lifetime_seconds: u32,
    policy: Option<Cow<'s, str>>,
    policy_arns: Vec<PolicyArn>,
    tags: BTreeMap<Cow<'s, str>, (Cow<'s, str>, bool)>,
    source_identity: Option<SourceIdentity>,
}

#[derive(Serialize, Deserialize)]
enum Holder1 {
    Role(RoleArn, UniqueId, SessionName),
    User(UserArn, UniqueId),
    Federated(FederatedUserName, UserArn, UniqueId),
}

#[derive(Serialize, Deserialize)]
enum Origin1<'s> {
    User,
    WebIdentity {
        provider: ProviderArn,
        subject: Cow<'s, str>,
        audience: Cow<'s, str>,
        original_audience: Option<Cow<'s, str>>,
        methods: Vec<Cow<'s, str>>,
    },
    Chained(u16),
}

impl<'s> From<&'s Session> for Version1<'s> {
    fn from(session: &'s Session) -> Self {
        let lifetime = session.expiry.as_second() - session.issued.as_second();
        Self {
            holder: Holder1::from(&session.holder),
            origin: Origin1::from(&session.origin),
            issued: session.issued.as_second(),
            lifetime_seconds: u32::try_from(lifetime).unwrap_or_default(),
            policy: session.policies.inline.as_deref().map(Cow::Borrowed),
            policy_arns: session.policies.managed.clone(),
            tags: session.tags.iter().map(tag_to_sealed).collect(),
            source_identity: session.source_identity.clone(),
        }
    }
}

impl Version1<'_> {
    fn into_session(self) -> Option<Session> {
        let expiry = self.issued.checked_add(i64::from(self.lifetime_seconds))?;
        Some(Session {
            holder: self.holder.into(),
            origin: self.origin.into(),
            issued: Timestamp::from_second(self.issued).ok()?,
            expiry: Timestamp::from_second(expiry).ok()?,
            policies: SessionPolicies {
                inline: self.policy.map(|text| text.into()),
                managed: self.policy_arns,
            },
            tags: self.tags.into_iter().map(tag_from_sealed).collect(),
            source_identity: self.source_identity,
        })
    }
}

/// A tag's key, its value, and whether it is transitive.
type Tag1<'s> = (Cow<'s, str>, (Cow<'s, str>, bool));

fn tag_to_sealed<'s>((key, tag): (&'s String, &'s SessionTag)) -> Tag1<'s> {
    let is_transitive = tag.reach == TagReach::Transitive;
    (key.into(), ((&tag.value).into(), is_transitive))
}

fn tag_from_sealed((key, (value, is_transitive)): Tag1<'_>) -> (String, SessionTag) {
    let value = value.into_owned();
    let reach = if is_transitive {
        TagReach::Transitive
    } else {
        TagReach::Session
    };
    (key.into_owned(), SessionTag { value, reach })
}

impl From<&Holder> for Holder1 {
    fn from(holder: &Holder) -> Self {
        match holder.clone() {
            Holder::Role { role, id, session } => Self::Role(role, id, session),
            Holder::User { user, id } => Self::User(user, id),
            Holder::Federated { name, user, id } => Self::Federated(name, user, id),
        }
    }
}

impl From<Holder1> for Holder {
    fn from(holder: Holder1) -> Self {
        match holder {
            Holder1::Role(role, id, session) => Self::Role { role, id, session },
            Holder1::User(user, id) => Self::User { user, id },
            Holder1::Federated(name, user, id) => Self::Federated { name, user, id },
        }
    }
}

impl<'s> From<&'s SessionOrigin> for Origin1<'s> {
    fn from(origin: &'s SessionOrigin) -> Self {
        match origin {
            SessionOrigin::User => Self::User,
            SessionOrigin::WebIdentity(identity) => Self::WebIdentity {
                provider: identity.provider.clone(),
                subject: (&identity.subject).into(),
                audience: (&identity.audience).into(),
                original_audience: identity.original_audience.as_ref().map(Cow::from),
                methods: identity.methods.iter().map(Cow::from).collect(),
            },
            SessionOrigin::Chained { depth } => Self::Chained(*depth),
        }
    }
}

impl From<Origin1<'_>> for SessionOrigin {
    fn from(origin: Origin1<'_>) -> Self {
        match origin {
            Origin1::User => Self::User,
            Origin1::WebIdentity {
                provider,
                subject,
                audience,
                original_audience,
                methods,
            } => Self::WebIdentity(WebIdentity {
                provider,
                subject: subject.into_owned(),
                audience: audience.into_owned(),
                original_audience: original_audience.map(Cow::into_owned),
                methods: methods.into_iter().map(Cow::into_owned).collect(),
            }),
            Origin1::Chained(depth) => Self::Chained { depth },
        }
    }
}
