//! The discovery document (OpenID Connect Discovery 1.0, section 3).

use names::IssuerUrl;

use crate::rejected::shown;
use crate::{Json, NotJson};

/// Longest document that is read.
const DISCOVERY_BYTES_MAX: usize = 64 * 1024;
/// Longest address of a key set.
const JWKS_URI_CHARS_MAX: usize = 2048;

/// Where an issuer publishes its keys.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Discovery {
    issuer: IssuerUrl,
    jwks_uri: String,
}

/// Why a document does not lead to an issuer's keys.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum NotADiscoveryDocument {
    /// Longer than is read.
    #[error("discovery document has {bytes} bytes, at most {DISCOVERY_BYTES_MAX} are read")]
    TooLong {
        /// How many came.
        bytes: usize,
    },
    /// Not JSON, or a member stands twice.
    #[error("discovery document is not JSON: {0}")]
    Json(#[from] NotJson),
    /// A member that must be there is not, or is no string.
    #[error("discovery document has no string `{0}`")]
    Missing(&'static str),
    /// It speaks for another issuer.
    #[error("discovery document is of issuer `{found}`, expected `{expected}`")]
    OtherIssuer {
        /// Whose document was asked for.
        expected: IssuerUrl,
        /// Whose it says it is.
        found: String,
    },
    /// The keys are not where they may be fetched from.
    #[error("`jwks_uri` is `{0}`, must be an https URL without user and fragment")]
    KeySetAddress(String),
}

impl Discovery {
    /// The document of one of our issuers; keys lie where EKS puts them.
    #[must_use]
    pub fn of(issuer: &IssuerUrl) -> Self {
        Self {
            issuer: issuer.clone(),
            jwks_uri: format!("{}/keys", issuer.as_str().trim_end_matches('/')),
        }
    }

    /// Reads the document that `expected` is to have published.
    ///
    /// The issuer must be the same text (Discovery 4.3): otherwise one host of a shared domain
    /// could speak for another. The keys may lie on another host, as Google's do.
    pub fn parse(document: &[u8], expected: &IssuerUrl) -> Result<Self, NotADiscoveryDocument> {
        if document.len() > DISCOVERY_BYTES_MAX {
            return Err(NotADiscoveryDocument::TooLong {
                bytes: document.len(),
            });
        }
        let document = Json::parse(document)?;
        let text = |name| {
            let value = document.get(name).and_then(Json::as_text);
            value.ok_or(NotADiscoveryDocument::Missing(name))
        };
        let issuer = text("issuer")?;
        if issuer != expected.as_str() {
            return Err(NotADiscoveryDocument::OtherIssuer {
                expected: expected.clone(),
                found: shown(issuer),
            });
        }
        Ok(Self {
            issuer: expected.clone(),
            jwks_uri: address(text("jwks_uri")?)?,
        })
    }

    /// Whose keys.
    #[must_use]
    pub fn issuer(&self) -> &IssuerUrl {
        &self.issuer
    }

    /// Where they are.
    #[must_use]
    pub fn jwks_uri(&self) -> &str {
        &self.jwks_uri
    }

    /// Where the document of an issuer is: `ISSUER/.well-known/openid-configuration`.
    #[must_use]
    pub fn address_of(issuer: &IssuerUrl) -> String {
        format!(
            "{}/.well-known/openid-configuration",
            issuer.as_str().trim_end_matches('/')
        )
    }

    /// The document, with the members that EKS publishes.
    #[must_use]
    pub fn to_json(&self) -> String {
        serde_json::json!({
            "issuer": self.issuer,
            "jwks_uri": self.jwks_uri,
            "authorization_endpoint": "urn:kubernetes:programmatic_authorization",
            "response_types_supported": ["id_token"],
            "subject_types_supported": ["public"],
            "claims_supported": ["sub", "iss"],
            "id_token_signing_alg_values_supported": ["RS256"],
        })
        .to_string()
    }
}

fn address(text: &str) -> Result<String, NotADiscoveryDocument> {
    let rest = text.strip_prefix("https://").unwrap_or_default();
    let authority = rest.split(['/', '?', '#']).next().unwrap_or_default();
    let is_address = text.len() <= JWKS_URI_CHARS_MAX
        && !authority.is_empty()
        && !authority.contains('@')
        && !text.contains(['#', '\\'])
        && text.chars().all(|c| c.is_ascii_graphic());
    if is_address {
        Ok(text.to_owned())
    } else {
        Err(NotADiscoveryDocument::KeySetAddress(shown(text)))
    }
}
