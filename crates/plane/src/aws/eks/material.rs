//! The keys of a new cluster: made here, since making them needs randomness and time.

use std::sync::Arc;

use awswire::AwsError;
use eks::operations::KeyMaterial;
use names::ClusterId;
use names::secret::Secret;
use oidc::SigningKey;
use rcgen::{BasicConstraints, CertificateParams, DnType, IsCa, KeyPair, KeyUsagePurpose};

use crate::chance;

/// A signing key, an authority and an id, as every cluster has its own.
pub(crate) async fn key_material() -> Result<KeyMaterial, AwsError> {
    // An RSA key takes up to a third of a second: not on a thread that serves others.
    let made = tokio::task::spawn_blocking(make).await;
    made.map_err(|why| failure(&why))?
}

fn make() -> Result<KeyMaterial, AwsError> {
    let signing = SigningKey::generate().map_err(|why| failure(&why))?;
    let key = KeyPair::generate().map_err(|why| failure(&why))?;
    let authority = authority().self_signed(&key).map_err(|why| failure(&why))?;
    Ok(KeyMaterial {
        id: ClusterId::from_random(chance::random()),
        signing: Arc::new(signing),
        authority_pem: authority.pem(),
        authority_key: Secret::new(key.serialize_der()),
        nonce: chance::random(),
    })
}

/// As EKS's: common name `kubernetes`, for signing and nothing else.
pub(crate) fn authority() -> CertificateParams {
    let mut params = CertificateParams::default();
    params
        .distinguished_name
        .push(DnType::CommonName, "kubernetes");
    params.is_ca = IsCa::Ca(BasicConstraints::Constrained(0));
    params.key_usages = vec![KeyUsagePurpose::KeyCertSign, KeyUsagePurpose::CrlSign];
    params
}

fn failure(why: &dyn std::fmt::Display) -> AwsError {
    AwsError::new("ServerException", 500, why.to_string())
}
