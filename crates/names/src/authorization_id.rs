//! Authorization ids.

use data_encoding::BASE32HEX_NOPAD;

name! {
    /// The id under which a denial can be looked up with IAM Toolbox.
    AuthorizationId, NotAnAuthorizationId, "an authorization id",
    "at most 256 small letters and digits, as `9vuh2s7k0m1c3pqd5n8e6r4t2b`",
    is_authorization_id
}

impl AuthorizationId {
    /// Writes the random bytes in base 32.
    #[must_use]
    pub fn from_random(random: [u8; 16]) -> Self {
        let text = BASE32HEX_NOPAD.encode(&random).to_ascii_lowercase();
        Self(text.into())
    }
}

fn is_authorization_id(text: &str) -> bool {
    let is_character = |byte: u8| byte.is_ascii_lowercase() || byte.is_ascii_digit();
    (1..=256).contains(&text.len()) && text.bytes().all(is_character)
}
