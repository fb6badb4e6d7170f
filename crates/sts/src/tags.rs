//! Session tags: what a call asks for, joined with what the caller's session hands down.
//!
//! <https://docs.aws.amazon.com/IAM/latest/UserGuide/id_session-tags.html>

use names::SourceIdentity;

use crate::session::{Session, SessionTag, SessionTags, TagReach};

/// Most tags of one session, inherited ones included.
pub const TAGS_MAX: usize = 50;
/// Longest tag key.
pub(crate) const TAG_KEY_CHARS_MAX: usize = 128;
/// Longest tag value.
pub(crate) const TAG_VALUE_CHARS_MAX: usize = 256;

/// The tags that a call asks for.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct RequestedTags {
    /// Key and value.
    pub tags: Vec<(String, String)>,
    /// Keys of those that chained sessions shall inherit.
    pub transitive_keys: Vec<String>,
}

/// Why tags cannot be a session's. `Display` is the text on the wire.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum RefusedTags {
    /// Two keys that differ at most in case.
    #[error("Duplicate tag keys found. Please note that Tag keys are case insensitive.")]
    Duplicate {
        /// One of the two.
        key: String,
    },
    /// More than a session can have.
    #[error("The number of session tags must not exceed {TAGS_MAX}, {found} found")]
    TooMany {
        /// How many there would be.
        found: usize,
    },
    /// A key of the wrong length, or in AWS's own namespace.
    #[error("The session tag key {key} must have 1 to 128 characters and not begin with aws:")]
    Key {
        /// The key.
        key: String,
    },
    /// A value that is too long.
    #[error("The value of session tag {key} must have at most 256 characters")]
    Value {
        /// Its key.
        key: String,
    },
    /// A transitive key without a tag.
    #[error("The specified transitive tag key must be included in the requested tags.")]
    TransitiveWithoutTag {
        /// The key.
        key: String,
    },
    /// A tag that the caller's session inherited for good.
    #[error(
        "One of the specified transitive tag keys can't be set because it conflicts with a transitive tag key from the calling session."
    )]
    Inherited {
        /// The key.
        key: String,
    },
}

impl RequestedTags {
    /// Whether the call says anything about tags, so that `sts:TagSession` must be allowed.
    #[must_use]
    pub fn is_empty(&self) -> bool {
        self.tags.is_empty() && self.transitive_keys.is_empty()
    }

    /// The tags of the new session: these, and what the caller's session hands down.
    pub fn joined_with(&self, caller: Option<&Session>) -> Result<SessionTags, RefusedTags> {
        let mut tags: SessionTags = caller
            .into_iter()
            .flat_map(Session::transitive_tags)
            .map(|(key, tag)| (key.to_owned(), tag.clone()))
            .collect();
        for (key, value) in &self.tags {
            must_fit(key, value)?;
            self.refuse_conflict(key, &tags)?;
            let reach = self.reach(key);
            let value = value.clone();
            tags.insert(key.clone(), SessionTag { value, reach });
        }
        self.refuse_stray_transitive_keys(&tags)?;
        match tags.len() {
            found if found > TAGS_MAX => Err(RefusedTags::TooMany { found }),
            _ => Ok(tags),
        }
    }

    fn reach(&self, key: &str) -> TagReach {
        let mut transitive = self.transitive_keys.iter();
        match transitive.any(|transitive| transitive.eq_ignore_ascii_case(key)) {
            true => TagReach::Transitive,
            false => TagReach::Session,
        }
    }

    fn refuse_conflict(&self, key: &str, tags: &SessionTags) -> Result<(), RefusedTags> {
        let same = |other: &str| other.eq_ignore_ascii_case(key);
        let is_asked_twice = self.tags.iter().filter(|(other, _)| same(other)).count() > 1;
        if is_asked_twice {
            Err(RefusedTags::Duplicate {
                key: key.to_owned(),
            })
        } else if tags.keys().any(|other| same(other)) {
            Err(RefusedTags::Inherited {
                key: key.to_owned(),
            })
        } else {
            Ok(())
        }
    }

    fn refuse_stray_transitive_keys(&self, tags: &SessionTags) -> Result<(), RefusedTags> {
        let is_tagged = |key: &&String| !tags.keys().any(|tag| tag.eq_ignore_ascii_case(key));
        match self.transitive_keys.iter().find(is_tagged) {
            Some(key) => Err(RefusedTags::TransitiveWithoutTag { key: key.clone() }),
            None => Ok(()),
        }
    }
}

/// A source identity stays what it was first said to be.
///
/// `Err` carries the one that the caller's session already has.
pub(crate) fn joined_source_identity(
    asked: Option<&SourceIdentity>,
    caller: Option<&Session>,
) -> Result<Option<SourceIdentity>, SourceIdentity> {
    let inherited = caller.and_then(|session| session.source_identity.as_ref());
    match (asked, inherited) {
        (Some(asked), Some(inherited)) if asked != inherited => Err(inherited.clone()),
        (_, Some(inherited)) => Ok(Some(inherited.clone())),
        (asked, None) => Ok(asked.cloned()),
    }
}

fn must_fit(key: &str, value: &str) -> Result<(), RefusedTags> {
    let is_key_long = !(1..=TAG_KEY_CHARS_MAX).contains(&key.chars().count());
    let is_reserved = key
        .get(..4)
        .is_some_and(|head| head.eq_ignore_ascii_case("aws:"));
    if is_key_long || is_reserved {
        Err(RefusedTags::Key {
            key: key.to_owned(),
        })
    } else if value.chars().count() > TAG_VALUE_CHARS_MAX {
        Err(RefusedTags::Value {
            key: key.to_owned(),
        })
    } else {
        Ok(())
    }
}
