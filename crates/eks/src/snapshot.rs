//! Every cluster at one revision: what requests read.

use std::collections::BTreeMap;
use std::sync::Arc;

use jiff::Timestamp;
use names::{AccountId, ClusterArn, ClusterName, IssuerUrl, ProviderName, Region};
use oidc::{KeySet, SigningKey};
use policy::{RequestContext, Target};
use store::{Entry, Event, Keyring, Revision};

use crate::cluster::{Cluster, Issuer};
use crate::records::{
    CLUSTERS_PREFIX, ClusterKeys, SECRETS_PREFIX, UnreadableCluster, place_and_name, read_cluster,
    read_keys,
};

/// All clusters, with their keys opened. Cheap to clone.
///
/// Both kinds of record stand under the `ACCOUNT/REGION/NAME` that their keys end in.
#[derive(Debug, Clone, Default)]
pub struct Clusters {
    clusters: BTreeMap<String, Kept<Cluster>>,
    keys: BTreeMap<String, Kept<ClusterKeys>>,
    by_issuer: BTreeMap<ProviderName, String>,
}

/// A value and the revision that wrote it, for compare-and-swap.
#[derive(Debug)]
pub struct Kept<T> {
    /// The value.
    pub value: Arc<T>,
    /// Which commit wrote it.
    pub revision: Revision,
}

/// A cluster is decided on by its ARN, with the tags that it has.
impl Target<Clusters> for ClusterArn {
    fn arn(&self, _: &Clusters) -> String {
        self.to_string()
    }

    fn owner(&self, _: &Clusters) -> AccountId {
        self.account()
    }

    fn keys(&self, clusters: &Clusters) -> RequestContext {
        let mut keys = RequestContext::new();
        let tags = clusters.by_arn(self).map(|cluster| &cluster.value.tags);
        for (key, value) in tags.into_iter().flatten() {
            keys.set(&format!("aws:ResourceTag/{key}"), value.as_str());
        }
        keys
    }
}

impl Clusters {
    /// The clusters of these entries; entries of others are passed over.
    pub fn load(entries: &[Entry], keyring: &Keyring) -> Result<Self, UnreadableCluster> {
        let mut clusters = Self::default();
        for entry in entries {
            clusters.put(entry, keyring)?;
        }
        Ok(clusters)
    }

    /// Follows one event of the store's watch.
    pub fn apply(&mut self, event: &Event, keyring: &Keyring) -> Result<(), UnreadableCluster> {
        match event {
            Event::Put(entry) => self.put(entry, keyring),
            Event::Deleted { key, .. } => {
                self.forget(key.as_str());
                Ok(())
            }
        }
    }

    /// The cluster of this name.
    #[must_use]
    pub fn get(
        &self,
        account: AccountId,
        region: &Region,
        name: &ClusterName,
    ) -> Option<&Kept<Cluster>> {
        self.by_arn(&ClusterArn::new(region, account, name))
    }

    /// The cluster of this ARN.
    #[must_use]
    pub fn by_arn(&self, arn: &ClusterArn) -> Option<&Kept<Cluster>> {
        self.clusters.get(&place_and_name(arn))
    }

    /// The clusters of an account in a region, by name.
    pub fn of(&self, account: AccountId, region: &Region) -> impl Iterator<Item = &Cluster> {
        let prefix = format!("{account}/{region}/");
        let from = self.clusters.range(prefix.clone()..);
        from.take_while(move |(key, _)| key.starts_with(&prefix))
            .map(|(_, kept)| kept.value.as_ref())
    }

    /// Every cluster.
    pub fn iter(&self) -> impl Iterator<Item = &Cluster> {
        self.clusters.values().map(|kept| kept.value.as_ref())
    }

    /// The cluster whose issuer this is; a port and the host's case do not tell issuers apart.
    #[must_use]
    pub fn by_issuer(&self, issuer: &ProviderName) -> Option<&Cluster> {
        let kept = self.clusters.get(self.by_issuer.get(issuer)?)?;
        Some(kept.value.as_ref())
    }

    /// The private keys of a cluster.
    #[must_use]
    pub fn keys(&self, arn: &ClusterArn) -> Option<&Kept<ClusterKeys>> {
        self.keys.get(&place_and_name(arn))
    }

    /// The key that signs a cluster's tokens now; none when its issuer is a real cluster's.
    #[must_use]
    pub fn signer(&self, arn: &ClusterArn, now: Timestamp) -> Option<&Arc<SigningKey>> {
        let issuer = self.keys(arn)?.value.issuer.as_ref()?;
        Some(issuer.signer(now))
    }

    /// The key set of one of our own issuers, as it is published now.
    #[must_use]
    pub fn key_set(&self, issuer: &ProviderName, now: Timestamp) -> Option<KeySet> {
        let keys = self.keys.get(self.by_issuer.get(issuer)?)?;
        let keys = keys.value.issuer.as_ref()?;
        Some(KeySet::of(
            keys.published(now).map(|key| key.key.public().clone()),
        ))
    }

    /// The URL of one of our own issuers.
    #[must_use]
    pub fn own_issuer(&self, issuer: &ProviderName) -> Option<&IssuerUrl> {
        match &self.by_issuer(issuer)?.issuer {
            Issuer::Own(url) => Some(url),
            Issuer::External(_) => None,
        }
    }

    fn put(&mut self, entry: &Entry, keyring: &Keyring) -> Result<(), UnreadableCluster> {
        let key = entry.key.as_str();
        if let Some(place) = key.strip_prefix(CLUSTERS_PREFIX) {
            let cluster = read_cluster(key, &entry.value)?;
            self.forget(key);
            let issuer = cluster.issuer.url().as_provider_name().clone();
            self.by_issuer.insert(issuer, place.to_owned());
            let kept = Kept::of(cluster, entry.modified);
            self.clusters.insert(place.to_owned(), kept);
        } else if let Some(place) = key.strip_prefix(SECRETS_PREFIX) {
            let keys = read_keys(key, &entry.value, keyring)?;
            let kept = Kept::of(keys, entry.modified);
            self.keys.insert(place.to_owned(), kept);
        }
        Ok(())
    }

    fn forget(&mut self, key: &str) {
        if let Some(place) = key.strip_prefix(SECRETS_PREFIX) {
            self.keys.remove(place);
        }
        let cluster = key.strip_prefix(CLUSTERS_PREFIX);
        if let Some(gone) = cluster.and_then(|place| self.clusters.remove(place)) {
            self.by_issuer
                .remove(gone.value.issuer.url().as_provider_name());
        }
    }
}

impl<T> Kept<T> {
    fn of(value: T, revision: Revision) -> Self {
        Self {
            value: Arc::new(value),
            revision,
        }
    }
}

impl<T> Clone for Kept<T> {
    fn clone(&self) -> Self {
        Self {
            value: Arc::clone(&self.value),
            revision: self.revision,
        }
    }
}
