//! Request ids.

use data_encoding::HEXLOWER;

/// The id under which a request is answered and remembered: a lower-case UUID.
#[derive(Clone, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct RequestId([u8; 36]);

/// The text is not a request id.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error(
    "`{0}` is not a request id: a UUID in lower case, as `7a62c49f-347e-4fc4-9331-6e8eaa2e4d5b`"
)]
pub struct NotARequestId(pub String);

impl RequestId {
    /// Writes the random bytes as a version 4 UUID (RFC 9562, 5.4).
    #[must_use]
    pub fn from_random(mut random: [u8; 16]) -> Self {
        random[6] = random[6] & 0x0f | 0x40;
        random[8] = random[8] & 0x3f | 0x80;
        let mut digits = [0; 32];
        HEXLOWER.encode_mut(&random, &mut digits);
        let mut text = [b'-'; 36];
        for (from, to) in [
            (0..8, 0..8),
            (8..12, 9..13),
            (12..16, 14..18),
            (16..20, 19..23),
            (20..32, 24..36),
        ] {
            text[to].copy_from_slice(&digits[from]);
        }
        Self(text)
    }

    /// The text.
    #[must_use]
    pub fn as_str(&self) -> &str {
        std::str::from_utf8(&self.0).unwrap_or_default()
    }
}

impl std::str::FromStr for RequestId {
    type Err = NotARequestId;

    fn from_str(text: &str) -> Result<Self, Self::Err> {
        match <[u8; 36]>::try_from(text.as_bytes()) {
            Ok(uuid) if is_uuid(&uuid) => Ok(Self(uuid)),
            _ => Err(NotARequestId(text.to_owned())),
        }
    }
}

text_traits!(RequestId);

fn is_uuid(text: &[u8; 36]) -> bool {
    text.iter().enumerate().all(|(at, byte)| match at {
        8 | 13 | 18 | 23 => *byte == b'-',
        _ => matches!(byte, b'0'..=b'9' | b'a'..=b'f'),
    })
}
