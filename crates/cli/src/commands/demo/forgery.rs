//! Tokens that were tampered with.

use crate::output::Failure;
use data_encoding::BASE64URL_NOPAD;
use serde_json::{Value, json};

/// What is done to a token after it was minted.
#[derive(Debug, Clone, Copy)]
pub(super) enum Forgery {
    /// Nothing.
    None,
    /// Another subject is written into it.
    Subject(&'static str),
    /// It names no algorithm, and has no signature.
    NoAlgorithm,
    /// It claims to be signed with HMAC, whose key would be the public one.
    Hmac,
    /// It names a key that its issuer never had.
    OtherKey,
    /// It is no token at all.
    NoToken,
}

impl Forgery {
    /// Does it.
    pub(super) fn applied(self, token: &str) -> Result<String, Failure> {
        let mut parts = token.split('.');
        let (Some(header), Some(claims), Some(signature)) =
            (parts.next(), parts.next(), parts.next())
        else {
            return Err(Failure::unanswered(
                "internal",
                "the minted token has no three parts",
            ));
        };
        let forged = match self {
            Self::None => token.to_owned(),
            Self::Subject(subject) => {
                format!("{header}.{}.{signature}", changed(claims, "sub", subject)?)
            }
            Self::NoAlgorithm => format!("{}.{claims}.", changed(header, "alg", "none")?),
            Self::Hmac => format!("{}.{claims}.{signature}", changed(header, "alg", "HS256")?),
            Self::OtherKey => format!("{}.{claims}.{signature}", changed(header, "kid", "other")?),
            Self::NoToken => "this-is-no-token".to_owned(),
        };
        Ok(forged)
    }
}

/// A part of a token with one member replaced.
fn changed(part: &str, member: &str, value: &str) -> Result<String, Failure> {
    let unreadable = |why: String| Failure::unanswered("internal", format!("minted token: {why}"));
    let bytes = BASE64URL_NOPAD
        .decode(part.as_bytes())
        .map_err(|why| unreadable(why.to_string()))?;
    let mut json: Value =
        serde_json::from_slice(&bytes).map_err(|why| unreadable(why.to_string()))?;
    json[member] = json!(value);
    Ok(BASE64URL_NOPAD.encode(json.to_string().as_bytes()))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_the_part_that_is_forged_changes() {
        let part = |json: &str| BASE64URL_NOPAD.encode(json.as_bytes());
        let token = format!(
            "{}.{}.sig",
            part(r#"{"alg":"RS256"}"#),
            part(r#"{"sub":"a"}"#)
        );
        let forged = Forgery::Subject("b").applied(&token).unwrap();
        assert_eq!(
            forged,
            format!(
                "{}.{}.sig",
                part(r#"{"alg":"RS256"}"#),
                part(r#"{"sub":"b"}"#)
            )
        );
        let forged = Forgery::NoAlgorithm.applied(&token).unwrap();
        assert_eq!(
            forged,
            format!("{}.{}.", part(r#"{"alg":"none"}"#), part(r#"{"sub":"a"}"#))
        );
        assert_eq!(Forgery::None.applied(&token).unwrap(), token);
    }
}
