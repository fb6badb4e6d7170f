//! CreateCluster, and the rotation of a cluster's signing key.

use std::collections::{BTreeMap, VecDeque};
use std::sync::Arc;

use jiff::Timestamp;
use names::secret::Secret;
use names::{ClusterArn, ClusterId, ClusterName, IssuerUrl, RoleArn};
use oidc::SigningKey;
use store::{Keyring, NONCE_LENGTH, Transaction};

use super::Place;
use super::tag_resource::accept_tags;
use crate::cluster::{Cluster, Issuer, endpoint_of_eks};
use crate::error::EksError;
use crate::records::{ClusterKeys, cluster_key, secrets_key, write_cluster, write_keys};
use crate::settings::Settings;
use crate::signing::IssuerKeys;
use crate::snapshot::{Clusters, Kept};
use crate::versions::{self, KubernetesVersion, Support};

/// Most clusters of an account in a region (AWS's quota).
pub const CLUSTERS_MAX: usize = 100;

/// What CreateCluster is asked, or what the plane's own file declares.
#[derive(Debug, Clone)]
pub struct NewCluster {
    /// The name.
    pub name: ClusterName,
    /// The version; the default when none was asked.
    pub version: Option<String>,
    /// The cluster role; none when the cluster is declared.
    pub role: Option<RoleArn>,
    /// What it shall be.
    pub settings: Settings,
    /// Its tags.
    pub tags: BTreeMap<String, String>,
    /// Makes a repeated call the same call.
    pub client_request_token: Option<String>,
    /// The issuer; one shaped as EKS's when none was declared.
    pub issuer: Option<Issuer>,
    /// The Kubernetes API's address; one shaped as EKS's when none was declared.
    pub endpoint: Option<String>,
}

/// Keys and randomness of a new cluster, made at the edge.
#[derive(Clone)]
pub struct KeyMaterial {
    /// The last part of issuer and endpoint.
    pub id: ClusterId,
    /// The first signing key; not used when the issuer is a real cluster's.
    pub signing: Arc<SigningKey>,
    /// The authority's certificate, as PEM.
    pub authority_pem: String,
    /// The authority's private key, PKCS#8.
    pub authority_key: Secret,
    /// For the seal.
    pub nonce: [u8; NONCE_LENGTH],
}

/// Creates a cluster with its issuer, signing key and authority.
///
/// A repeated call with the same idempotency token gets the cluster that the first made, and an
/// empty transaction.
pub fn create_cluster(
    clusters: &Clusters,
    place: &Place,
    asked: NewCluster,
    material: &KeyMaterial,
    keyring: &Keyring,
    now: Timestamp,
) -> Result<(Cluster, Transaction), EksError> {
    if let Some(kept) = clusters.get(place.account, &place.region, &asked.name) {
        return repeated(&kept.value, &asked);
    }
    if clusters.of(place.account, &place.region).count() >= CLUSTERS_MAX {
        return Err(EksError::TooManyClusters { max: CLUSTERS_MAX });
    }
    let version = version(asked.version.as_deref(), now)?;
    accept_tags(&asked.tags)?;
    let cluster = cluster(place, asked, version, material, now)?;
    let keys = ClusterKeys {
        issuer: match cluster.issuer {
            Issuer::Own(_) => Some(IssuerKeys::new(Arc::clone(&material.signing), now)),
            Issuer::External(_) => None,
        },
        authority: material.authority_key.clone(),
    };
    let (record, secrets) = (cluster_key(&cluster.arn), secrets_key(&cluster.arn));
    let sealed = write_keys(&secrets, &keys, keyring, material.nonce);
    let transaction = Transaction::new()
        .if_absent(record.clone())
        .put(record, write_cluster(&cluster))
        .put(
            secrets,
            sealed.map_err(|error| EksError::Keys(error.to_string()))?,
        );
    Ok((cluster, transaction))
}

