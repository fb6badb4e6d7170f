//! Tokens of service accounts: minted, and looked at.

use super::{AdminOperation, AdminRequest, bad, operations};
use crate::chance;
use crate::inspect::inspect;
use awswire::AwsError;
use names::{Audience, ClusterName, RequestId, ServiceAccount};
use policy::Permit;
use serde::Deserialize;
use serde_json::{Value, json};

operations! {
    /// Mints a token for any service account.
    CreateToken
    /// Says who would accept a token.
    InspectToken
}

/// What a token is asked for.
#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct TokenAsked {
    cluster: ClusterName,
    #[serde(flatten)]
    service_account: ServiceAccountAsked,
    audiences: Vec<Audience>,
    duration_seconds: i64,
}

#[derive(Deserialize)]
struct ServiceAccountAsked {
    namespace: names::Namespace,
    service_account: names::ServiceAccountName,
}

impl AdminOperation for CreateToken {
    async fn run(_: Permit<Self>, request: &AdminRequest<'_>) -> Result<Value, AwsError> {
        create(request)
    }
}

fn create(request: &AdminRequest<'_>) -> Result<Value, AwsError> {
    let asked: TokenAsked = request.input()?;
    let clusters = &request.call.world.clusters;
    let cluster = clusters
        .iter()
        .find(|cluster| *cluster.name() == asked.cluster);
    let signer = cluster.and_then(|one| Some((one, clusters.signer(&one.arn, request.now)?)));
    let (cluster, key) = signer.ok_or_else(|| {
        let why = format!("no cluster `{}` of this plane mints tokens", asked.cluster);
        AwsError::new("NoSuchCluster", 404, why)
    })?;
    let lifetime = oidc::Lifetime::from_seconds(asked.duration_seconds);
    let minted = oidc::mint(
        key,
        &oidc::TokenRequest {
            issuer: cluster.issuer.url().clone(),
            service_account: ServiceAccount {
                namespace: asked.service_account.namespace,
                name: asked.service_account.service_account,
            },
            uid: RequestId::from_random(chance::random()).to_string(),
            audiences: asked.audiences,
            bound_to: None,
            lifetime: lifetime.map_err(|why| bad("BadRequest", &why))?,
            now: request.now,
            jti: RequestId::from_random(chance::random()).to_string(),
        },
    );
    Ok(json!({
        "token": minted.text().expose_str(),
        "expires": minted.expiry().as_second(),
        "issuer": cluster.issuer.url().as_str(),
    }))
}

/// A token to look at.
#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct TokenShown {
    token: String,
}

impl AdminOperation for InspectToken {
    async fn run(_: Permit<Self>, request: &AdminRequest<'_>) -> Result<Value, AwsError> {
        let shown: TokenShown = request.input()?;
        let inspected = inspect(&request.call, &shown.token, request.now);
        inspected.map_err(|why| bad("NotAToken", &why))
    }
}
