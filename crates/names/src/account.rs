//! Accounts and their aliases.

/// Twelve digits.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct AccountId([u8; 12]);

/// The text is not twelve digits.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("`{0}` is not an account: twelve digits, as `111111111111`")]
pub struct NotAnAccountId(pub String);

impl AccountId {
    /// The largest account: twelve nines.
    pub const NUMBER_MAX: u64 = 999_999_999_999;

    /// The account of this number, if it has at most twelve digits.
    #[must_use]
    pub fn from_number(number: u64) -> Option<Self> {
        if number > Self::NUMBER_MAX {
            return None;
        }
        let mut digits = [b'0'; 12];
        let mut rest = number;
        for digit in digits.iter_mut().rev() {
            *digit = b'0' + u8::try_from(rest % 10).unwrap_or_default();
            rest /= 10;
        }
        Some(Self(digits))
    }

    /// The digits as a number.
    #[must_use]
    pub fn number(&self) -> u64 {
        self.0
            .iter()
            .fold(0, |number, digit| number * 10 + u64::from(digit - b'0'))
    }

    /// The digits.
    #[must_use]
    pub fn as_str(&self) -> &str {
        std::str::from_utf8(&self.0).unwrap_or_default()
    }
}

impl std::str::FromStr for AccountId {
    type Err = NotAnAccountId;

    fn from_str(text: &str) -> Result<Self, Self::Err> {
        match <[u8; 12]>::try_from(text.as_bytes()) {
            Ok(digits) if digits.iter().all(u8::is_ascii_digit) => Ok(Self(digits)),
            _ => Err(NotAnAccountId(text.to_owned())),
        }
    }
}

text_traits!(AccountId);

name! {
    /// The friendly name of an account (`^[a-z0-9]([a-z0-9]|-(?!-)){1,61}[a-z0-9]$`).
    AccountAlias, NotAnAccountAlias, "an account alias",
    "3 to 63 lower-case letters, digits and single hyphens, with no hyphen at either end",
    is_alias
}

fn is_alias(text: &str) -> bool {
    (3..=63).contains(&text.len())
        && text.split('-').all(|word| {
            !word.is_empty()
                && word
                    .bytes()
                    .all(|b| b.is_ascii_lowercase() || b.is_ascii_digit())
        })
}
