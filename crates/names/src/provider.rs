//! OIDC providers as IAM names them, and the audiences they accept.

use std::str::FromStr;
use std::sync::Arc;

use crate::arn::spelt;
use crate::{AccountId, Arn, Partition};

/// An issuer without scheme, port and closing slash: `oidc.eks.us-west-2.amazonaws.com/id/ABC`.
///
/// A port in the text is dropped and the host lower-cased, so both spellings that clients use are
/// one name.
#[derive(Clone, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct ProviderName(Arc<str>);

/// The text does not name a provider.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error(
    "`{0}` is not a provider name: an issuer without `https://`, as `oidc.eks.us-west-2.amazonaws.com/id/ABC`"
)]
pub struct NotAProviderName(pub String);

impl ProviderName {
    /// The text.
    #[must_use]
    pub fn as_str(&self) -> &str {
        &self.0
    }

    /// The host.
    #[must_use]
    pub fn host(&self) -> &str {
        self.0.split('/').next().unwrap_or_default()
    }
}

impl FromStr for ProviderName {
    type Err = NotAProviderName;

    fn from_str(text: &str) -> Result<Self, Self::Err> {
        let (authority, path) = text.split_at(text.find('/').unwrap_or(text.len()));
        match host_of(authority) {
            Some(host) if is_path(path) => {
                let mut name = [host, path.trim_end_matches('/')].concat();
                name[..host.len()].make_ascii_lowercase();
                Ok(Self(name.into()))
            }
            _ => Err(NotAProviderName(text.to_owned())),
        }
    }
}

impl std::borrow::Borrow<str> for ProviderName {
    fn borrow(&self) -> &str {
        self.as_str()
    }
}

text_traits!(ProviderName);

/// The host of `host` or `host:port`, if both are well spelt.
fn host_of(authority: &str) -> Option<&str> {
    let (host, port) = match authority.split_once(':') {
        Some((host, port)) => (host, Some(port)),
        None => (authority, None),
    };
    let is_host = (1..=253).contains(&host.len())
        && host.split('.').all(|label| {
            (1..=63).contains(&label.len())
                && label
                    .bytes()
                    .all(|byte| byte.is_ascii_alphanumeric() || byte == b'-')
        });
    let is_port = port.is_none_or(|port| {
        port.bytes().all(|byte| byte.is_ascii_digit()) && port.parse::<u16>().is_ok_and(|n| n > 0)
    });
    (is_host && is_port).then_some(host)
}

fn is_path(path: &str) -> bool {
    let is_reserved = |byte| {
        matches!(
            byte,
            b'?' | b'#' | b'"' | b'<' | b'>' | b'\\' | b'^' | b'`' | b'{' | b'|' | b'}' | b'*'
        )
    };
    path.bytes()
        .all(|byte| byte.is_ascii_graphic() && !is_reserved(byte))
}

arn_type! {
    /// An OIDC provider's ARN: `arn:P:iam::ACCOUNT:oidc-provider/NAME`.
    ProviderArn, NotAProviderArn, "an OIDC provider ARN",
    "arn:aws:iam::111111111111:oidc-provider/HOST/PATH",
    {
        /// The issuer's name.
        provider: ProviderName,
    }
}

impl ProviderArn {
    /// Puts the parts together.
    #[must_use]
    pub fn new(partition: Partition, account: AccountId, provider: &ProviderName) -> Self {
        let resource = ["oidc-provider/", provider.as_str()];
        Self {
            text: spelt(partition, "iam", "", account.as_str(), &resource).into(),
            partition,
            account,
            provider: provider.clone(),
        }
    }

    fn from_arn(arn: &Arn) -> Option<Self> {
        if arn.service() != "iam" || !arn.region().is_empty() {
            return None;
        }
        let provider = arn
            .resource()
            .strip_prefix("oidc-provider/")?
            .parse()
            .ok()?;
        Some(Self::new(arn.partition(), arn.account_id()?, &provider))
    }
}

name! {
    /// Whom a token is for; a provider's client ids are the audiences it accepts.
    Audience, NotAnAudience, "an audience",
    "1 to 255 characters, none of them a control character",
    |text| (1..=255).contains(&text.chars().count()) && !text.chars().any(char::is_control)
}
