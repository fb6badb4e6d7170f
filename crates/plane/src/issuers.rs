//! The keys of issuers elsewhere, fetched as a wary relying party fetches them.
//!
//! Own issuers are never asked over the network. For others (OpenID Connect Discovery 1.0, section 4):
//! https only, the address looked at after it is resolved and then connected to, no redirect, a limit
//! on bytes and seconds, one fetch at a time per issuer, and a memory for answers and failures alike.

mod fetch;
mod trust;

use jiff::Timestamp;
use names::IssuerUrl;
use oidc::{Discovery, KeySet};
use rustls::pki_types::CertificateDer;
use std::collections::BTreeMap;
use std::sync::{Arc, Mutex, PoisonError};
use sts::StsError;

/// How long a key set is believed without asking again.
const FRESH_SECONDS: i64 = 300;
/// How long it still serves when the issuer cannot be reached.
const STALE_SECONDS_MAX: i64 = 3_600;
/// How long a failure, or a key that was not there, is believed.
const RETRY_SECONDS: i64 = 10;
/// Issuers remembered at a time.
const ISSUERS_MAX: usize = 256;

/// Whose keys are known, and by which rules others are fetched.
pub(crate) struct Issuers {
    reach: Reach,
    roots: trust::Roots,
    known: Mutex<BTreeMap<Pinned, Arc<tokio::sync::Mutex<Held>>>>,
}

/// Which addresses may be connected to.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Reach {
    /// Those of the open internet.
    Public,
    /// Any, for laboratories.
    Private,
}

impl Reach {
    /// As the operator's flag says.
    pub(crate) fn of(allow_private: bool) -> Self {
        if allow_private {
            Self::Private
        } else {
            Self::Public
        }
    }
}

/// Why an issuer's keys are not to be had.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub(crate) enum Unfetched {
    /// The name has no address that may be connected to.
    #[error("`{host}` has no public address; --allow-private-issuers permits others")]
    PrivateAddress {
        /// The host.
        host: String,
    },
    /// No connection, no answer, or not in time.
    #[error("`{address}` cannot be reached: {why}")]
    Unreachable {
        /// What was asked for.
        address: String,
        /// What happened.
        why: String,
    },
    /// Nobody vouches for the host's certificate.
    #[error("the certificate of `{host}` is not trusted: {why}")]
    Untrusted {
        /// The host.
        host: String,
        /// The SHA-1 of the topmost certificate it showed, in hex.
        found: String,
        /// Why not.
        why: String,
    },
    /// It answered, but not with keys.
    #[error("`{address}`: {why}")]
    Unusable {
        /// What was asked for.
        address: String,
        /// What is wrong with the answer.
        why: String,
    },
}

/// An issuer under one provider's pins: what one account pins, another does not trust.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord)]
struct Pinned {
    issuer: String,
    thumbprints: Vec<String>,
}

/// What is remembered of an issuer.
#[derive(Debug, Default)]
struct Held {
    keys: Option<(KeySet, Timestamp)>,
    asked: Option<Timestamp>,
    failure: Option<Unfetched>,
}

