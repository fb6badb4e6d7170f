//! Text that can be shown to anyone.

use aws_lc_rs::digest::{SHA256, digest};
use data_encoding::HEXLOWER;
use serde::{Deserialize, Deserializer, Serialize};
use std::borrow::Cow;
use std::fmt;

/// Longest text of a record; the rest is cut.
pub const TEXT_BYTES_MAX: usize = 2_048;

/// No word below this length is a token: the shortest JWT is longer.
const TOKEN_BYTES_MIN: usize = 40;

/// A word of base64 as long as this is a token, whatever it begins with: session tokens begin with
/// nothing that could be known. The shortest of them have some 150 letters; no ordinary word has.
const UNKNOWN_TOKEN_BYTES_MIN: usize = 120;

/// How the first line of every private key ends (RFC 7468 section 10, and its kin).
const PRIVATE_KEY: &str = "PRIVATE KEY-----";
const DASHES: usize = 5;

/// Bounded text without tokens: where one stood, the beginning of its SHA-256 stands.
///
/// A secret that is short and has no form (a password, a secret access key) cannot be told from
/// other words; those come as parameters, and [`Parameters`](crate::Parameters) goes by their names.
#[derive(Clone, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize)]
#[serde(transparent)]
pub struct Text(Cow<'static, str>);

impl Text {
    /// The text, without its tokens.
    #[must_use]
    pub fn new(text: &str) -> Self {
        Self::of(Cow::Borrowed(text))
    }

    pub(crate) fn of(text: Cow<'_, str>) -> Self {
        if is_plain(&text) {
            return Self(Cow::Owned(cut(text.into_owned())));
        }
        if text.contains(PRIVATE_KEY) {
            return Self::fixed("[hidden]");
        }
        Self(Cow::Owned(cut(without_tokens(&text))))
    }

    /// Text of the program itself, which needs neither a look nor a copy.
    #[must_use]
    pub const fn fixed(text: &'static str) -> Self {
        Self(Cow::Borrowed(text))
    }

    /// The mark of a token: enough to recognise it, nothing to use it by.
    #[must_use]
    pub fn mark(token: &[u8]) -> Self {
        let hash = digest(&SHA256, token);
        Self(Cow::Owned(format!(
            "[token sha256:{}]",
            HEXLOWER.encode(&hash.as_ref()[..6])
        )))
    }

    /// The text.
    #[must_use]
    pub fn as_str(&self) -> &str {
        &self.0
    }
}

impl AsRef<str> for Text {
    fn as_ref(&self) -> &str {
        self.as_str()
    }
}

impl From<&str> for Text {
    fn from(text: &str) -> Self {
        Self::new(text)
    }
}

impl From<String> for Text {
    fn from(text: String) -> Self {
        Self::of(Cow::Owned(text))
    }
}

impl fmt::Display for Text {
    fn fmt(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
        out.pad(&self.0)
    }
}

impl fmt::Debug for Text {
    fn fmt(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
        fmt::Debug::fmt(&*self.0, out)
    }
}

impl<'de> Deserialize<'de> for Text {
    fn deserialize<D: Deserializer<'de>>(from: D) -> Result<Self, D::Error> {
        Cow::<'de, str>::deserialize(from).map(|text| Self::new(&text))
    }
}

/// Whether neither a token nor a private key is in it: no word is long enough for the one, nowhere
/// stand enough dashes for the other. So is most text of a record.
fn is_plain(text: &str) -> bool {
    let (mut word, mut dashes) = (0, 0);
    text.bytes().all(|byte| {
        word = if is_of_token(byte) { word + 1 } else { 0 };
        dashes = if byte == b'-' { dashes + 1 } else { 0 };
        word < TOKEN_BYTES_MIN && dashes < DASHES
    })
}

fn without_tokens(text: &str) -> String {
    let (mut shown, mut copied) = (String::with_capacity(text.len()), 0);
    let words = text.as_bytes().split(|byte| !is_of_token(*byte));
    let mut begin = 0;
    for word in words {
        let end = begin + word.len();
        // Between bytes of a character beyond ASCII stands an empty word, which is no part of the text.
        if word.len() >= TOKEN_BYTES_MIN && is_token(&text[begin..end]) {
            shown.push_str(&text[copied..begin]);
            shown.push_str(Text::mark(word).as_str());
            copied = end;
        }
        begin = end + 1;
    }
    shown.push_str(&text[copied..]);
    shown
}

