//! Request ids.

name! {
    /// The id under which a request is answered and remembered: a lower-case UUID.
    RequestId, NotARequestId, "a request id",
    "a UUID in lower case, as `7a62c49f-347e-4fc4-9331-6e8eaa2e4d5b`",
    is_uuid
}

impl RequestId {
    /// Writes the random bytes as a version 4 UUID (RFC 9562, 5.4).
    #[must_use]
    pub fn from_random(mut random: [u8; 16]) -> Self {
        random[6] = random[6] & 0x0f | 0x40;
        random[8] = random[8] & 0x3f | 0x80;
        let mut text = String::with_capacity(36);
        for part in [0..4, 4..6, 6..8, 8..10, 10..16] {
            if part.start > 0 {
                text.push('-');
            }
            data_encoding::HEXLOWER.encode_append(&random[part], &mut text);
        }
        Self(text.into())
    }
}

fn is_uuid(text: &str) -> bool {
    text.len() == 36
        && text.bytes().enumerate().all(|(at, byte)| match at {
            8 | 13 | 18 | 23 => byte == b'-',
            _ => matches!(byte, b'0'..=b'9' | b'a'..=b'f'),
        })
}
