//! A token's text, taken apart: readable, but proof of nothing yet.

use std::borrow::Cow;
use std::fmt;

use data_encoding::BASE64URL_NOPAD;
use jiff::Timestamp;

use crate::claims::Claims;
use crate::rejected::shown;
use crate::{Algorithm, Json, KeySet, NotAJwt, RejectedToken, VerifiedToken};

/// Longest token that AssumeRoleWithWebIdentity accepts.
pub const TOKEN_CHARS_MAX: usize = 20_000;

/// A JWT whose signature nobody has checked.
///
/// Its issuer may be read, to find the keys; its claims may be shown to its owner. Only
/// [`verify`](Self::verify) makes something of it that others rely on.
pub struct UnverifiedToken<'t> {
    header: Json<'t>,
    algorithm: Algorithm,
    key_id: Option<Cow<'t, str>>,
    claims: Json<'t>,
    issuer: Cow<'t, str>,
    signed_text: &'t str,
    signature: Vec<u8>,
}

/// Where the parts of a token are decoded to, and read in place.
#[derive(Default)]
pub struct TokenBytes {
    header: Vec<u8>,
    payload: Vec<u8>,
}

impl<'t> UnverifiedToken<'t> {
    /// Takes the text apart. No clock, no keys: what fails here is no JWT for anybody.
    pub fn parse(text: &'t str, bytes: &'t mut TokenBytes) -> Result<Self, RejectedToken> {
        let [header, payload, signature] = parts(text)?;
        let signed_text = &text[..header.len() + 1 + payload.len()];
        let header = read_object("header", header, &mut bytes.header)?;
        refuse_extensions(&header)?;
        let claims = read_object("payload", payload, &mut bytes.payload)?;
        Ok(Self {
            algorithm: read_algorithm(&header)?,
            key_id: header_text(&header, "kid")?.cloned(),
            issuer: read_issuer(&claims)?,
            signature: decode("signature", signature)?,
            header,
            claims,
            signed_text,
        })
    }

    /// The `iss` as written. It says which keys to try, no more.
    #[must_use]
    pub fn issuer(&self) -> &str {
        &self.issuer
    }

    /// The `kid`, if the header has one.
    #[must_use]
    pub fn key_id(&self) -> Option<&str> {
        self.key_id.as_deref()
    }

    /// The `alg`.
    #[must_use]
    pub fn algorithm(&self) -> Algorithm {
        self.algorithm
    }

    /// The header, to be shown to the token's owner.
    #[must_use]
    pub fn header(&self) -> &Json<'t> {
        &self.header
    }

    /// The claims, to be shown to the token's owner.
    #[must_use]
    pub fn claims(&self) -> &Json<'t> {
        &self.claims
    }

    /// Checks signature, required claims and times, in the order in which AWS answers.
    ///
    /// `keys` are those of [`issuer`](Self::issuer). Hints of the header (`jwk`, `jku`, `x5c`,
    /// `x5u`) are never followed: RFC 8725, 3.10.
    pub fn verify(&self, keys: &KeySet, now: Timestamp) -> Result<VerifiedToken, RejectedToken> {
        let key = keys.select(self.key_id(), self.algorithm)?;
        key.verify(self.algorithm, self.signed_text.as_bytes(), &self.signature)?;
        let claims = Claims::read(&self.claims, &self.issuer)?;
        claims.must_be_current(now)?;
        Ok(VerifiedToken::new(claims))
    }
}

impl fmt::Debug for UnverifiedToken<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("UnverifiedToken")
            .field("issuer", &self.issuer)
            .field("algorithm", &self.algorithm)
            .field("key_id", &self.key_id)
            .finish_non_exhaustive()
    }
}

fn parts(text: &str) -> Result<[&str; 3], NotAJwt> {
    if text.len() > TOKEN_CHARS_MAX {
        return Err(NotAJwt::TooLong {
            chars: text.chars().count(),
        });
    }
    let mut parts = text.split('.');
    match (parts.next(), parts.next(), parts.next(), parts.count()) {
        (Some(header), Some(payload), Some(signature), 0) => Ok([header, payload, signature]),
        _ => Err(NotAJwt::Parts {
            parts: text.split('.').count(),
        }),
    }
}

/// Strict: no padding, no blanks, no stray bits, so one token has one text.
fn decode(part: &'static str, text: &str) -> Result<Vec<u8>, NotAJwt> {
    BASE64URL_NOPAD
        .decode(text.as_bytes())
        .map_err(|error| NotAJwt::Encoding {
            part,
            cause: error.to_string(),
        })
}

fn read_object<'b>(
    part: &'static str,
    text: &str,
    bytes: &'b mut Vec<u8>,
) -> Result<Json<'b>, NotAJwt> {
    let not_json = |cause| NotAJwt::Json { part, cause };
    *bytes = decode(part, text)?;
    let value = Json::parse(bytes).map_err(not_json)?;
    if value.members().is_some() {
        Ok(value)
    } else {
        Err(not_json(crate::NotJson(format!("found {}", value.sort()))))
    }
}

/// RFC 7515, 4.1.11: an extension that we do not understand ends the reading. `b64` (RFC 7797)
/// and `zip` change what is signed, so they end it even where `crit` does not name them.
fn refuse_extensions(header: &Json<'_>) -> Result<(), NotAJwt> {
    let found = ["crit", "b64", "zip"]
        .into_iter()
        .find(|name| header.get(name).is_some());
    found.map_or(Ok(()), |member| Err(NotAJwt::Extension { member }))
}

fn header_text<'h, 'b>(
    header: &'h Json<'b>,
    member: &'static str,
) -> Result<Option<&'h Cow<'b, str>>, NotAJwt> {
    match header.get(member) {
        None => Ok(None),
        Some(Json::Text(text)) => Ok(Some(text)),
        Some(other) => Err(NotAJwt::HeaderMember {
            member,
            found: other.sort(),
        }),
    }
}

fn read_algorithm(header: &Json<'_>) -> Result<Algorithm, RejectedToken> {
    let missing = NotAJwt::HeaderMember {
        member: "alg",
        found: "nothing",
    };
    let name = header_text(header, "alg")?.ok_or(missing)?;
    Algorithm::named(name).ok_or_else(|| RejectedToken::UnsupportedAlgorithm { found: shown(name) })
}

fn read_issuer<'b>(claims: &Json<'b>) -> Result<Cow<'b, str>, RejectedToken> {
    match claims.get("iss") {
        None => Err(RejectedToken::MissingClaim("iss")),
        Some(Json::Text(issuer)) => Ok(issuer.clone()),
        Some(other) => Err(RejectedToken::MalformedClaim {
            claim: "iss",
            expected: "a string",
            found: other.sort().to_owned(),
        }),
    }
}