impl Issuers {
    /// # Errors
    /// When `issuer_ca` is no certificate in PEM.
    pub(crate) fn new(reach: Reach, issuer_ca: Option<&str>) -> Result<Self, String> {
        let extra: Vec<CertificateDer<'static>> = match issuer_ca {
            Some(pem) => trust::certificates(pem.as_bytes())?,
            None => Vec::new(),
        };
        Ok(Self {
            reach,
            roots: trust::Roots::new(extra),
            known: Mutex::default(),
        })
    }

    /// The keys of an issuer. `key_id` is the one needed: a set without it is fetched anew, though
    /// not more often than every [`RETRY_SECONDS`].
    pub(crate) async fn key_set(
        &self,
        issuer: &IssuerUrl,
        thumbprints: &[String],
        key_id: Option<&str>,
        now: Timestamp,
    ) -> Result<KeySet, Unfetched> {
        let pinned = Pinned::new(issuer, thumbprints);
        let held = self.held(&pinned);
        // One fetch at a time; who waited finds what the first one brought.
        let mut held = held.lock().await;
        if let Some(answer) = held.answer(key_id, now) {
            return answer;
        }
        held.asked = Some(now);
        match self.fetch(issuer, &pinned.thumbprints).await {
            Ok(keys) => {
                held.keys = Some((keys.clone(), now));
                held.failure = None;
                Ok(keys)
            }
            Err(why) => {
                held.failure = Some(why.clone());
                held.stale(now).ok_or(why)
            }
        }
    }

    fn held(&self, pinned: &Pinned) -> Arc<tokio::sync::Mutex<Held>> {
        let mut known = self.known.lock().unwrap_or_else(PoisonError::into_inner);
        if known.len() >= ISSUERS_MAX && !known.contains_key(pinned) {
            // Who forgets asks again; nothing is lost but a moment.
            known.pop_first();
        }
        Arc::clone(known.entry(pinned.clone()).or_default())
    }

    async fn fetch(&self, issuer: &IssuerUrl, pins: &[String]) -> Result<KeySet, Unfetched> {
        let within = fetch::Within {
            reach: self.reach,
            roots: &self.roots,
            pins,
        };
        let address = Discovery::address_of(issuer);
        let document = fetch::get(&address, &within).await?;
        let discovery = Discovery::parse(&document, issuer).map_err(|why| Unfetched::Unusable {
            address,
            why: why.to_string(),
        })?;
        let address = discovery.jwks_uri().to_owned();
        let document = fetch::get(&address, &within).await?;
        KeySet::parse(&document).map_err(|why| Unfetched::Unusable {
            address,
            why: why.to_string(),
        })
    }
}

impl Held {
    /// The answer that needs no fetch.
    fn answer(&self, key_id: Option<&str>, now: Timestamp) -> Option<Result<KeySet, Unfetched>> {
        let just_asked = self
            .asked
            .is_some_and(|asked| age(asked, now) < RETRY_SECONDS);
        if let Some((keys, fetched)) = &self.keys {
            let has_key = key_id.is_none_or(|id| keys.publishes(id));
            if (age(*fetched, now) < FRESH_SECONDS && has_key) || just_asked {
                return self.stale(now).map(Ok);
            }
        }
        if just_asked {
            self.failure.clone().map(Err)
        } else {
            None
        }
    }

    fn stale(&self, now: Timestamp) -> Option<KeySet> {
        let (keys, fetched) = self.keys.as_ref()?;
        (age(*fetched, now) <= STALE_SECONDS_MAX).then(|| keys.clone())
    }
}

fn age(then: Timestamp, now: Timestamp) -> i64 {
    now.as_second().saturating_sub(then.as_second())
}

impl Pinned {
    fn new(issuer: &IssuerUrl, thumbprints: &[String]) -> Self {
        let mut thumbprints: Vec<_> = thumbprints
            .iter()
            .map(|one| one.to_ascii_lowercase())
            .collect();
        thumbprints.sort();
        Self {
            issuer: issuer.as_str().to_owned(),
            thumbprints,
        }
    }
}

impl Unfetched {
    /// As STS refuses it; `pinned` are the provider's thumbprints.
    pub(crate) fn into_sts(self, pinned: &[String]) -> StsError {
        let cause = self.to_string();
        match self {
            Self::Untrusted { found, .. } => StsError::WrongThumbprint {
                found,
                pinned: pinned.to_vec(),
            },
            Self::Unusable { .. } => StsError::NoVerificationKey { cause },
            Self::PrivateAddress { .. } | Self::Unreachable { .. } => {
                StsError::IssuerUnreachable { cause }
            }
        }
    }
}

#[cfg(test)]
mod tests;
