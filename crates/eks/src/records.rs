//! How clusters are kept in the store.
//!
//! `eks/clusters/ACCOUNT/REGION/NAME` holds the record, readable; `eks/secrets/ACCOUNT/REGION/NAME`
//! holds its private keys, sealed to that very key. The record carries the number of its format.

use std::sync::Arc;

use data_encoding::BASE64;
use jiff::Timestamp;
use names::ClusterArn;
use names::secret::Secret;
use oidc::SigningKey;
use serde::{Deserialize, Serialize};
use store::{Key, Keyring, Sealed};

use crate::cluster::Cluster;
use crate::signing::{IssuerKey, IssuerKeys};

/// Every cluster's record lies under this.
pub const CLUSTERS_PREFIX: &str = "eks/clusters/";
/// Every cluster's sealed keys lie under this.
pub const SECRETS_PREFIX: &str = "eks/secrets/";

/// A cluster's private keys.
#[derive(Debug, Clone)]
pub struct ClusterKeys {
    /// The keys of its issuer; none when the issuer is a real cluster's.
    pub issuer: Option<IssuerKeys>,
    /// The private key of its authority, PKCS#8.
    pub authority: Secret,
}

/// Why a stored cluster cannot be read.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum UnreadableCluster {
    /// Not JSON of a version that is known.
    #[error("`{key}` is not a cluster record of a version that this rolecall reads: {cause}")]
    Format {
        /// Where.
        key: String,
        /// What was wrong.
        cause: String,
    },
    /// The seal does not open.
    #[error("the keys at `{key}` do not open: {cause}")]
    Sealed {
        /// Where.
        key: String,
        /// Why.
        cause: store::Unopened,
    },
    /// The bytes under the seal are not a signing key.
    #[error("a signing key at `{key}` is not one: {cause}")]
    SigningKey {
        /// Where.
        key: String,
        /// Why.
        cause: oidc::NotASigningKey,
    },
}

/// Where a cluster's record is.
#[must_use]
pub fn cluster_key(arn: &ClusterArn) -> Key {
    Key::new(format!("{CLUSTERS_PREFIX}{}", place_and_name(arn)))
}

/// Where a cluster's sealed keys are.
#[must_use]
pub fn secrets_key(arn: &ClusterArn) -> Key {
    Key::new(format!("{SECRETS_PREFIX}{}", place_and_name(arn)))
}

/// `ACCOUNT/REGION/NAME`: what both keys of a cluster end in.
pub(crate) fn place_and_name(arn: &ClusterArn) -> String {
    let (account, region, name) = (arn.account(), arn.region(), arn.name());
    [account.as_str(), "/", region.as_str(), "/", name.as_str()].concat()
}

#[derive(Serialize, Deserialize)]
#[serde(tag = "format")]
enum StoredCluster {
    #[serde(rename = "1")]
    V1(Cluster),
}

/// The record's bytes.
pub(crate) fn write_cluster(cluster: &Cluster) -> Vec<u8> {
    let stored = StoredCluster::V1(cluster.clone());
    serde_json::to_vec(&stored).unwrap_or_default()
}

/// The record of these bytes.
pub(crate) fn read_cluster(key: &str, bytes: &[u8]) -> Result<Cluster, UnreadableCluster> {
    match serde_json::from_slice(bytes) {
        Ok(StoredCluster::V1(cluster)) => Ok(cluster),
        Err(error) => Err(UnreadableCluster::Format {
            key: key.to_owned(),
            cause: error.to_string(),
        }),
    }
}

/// Under the seal; never written without it.
#[derive(Serialize, Deserialize)]
struct StoredKeys {
    authority: String,
    signing: Vec<StoredSigningKey>,
}

#[derive(Serialize, Deserialize)]
struct StoredSigningKey {
    pkcs8: String,
    active_from: i64,
}

/// The sealed keys' bytes, for one place in the store only.
pub(crate) fn write_keys(
    key: &Key,
    keys: &ClusterKeys,
    keyring: &Keyring,
    nonce: [u8; store::NONCE_LENGTH],
) -> Result<Vec<u8>, UnreadableCluster> {
    let signing: Result<Vec<_>, _> = keys
        .issuer
        .iter()
        .flat_map(IssuerKeys::keys)
        .map(stored_signing_key)
        .collect();
    let signing = signing.map_err(|cause| UnreadableCluster::SigningKey {
        key: key.as_str().to_owned(),
        cause,
    })?;
    let stored = StoredKeys {
        authority: BASE64.encode(keys.authority.expose()),
        signing,
    };
    let plain = Secret::new(serde_json::to_vec(&stored).unwrap_or_default());
    let sealed = keyring.seal(key.as_str(), plain.expose(), nonce);
    Ok(sealed.as_bytes().to_vec())
}

/// The keys of these sealed bytes.
pub(crate) fn read_keys(
    key: &str,
    bytes: &[u8],
    keyring: &Keyring,
) -> Result<ClusterKeys, UnreadableCluster> {
    let plain = keyring.open(key, &Sealed::from_bytes(bytes));
    let plain = plain.map_err(|cause| UnreadableCluster::Sealed {
        key: key.to_owned(),
        cause,
    })?;
    let format = |cause: String| UnreadableCluster::Format {
        key: key.to_owned(),
        cause,
    };
    let stored: StoredKeys =
        serde_json::from_slice(&plain).map_err(|error| format(error.to_string()))?;
    let mut signing = Vec::new();
    for row in &stored.signing {
        signing.push(read_signing_key(key, row)?);
    }
    let authority = BASE64.decode(stored.authority.as_bytes());
    Ok(ClusterKeys {
        issuer: IssuerKeys::from_keys(signing),
        authority: Secret::new(authority.map_err(|error| format(error.to_string()))?),
    })
}

fn stored_signing_key(key: &IssuerKey) -> Result<StoredSigningKey, oidc::NotASigningKey> {
    Ok(StoredSigningKey {
        pkcs8: BASE64.encode(key.key.to_pkcs8()?.expose()),
        active_from: key.active_from.as_second(),
    })
}

fn read_signing_key(key: &str, row: &StoredSigningKey) -> Result<IssuerKey, UnreadableCluster> {
    let pkcs8 = BASE64.decode(row.pkcs8.as_bytes()).unwrap_or_default();
    let signing = SigningKey::from_pkcs8(&Secret::new(pkcs8));
    let signing = signing.map_err(|cause| UnreadableCluster::SigningKey {
        key: key.to_owned(),
        cause,
    })?;
    Ok(IssuerKey {
        key: Arc::new(signing),
        active_from: Timestamp::from_second(row.active_from).unwrap_or_default(),
    })
}
