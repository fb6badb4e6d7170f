//! Access key ids, which say whose they are.

use data_encoding::BASE32_NOPAD;

use crate::AccountId;

name! {
    /// The public half of an access key: `AKIA` or `ASIA` and 16 characters of base32.
    ///
    /// As in AWS's own, ten bytes are encoded after the prefix: a marker bit, the account in 40
    /// bits, and 39 random bits.
    AccessKeyId, NotAnAccessKeyId, "an access key id",
    "`AKIA` or `ASIA` and 16 capital letters or digits 2 to 7",
    |text| KeyKind::of(text).is_some() && decode(text).is_some()
}

/// How long a key lives.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum KeyKind {
    /// `AKIA`: a user's key, until deleted.
    LongTerm,
    /// `ASIA`: a session's key, used together with a session token.
    Temporary,
}

/// Bits below the account in the first six bytes.
const ACCOUNT_SHIFT: u32 = 7;
/// The account's 40 bits in the first six bytes.
const ACCOUNT_MASK: u64 = 0x7fff_ffff_ff80;
/// Set in ids that carry their account; ids from before 2019 have it clear.
const MARKER: u64 = 1 << 47;

impl AccessKeyId {
    /// A key id of this account; 39 of the 40 random bits are used.
    #[must_use]
    pub fn new(kind: KeyKind, account: AccountId, random: [u8; 5]) -> Self {
        let head = MARKER | account.number() << ACCOUNT_SHIFT | u64::from(random[0] & 0x7f);
        let mut bytes = [0; 10];
        bytes[..6].copy_from_slice(&head.to_be_bytes()[2..]);
        bytes[6..].copy_from_slice(&random[1..]);
        let mut text = [0; 20];
        let (prefix, rest) = text.split_at_mut(4);
        prefix.copy_from_slice(kind.prefix().as_bytes());
        BASE32_NOPAD.encode_mut(&bytes, rest);
        Self(str::from_utf8(&text).unwrap_or_default().into())
    }

    /// Long-term or temporary.
    #[must_use]
    pub fn kind(&self) -> KeyKind {
        KeyKind::of(self.as_str()).unwrap_or(KeyKind::LongTerm)
    }

    /// The account it was made in, if it carries one.
    #[must_use]
    pub fn account(&self) -> Option<AccountId> {
        let bytes = decode(self.as_str())?;
        let head = bytes[..6]
            .iter()
            .fold(0, |head, byte| head << 8 | u64::from(*byte));
        if head & MARKER == 0 {
            return None;
        }
        AccountId::from_number((head & ACCOUNT_MASK) >> ACCOUNT_SHIFT)
    }
}

impl KeyKind {
    /// The four letters that ids of this kind begin with.
    #[must_use]
    pub fn prefix(self) -> &'static str {
        match self {
            Self::LongTerm => "AKIA",
            Self::Temporary => "ASIA",
        }
    }

    fn of(text: &str) -> Option<Self> {
        [Self::LongTerm, Self::Temporary]
            .into_iter()
            .find(|kind| text.starts_with(kind.prefix()))
    }
}

fn decode(text: &str) -> Option<[u8; 10]> {
    BASE32_NOPAD
        .decode(text.get(4..)?.as_bytes())
        .ok()?
        .try_into()
        .ok()
}
