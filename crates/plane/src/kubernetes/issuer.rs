//! The issuer of a cluster: whom it vouches as, with which keys, and where that is published.

use crate::chance;
use crate::world::Worlds;
use apiserver::{Page, Pages};
use eks::Cluster;
use jiff::Timestamp;
use names::{ClusterArn, IssuerUrl};
use oidc::{Discovery, KeySet, Lifetime, ServiceAccountToken, TokenRequest};
use std::sync::Arc;

/// To whom a token is addressed that is for the API itself, as on EKS.
pub(super) const AUDIENCE: &str = "https://kubernetes.default.svc";

/// Signs for a cluster, and says by which keys that is verified.
pub(super) struct Issuer {
    worlds: Arc<Worlds>,
    cluster: ClusterArn,
    pub(super) url: IssuerUrl,
    /// How long a token lives at most.
    pub(super) longest: Lifetime,
}

impl Issuer {
    pub(super) fn of(cluster: &Cluster, worlds: &Arc<Worlds>, longest: Lifetime) -> Self {
        Self {
            worlds: Arc::clone(worlds),
            cluster: cluster.arn.clone(),
            url: cluster.issuer.url().clone(),
            longest,
        }
    }

    /// The keys that verify now.
    pub(super) fn keys(&self, now: Timestamp) -> Option<KeySet> {
        let world = self.worlds.now();
        world.clusters.key_set(self.url.as_provider_name(), now)
    }

    /// Signs; none: the cluster is gone, and its keys with it.
    pub(super) fn mint(&self, request: &TokenRequest) -> Option<ServiceAccountToken> {
        let world = self.worlds.now();
        let key = world.clusters.signer(&self.cluster, request.now)?;
        Some(oidc::mint(key, request))
    }
}

impl Pages for Issuer {
    fn page(&self, path: &str) -> Option<Page> {
        match path {
            "/.well-known/openid-configuration" => Some(Page {
                content_type: "application/json",
                text: Discovery::of(&self.url).to_json(),
            }),
            "/openid/v1/jwks" => Some(Page {
                content_type: "application/jwk-set+json",
                text: self.keys(chance::now())?.to_json(),
            }),
            _ => None,
        }
    }
}
