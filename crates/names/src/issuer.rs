//! Issuers: the URLs that mint service-account tokens.

use std::str::FromStr;
use std::sync::Arc;

use crate::ProviderName;

/// Longest URL that IAM registers as a provider.
const ISSUER_CHARS_MAX: usize = 255;

/// The `iss` of a cluster's tokens: an https URL without query, kept and compared as written.
#[derive(Clone)]
pub struct IssuerUrl {
    text: Arc<str>,
    provider: ProviderName,
}

/// What keeps a text from being an issuer.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum NotAnIssuer {
    /// Another scheme than https, or none.
    #[error("`{0}` is not an issuer: it must begin with `https://`")]
    NotHttps(String),
    /// Longer than IAM accepts.
    #[error("an issuer has at most {ISSUER_CHARS_MAX} characters, this has {chars}")]
    TooLong {
        /// How many came.
        chars: usize,
    },
    /// A part that an issuer must not have.
    #[error("`{url}` is not an issuer: it has {part}")]
    Extra {
        /// The text.
        url: String,
        /// A query, a fragment, or a user.
        part: &'static str,
    },
    /// The host, port or path is not well spelt.
    #[error("`{url}` is not an issuer: {cause}")]
    Provider {
        /// The text.
        url: String,
        /// What was wrong.
        cause: crate::NotAProviderName,
    },
}

impl IssuerUrl {
    /// The issuer as IAM knows it: host in lower case without port, and path.
    ///
    /// It is the name in the provider's ARN and the prefix of its condition keys. eksctl inserts
    /// a port into the URL that it registers and leaves it out of ARN and keys, so the port must
    /// not tell providers apart.
    #[must_use]
    pub fn as_provider_name(&self) -> &ProviderName {
        &self.provider
    }

    /// The whole text.
    #[must_use]
    pub fn as_str(&self) -> &str {
        &self.text
    }

    /// `host` or `host:port`, as written.
    #[must_use]
    pub fn authority(&self) -> &str {
        self.after_scheme().split('/').next().unwrap_or_default()
    }

    /// The path as written, without the slash at its end; empty for a bare host.
    #[must_use]
    pub fn path(&self) -> &str {
        let rest = self.after_scheme();
        rest[self.authority().len()..].trim_end_matches('/')
    }

    fn after_scheme(&self) -> &str {
        &self.text["https://".len()..]
    }
}

impl FromStr for IssuerUrl {
    type Err = NotAnIssuer;

    fn from_str(text: &str) -> Result<Self, Self::Err> {
        if text.len() > ISSUER_CHARS_MAX {
            return Err(NotAnIssuer::TooLong {
                chars: text.chars().count(),
            });
        }
        let rest = text
            .strip_prefix("https://")
            .ok_or_else(|| NotAnIssuer::NotHttps(text.to_owned()))?;
        if let Some(part) = forbidden_part(rest) {
            return Err(NotAnIssuer::Extra {
                url: text.to_owned(),
                part,
            });
        }
        let provider = rest.parse().map_err(|cause| NotAnIssuer::Provider {
            url: text.to_owned(),
            cause,
        })?;
        Ok(Self {
            text: text.into(),
            provider,
        })
    }
}

fn forbidden_part(rest: &str) -> Option<&'static str> {
    let authority = rest.split('/').next().unwrap_or_default();
    if authority.contains('@') {
        Some("a user before the host")
    } else if rest.contains('?') {
        Some("a query")
    } else if rest.contains('#') {
        Some("a fragment")
    } else {
        None
    }
}

text_traits!(IssuerUrl);
compare_by_text!(IssuerUrl);