/// The characters of base64 in both alphabets, of a JWT, and of either in a query string.
fn is_of_token(byte: u8) -> bool {
    const IS_ONE: [bool; 256] = {
        let (mut table, mut byte) = ([false; 256], 0);
        while byte < 128_u8 {
            table[byte as usize] = byte.is_ascii_alphanumeric()
                || matches!(byte, b'+' | b'/' | b'=' | b'_' | b'-' | b'.' | b'%');
            byte += 1;
        }
        table
    };
    IS_ONE[usize::from(byte)]
}

fn is_token(word: &str) -> bool {
    word.len() >= UNKNOWN_TOKEN_BYTES_MIN
        // `{"` in base64: the head of every JWT, also behind `WebIdentityToken=`.
        || word.len() >= TOKEN_BYTES_MIN && (word.contains("eyJ") || word.contains("k8s-aws-v1."))
}

fn cut(mut text: String) -> String {
    const ELLIPSIS: char = '…';
    if text.len() > TEXT_BYTES_MAX {
        text.truncate(text.floor_char_boundary(TEXT_BYTES_MAX - ELLIPSIS.len_utf8()));
        text.push(ELLIPSIS);
    }
    text
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    fn check(text: &str, shown: &str) {
        assert_eq!(Text::new(text).as_str(), shown);
    }

    #[test]
    fn ordinary_text_stays() {
        for text in [
            "",
            "aws-cli/2.38.5 md/awscrt#0.31.0 ua/2.1 os/linux#6.1 md/arch#x86_64 lang/python#3.13.9",
            "User: arn:aws:sts::111111111111:assumed-role/ci-role/ci is not authorized to perform: sts:AssumeRole",
        ] {
            check(text, text);
        }
    }

    #[test]
    fn a_token_is_marked_where_it_stands() {
        let jwt = format!("eyJhbGciOiJSUzI1NiJ9.{}.c2lnbmF0dXJl", "eyJpc3MiOiJ4In0");
        let mark = Text::mark(jwt.as_bytes());
        check(
            &format!("token `{jwt}` refused"),
            &format!("token `{mark}` refused"),
        );
        assert!(mark.as_str().starts_with("[token sha256:"));
    }

    #[test]
    fn a_session_token_and_a_private_key_do_not_show() {
        let token = "AQAAAAHx".repeat(18);
        assert!(
            !Text::new(&format!("x={token}&y"))
                .as_str()
                .contains("AQAAAAHxAQ")
        );
        check("-----BEGIN PRIVATE KEY-----\nMIIE", "[hidden]");
    }

    proptest! {
        #[test]
        fn plain_text_has_nothing_to_hide(text in "[ -~é]{0,60}(-----)?[A-Za-z]{0,45}(PRIVATE KEY-----)?") {
            if is_plain(&text) {
                prop_assert_eq!(without_tokens(&text), text.as_str());
                prop_assert!(!text.contains(PRIVATE_KEY));
            }
        }

        #[test]
        fn a_token_is_marked_wherever_it_stands(
            before in "[ -~é]{0,60}[ é]", length in 120..200_usize, after in "[ é][ -~é]{0,60}"
        ) {
            let token = "A".repeat(length);
            let shown = Text::new(&[before.as_str(), &token, &after].concat());
            prop_assert!(!shown.as_str().contains(&token));
            if !shown.as_str().contains("[hidden]") {
                let mark = Text::mark(token.as_bytes());
                prop_assert!(shown.as_str().contains(mark.as_str()));
            }
        }

        #[test]
        fn text_is_bounded_and_looking_again_changes_nothing(text: String, times in 1..2_000usize) {
            let once = Text::new(&text.repeat(times.min(4_096 / text.len().max(1) + 1)));
            prop_assert!(once.as_str().len() <= TEXT_BYTES_MAX);
            prop_assert_eq!(Text::new(once.as_str()), once);
        }
    }
}
