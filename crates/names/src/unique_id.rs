//! Unique ids: what an entity is, whatever it is called now.

use data_encoding::BASE32_NOPAD;

name! {
    /// The id that IAM gives an entity at creation and never again: `AROA` and 17 characters.
    ///
    /// A trust policy stores it in place of the ARN, so that a deleted and re-created role is
    /// another role.
    UniqueId, NotAUniqueId, "a unique id",
    "`AIDA`, `AROA`, `AGPA`, `ANPA` or `AIPA` and 16 or 17 capital letters or digits",
    |text| IdKind::of(text).is_some() && is_tail(&text[4..])
}

/// What kind of entity a unique id belongs to.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum IdKind {
    /// `AIDA`
    User,
    /// `AROA`
    Role,
    /// `AGPA`
    Group,
    /// `ANPA`
    Policy,
    /// `AIPA`
    InstanceProfile,
}

/// How many characters follow the prefix in ids made here, as in AWS's.
const TAIL_CHARS: usize = 17;

impl UniqueId {
    /// An id of this kind; the first 85 of the 88 random bits are used.
    #[must_use]
    pub fn from_random(kind: IdKind, random: [u8; 11]) -> Self {
        let tail = BASE32_NOPAD.encode(&random);
        Self(format!("{}{}", kind.prefix(), &tail[..TAIL_CHARS]).into())
    }

    /// What kind of entity it belongs to.
    #[must_use]
    pub fn kind(&self) -> IdKind {
        IdKind::of(self.as_str()).unwrap_or(IdKind::User)
    }
}

impl IdKind {
    /// Every kind.
    pub const ALL: [Self; 5] = [
        Self::User,
        Self::Role,
        Self::Group,
        Self::Policy,
        Self::InstanceProfile,
    ];

    /// The four letters that ids of this kind begin with.
    #[must_use]
    pub fn prefix(self) -> &'static str {
        match self {
            Self::User => "AIDA",
            Self::Role => "AROA",
            Self::Group => "AGPA",
            Self::Policy => "ANPA",
            Self::InstanceProfile => "AIPA",
        }
    }

    fn of(text: &str) -> Option<Self> {
        Self::ALL
            .into_iter()
            .find(|kind| text.starts_with(kind.prefix()))
    }
}

fn is_tail(tail: &str) -> bool {
    (16..=TAIL_CHARS).contains(&tail.len())
        && tail
            .bytes()
            .all(|byte| byte.is_ascii_uppercase() || byte.is_ascii_digit())
}