/// Adds a signing key, which signs once every relying party can know it.
pub fn rotate_signing_key(
    clusters: &Clusters,
    arn: &ClusterArn,
    key: Arc<SigningKey>,
    keyring: &Keyring,
    nonce: [u8; NONCE_LENGTH],
    now: Timestamp,
) -> Result<Transaction, EksError> {
    let kept = clusters.keys(arn);
    let kept = kept.ok_or_else(|| EksError::NoCluster(arn.name().clone()))?;
    let issuer = kept.value.issuer.as_ref();
    let issuer = issuer.ok_or_else(|| EksError::NotOurIssuer(arn.clone()))?;
    let rotated = issuer.rotated(key, now);
    let rotated = rotated.map_err(EksError::TooManyKeys)?;
    with_signing_keys(arn, kept, rotated, keyring, nonce)
}

/// Forgets the signing keys of which no token lives; nothing happens when there is none.
pub fn forget_signing_keys(
    clusters: &Clusters,
    arn: &ClusterArn,
    keyring: &Keyring,
    nonce: [u8; NONCE_LENGTH],
    now: Timestamp,
) -> Result<Transaction, EksError> {
    let kept = clusters.keys(arn);
    let pair = kept.and_then(|kept| Some((kept, kept.value.issuer.as_ref()?.without_gone(now)?)));
    match pair {
        Some((kept, remaining)) => with_signing_keys(arn, kept, remaining, keyring, nonce),
        None => Ok(Transaction::new()),
    }
}

fn with_signing_keys(
    arn: &ClusterArn,
    kept: &Kept<ClusterKeys>,
    issuer: IssuerKeys,
    keyring: &Keyring,
    nonce: [u8; NONCE_LENGTH],
) -> Result<Transaction, EksError> {
    let keys = ClusterKeys {
        issuer: Some(issuer),
        authority: kept.value.authority.clone(),
    };
    let secrets = secrets_key(arn);
    let sealed = write_keys(&secrets, &keys, keyring, nonce);
    let sealed = sealed.map_err(|error| EksError::Keys(error.to_string()))?;
    Ok(Transaction::new()
        .if_modified_at(secrets.clone(), kept.revision)
        .put(secrets, sealed))
}

/// The answer to a call that was made before.
fn repeated(there: &Cluster, asked: &NewCluster) -> Result<(Cluster, Transaction), EksError> {
    let is_same_call = asked.client_request_token.is_some()
        && there.client_request_token == asked.client_request_token
        && there.role == asked.role
        && there.settings == asked.settings;
    match is_same_call {
        true => Ok((there.clone(), Transaction::new())),
        false => Err(EksError::ClusterExists(asked.name.clone())),
    }
}

fn version(asked: Option<&str>, now: Timestamp) -> Result<KubernetesVersion, EksError> {
    let Some(text) = asked else {
        return Ok(versions::DEFAULT);
    };
    let version: Result<KubernetesVersion, _> = text.parse();
    let version = version.map_err(|error| EksError::NotAVersion(error.0))?;
    let row = versions::offered().find(|row| row.version == version);
    match row.map(|row| row.support(now)) {
        Some(Support::Standard | Support::Extended) => Ok(version),
        Some(Support::Unsupported) | None => Err(EksError::UnsupportedVersion(version)),
    }
}

fn cluster(
    place: &Place,
    asked: NewCluster,
    version: KubernetesVersion,
    material: &KeyMaterial,
    now: Timestamp,
) -> Result<Cluster, EksError> {
    let region = &place.region;
    let issuer = asked
        .issuer
        .map_or_else(|| own_issuer(place, material), Ok)?;
    let endpoint = || endpoint_of_eks(region, &material.id);
    Ok(Cluster {
        arn: ClusterArn::new(region, place.account, &asked.name),
        created_ms: now.as_millisecond(),
        version,
        role: asked.role,
        endpoint: asked.endpoint.unwrap_or_else(endpoint),
        issuer,
        authority_pem: material.authority_pem.clone(),
        settings: asked.settings,
        tags: asked.tags,
        updates: VecDeque::new(),
        client_request_token: asked.client_request_token,
    })
}

fn own_issuer(place: &Place, material: &KeyMaterial) -> Result<Issuer, EksError> {
    let url: Option<IssuerUrl> = Issuer::of_eks(&place.region, &material.id);
    url.map(Issuer::Own)
        .ok_or_else(|| EksError::Keys(format!("no issuer can be named in {}", place.region)))
}
